//! Models, enumerations and selections inside of functions, twice with the same name.

use orm::prelude::*;

fn first() -> &'static str {
    #[derive(Model)]
    #[orm(table = "firsts")]
    struct Item {
        #[orm(id)]
        id: String,
        #[orm(default = State::On)]
        state: State,
    }

    #[derive(Enumeration)]
    enum State {
        On,
    }

    #[derive(Select)]
    #[orm(model = Item)]
    struct Card {
        id: String,
        state: State,
    }

    drop(Item::create().select_as::<Card>());
    let _ = |item: Item, card: Card| (item.id, item.state, card.id, card.state);
    Item::schema().table()
}

fn second() -> &'static str {
    #[derive(Model)]
    #[orm(table = "seconds")]
    struct Item {
        #[orm(id)]
        id: i64,
    }

    let _ = |item: Item| item.id;
    Item::schema().table()
}

fn main() {
    assert_eq!((first(), second()), ("firsts", "seconds"));
}
