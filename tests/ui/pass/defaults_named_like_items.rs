//! A default is an expression of the program, whose names the generated code does not hide.

use orm::prelude::*;

const SCHEMA: &str = "public";

#[derive(Model)]
#[orm(table = "notes")]
struct Note {
    #[orm(id)]
    id: String,
    #[orm(default = SCHEMA)]
    place: String,
}

fn main() {
    let _ = |note: Note| (note.id, note.place);
    let field = Note::schema().fields().iter().find(|field| field.name() == "place").unwrap();
    assert!(matches!(field.default_value(), orm::schema::FieldDefault::Value(_)));
}
