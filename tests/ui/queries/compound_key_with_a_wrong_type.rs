use orm::prelude::*;
use ui::Session;

fn main() {
    let _ = Session::find_unique(Session::USER_ID_DEVICE.eq("u1", 7));
}
