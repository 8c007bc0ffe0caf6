//! Conditions as text that tells two of them apart, whatever version of a program they are made by.

use std::fmt::{self, Write};

use super::Condition;
use crate::schema::ModelSchema;

impl Condition {
    /// Fields are named by their columns: a field's place changes when the model gets another one, and the name that
    /// it has in Rust may change while the same is stored.
    pub(crate) fn identify<W: Write>(&self, model: &'static ModelSchema, text: &mut W) -> fmt::Result {
        let column = |field: &usize| model.field(*field).column();
        let several = |name: &str, parts: &[Self], text: &mut W| {
            write!(text, "{name}{}(", parts.len())?;
            parts.iter().try_for_each(|part| part.identify(model, text))?;
            text.write_char(')')
        };
        match self {
            Self::And(parts) => several("and", parts, text),
            Self::Or(parts) => several("or", parts, text),
            Self::Not(inner) => several("not", std::slice::from_ref(inner), text),
            Self::Compare(field, comparison, value) => write!(text, "{:?}{comparison:?}{value:?};", column(field)),
            Self::In(field, values) => write!(text, "{:?}In{values:?};", column(field)),
            Self::Contains(field, part) => write!(text, "{:?}Contains{part:?};", column(field)),
            Self::StartsWith(field, prefix) => write!(text, "{:?}StartsWith{prefix:?};", column(field)),
            Self::IsNull(field) => write!(text, "{:?}IsNull;", column(field)),
        }
    }
}
