//! Conditions as text that tells two of them apart, whatever version of a program, of Rust or of a crate they are made by:
//! every text has its length before it, and nothing is written as another crate would.

use std::fmt::{self, Write};

use serde_json::Value as Document;

use super::Condition;
use crate::schema::ModelSchema;
use crate::value::Value;

impl Condition {
    /// Fields are named by their columns: a field's place changes when the model gets another one, and the name that
    /// it has in Rust may change while the same is stored.
    pub(crate) fn identify<W: Write>(&self, model: &'static ModelSchema, out: &mut W) -> fmt::Result {
        let several = |name: &str, parts: &[Self], out: &mut W| {
            write!(out, "{name}{};", parts.len())?;
            parts.iter().try_for_each(|part| part.identify(model, out))
        };
        let of_field = |field: &usize, operator: &str, out: &mut W| {
            identify_text(model.field(*field).column(), out)?;
            out.write_str(operator)
        };
        match self {
            Self::And(parts) => several("and", parts, out),
            Self::Or(parts) => several("or", parts, out),
            Self::Not(inner) => several("not", std::slice::from_ref(inner), out),
            Self::Compare(field, comparison, value) => {
                of_field(field, comparison.symbol(), out)?;
                identify_value(value, out)
            }
            Self::CompareFields(field, comparison, other) => {
                of_field(field, comparison.symbol(), out)?;
                // No value begins like this.
                out.write_char('f')?;
                identify_text(model.field(*other).column(), out)
            }
            Self::In(field, values) => {
                of_field(field, "in", out)?;
                write!(out, "{};", values.len())?;
                values.iter().try_for_each(|value| identify_value(value, out))
            }
            Self::Contains(field, part) => {
                of_field(field, "contains", out)?;
                identify_text(part, out)
            }
            Self::StartsWith(field, prefix) => {
                of_field(field, "starts with", out)?;
                identify_text(prefix, out)
            }
            Self::IsNull(field) => of_field(field, "is null", out),
        }
    }
}

/// Text that does not run into what comes after it.
pub(crate) fn identify_text<W: Write>(text: &str, out: &mut W) -> fmt::Result {
    write!(out, "{}:{text}", text.len())
}

fn identify_value<W: Write>(value: &Value, out: &mut W) -> fmt::Result {
    match value {
        Value::Null => out.write_char('n'),
        Value::Bool(value) => write!(out, "b{};", u8::from(*value)),
        Value::Integer(number) => write!(out, "i{number};"),
        Value::Decimal(number) => write!(out, "d{number};"),
        Value::Text(text) => identify_text(text, out),
        Value::Bytes(bytes) => {
            write!(out, "x{};", bytes.len())?;
            bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
        }
        Value::Json(document) => identify_document(document, out),
    }
}

/// The entries of an object in the order of their keys: documents that are equal are the same text.
fn identify_document<W: Write>(document: &Document, out: &mut W) -> fmt::Result {
    match document {
        Document::Null => out.write_char('n'),
        Document::Bool(value) => write!(out, "b{};", u8::from(*value)),
        Document::Number(number) => write!(out, "i{number};"),
        Document::String(text) => identify_text(text, out),
        Document::Array(items) => {
            write!(out, "a{};", items.len())?;
            items.iter().try_for_each(|item| identify_document(item, out))
        }
        Document::Object(entries) => {
            write!(out, "o{};", entries.len())?;
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            entries.into_iter().try_for_each(|(key, value)| {
                identify_text(key, out)?;
                identify_document(value, out)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::filter::Comparison;
    use crate::prelude::*;

    #[derive(Model)]
    #[orm(table = "things")]
    #[allow(dead_code, reason = "fields to filter by")]
    struct Thing {
        #[orm(id)]
        id: String,
        #[orm(column = "s")]
        size: i64,
        extra: serde_json::Value,
    }

    /// Cursors that are about must stay good: a change of this text needs another version of theirs.
    #[test]
    fn the_text_is_written_down() {
        let condition = Condition::And(vec![
            Condition::Or(vec![
                Condition::Not(Condition::IsNull(0).into()),
                Condition::StartsWith(0, "a;\"".into()),
                Condition::Contains(0, "ü".into()),
            ]),
            Condition::In(
                1,
                [Value::Integer(-1), Value::Bool(true), Value::Decimal(rust_decimal::Decimal::ONE)].into(),
            ),
            Condition::Compare(2, Comparison::Eq, Value::Json(json!({"b": [1, 1.5, "x", null, false], "a": {}}))),
            Condition::Compare(1, Comparison::Gte, Value::Null),
            Condition::CompareFields(0, Comparison::Lt, 1),
        ]);
        let mut text = String::new();
        condition.identify(Thing::schema(), &mut text).unwrap();
        let expected = "and5;or3;not1;2:idis null2:idstarts with3:a;\"2:idcontains2:ü1:sin3;i-1;b1;d1;\
            5:extra=o2;1:ao0;1:ba5;i1;i1.5;1:xnb0;1:s>=n2:id<f1:s";
        assert_eq!(text, expected);
    }
}
