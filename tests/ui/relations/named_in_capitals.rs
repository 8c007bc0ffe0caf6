use orm::prelude::*;
use ui::User;

#[derive(Model)]
#[orm(table = "notes")]
#[orm(belongs_to(AUTHOR: User, foreign_key = author_id))]
struct Note {
    #[orm(id)]
    id: String,
    author_id: String,
}

fn main() {}
