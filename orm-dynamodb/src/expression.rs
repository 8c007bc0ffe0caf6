//! DynamoDB expressions: conditions as text, with every name and value behind a placeholder.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use aws_sdk_dynamodb::types::AttributeValue;
use orm::schema::ModelSchema;
use orm::{Comparison, Condition, FieldKind, Value};

use crate::attribute::{size, to_attribute};
use crate::item;
use crate::key::{ITEM_KIND, LOCK_STAMP, LOCK_TARGET, PARTITION_KEY, RECORD};
use crate::store::Item;

/// DynamoDB's limits of one expression: 4 KB of text, 300 operators, 100 operands of `IN`; and of all values of a request,
/// 2 MB, of which keys and updates need some.
const MAX_BYTES: usize = 4096;
const MAX_VALUE_BYTES: usize = 1024 * 1024;
const MAX_OPERATORS: usize = 300;
const MAX_OPERANDS: usize = 100;

/// The names and values of the expressions of one request.
#[derive(Debug)]
pub(crate) struct Expressions {
    model: &'static ModelSchema,
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
        (!self.names.is_empty()).then(|| self.names.iter().map(entry).collect())
    }

    /// The values, as a request takes them.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        let entry = |(placeholder, value): &(Placeholder, AttributeValue)| (placeholder.text(), value.clone());
        (!self.values.is_empty()).then(|| self.values.iter().map(entry).collect())
    }

    /// The size of the values, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.values.iter().map(|(_, value)| size(value)).sum()
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

    /// The field has this value, which may be null.
    ///
    /// The TypeScript package stores bigints and decimals as text, so that both forms are the same value.
    pub(crate) fn equals(&mut self, field: usize, value: &Value, out: &mut String) {
        let Some(attribute) = to_attribute(value) else {
            out.push('(');
            self.is_null(field, out);
            return out.push(')');
        };
        let name = self.field(field);
        match (self.model.field(field).kind(), attribute) {
            (FieldKind::BigInt | FieldKind::Decimal, AttributeValue::N(text)) => {
                let stored_as_text = self.text(&text);
                let number = self.value(AttributeValue::N(text));
                put(out, format_args!("{name} IN ({number}, {stored_as_text})"));
            }
            (_, attribute) => put(out, format_args!("{name} = {}", self.value(attribute))),
        }
    }

    fn is_null(&mut self, field: usize, out: &mut String) {
        let name = self.field(field);
        let null = self.text("NULL");
        put(out, format_args!("attribute_not_exists({name}) OR attribute_type({name}, {null})"));
    }

    /// The field is stored as text.
    pub(crate) fn is_text(&mut self, field: usize, out: &mut String) {
        let name = self.field(field);
        put(out, format_args!("attribute_type({name}, {})", self.text("S")));
    }

    /// A condition as a part of a larger one. DynamoDB refuses parentheses that are not needed.
    pub(crate) fn operand(&mut self, condition: &Condition, out: &mut String) {
        let is_compound = match condition {
            Condition::And(_) | Condition::Or(_) | Condition::IsNull(_) => true,
            Condition::In(field, values) => self.forms(*field) * values.len() > MAX_OPERANDS,
            _ => false,
        };
        if is_compound {
            out.push('(');
        }
        self.condition(condition, out);
        if is_compound {
            out.push(')');
        }
    }

    /// The text of a condition without empty `In`, `And` and `Or`, which [`simplify`](crate::condition::simplify) folds away.
    pub(crate) fn condition(&mut self, condition: &Condition, out: &mut String) {
        match condition {
            Condition::And(parts) => self.join(parts, " AND ", out),
            Condition::Or(parts) => self.join(parts, " OR ", out),
            Condition::Not(inner) => {
                out.push_str("NOT ");
                self.operand(inner, out);
            }
            Condition::Compare(field, Comparison::Eq, value) => self.equals(*field, value, out),
            Condition::Compare(field, Comparison::Ne, value) => {
                // True for an absent attribute as well, as it has to be.
                out.push_str("NOT ");
                self.equals(*field, value, out);
            }
            Condition::Compare(field, comparison, value) => self.compare(*field, *comparison, value, out),
            Condition::In(field, values) => self.is_in(*field, values, out),
            Condition::Contains(field, part) => {
                let name = self.field(*field);
                put(out, format_args!("contains({name}, {})", self.text(part)));
            }
            Condition::StartsWith(field, prefix) => self.starts_with(*field, prefix, out),
            Condition::IsNull(field) => self.is_null(*field, out),
            _ => {}
        }
    }

    /// Also a key condition.
    pub(crate) fn starts_with(&mut self, field: usize, prefix: &str, out: &mut String) {
        let name = self.field(field);
        put(out, format_args!("begins_with({name}, {})", self.text(prefix)));
    }

    /// An ordered comparison, also as a key condition.
    pub(crate) fn compare(&mut self, field: usize, comparison: Comparison, value: &Value, out: &mut String) {
        let operator = match comparison {
            Comparison::Eq => "=",
            Comparison::Ne => "<>",
            Comparison::Gt => ">",
            Comparison::Gte => ">=",
            Comparison::Lt => "<",
            Comparison::Lte => "<=",
        };
        put(out, format_args!("{} {operator} {}", self.field(field), self.operand_of(value)));
    }

    /// Both bounds belong to it. Also a key condition.
    pub(crate) fn between(&mut self, field: usize, low: &Value, high: &Value, out: &mut String) {
        let (name, low, high) = (self.field(field), self.operand_of(low), self.operand_of(high));
        put(out, format_args!("{name} BETWEEN {low} AND {high}"));
    }

    fn operand_of(&mut self, value: &Value) -> Placeholder {
        self.value(to_attribute(value).unwrap_or(AttributeValue::Null(true)))
    }

    fn is_in(&mut self, field: usize, values: &[Value], out: &mut String) {
        let name = self.field(field);
        let both_forms = self.forms(field) == 2;
        let mut operands = Vec::with_capacity(values.len());
        for attribute in values.iter().filter_map(to_attribute) {
            if let (true, AttributeValue::N(text)) = (both_forms, &attribute) {
                operands.push(self.text(text));
            }
            operands.push(self.value(attribute));
        }
        for (place, operands) in operands.chunks(MAX_OPERANDS).enumerate() {
            put(out, format_args!("{}{name} IN (", if place > 0 { " OR " } else { "" }));
            list(operands.iter().copied(), out);
            out.push(')');
        }
    }

    /// In how many forms a value of the field may be stored.
    fn forms(&self, field: usize) -> usize {
        forms(self.model.field(field).kind())
    }

    fn join(&mut self, parts: &[Condition], joint: &str, out: &mut String) {
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                out.push_str(joint);
            }
            self.operand(part, out);
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

