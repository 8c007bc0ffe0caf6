//! Whole records on their way to a driver.

use std::cell::LazyCell;
use std::fmt;
use std::time::SystemTime;

use crate::error::{Error, ErrorCode, ValueError};
use crate::schema::{FieldDefault, ModelSchema};
use crate::value::Value;

/// A whole record: a value for each field of its model, in the model's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    values: Vec<Value>,
}

impl Record {
    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// The value of the field at this place.
    pub fn value(&self, field: usize) -> &Value {
        self.values.get(field).unwrap_or(&Value::Null)
    }
}

/// The values given for a new record, and why some of them cannot be stored. Of several for a field, the last counts.
#[derive(Clone)]
pub struct Draft {
    model: &'static ModelSchema,
    values: Vec<Option<Value>>,
    invalid: Vec<(usize, ValueError)>,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.model.name());
        for (field, value) in self.model.fields().iter().zip(&self.values) {
            if let Some(value) = value {
                shown.field(field.name(), value);
            }
        }
        shown.finish_non_exhaustive()
    }
}

impl Draft {
    pub(crate) fn new(model: &'static ModelSchema) -> Self {
        Self { model, values: vec![None; model.fields().len()], invalid: Vec::new() }
    }

    pub(crate) fn set_encoded(&mut self, field: usize, value: Result<Value, ValueError>) {
        self.invalid.retain(|(of, _)| *of != field);
        match value {
            Ok(value) => {
                if let Some(slot) = self.values.get_mut(field) {
                    *slot = Some(value);
                }
            }
            Err(error) => self.invalid.push((field, error)),
        }
    }

    /// Whether the field was given a value.
    pub(crate) fn has(&self, field: usize) -> bool {
        matches!(self.values.get(field), Some(Some(_)))
    }

    /// The whole record, with defaults for what was not given.
    ///
    /// # Errors
    /// `InvalidValue` when a value cannot be stored, or the id is a document that is `null`; `InvalidQuery` when a required
    /// one is missing; `Unsupported` when it is an id that the database would have to generate.
    pub(crate) fn finish(self) -> Result<Record, Error> {
        let model = self.model;
        if let Some((field, error)) = self.invalid.first() {
            return Err(model.invalid_value(*field, error));
        }
        let now = LazyCell::new(SystemTime::now);
        let mut values = Vec::with_capacity(self.values.len());
        for (index, (given, field)) in self.values.into_iter().zip(model.fields()).enumerate() {
            let invalid = |error: ValueError| model.invalid_value(index, &error);
            let value = match (given, field.default_value()) {
                (Some(value), _) => value,
                (None, FieldDefault::Value(default)) => default().map_err(invalid)?,
                (None, FieldDefault::Now(default)) => default(*now).map_err(invalid)?,
                (None, FieldDefault::Uuid) => field.new_uuid().map_err(invalid)?,
                (None, FieldDefault::None) if field.is_nullable() => Value::Null,
                (None, missing) => {
                    let (code, why) = match missing {
                        FieldDefault::Database => (
                            ErrorCode::Unsupported,
                            "the database would have to generate it, which no driver supports yet: give it one",
                        ),
                        _ => (ErrorCode::InvalidQuery, "it has no default and is not optional"),
                    };
                    return Err(model.field_error(code, index, format_args!(" needs a value: {why}")));
                }
            };
            if index == model.id() && value.is_null() {
                return Err(invalid(ValueError::new("an id cannot be null")));
            }
            values.push(value);
        }
        Ok(Record { values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;
    use crate::prelude::*;

    #[derive(Model)]
    #[orm(table = "tickets")]
    #[allow(dead_code, reason = "fields to be left out")]
    struct Ticket {
        #[orm(id(generated))]
        number: i64,
        note: String,
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn a_record_has_one_time() {
        use chrono::{DateTime, Utc};

        #[derive(Model)]
        #[orm(table = "visits")]
        #[allow(dead_code, reason = "fields to be left out")]
        struct Visit {
            #[orm(id)]
            id: String,
            #[orm(default_now)]
            from: DateTime<Utc>,
            #[orm(default_now)]
            until: Option<DateTime<Utc>>,
        }

        // Two times would differ in one of a thousand.
        for _ in 0..20_000 {
            let record = Draft::new(Visit::schema()).finish().unwrap();
            assert_eq!(record.value(1), record.value(2));
            assert!(!record.value(1).is_null());
        }
    }

    #[test]
    fn the_last_value_of_a_field_counts() {
        let mut draft = Draft::new(Ticket::schema());
        String::set(&mut draft, 1, "n");
        draft.set_encoded(0, Err(ValueError::new("it is too large")));
        assert_eq!(draft.clone().finish().unwrap_err().code(), ErrorCode::InvalidValue);
        let mut again = draft.clone();
        i64::set(&mut again, 0, 7);
        assert_eq!(again.finish().unwrap().value(0), &Value::Integer(7));
        i64::set(&mut draft, 0, 7);
        draft.set_encoded(0, Err(ValueError::new("it is too large")));
        assert_eq!(draft.finish().unwrap_err().fields(), ["number"]);
    }

    #[test]
    fn an_id_that_no_driver_is_asked_for_is_not_said_to_be_forgotten() {
        let mut draft = Draft::new(Ticket::schema());
        String::set(&mut draft, 1, "n");
        let error = draft.clone().finish().unwrap_err();
        assert_eq!((error.code(), error.fields()), (ErrorCode::Unsupported, &["number"][..]));
        assert!(error.to_string().contains("no driver supports yet"), "{error}");
        i64::set(&mut draft, 0, 7);
        assert_eq!(draft.finish().unwrap().value(0), &Value::Integer(7));
        let mut draft = Draft::new(Ticket::schema());
        i64::set(&mut draft, 0, 7);
        assert_eq!(draft.finish().unwrap_err().code(), ErrorCode::InvalidQuery);
    }
}
