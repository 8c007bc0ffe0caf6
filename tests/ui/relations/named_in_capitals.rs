use orm::prelude::*;

#[derive(Model)]
#[orm(table = "notes")]
#[orm(belongs_to(AUTHOR: ui::User, foreign_key = author_id))]
struct Note {
    #[orm(id)]
    id: String,
    author_id: String,
}

fn main() {}
