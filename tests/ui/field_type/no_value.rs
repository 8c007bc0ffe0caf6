#[derive(orm::FieldType)]
struct Nothing;

fn main() {}
