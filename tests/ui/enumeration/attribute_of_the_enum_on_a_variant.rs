use orm::prelude::*;

#[derive(Enumeration)]
enum State {
    #[orm(rename_all = "lowercase")]
    Draft,
}

fn main() {}
