#[derive(orm::FieldType)]
struct Nickname(Option<String>);

fn main() {}
