use orm::prelude::*;

#[derive(Enumeration)]
#[orm(rename_all = "title")]
enum State {
    Draft,
}

fn main() {}
