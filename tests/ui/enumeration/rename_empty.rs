use orm::prelude::*;

#[derive(Enumeration)]
enum State {
    #[orm(rename = "")]
    Draft,
}

fn main() {}
