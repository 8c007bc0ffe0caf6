use orm::prelude::*;

#[derive(orm::FieldType)]
struct Place(f64, f64);

#[derive(Model)]
#[orm(table = "stops")]
struct Stop {
    #[orm(id)]
    id: String,
    place: Place,
}

fn main() {}
