use orm::prelude::*;

#[derive(Enumeration)]
#[orm(rename_all = "lowercase")]
enum State {
    Draft,
    #[orm(rename = "draft")]
    Sketch,
}

fn main() {}
