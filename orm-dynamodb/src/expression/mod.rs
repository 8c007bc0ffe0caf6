//! DynamoDB expressions: texts in which every name and value is behind a placeholder.

mod conditions;
mod fitting;

pub(crate) use conditions::{finds_more, numbers_or_texts};
pub(crate) use fitting::{Reserved, check_expressions, fitting};

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use aws_sdk_dynamodb::types::AttributeValue;
use orm::schema::ModelSchema;

use crate::item;
use crate::key::{ITEM_KIND, LOCK_STAMP, LOCK_TARGET, PARTITION_KEY, RECORD};
use crate::map;
use crate::table::Item;

/// The names and values of the expressions of one request.
#[derive(Debug)]
pub(crate) struct Expressions {
    pub(crate) model: &'static ModelSchema,
    names: Vec<Name>,
    values: Vec<(Placeholder, AttributeValue)>,
}

/// A name that an expression uses.
#[derive(Debug, PartialEq)]
enum Name {
    /// The column of a field, behind `#f` and its place.
    Field(usize),
    /// Another attribute, by its placeholder.
    Internal { placeholder: &'static str, name: &'static str },
}

/// What stands for a name or a value in an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Placeholder {
    /// `#f` and the place of the field.
    Field(usize),
    /// `:v` and the place of the value.
    Value(usize),
    /// A fixed text.
    Fixed(&'static str),
}

impl Placeholder {
    /// As the entry of a request has it.
    fn text(self) -> String {
        let mut text = String::with_capacity(4);
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(self, out: &mut impl fmt::Write) -> fmt::Result {
        let (prefix, number) = match self {
            Self::Field(field) => ("#f", field),
            Self::Value(place) => (":v", place),
            Self::Fixed(text) => return out.write_str(text),
        };
        out.write_str(prefix)?;
        match u8::try_from(number) {
            // Placeholders are made for each request, and formatting a number is slower.
            Ok(digit @ 0..10) => out.write_char(char::from(b'0' + digit)),
            _ => write!(out, "{number}"),
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl Expressions {
    pub(crate) const fn new(model: &'static ModelSchema) -> Self {
        Self { model, names: Vec::new(), values: Vec::new() }
    }

    /// The names, as a request takes them.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        let entry = |name: &Name| match name {
            Name::Field(field) => (Placeholder::Field(*field).text(), self.model.field(*field).column().to_owned()),
            Name::Internal { placeholder, name } => ((*placeholder).to_owned(), (*name).to_owned()),
        };
        (!self.names.is_empty()).then(|| map::of(self.names.iter().map(entry)))
    }

    /// The values, as a request takes them.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        let entry = |(placeholder, value): &(Placeholder, AttributeValue)| (placeholder.text(), value.clone());
        (!self.values.is_empty()).then(|| map::of(self.values.iter().map(entry)))
    }

    /// The values themselves.
    pub(crate) fn attribute_values(&self) -> impl Iterator<Item = &AttributeValue> {
        self.values.iter().map(|(_, value)| value)
    }

    /// The placeholder of a field's column. Every name is behind one: reserved words are many.
    pub(crate) fn field(&mut self, field: usize) -> Placeholder {
        self.uses(Name::Field(field));
        Placeholder::Field(field)
    }

    /// The placeholder of an attribute that is not a field.
    pub(crate) fn internal(&mut self, placeholder: &'static str, name: &'static str) {
        self.uses(Name::Internal { placeholder, name });
    }

    fn uses(&mut self, name: Name) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// The placeholder of a value.
    pub(crate) fn value(&mut self, value: AttributeValue) -> Placeholder {
        let placeholder = Placeholder::Value(self.values.len());
        self.values.push((placeholder, value));
        placeholder
    }

    /// A value of a fixed text, behind a placeholder that is no number and stands for one value.
    pub(crate) fn fixed_value(&mut self, placeholder: &'static str, value: AttributeValue) {
        let placeholder = Placeholder::Fixed(placeholder);
        if !self.values.iter().any(|(other, _)| *other == placeholder) {
            self.values.push((placeholder, value));
        }
    }

    fn text(&mut self, text: &str) -> Placeholder {
        self.value(AttributeValue::S(text.to_owned()))
    }

    /// The fields, for a projection.
    pub(crate) fn projection(&mut self, fields: &[usize]) -> String {
        let mut text = String::new();
        list(fields.iter().map(|field| self.field(*field)), &mut text);
        text
    }

    /// The target of a lock, for a projection.
    pub(crate) fn lock_target(&mut self) -> &'static str {
        self.internal("#target", LOCK_TARGET);
        "#target"
    }

    /// The key of the item, for a projection.
    pub(crate) fn partition_key(&mut self) -> &'static str {
        self.internal("#pk", PARTITION_KEY);
        "#pk"
    }

    /// The item exists.
    pub(crate) fn exists(&mut self) -> &'static str {
        self.internal("#pk", PARTITION_KEY);
        "attribute_exists(#pk)"
    }

    /// The item does not exist.
    pub(crate) fn absent(&mut self) -> &'static str {
        self.internal("#pk", PARTITION_KEY);
        "attribute_not_exists(#pk)"
    }

    /// The item is a record, not a lock.
    pub(crate) fn is_record(&mut self, out: &mut String) {
        self.internal("#kind", ITEM_KIND);
        let record = self.text(RECORD);
        put(out, format_args!("#kind = {record}"));
    }

    /// The item is a lock of this record, or there is none to free.
    pub(crate) fn free_or_targets(&mut self, target: &str) -> String {
        let absent = self.absent();
        format!("{absent} OR {}", self.targets(target))
    }

    /// The item is this lock, or there is none.
    pub(crate) fn absent_or_lock(&mut self, lock: &Item) -> String {
        let absent = self.absent();
        let target = item::lock_target(lock).unwrap_or_default();
        format!("{absent} OR ({})", self.is_lock(target, item::lock_stamp(lock)))
    }

    /// The item is a lock of this record.
    pub(crate) fn targets(&mut self, target: &str) -> String {
        self.internal("#target", LOCK_TARGET);
        let target = self.text(target);
        format!("#target = {target}")
    }

    /// The item is the lock of this record that has this stamp, or none.
    pub(crate) fn is_lock(&mut self, target: &str, stamp: Option<&str>) -> String {
        let targets = self.targets(target);
        self.internal("#stamp", LOCK_STAMP);
        match stamp {
            Some(stamp) => {
                let stamp = self.text(stamp);
                format!("{targets} AND #stamp = {stamp}")
            }
            None => format!("{targets} AND attribute_not_exists(#stamp)"),
        }
    }
}

/// Conditions all of which must hold, as one text.
#[derive(Debug, Default)]
pub(crate) struct Conjunction {
    text: String,
    parts: usize,
}

impl Conjunction {
    /// The text to write the next condition to.
    pub(crate) fn and(&mut self) -> &mut String {
        if self.parts > 0 {
            self.text.push_str(" AND ");
        }
        self.parts += 1;
        // Most conditions are a few placeholders.
        self.text.reserve(32);
        &mut self.text
    }

    /// How many conditions it has.
    pub(crate) const fn parts(&self) -> usize {
        self.parts
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// Writes to a text, which cannot fail.
pub(crate) fn put(out: &mut String, text: fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Writes a list of placeholders.
fn list(placeholders: impl Iterator<Item = Placeholder>, out: &mut String) {
    for (place, placeholder) in placeholders.enumerate() {
        put(out, format_args!("{}{placeholder}", if place > 0 { ", " } else { "" }));
    }
}
