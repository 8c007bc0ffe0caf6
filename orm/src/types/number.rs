//! Booleans, integers, bigints and decimals.

use rust_decimal::Decimal;

use super::{FieldType, mismatch};
use crate::error::ValueError;
use crate::kind;
use crate::value::{MAX_DIGITS, Value};

impl FieldType for bool {
    type Kind = kind::Bool;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Bool(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Bool(value) => Ok(value),
            other => Err(mismatch("a boolean", &other)),
        }
    }
}

/// The first number with one digit too many.
const TOO_LARGE: u128 = 10_u128.pow(MAX_DIGITS);

fn whole(value: i128) -> Result<Value, ValueError> {
    if value.unsigned_abs() >= TOO_LARGE {
        return Err(too_many_digits(&value));
    }
    Ok(Value::Integer(value))
}

fn too_many_digits(value: &dyn std::fmt::Display) -> ValueError {
    ValueError::new(format!(
        "{value} has more than {MAX_DIGITS} digits, the precision of a DynamoDB number; store it as a String"
    ))
}

macro_rules! whole_numbers {
    ($kind:ty: $($type:ty),*) => {$(
        impl FieldType for $type {
            type Kind = $kind;

            fn into_value(self) -> Result<Value, ValueError> {
                i128::try_from(self).map_err(|_| too_many_digits(&self)).and_then(whole)
            }

            fn from_value(value: Value) -> Result<Self, ValueError> {
                match value {
                    Value::Integer(number) => <$type>::try_from(number).map_err(|_| {
                        ValueError::new(format!(
                            "the number {number} is out of range for {}", stringify!($type)
                        ))
                    }),
                    other => Err(mismatch("a whole number", &other)),
                }
            }
        }
    )*};
}

// An i64 cannot fail to become an i128; the one path for all widths is worth the check.
whole_numbers!(kind::Integer: i8, i16, i32, i64, u8, u16, u32);
whole_numbers!(kind::BigInt: u64, i128, u128);

impl FieldType for Decimal {
    type Kind = kind::Decimal;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Decimal(self.normalize()))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Decimal(value) => Ok(value.normalize()),
            Value::Integer(value) => Decimal::try_from_i128_with_scale(value, 0)
                .map_err(|_| mismatch("a decimal of at most 28 digits", &Value::Integer(value))),
            other => Err(mismatch("a decimal", &other)),
        }
    }
}
