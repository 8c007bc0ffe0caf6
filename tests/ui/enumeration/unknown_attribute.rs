use orm::prelude::*;

#[derive(Enumeration)]
#[orm(rename_al = "lowercase")]
enum State {
    Draft,
}

fn main() {}