/// The TypeScript package stores bigints and decimals as text.
const fn forms(kind: FieldKind) -> usize {
    if matches!(kind, FieldKind::BigInt | FieldKind::Decimal) { 2 } else { 1 }
}

/// The cost of a condition in an expression: its operators, and an upper bound of its text.
pub(crate) fn cost(condition: &Condition, kind: &impl Fn(usize) -> FieldKind) -> (usize, usize) {
    /// Placeholders, a function's name and the joints around them.
    const TERM_BYTES: usize = 80;
    /// `:v1234, `.
    const OPERAND_BYTES: usize = 8;
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts
            .iter()
            .map(|part| cost(part, kind))
            .fold((parts.len(), 2 + 5 * parts.len()), |(a, b), (c, d)| (a + c, b + d)),
        Condition::Not(inner) => {
            let (operators, bytes) = cost(inner, kind);
            (operators + 1, bytes + 6)
        }
        Condition::In(field, values) => {
            let operands = values.len() * forms(kind(*field));
            (
                2 * operands.div_ceil(MAX_OPERANDS),
                TERM_BYTES * operands.div_ceil(MAX_OPERANDS) + OPERAND_BYTES * operands,
            )
        }
        Condition::IsNull(_) => (3, TERM_BYTES),
        _ => (2, TERM_BYTES),
    }
}

