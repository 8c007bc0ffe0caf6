//! A change to a record, or a new one.

use orm::driver::{Update, Upsert};
use orm::{Error, ErrorCode, Row, Value};

use super::create::create_one;
use super::update::update;
use crate::retry::Tries;
use crate::store::Table;

pub(crate) async fn upsert(table: &Table<'_>, query: &Upsert) -> Result<Row, Error> {
    let change = Update {
        model: query.model,
        key: query.key.clone(),
        changes: query.changes.clone(),
        fields: query.fields.clone(),
    };
    let key_fields: Vec<&str> = query.key.values().iter().map(|(field, _)| query.model.field(*field).name()).collect();
    let mut tries = Tries::default();
    loop {
        if let Some(row) = update(table, &change).await? {
            return Ok(row);
        }
        match create_one(table, &query.create, false).await {
            Ok(()) => {
                let value = |field: &usize| -> Value { query.create.value(*field).clone() };
                return Ok(Row::new(query.fields.iter().map(value).collect()));
            }
            // Another writer stored one with this key in the meantime: it is there to be changed now.
            Err(error) if error.code() == ErrorCode::UniqueConstraintViolation && error.fields() == key_fields => {}
            Err(error) => return Err(error),
        }
        if !tries.race_again().await {
            return Err(table.conflict());
        }
    }
}
