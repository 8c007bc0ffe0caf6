//! A private model with relations to private models.

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "parents", has_many(children: Child, foreign_key = parent_id))]
struct Parent {
    #[orm(id)]
    id: String,
}

#[derive(Model)]
#[orm(table = "children", belongs_to(parent: Parent, foreign_key = parent_id))]
struct Child {
    #[orm(id)]
    id: String,
    parent_id: Option<String>,
}

fn main() {
    drop(Parent::find_many().select((Parent::ID, Parent::CHILDREN.select(Child::PARENT_ID))));
    assert_eq!(schema![Parent, Child].models().len(), 2);
    let _ = |child: Child| (child.parent(), child.id, child.parent_id);
    let _ = |parent: Parent| (parent.children(), parent.id);
}
