//! A library in which undocumented items and all warnings are errors.
#![deny(missing_docs, warnings, unreachable_pub, missing_debug_implementations, unused_qualifications)]

use orm::prelude::*;

/// A note.
#[derive(Model, Clone, Debug)]
#[orm(table = "notes", unique(author_id, text))]
#[orm(belongs_to(author: Note, foreign_key = author_id), has_many(written: Note, foreign_key = author_id))]
pub struct Note {
    /// The id.
    #[orm(id)]
    pub id: String,
    /// What it says.
    pub text: String,
    /// Who says it.
    pub author_id: Option<String>,
    #[orm(default = 1)]
    number: u8,
}

/// The text of a note.
#[derive(Select, Clone, Debug)]
#[orm(model = Note)]
pub struct Text {
    /// The text.
    pub text: String,
    /// What the author wrote first.
    #[orm(order_by = Note::TEXT.asc(), take = 1)]
    pub written: Vec<Note>,
}

/// A state.
#[derive(Enumeration, Clone, Copy, Debug)]
pub enum State {
    /// On.
    On,
}

fn main() {
    drop(Note::find_many().select_as::<Text>());
    let _ = |note: Note| note.number;
    assert_eq!(State::NAMES, ["On"]);
}
