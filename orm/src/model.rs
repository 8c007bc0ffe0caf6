//! The trait that `#[derive(Model)]` implements, and the queries that start from a model.

use crate::error::Error;
use crate::field::Field;
use crate::key::{Id, IntoKey};
use crate::query::{
    Consume, Count, Create, CreateMany, Delete, DeleteMany, FindFirst, FindMany, FindUnique, IntoCreate, Update,
    UpdateMany, UpsertKey,
};
use crate::reader::RowReader;
use crate::record::Draft;
use crate::schema::ModelSchema;
use crate::select::All;
use crate::types::Column;

/// A struct whose values are records of a table. Implemented by `#[derive(Model)]`.
///
/// Its functions make queries: values that do nothing until `.exec(&orm)` is awaited.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "add `#[derive(Model)]` and `#[orm(table = \"..\")]` to the struct"
)]
pub trait Model: Sized + Send + Sync + 'static {
    /// The column of the id: its type, or what `#[orm(with = ..)]` makes of it.
    type Id: Column;

    /// The id, whatever its field is called: `M::find_unique(M::ID.eq(id))` in code about any model `M`.
    ///
    /// ```
    /// use orm::prelude::*;
    /// use orm::{Column, Input};
    ///
    /// async fn by_id<M: Model>(orm: &Orm, id: impl Input<<M::Id as Column>::Rust>) -> Result<Option<M>, Error> {
    ///     M::find_unique(M::ID.eq(id)).exec(orm).await
    /// }
    /// ```
    const ID: Field<Self, Self::Id, Id>;

    /// The id of a record.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// /// The record as it is stored now.
    /// async fn refreshed<M: Model<Id = String>>(orm: &Orm, record: &M) -> Result<Option<M>, Error> {
    ///     M::find_unique(M::ID.eq(M::id_of(record))).exec(orm).await
    /// }
    /// ```
    fn id_of(record: &Self) -> &<Self::Id as Column>::Rust;

    /// Selects all fields, as the struct itself: `User::find_many().select((User::ALL, User::SESSIONS))`.
    const ALL: All<Self> = All::new();

    /// What the model is, as data.
    fn schema() -> &'static ModelSchema;

    #[doc(hidden)]
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, Error>;

    #[doc(hidden)]
    fn into_draft(self, draft: &mut Draft);

    /// The record with this id, unique value or compound key, or `None`.
    fn find_unique(key: impl IntoKey<Self>) -> FindUnique<Self> {
        FindUnique::new(key.into_key(), Self::ALL)
    }

    /// The first record, in an order, for which a filter holds, or `None`.
    fn find_first() -> FindFirst<Self> {
        FindFirst::new(Self::ALL)
    }

    /// All records for which a filter holds.
    fn find_many() -> FindMany<Self> {
        FindMany::new(Self::ALL)
    }

    /// How many records there are, or for how many a filter holds.
    fn count() -> Count<Self> {
        Count::new()
    }

    /// Stores a whole value as a new record.
    fn insert(value: Self) -> Create<Self> {
        let mut draft = Draft::new(Self::schema());
        value.into_draft(&mut draft);
        Create::from_draft(draft, Self::ALL)
    }

    /// Stores many new records, in as few requests as the store allows.
    ///
    /// Each record is stored as a whole or not at all, but the records are not stored together: an error says how many
    /// were.
    fn create_many<C: IntoCreate<Self>>(records: impl IntoIterator<Item = C>) -> CreateMany<Self> {
        CreateMany::new(records.into_iter().map(IntoCreate::into_create), Self::ALL)
    }

    /// Changes the record with this key; returns it as it is afterwards, or `None` if there is none.
    fn update(key: impl IntoKey<Self>) -> Update<Self> {
        Update::new(key.into_key(), Self::ALL)
    }

    /// Changes all records for which a filter holds; returns how many.
    fn update_many() -> UpdateMany<Self> {
        UpdateMany::new()
    }

    /// Changes the record with this key, or stores a new one if there is none.
    fn upsert(key: impl IntoKey<Self>) -> UpsertKey<Self> {
        UpsertKey::new(key.into_key())
    }

    /// Deletes the record with this key; returns how many there were, 0 or 1.
    fn delete(key: impl IntoKey<Self>) -> Delete<Self> {
        Delete::new(key.into_key())
    }

    /// Deletes all records for which a filter holds; returns how many.
    fn delete_many() -> DeleteMany<Self> {
        DeleteMany::new()
    }

    /// Deletes the record with this key and returns it. Of several callers at once, exactly one gets it: for tokens
    /// that may be redeemed once.
    fn consume(key: impl IntoKey<Self>) -> Consume<Self> {
        Consume::new(key.into_key(), Self::ALL)
    }
}
