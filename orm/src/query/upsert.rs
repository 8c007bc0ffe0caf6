//! A change to a record, or a new record if there is none.

use super::{Changes, Create, IntoCreate, exec_with_cost, query_value, scanning};
use crate::call::Call;
use crate::driver::{self, Options, Upserted};
use crate::error::Error;
use crate::key::Key;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::record::Draft;
use crate::select::{All, As, Prepared, Select, Selection};

/// An upsert that still needs its new record: `.create(..)`. Made by [`Model::upsert`].
#[must_use = "an upsert needs `.create(..)`, then `.exec(&orm)`"]
pub struct UpsertKey<M> {
    key: Key<M>,
    changes: Changes<M>,
}

query_value!(UpsertKey<M> { key, changes });

impl<M: Model> UpsertKey<M> {
    pub(crate) const fn new(key: Key<M>) -> Self {
        Self { key, changes: Changes::new() }
    }

    /// What to change if a record has the key, as [`Upsert::update`] after the new record.
    pub fn update(self, changes: impl FnOnce(Changes<M>) -> Changes<M>) -> Self {
        Self { changes: changes(self.changes), ..self }
    }

    /// What to store if no record has the key. It must have the key's values.
    pub fn create(self, record: impl IntoCreate<M>) -> Upsert<M> {
        let Create { draft, .. } = record.into_create();
        Upsert { key: self.key, draft, changes: self.changes, selection: M::ALL, options: Options::default() }
    }
}

/// A change to the record that a key names, or a new record.
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
pub struct Upsert<M, S = All<M>> {
    key: Key<M>,
    draft: Draft,
    changes: Changes<M>,
    selection: S,
    options: Options,
}

query_value!(Upsert<M, S> { key, draft, changes, selection, options });

impl<M: Model, S: Selection<M>> Upsert<M, S> {
    /// What to change if a record has the key: `.update(|s| s.set(Session::EXPIRES_AT, later))`. It must not change the
    /// key itself.
    pub fn update(self, changes: impl FnOnce(Changes<M>) -> Changes<M>) -> Self {
        Self { changes: changes(self.changes), ..self }
    }

    /// Returns this selection of the record instead of all fields.
    pub fn select<T: Selection<M, Checked = Chosen>, Chosen>(self, selection: T) -> Upsert<M, Chosen> {
        Upsert {
            key: self.key,
            draft: self.draft,
            changes: self.changes,
            options: self.options,
            selection: selection.checked(),
        }
    }

    /// Returns the record as a `T`, a struct with `#[derive(Select)]` and `#[orm(model = M)]`.
    pub fn select_as<T: Select<M>>(self) -> Upsert<M, As<T, T::Itself>> {
        self.select(As::new())
    }

    scanning!(options);

    /// Changes or stores it, and returns it as it is afterwards. Of several upserts at once, one stores the record and
    /// the others change it.
    ///
    /// # Errors
    /// `InvalidQuery` when the new record has other values than the key, the update changes the key, or changes an
    /// incremented field once more; `UniqueConstraintViolation` when another record has one of the other unique values.
    pub async fn exec(self, orm: &Orm) -> Result<S::Output, Error> {
        self.exec_upserted(orm).await.map(Upserted::into_inner)
    }

    /// The same, and whether it stored the record or changed it.
    ///
    /// # Errors
    /// As [`exec`](Self::exec).
    pub async fn exec_upserted(self, orm: &Orm) -> Result<Upserted<S::Output>, Error> {
        let call = Call::new(orm, "upsert", M::schema(), self.options);
        call.run(async {
            let model = M::schema();
            let prepared = Prepared::new(self.selection)?;
            let key = self.key.resolve()?;
            let lacking: Vec<usize> = key.fields().filter(|field| !self.draft.has(*field)).collect();
            let upsert = driver::Upsert {
                model,
                key,
                create: self.draft.finish()?,
                changes: self.changes.resolve()?,
                fields: prepared.projection.fields().to_vec(),
            };
            check(&upsert, &lacking)?;
            call.require(model)?;
            call.check_answer(&prepared.projection)?;
            let upserted = call.driver().upsert(call.context(), &upsert).await?;
            let is_created = upserted.is_created();
            let wrote = is_created || !upsert.changes.is_empty();
            let record = call.answer_one::<M, S>(upserted.into_inner(), &prepared, wrote).await?;
            Ok(if is_created { Upserted::Created(record) } else { Upserted::Updated(record) })
        })
        .await
    }

    exec_with_cost!(S::Output);
}

/// The new record agrees with the key, and the update leaves the key alone, as in the TypeScript package. `lacking` are the
/// fields of the key that the new record was not given, and that have their defaults.
fn check(upsert: &driver::Upsert, lacking: &[usize]) -> Result<(), Error> {
    let driver::Upsert { model, key, create, changes, .. } = upsert;
    for (field, value) in key.values() {
        let name = model.field(*field).name();
        let problem = if create.value(*field) != value {
            let what = if lacking.contains(field) { "lacks" } else { "has another value of" };
            format!("`create` {what} `{name}`, which is the key of the upsert: give it the same value")
        } else if changes.iter().any(|change| change.field == *field) {
            format!("`update` changes `{name}`, which is the key of the upsert: change it in an update of its own")
        } else {
            continue;
        };
        return Err(Error::invalid_query(format!("upsert of `{}`: {problem}", model.name()))
            .with_model(model)
            .with_fields(vec![name]));
    }
    Ok(())
}
