//! Doc comments, on several lines and as attributes, become descriptions.

use orm::prelude::*;

/// A note.
///
/// On two lines.
#[derive(Model)]
#[orm(table = "notes")]
struct Note {
    #[doc = "The id."]
    #[orm(id)]
    id: String,
    /** In a block. */
    text: String,
    /**
        Over several lines,
          of which one is indented.

            And code.
    */
    block: String,
    #[doc(alias = "other")]
    plain: String,
}

fn main() {
    let schema = Note::schema();
    assert_eq!(schema.description(), "A note.\n\nOn two lines.");
    let fields: Vec<_> = schema.fields().iter().map(|field| field.description()).collect();
    assert_eq!(fields, ["The id.", "In a block.", "Over several lines,\n  of which one is indented.\n\n    And code.", ""]);
    let _ = |note: Note| (note.id, note.text, note.block, note.plain);
}
