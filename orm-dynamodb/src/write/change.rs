//! Changes to fields: as an update expression, and as arithmetic on values that were read.

use orm::driver::{Change, ChangeOperation};
use orm::schema::ModelSchema;
use orm::{Condition, Error, Value};
use rust_decimal::Decimal;

use crate::attribute::to_attribute;
use crate::error::invalid_value;
use crate::expression::Expressions;
use crate::{index, item};

/// Refuses values that DynamoDB cannot hold, before anything is sent.
pub(super) fn check(model: &'static ModelSchema, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        if let ChangeOperation::Set(value) = &change.operation {
            index::check_value(model, change.field, value)?;
            item::check_size(model, change.field, value)?;
        }
    }
    Ok(())
}

/// The update expression: only of what changes.
pub(super) fn expression(changes: &[Change], expressions: &mut Expressions) -> String {
    let (mut set, mut remove, mut add) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let name = expressions.field(change.field);
        match &change.operation {
            ChangeOperation::Set(value) => match to_attribute(value) {
                Some(attribute) => set.push(format!("{name} = {}", expressions.value(attribute))),
                None => remove.push(name),
            },
            ChangeOperation::Increment(by) => {
                if let Some(by) = to_attribute(by) {
                    add.push(format!("{name} {}", expressions.value(by)));
                }
            }
            _ => {}
        }
    }
    let clauses = [("SET", set), ("REMOVE", remove), ("ADD", add)];
    let clauses: Vec<String> = clauses
        .into_iter()
        .filter(|(_, parts)| !parts.is_empty())
        .map(|(clause, parts)| format!("{clause} {}", parts.join(", ")))
        .collect();
    clauses.join(" ")
}

/// The condition that no increment leaves the range of its field's type, for each increment.
pub(super) fn range_conditions(
    model: &'static ModelSchema,
    changes: &[Change],
    expressions: &mut Expressions,
) -> Result<Vec<String>, Error> {
    let mut conditions = Vec::new();
    for change in changes {
        let bounds = match &change.operation {
            ChangeOperation::Increment(Value::Integer(by)) => {
                let (min, max) = model.field(change.field).range();
                // A null counts as zero.
                if *by < min || *by > max {
                    return Err(out_of_range(model, change.field));
                }
                // 38 digits are far from the ends of an i128.
                if *by < 0 { [min - by, max] } else { [min, max - by] }.map(Value::Integer)
            }
            ChangeOperation::Increment(Value::Decimal(by)) => {
                let (min, max) = (Decimal::MIN, Decimal::MAX);
                if by.is_sign_negative() { [min - by, max] } else { [min, max - by] }.map(Value::Decimal)
            }
            _ => continue,
        };
        let name = expressions.field(change.field);
        let bounds = bounds.map(|bound| to_attribute(&bound).map(|bound| expressions.value(bound)).unwrap_or_default());
        conditions.push(format!("(attribute_not_exists({name}) OR {name} BETWEEN {})", bounds.join(" AND ")));
    }
    Ok(conditions)
}

/// The first increment that would take a record with these values out of the range of its field's type.
pub(super) fn overflow<'v>(
    model: &'static ModelSchema,
    changes: &[Change],
    value: impl Fn(usize) -> &'v Value,
) -> Option<Error> {
    changes.iter().find_map(|change| match &change.operation {
        ChangeOperation::Increment(by) => add(model, change.field, value(change.field), by).err(),
        _ => None,
    })
}

/// The value of a changed field.
pub(super) fn apply(model: &'static ModelSchema, change: &Change, before: &Value) -> Result<Value, Error> {
    match &change.operation {
        ChangeOperation::Set(value) => Ok(value.clone()),
        ChangeOperation::Increment(by) => add(model, change.field, before, by),
        _ => Ok(before.clone()),
    }
}

fn add(model: &'static ModelSchema, field: usize, before: &Value, by: &Value) -> Result<Value, Error> {
    let sum = match (before, by) {
        (Value::Null, by) => return Ok(by.clone()),
        (Value::Integer(before), Value::Integer(by)) => {
            let (min, max) = model.field(field).range();
            before.checked_add(*by).filter(|sum| (min..=max).contains(sum)).map(Value::Integer)
        }
        (Value::Decimal(before), Value::Decimal(by)) => {
            before.checked_add(*by).map(|sum| Value::Decimal(sum.normalize()))
        }
        _ => None,
    };
    sum.ok_or_else(|| out_of_range(model, field))
}

fn out_of_range(model: &'static ModelSchema, field: usize) -> Error {
    invalid_value(model, field, "the increment would leave the range of the field's type; nothing was changed")
}

/// Whether a record with these values has a key's values.
pub(super) fn has_key<'v>(key: &orm::UniqueKey, value: impl Fn(usize) -> &'v Value) -> bool {
    key.values().iter().all(|(field, expected)| value(*field) == expected)
}

/// The condition, as an expression, that the record still has these values.
pub(super) fn unchanged<'v>(
    fields: &[usize],
    value: impl Fn(usize) -> &'v Value,
    expressions: &mut Expressions,
) -> Vec<String> {
    fields.iter().map(|field| expressions.equals(*field, value(*field))).collect()
}

/// The conditions as one, with the one that the record exists.
pub(super) fn all(expressions: &mut Expressions, mut conditions: Vec<String>) -> String {
    conditions.insert(0, expressions.exists());
    conditions.join(" AND ")
}

/// The text of a condition of a query, as far as DynamoDB can check it with the write.
pub(super) fn still(model: &'static ModelSchema, filter: &Condition, expressions: &mut Expressions) -> Vec<String> {
    let parts = match filter {
        Condition::And(parts) => parts.clone(),
        one => vec![one.clone()],
    };
    let (fitting, _) = crate::expression::fitting(model, parts);
    fitting.iter().map(|part| expressions.condition(part)).collect()
}
