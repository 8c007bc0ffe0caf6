#[derive(orm::FieldType)]
struct Price(Money);

struct Money(i64);

fn main() {}
