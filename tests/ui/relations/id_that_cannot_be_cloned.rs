use orm::prelude::*;

#[derive(Model)]
#[orm(table = "zones", has_many(shelves: Shelf, foreign_key = zone))]
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
#[orm(table = "shelves")]
struct Shelf {
    #[orm(id)]
    id: String,
    zone: Region,
}

fn main() {}
