//! A model with relations to itself, written `Self` and by name, and a model between a model and itself.

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "people")]
#[orm(belongs_to(mother: Self, foreign_key = mother_id), has_many(children: Person, foreign_key = mother_id))]
#[orm(many_to_many(friends: Self, through = Friendship, from = one_id, to = other_id))]
struct Person {
    #[orm(id)]
    id: String,
    #[orm(references = Self::ID)]
    mother_id: Option<String>,
}

#[derive(Model)]
#[orm(table = "friendships", unique(one_id, other_id))]
struct Friendship {
    #[orm(id)]
    id: String,
    one_id: String,
    other_id: String,
}

#[derive(Select)]
#[orm(model = Person)]
struct Family {
    mother: Option<Person>,
    children: Vec<Person>,
    friends: Vec<Name>,
}

#[derive(Select)]
#[orm(model = Person)]
struct Name {
    id: String,
}

fn main() {
    drop(Person::find_many().select_as::<Family>());
    drop(Person::find_many().select(Person::MOTHER.select(Person::MOTHER.select(Person::FRIENDS))));
    let _ = |person: Person| (person.mother(), person.children(), person.friends(), person.id, person.mother_id);
    let _ = |family: Family| (family.mother, family.children, family.friends.into_iter().map(|it| it.id).count());
    let _ = |it: Friendship| (it.id, it.one_id, it.other_id);
}
