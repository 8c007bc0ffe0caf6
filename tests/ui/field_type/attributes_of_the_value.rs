#[derive(orm::FieldType)]
struct Code(#[orm(unique)] String);

fn main() {}
