use orm::prelude::*;
use ui::Session;

fn main() {
    let _ = Session::consume(Session::DEVICE.eq("phone"));
}
