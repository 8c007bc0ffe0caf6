//! Conditions as text for people.

use std::fmt::{self, Write as _};

use super::{Comparison, Condition};
use crate::schema::ModelSchema;
use crate::value::Value;

impl Condition {
    /// The condition as a person would write it: `user_id = "u1" and expires_at > "2026-01-01T00:00:00.000Z"`. It
    /// shows values, so it is for the one who made the query rather than for a log.
    pub fn describe(&self, model: &'static ModelSchema) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(model, false, &mut text);
        text
    }

    fn write(&self, model: &'static ModelSchema, nested: bool, text: &mut String) -> fmt::Result {
        let name = |field: &usize| model.field(*field).name();
        match self {
            Self::And(parts) => join(parts, ("and", "everything"), model, nested, text),
            Self::Or(parts) => join(parts, ("or", "nothing"), model, nested, text),
            Self::Not(inner) => match &**inner {
                Self::IsNull(field) => write!(text, "{} is not null", name(field)),
                inner => {
                    text.write_str("not ")?;
                    inner.write(model, true, text)
                }
            },
            Self::Compare(field, comparison, value) => {
                write!(text, "{} {} {}", name(field), comparison.symbol(), Shown(value))
            }
            Self::CompareFields(field, comparison, other) => {
                write!(text, "{} {} {}", name(field), comparison.symbol(), name(other))
            }
            Self::In(field, values) => {
                write!(text, "{} in (", name(field))?;
                for (place, value) in values.iter().take(SHOWN_VALUES).enumerate() {
                    write!(text, "{}{}", if place == 0 { "" } else { ", " }, Shown(value))?;
                }
                match values.len().saturating_sub(SHOWN_VALUES) {
                    0 => text.write_str(")"),
                    more => write!(text, ", and {more} more)"),
                }
            }
            Self::Contains(field, part) => write!(text, "{} contains {part:?}", name(field)),
            Self::StartsWith(field, prefix) => write!(text, "{} starts with {prefix:?}", name(field)),
            Self::IsNull(field) => write!(text, "{} is null", name(field)),
        }
    }
}

/// Of a long list, so many.
const SHOWN_VALUES: usize = 5;

fn join(
    parts: &[Condition],
    (joint, of_none): (&str, &str),
    model: &'static ModelSchema,
    nested: bool,
    text: &mut String,
) -> fmt::Result {
    match parts {
        [] => text.write_str(of_none),
        [one] => one.write(model, nested, text),
        several => {
            text.write_str(if nested { "(" } else { "" })?;
            for (place, part) in several.iter().enumerate() {
                if place > 0 {
                    write!(text, " {joint} ")?;
                }
                part.write(model, true, text)?;
            }
            text.write_str(if nested { ")" } else { "" })
        }
    }
}

impl Comparison {
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Lt => "<",
            Self::Lte => "<=",
        }
    }
}

struct Shown<'v>(&'v Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => value.fmt(f),
            Value::Integer(number) => number.fmt(f),
            Value::Decimal(number) => number.fmt(f),
            Value::Text(text) => fmt::Debug::fmt(text, f),
            Value::Bytes(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Value::Json(document) => document.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::IntoFilter;
    use crate::prelude::*;

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(id)]
        id: String,
        size: i64,
        note: Option<String>,
    }

    #[test]
    fn conditions_read_well() {
        let text = |filter: orm::Filter<Thing>| filter.into_condition().unwrap().describe(Thing::schema());
        assert_eq!(text(Thing::ID.eq("a").and(Thing::SIZE.gt(3))), r#"id = "a" and size > 3"#);
        assert_eq!(
            text(any([Thing::SIZE.lt(1), Thing::NOTE.is_null()]).and(!Thing::NOTE.contains("x"))),
            r#"(size < 1 or note is null) and not note contains "x""#
        );
        assert_eq!(text(Thing::NOTE.is_not_null()), "note is not null");
        assert_eq!(text(!Thing::NOTE.lte_field(Thing::ID)), "not note <= id");
        assert_eq!(text(Thing::SIZE.is_in(0..7)), "size in (0, 1, 2, 3, 4, and 2 more)");
        assert_eq!(text(all(Vec::<orm::Filter<Thing>>::new())), "everything");
        assert_eq!(text(Thing::ID.eq("a").into_filter()), r#"id = "a""#);
    }
}
