//! Changes to fields: as an update expression, and as arithmetic on values that were read.

use std::fmt;

use orm::driver::{Change, ChangeOperation};
use orm::schema::ModelSchema;
use orm::{Error, FieldKind, Value};

use crate::attribute::to_attribute;
use crate::error::invalid_value;
use crate::expression::{Conjunction, Expressions, put};
use crate::idempotency::Token;
use crate::item;
use crate::limits::MAX_WHOLE;
use crate::table::{Item, Table};
use crate::values::Values;

/// Refuses values that DynamoDB cannot hold, before anything is sent.
pub(super) fn check(model: &'static ModelSchema, changes: &[Change]) -> Result<(), Error> {
    model.check_portable_changes(changes).map_err(|error| error.with_backend(crate::DRIVER_KIND))?;
    let set = changes.iter().filter_map(|change| match &change.operation {
        ChangeOperation::Set(value) => Some((change.field, value)),
        ChangeOperation::Increment(_) => None,
    });
    item::check_values(model, set)
}

/// The update expression: only of what changes, and of what has to be remembered of it. The record remembers one that was
/// `sent_before` for longer.
pub(super) fn expression(
    changes: &[Change],
    token: Option<&Token>,
    sent_before: bool,
    expressions: &mut Expressions,
) -> String {
    let (mut set, mut remove, mut add) = (String::new(), String::new(), String::new());
    if let Some(token) = token {
        extend(&mut set, "SET ", format_args!("{}", token.remember(expressions)));
        if sent_before {
            set.push_str(token.remember_longer(expressions));
        }
    }
    for change in changes {
        let name = expressions.field(change.field);
        match &change.operation {
            ChangeOperation::Set(value) => match to_attribute(value) {
                Some(attribute) => extend(&mut set, "SET ", format_args!("{name} = {}", expressions.value(attribute))),
                None => extend(&mut remove, "REMOVE ", format_args!("{name}")),
            },
            ChangeOperation::Increment(by) => {
                if let Some(by) = to_attribute(by) {
                    extend(&mut add, "ADD ", format_args!("{name} {}", expressions.value(by)));
                }
            }
        }
    }
    for clause in [remove, add].iter().filter(|clause| !clause.is_empty()) {
        if !set.is_empty() {
            set.push(' ');
        }
        set.push_str(clause);
    }
    set
}

/// Adds an action to its clause.
fn extend(clause: &mut String, keyword: &str, action: fmt::Arguments<'_>) {
    // Most actions are a few placeholders.
    clause.reserve(32);
    clause.push_str(if clause.is_empty() { keyword } else { ", " });
    put(clause, action);
}

/// Adds the condition that no increment leaves the range of its field's type, for each increment.
pub(super) fn in_range(
    model: &'static ModelSchema,
    changes: &[Change],
    expressions: &mut Expressions,
    all: &mut Conjunction,
) {
    for change in changes {
        let ChangeOperation::Increment(by @ Value::Integer(number)) = &change.operation else {
            continue;
        };
        // Other sums are made here.
        let Some((min, max)) = model.field(change.field).range() else {
            continue;
        };
        // What matters is the sum: a value from before the type had this range may come into it. DynamoDB has 38 digits.
        let bound = |end: i128| end.saturating_sub(*number).clamp(-MAX_WHOLE, MAX_WHOLE);
        let (low, high) = (bound(min), bound(max));
        // A null counts as zero.
        let from_null = model.field(change.field).sum(&Value::Integer(0), by).is_ok();
        let out = all.and();
        if from_null {
            put(out, format_args!("(attribute_not_exists({}) OR ", expressions.field(change.field)));
        }
        expressions.between(change.field, &Value::Integer(low), &Value::Integer(high), out);
        if from_null {
            out.push(')');
        }
    }
}

/// Whether one of these fields is changed.
pub(super) fn touch(changes: &[Change], fields: &[usize]) -> bool {
    changes.iter().any(|change| fields.contains(&change.field))
}

