use orm::prelude::*;

#[derive(Model)]
#[orm(table = "zones")]
struct Zone {
    #[orm(id)]
    region: Region,
}

#[derive(Enumeration)]
enum Region {
    North,
    South,
}

#[derive(Model)]
#[orm(table = "shelves", belongs_to(of: Zone, foreign_key = zone))]
struct Shelf {
    #[orm(id)]
    id: String,
    zone: Region,
}

fn main() {}
