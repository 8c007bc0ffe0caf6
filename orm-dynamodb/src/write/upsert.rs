//! A change to a record, or a new one.

use orm::driver::{Update, Upsert, Upserted};
use orm::{Condition, Error, Row, Value};

use super::create::{check, try_create, violation};
use super::step::Role;
use super::update::{Gone, update_or};
use crate::table::Table;

pub(crate) async fn upsert(table: &Table<'_>, query: &Upsert) -> Result<Upserted, Error> {
    // Whether it is stored or not.
    check(query.model, &query.create)?;
    let change = Update {
        model: query.model,
        key: query.key.clone(),
        filter: Condition::always(),
        changes: query.changes.clone(),
        fields: query.fields.clone(),
    };
    let key_fields: Vec<usize> = query.key.fields().collect();
    let is_key = |role: &Role| match role {
        Role::Record => key_fields == query.model.id_constraint(),
        Role::TakeLock(fields) => key_fields == *fields,
        Role::FreeLock => false,
    };
    let (mut tries, mut looked_again) = (table.tries(), false);
    loop {
        if let Some(row) = update_or(table, &change, Gone::Undone).await? {
            return Ok(Upserted::Updated(row));
        }
        match try_create(table, &query.create, false).await? {
            Ok(()) => {
                let value = |field: &usize| -> Value { query.create.value(*field).clone() };
                return Ok(Upserted::Created(Row::new(query.fields.iter().map(value).collect())));
            }
            // Another writer stored one with this key in the meantime: it is there to be changed now.
            Err(taken) if taken.iter().any(is_key) => {}
            // Without transactions only the first value that is taken is known: who has it may have stored the key with it.
            Err(_) if !table.engine.has_transactions() && !looked_again => {
                looked_again = true;
                continue;
            }
            Err(taken) => return Err(violation(table, &taken)),
        }
        if !tries.race_again().await {
            return Err(table.conflict());
        }
    }
}
