//! Queries whose selection is a type parameter, or is inferred from the result.

use orm::prelude::*;
use orm::{As, Field, FieldType, Id, Many, RelationSelect, Selection, query::FindMany};
use ui::{Session, User};

#[derive(Select)]
#[orm(model = User)]
struct Card {
    id: String,
}

async fn inferred(orm: &Orm) -> Result<Vec<Card>, Error> {
    User::find_many().select_as().take(1).exec(orm).await
}

async fn named<T: Select<User>>(orm: &Orm) -> Result<Vec<T>, Error> {
    User::find_many().select_as::<T>().take(1).exec(orm).await
}

async fn nested<T: Select<Session>>(orm: &Orm) -> Result<Option<(String, Vec<T>)>, Error> {
    User::find_first().select((User::ID, User::SESSIONS.select_as::<T>())).exec(orm).await
}

async fn selected<T: Selection<Session>>(orm: &Orm, selection: T) -> Result<Vec<(String, Vec<T::Output>)>, Error> {
    User::find_many().select((User::ID, User::SESSIONS.take(3).select(selection))).exec(orm).await
}

type Sessions = RelationSelect<User, Session, Many, As<Session>>;

fn typed() -> FindMany<User, (Field<User, String, Id>, Sessions)> {
    User::find_many().select((User::ID, User::SESSIONS.select_as::<Session>()))
}

fn updated<T: FieldType>(field: Field<User, T, orm::Plain>, value: T) -> orm::query::UpdateMany<User> {
    User::update_many().set(field, value)
}

fn main() {
    let _ = (inferred, named::<Card>, nested::<Session>, typed().clone(), updated::<bool>);
    let _ = |orm| drop(selected(orm, (Session::ID, Session::TOKEN)));
    let _ = |card: Card| card.id;
}
