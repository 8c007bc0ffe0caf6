//! Booleans, integers, bigints and decimals.

use rust_decimal::Decimal;

use super::canonical::too_many_digits;
use super::{FieldType, mismatch};
use crate::error::ValueError;
use crate::kind;
use crate::value::{MAX_WHOLE, Value};

impl FieldType for bool {
    type Kind = kind::Bool;
    const ROUND_TRIPS: bool = true;

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

macro_rules! whole_numbers {
    ($kind:ty: $($type:ty = $min:expr, $max:expr;)*) => {$(
        impl FieldType for $type {
            type Kind = $kind;
            const ROUND_TRIPS: bool = true;
            const RANGE: Option<(i128, i128)> = Some(($min, $max));

            fn into_value(self) -> Result<Value, ValueError> {
                i128::try_from(self).map_err(|_| too_many_digits(&self)).map(Value::Integer)
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
whole_numbers! { kind::Integer:
    i8 = i8::MIN as i128, i8::MAX as i128;
    i16 = i16::MIN as i128, i16::MAX as i128;
    i32 = i32::MIN as i128, i32::MAX as i128;
    i64 = i64::MIN as i128, i64::MAX as i128;
    u8 = 0, u8::MAX as i128;
    u16 = 0, u16::MAX as i128;
    u32 = 0, u32::MAX as i128;
}
whole_numbers! { kind::BigInt:
    u64 = 0, u64::MAX as i128;
    i128 = -MAX_WHOLE, MAX_WHOLE;
    u128 = 0, MAX_WHOLE;
}

impl FieldType for Decimal {
    type Kind = kind::Decimal;
    const ROUND_TRIPS: bool = true;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Decimal(self))
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
