//! Global secondary indexes: their names, and what can be in them.

use orm::schema::{IndexSchema, ModelSchema};
use orm::{Error, Record, Value};

use crate::error::invalid_value;

/// DynamoDB's limits of the values in an index, in bytes.
const MAX_HASH_BYTES: usize = 2048;
const MAX_RANGE_BYTES: usize = 1024;

/// The name of an index: its columns, as far as DynamoDB allows their characters in a name.
pub(crate) fn index_name(model: &ModelSchema, index: &IndexSchema) -> String {
    let mut name = model.field(index.hash()).column().to_owned();
    if let Some(range) = index.range() {
        name.push('-');
        name.push_str(model.field(range).column());
    }
    name.push_str("-index");
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' }).collect()
}

/// Refuses values that DynamoDB does not take in an index, before anything is sent.
pub(crate) fn check_record(model: &'static ModelSchema, record: &Record) -> Result<(), Error> {
    for index in model.indexes() {
        check_value(model, index.hash(), record.value(index.hash()))?;
        if let Some(range) = index.range() {
            check_value(model, range, record.value(range))?;
        }
    }
    Ok(())
}

/// The same for one field.
pub(crate) fn check_value(model: &'static ModelSchema, field: usize, value: &Value) -> Result<(), Error> {
    let Value::Text(text) = value else {
        return Ok(());
    };
    let limit = model.indexes().iter().filter_map(|index| {
        if index.hash() == field {
            Some(MAX_HASH_BYTES)
        } else if index.range() == Some(field) {
            Some(MAX_RANGE_BYTES)
        } else {
            None
        }
    });
    let Some(limit) = limit.min() else {
        return Ok(());
    };
    if text.is_empty() {
        return Err(invalid_value(
            model,
            field,
            "the empty text cannot be stored in a field that is part of an index (DynamoDB): use an `Option` and `None`",
        ));
    }
    if text.len() > limit {
        return Err(invalid_value(
            model,
            field,
            format!("{} bytes are more than the {limit} that DynamoDB takes in a field of an index", text.len()),
        ));
    }
    Ok(())
}
