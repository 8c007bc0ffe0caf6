use orm::prelude::*;

#[derive(Enumeration)]
#[orm(crate = "orm")]
enum Tier {
    Free,
}

fn main() {}
