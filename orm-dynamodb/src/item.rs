//! Records as stored items, and stored items as values.

use aws_sdk_dynamodb::types::AttributeValue;
use orm::schema::ModelSchema;
use orm::{Error, ErrorCode, FieldKind, Record, Value, ValueError};
use uuid::Uuid;

use crate::attribute::{from_attribute, to_attribute};
use crate::clock::now;
use crate::error::{about, invalid_value};
use crate::idempotency::Token;
use crate::key::{ITEM_KIND, LOCK_STAMP, LOCK_TARGET, PARTITION_KEY, RECORD, UNIQUE, id_in_key, plain_text};
use crate::limits::{MAX_ITEM_BYTES, MAX_KEY_BYTES};
use crate::map;
use crate::size;
use crate::table::Item;

/// What the token of a create takes, its name included, whether or not it will have one: see `idempotency`.
const TOKEN_BYTES: usize = 32;

/// The item of a record, which remembers a token if there is one.
pub(crate) fn of_record(model: &'static ModelSchema, pk: &str, record: &Record, token: Option<&Token>) -> Item {
    let mut item = map::with_capacity(model.fields().len() + 3);
    for (field, value) in model.fields().iter().zip(record.values()) {
        if let Some(attribute) = to_attribute(value) {
            item.insert(field.column().to_owned(), attribute);
        }
    }
    item.insert(PARTITION_KEY.to_owned(), AttributeValue::S(pk.to_owned()));
    item.insert(ITEM_KIND.to_owned(), AttributeValue::S(RECORD.to_owned()));
    if let Some(token) = token {
        token.put_into(&mut item);
    }
    item
}

/// The size of the item of a record, in bytes.
///
/// # Errors
/// `InvalidValue` when no item could hold it, naming the largest field.
pub(crate) fn record_size(model: &'static ModelSchema, pk: &str, record: &Record) -> Result<usize, Error> {
    let internal = PARTITION_KEY.len() + pk.len() + ITEM_KIND.len() + RECORD.len() + TOKEN_BYTES;
    checked_size(model, internal, record.values().iter().enumerate())
}

/// Refuses a record that no item could hold, by the values that are known.
///
/// # Errors
/// As [`record_size`].
pub(crate) fn check_values<'v>(
    model: &'static ModelSchema,
    values: impl Iterator<Item = (usize, &'v Value)>,
) -> Result<(), Error> {
    checked_size(model, 0, values).map(|_| ())
}

fn checked_size<'v>(
    model: &'static ModelSchema,
    internal: usize,
    values: impl Iterator<Item = (usize, &'v Value)>,
) -> Result<usize, Error> {
    let (mut bytes, mut largest) = (internal, (0, model.id()));
    for (field, value) in values {
        let Some(value_bytes) = size::stored_value(value) else {
            continue;
        };
        bytes += model.field(field).column().len() + value_bytes;
        largest = largest.max((value_bytes, field));
    }
    if bytes > MAX_ITEM_BYTES {
        return Err(too_large(model, largest.1, largest.0, bytes));
    }
    Ok(bytes)
}

fn too_large(model: &'static ModelSchema, field: usize, size: usize, total: usize) -> Error {
    let why = ValueError::new(format!(
        "with {size} bytes here the record has {total} bytes, more than the {MAX_ITEM_BYTES} of a DynamoDB item; store large \
         data elsewhere and its address here"
    ));
    invalid_value(model, field, &why)
}

/// The lock that makes the record the holder of a value.
pub(crate) fn of_lock(lock: &str, target: &str, stamp: Option<&str>) -> Item {
    let mut item = map::with_capacity(4);
    item.insert(PARTITION_KEY.to_owned(), AttributeValue::S(lock.to_owned()));
    item.insert(ITEM_KIND.to_owned(), AttributeValue::S(UNIQUE.to_owned()));
    item.insert(LOCK_TARGET.to_owned(), AttributeValue::S(target.to_owned()));
    if let Some(stamp) = stamp {
        item.insert(LOCK_STAMP.to_owned(), AttributeValue::S(stamp.to_owned()));
    }
    item
}

/// The record that a lock belongs to; `None` where what it names can be no record.
pub(crate) fn lock_target(item: &Item) -> Option<&str> {
    text(item, LOCK_TARGET).filter(|target| can_be_a_record_key(target))
}

/// The same, taken out of the item.
pub(crate) fn take_lock_target(item: &mut Item) -> Option<String> {
    take_text(item, LOCK_TARGET).filter(|target| can_be_a_record_key(target))
}

fn can_be_a_record_key(key: &str) -> bool {
    id_in_key(key).is_some() && key.len() <= MAX_KEY_BYTES
}

/// What tells one taking of a lock from another; only locks that were not taken in a first transaction have it.
pub(crate) fn lock_stamp(lock: &Item) -> Option<&str> {
    text(lock, LOCK_STAMP)
}

/// When a stamped lock was taken, in milliseconds since 1970.
pub(crate) fn lock_taken_at(lock: &Item) -> Option<u128> {
    lock_stamp(lock)?.split_once('-')?.0.parse().ok()
}

/// When a lock is taken, and by which attempt.
pub(crate) fn new_stamp() -> String {
    format!("{}-{}", now(), Uuid::new_v4().simple())
}

