use orm::prelude::*;

fn main() {
    let _ = schema!["User"];
}
