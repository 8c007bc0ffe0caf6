use orm::prelude::*;

struct Card;

fn main() {
    let _ = Card::find_many();
}
