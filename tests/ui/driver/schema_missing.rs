use orm::prelude::*;

fn main() {
    let _ = Orm::new(orm::MemoryDriver::new());
}
