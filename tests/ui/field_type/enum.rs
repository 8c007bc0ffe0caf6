use orm::prelude::*;

#[derive(orm::FieldType)]
enum Size {
    Small,
}

#[derive(Model)]
#[orm(table = "boxes")]
struct Parcel {
    #[orm(id)]
    id: String,
    size: Size,
}

fn main() {}
