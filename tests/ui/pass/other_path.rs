//! `orm` by another path.

mod library {
    pub mod inner {
        pub use orm as database;
    }
}

use library::inner::database::{Enumeration, Model, Select};

#[derive(Model)]
#[orm(table = "things", crate = library::inner::database, belongs_to(parent: Thing, foreign_key = parent_id))]
struct Thing {
    #[orm(id)]
    id: String,
    parent_id: Option<String>,
    #[orm(default = Kind::A)]
    kind: Kind,
}

#[derive(Enumeration)]
#[orm(crate = library::inner::database)]
enum Kind {
    A,
}

#[derive(Select)]
#[orm(model = Thing, crate = library::inner::database)]
struct Card {
    id: String,
    kind: Kind,
    parent: Option<Thing>,
}

fn main() {
    drop(Thing::create().select_as::<Card>());
    let _ = |card: Card| (card.id, card.kind, card.parent.map(|it| (it.parent(), it.id, it.parent_id, it.kind)));
}
