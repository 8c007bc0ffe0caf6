use orm::prelude::*;
use ui::Session;

fn main() {
    let _ = Session::find_unique(Session::DEVICE.eq("phone"));
}