/// A text attribute.
pub(crate) fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The same, taken out of the item.
pub(crate) fn take_text(item: &mut Item, name: &str) -> Option<String> {
    match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}

/// The values of these fields, in this order.
///
/// # Errors
/// As [`read`].
pub(crate) fn values(model: &'static ModelSchema, fields: &[usize], item: Item) -> Result<Vec<Value>, Error> {
    let mut values: Vec<Value> = std::iter::repeat_with(|| Value::Null).take(fields.len()).collect();
    read(model, fields, item, &mut values)?;
    Ok(values)
}

/// Reads these fields of an item into slots that are null, one for each.
///
/// # Errors
/// `Decode`, naming model, field, column and id.
pub(crate) fn read(
    model: &'static ModelSchema,
    fields: &[usize],
    item: Item,
    slots: &mut [Value],
) -> Result<(), Error> {
    if fields.is_empty() {
        return Ok(());
    }
    let mut failed: Option<(usize, ValueError)> = None;
    let mut unread_id = None;
    // Going through an item and comparing names takes less than looking each name up: that hashes it, and an item has few
    // attributes besides those that are read.
    for (name, attribute) in item {
        let read = fields.iter().zip(&mut *slots).find(|(field, _)| model.field(**field).column() == name);
        let Some((field, slot)) = read else {
            if name == model.id_field().column() {
                unread_id = Some(attribute);
            }
            continue;
        };
        match from_attribute(model.field(*field).kind(), attribute) {
            Ok(value) => *slot = value,
            // Of several, the first in the order of the model: an item has none.
            Err(error) if failed.as_ref().is_none_or(|(before, _)| field < before) => failed = Some((*field, error)),
            Err(_) => {}
        }
    }
    let Some((field, error)) = failed else { return Ok(()) };
    let read = fields.iter().position(|field| *field == model.id()).and_then(|place| slots.get(place));
    let id = match (read, unread_id) {
        (Some(id), _) if !id.is_null() => plain_text(id),
        (_, Some(AttributeValue::S(text) | AttributeValue::N(text))) => text,
        _ => "that is unknown".to_owned(),
    };
    Err(model.decode_error(field, &id, &error).with_backend(crate::DRIVER_KIND))
}

/// Of these fields, the decimals that are stored as texts in another notation than ours.
pub(crate) fn notations(model: &'static ModelSchema, fields: &[usize], item: &Item) -> Vec<(usize, String)> {
    let decimals = fields.iter().filter(|field| model.field(**field).kind() == FieldKind::Decimal);
    let stored = decimals.filter_map(|field| {
        let attribute = item.get(model.field(*field).column())?;
        let text = attribute.as_s().ok()?;
        let value = from_attribute(FieldKind::Decimal, attribute.clone()).ok()?;
        (*text != plain_text(&value)).then(|| (*field, text.clone()))
    });
    stored.collect()
}

/// Refuses a record of which one of these fields is stored in another form than all writers give it: a decimal as the text
/// `1.50`, a datetime without milliseconds. It can be read, but no condition finds it by its value, and no lock has it.
///
/// # Errors
/// `Decode`, naming model and field.
pub(crate) fn check_form(
    model: &'static ModelSchema,
    fields: impl IntoIterator<Item = usize>,
    item: &Item,
) -> Result<(), Error> {
    for field in fields {
        let schema = model.field(field);
        let Some(attribute) = item.get(schema.column()) else { continue };
        // What cannot be read at all is said where it is read.
        let Ok(value) = from_attribute(schema.kind(), attribute.clone()) else { continue };
        let has_form = match (attribute, &value) {
            (AttributeValue::S(text), Value::Integer(_) | Value::Decimal(_)) => *text == plain_text(&value),
            _ => schema.is_canonical(&value),
        };
        if !has_form {
            let (name, field) = (model.name(), schema.name());
            let key = text(item, PARTITION_KEY).unwrap_or_default();
            let record = model.record_name(id_in_key(key).unwrap_or(key));
            let stored = attribute.as_s().map_or_else(|_| plain_text(&value), Clone::clone);
            let message = format!(
                "`{name}.{field}` of {record} is stored as {stored:?}, which is not the form that such a value is written \
                 in, so that it is not found by it: store it anew"
            );
            return Err(about(model, ErrorCode::Decode, message).with_fields(vec![field]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;

    use super::*;

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        name: String,
        #[orm(id)]
        id: String,
        size: i64,
    }

    #[test]
    fn of_several_values_that_cannot_be_read_the_first_is_named_with_the_id() {
        let set = || AttributeValue::Ss(vec!["a".to_owned()]);
        // An item has no order, and each has another.
        for _ in 0..20 {
            let id = AttributeValue::S("t1".to_owned());
            let item = Item::from([("size".into(), set()), ("id".into(), id), ("name".into(), set())]);
            for fields in [[2, 0, 1].as_slice(), &[2, 0]] {
                let error = values(Thing::schema(), fields, item.clone()).unwrap_err();
                assert_eq!(error.fields(), ["name"]);
                assert!(error.to_string().contains("with id t1 "), "{error}");
            }
        }
    }
}
