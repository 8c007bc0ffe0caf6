//! One line in the root of the crate, and no attribute anywhere.

extern crate database as orm;

use database::MemoryDriver;
use database::prelude::*;

mod models {
    use database::prelude::*;

    #[derive(Model)]
    #[orm(table = "users", has_many(notes: Note, foreign_key = author_id))]
    pub(crate) struct User {
        #[orm(id)]
        pub(crate) id: String,
        #[orm(default = Tier::Free)]
        pub(crate) tier: Tier,
    }

    #[derive(Enumeration)]
    pub(crate) enum Tier {
        Free,
    }

    #[derive(Model)]
    #[orm(table = "notes", belongs_to(author: User, foreign_key = author_id))]
    pub(crate) struct Note {
        #[orm(id)]
        pub(crate) id: String,
        pub(crate) author_id: String,
    }

    #[derive(Select)]
    #[orm(model = User)]
    pub(crate) struct Card {
        pub(crate) notes: Vec<Note>,
    }
}

#[test]
fn models_of_a_renamed_crate() {
    use models::{Card, Note, User};

    assert!(Orm::new(schema![User, Note], MemoryDriver::new()).is_ok());
    let query = User::find_many().select((User::ID, User::TIER));
    drop((query, User::find_many().select_as::<Card>()));
    let _ = |card: Card, user: User, note: Note| (card.notes, user.id, user.tier, note.id, note.author_id);
}