/// The constraints whose locks may have to move. That of the id never does.
pub(crate) fn moved(model: &'static ModelSchema, changes: &[Change]) -> impl Iterator<Item = &'static [usize]> {
    model.uniques().iter().map(|constraint| constraint.fields()).filter(|fields| touch(changes, fields))
}

/// Whether a second application would change the record once more.
pub(super) fn adds(changes: &[Change]) -> bool {
    changes.iter().any(is_increment)
}

pub(super) fn is_increment(change: &Change) -> bool {
    matches!(change.operation, ChangeOperation::Increment(_))
}

/// The first increment that would take a record with these values out of the range of its field's type.
pub(super) fn overflow(model: &'static ModelSchema, changes: &[Change], values: &Values) -> Option<Error> {
    changes.iter().find_map(|change| match &change.operation {
        ChangeOperation::Increment(by) => add(model, change.field, values.get(change.field), by).err(),
        ChangeOperation::Set(_) => None,
    })
}

/// The value of a changed field.
pub(super) fn apply(model: &'static ModelSchema, change: &Change, before: &Value) -> Result<Value, Error> {
    match &change.operation {
        ChangeOperation::Set(value) => Ok(value.clone()),
        ChangeOperation::Increment(by) => add(model, change.field, before, by),
    }
}

fn add(model: &'static ModelSchema, field: usize, before: &Value, by: &Value) -> Result<Value, Error> {
    let sum = model.field(field).sum(before, by);
    sum.map_err(|error| invalid_value(model, field, &error))
}

/// Whether a sum has to be made here, from the record as it was read. No condition can tell whether it is a value of a
/// type without a range: DynamoDB adds up to 38 digits, which a decimal cannot hold. And it adds to numbers only, where the
/// TypeScript package stores bigints as text and nulls as `NULL`.
fn is_sum_of_values(model: &ModelSchema, change: &Change, item: Option<&Item>) -> bool {
    if !is_increment(change) {
        return false;
    }
    let field = model.field(change.field);
    let stored = item.and_then(|item| item.get(field.column()));
    field.range().is_none() || stored.is_some_and(|stored| !stored.is_n())
}

/// Whether there is such a sum among the changes.
pub(crate) fn needs_values(model: &ModelSchema, changes: &[Change], item: Option<&Item>) -> bool {
    changes.iter().any(|change| is_sum_of_values(model, change, item))
}

/// The changes with such sums made, and the fields that must still be as they were read.
pub(super) fn with_sums(
    model: &'static ModelSchema,
    changes: &[Change],
    item: Option<&Item>,
    values: &Values,
) -> Result<(Vec<Change>, Vec<usize>), Error> {
    let mut relied_on = Vec::new();
    let changes = changes.iter().map(|change| {
        if !is_sum_of_values(model, change, item) {
            return Ok(change.clone());
        }
        relied_on.push(change.field);
        set_sum(model, change, values.get(change.field))
    });
    let changes = changes.collect::<Result<_, Error>>()?;
    Ok((changes, relied_on))
}

/// The change as one that sets its result, for a value that is sure to be the same when it is written.
pub(super) fn set_sum(model: &'static ModelSchema, change: &Change, before: &Value) -> Result<Change, Error> {
    let sum = apply(model, change, before)?;
    Ok(Change { field: change.field, operation: ChangeOperation::Set(sum) })
}

/// The condition that the record exists, to which others are added.
pub(super) fn exists(expressions: &mut Expressions) -> Conjunction {
    let mut all = Conjunction::default();
    all.and().push_str(expressions.exists());
    all
}

/// Adds the condition that the record still has these values, as far as they are [comparable](is_comparable).
pub(super) fn unchanged(
    table: &Table<'_>,
    fields: &[usize],
    values: &Values,
    expressions: &mut Expressions,
    all: &mut Conjunction,
) {
    for field in fields.iter().filter(|field| is_comparable(table, **field)) {
        expressions.equals(*field, values.get(*field), all.and());
    }
}

/// The same for an item, attribute by attribute as it is stored: whoever wrote it.
pub(super) fn unchanged_item(
    table: &Table<'_>,
    fields: &[usize],
    item: &Item,
    expressions: &mut Expressions,
    all: &mut Conjunction,
) {
    for field in fields.iter().filter(|field| is_comparable(table, **field)) {
        let name = expressions.field(*field);
        match item.get(table.model.field(*field).column()) {
            Some(attribute) => put(all.and(), format_args!("{name} = {}", expressions.value(attribute.clone()))),
            None => put(all.and(), format_args!("attribute_not_exists({name})")),
        }
    }
}

/// Whether a condition can tell that the field has changed. Engines without transactions do not compare documents either,
/// so that a change of one can go unnoticed there.
pub(super) fn is_comparable(table: &Table<'_>, field: usize) -> bool {
    table.engine.compares_documents() || !is_document(table.model, field)
}

pub(super) fn is_document(model: &ModelSchema, field: usize) -> bool {
    model.field(field).kind() == FieldKind::Json
}
