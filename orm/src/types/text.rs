//! Strings and uuids.

use uuid::Uuid;

use super::{FieldType, mismatch};
use crate::error::ValueError;
use crate::kind;
use crate::value::Value;

impl FieldType for String {
    type Kind = kind::String;
    const ROUND_TRIPS: bool = true;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Text(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(mismatch("a string", &other)),
        }
    }
}

impl FieldType for Uuid {
    type Kind = kind::Uuid;
    const ROUND_TRIPS: bool = true;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Text(self.to_string()))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match &value {
            Value::Text(text) => Uuid::try_parse(text).map_err(|_| mismatch("a uuid", &value)),
            other => Err(mismatch("a uuid", other)),
        }
    }
}
