use orm::prelude::*;
use ui::{Tier, User};

fn main() {
    let _ = schema![User, Tier];
}
