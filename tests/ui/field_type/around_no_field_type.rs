#[derive(orm::FieldType)]
struct Ratio(f64);

fn main() {}