/// Splits conditions, all of which must hold, into those that go into one expression and the others: what is too
/// large, and comparisons of whole documents, which not every engine makes.
pub(crate) fn fitting(model: &'static ModelSchema, conditions: Vec<Condition>) -> (Vec<Condition>, Vec<Condition>) {
    let (mut operators, mut bytes, mut value_bytes) = (0, 200, 0);
    conditions.into_iter().partition(|condition| {
        let (more_operators, more_bytes) = cost(condition, &|field| model.field(field).kind());
        let more_value_bytes = size_of_values(condition);
        let fits = operators + more_operators < MAX_OPERATORS
            && bytes + more_bytes <= MAX_BYTES
            && value_bytes + more_value_bytes <= MAX_VALUE_BYTES
            && !compares_documents(condition);
        if fits {
            operators += more_operators + 1;
            bytes += more_bytes;
            value_bytes += more_value_bytes;
        }
        fits
    })
}

/// The size of the texts in a condition; other values are small.
fn size_of_values(condition: &Condition) -> usize {
    let size = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().map(size_of_values).sum(),
        Condition::Not(inner) => size_of_values(inner),
        Condition::Compare(_, _, value) => size(value),
        Condition::In(_, values) => values.iter().map(size).sum(),
        Condition::Contains(_, text) | Condition::StartsWith(_, text) => text.len(),
        _ => 0,
    }
}

fn compares_documents(condition: &Condition) -> bool {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(compares_documents),
        Condition::Not(inner) => compares_documents(inner),
        Condition::Compare(_, _, value) => matches!(value, Value::Json(_)),
        Condition::In(_, values) => values.iter().any(|value| matches!(value, Value::Json(_))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;

    use super::*;
    use crate::condition::simplify;

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(id)]
        id: String,
        name: Option<String>,
        size: i64,
        big: i128,
    }

    fn text(condition: Condition) -> (String, Expressions) {
        let mut expressions = Expressions::new(Thing::schema());
        let mut text = String::new();
        expressions.condition(&simplify(condition), &mut text);
        (text, expressions)
    }

    fn compare(field: usize, comparison: Comparison, value: i128) -> Condition {
        Condition::Compare(field, comparison, Value::Integer(value))
    }

    #[test]
    fn names_and_values_are_behind_placeholders() {
        let condition = Condition::And(vec![
            compare(2, Comparison::Gt, 5),
            Condition::Or(vec![Condition::Contains(1, "a".into()), Condition::IsNull(1)]),
        ]);
        let (text, expressions) = text(condition);
        assert_eq!(
            text,
            "#f2 > :v0 AND (contains(#f1, :v1) OR (attribute_not_exists(#f1) OR attribute_type(#f1, :v2)))"
        );
        assert_eq!(expressions.names().unwrap()["#f1"], "name");
        assert_eq!(expressions.values().unwrap()[":v0"], AttributeValue::N("5".into()));
    }

    #[test]
    fn a_bigint_equals_its_text() {
        let (text, _) = text(compare(3, Comparison::Ne, 7));
        assert_eq!(text, "NOT #f3 IN (:v1, :v0)");
    }

    #[test]
    fn more_than_a_hundred_operands_are_split() {
        let (text, _) = text(Condition::In(2, (0..250).map(Value::Integer).collect()));
        assert_eq!(text.matches(" IN (").count(), 3);
        assert_eq!(text.matches(" OR ").count(), 2);
    }

    #[test]
    fn there_are_no_needless_parentheses() {
        let not = |condition: Condition| Condition::Not(Box::new(condition));
        let or = Condition::Or(vec![compare(2, Comparison::Gt, 1), Condition::StartsWith(1, "a".into())]);
        assert_eq!(text(not(or.clone())).0, "NOT #f2 > :v0 AND NOT begins_with(#f1, :v1)");
        assert_eq!(text(not(Condition::IsNull(1))).0, "NOT (attribute_not_exists(#f1) OR attribute_type(#f1, :v0))");
        assert_eq!(
            text(Condition::And(vec![or, compare(2, Comparison::Lt, 9)])).0,
            "(#f2 > :v0 OR begins_with(#f1, :v1)) AND #f2 < :v2"
        );
    }

    #[test]
    fn what_does_not_fit_is_left_over() {
        let many: Vec<Condition> = (0..200).map(|n| compare(2, Comparison::Ne, n)).collect();
        let (fitting, left_over) = fitting(Thing::schema(), many);
        assert!(!fitting.is_empty() && !left_over.is_empty());
        let (text, _) = text(Condition::And(fitting));
        assert!(text.len() <= 4096, "{}", text.len());
    }
}
