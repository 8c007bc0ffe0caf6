//! Bytes.

use super::{FieldType, mismatch};
use crate::error::ValueError;
use crate::kind;
use crate::value::Value;

impl FieldType for Vec<u8> {
    type Kind = kind::Bytes;
    const ROUND_TRIPS: bool = true;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Bytes(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(mismatch("bytes", &other)),
        }
    }
}

/// As many bytes as the type says: a hash, a key.
impl<const N: usize> FieldType for [u8; N] {
    type Kind = kind::Bytes;
    const ROUND_TRIPS: bool = true;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Bytes(self.into()))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        let bytes = Vec::from_value(value)?;
        let found = bytes.len();
        bytes.try_into().map_err(|_| ValueError::new(format!("expected {N} bytes, found {found}")))
    }
}
