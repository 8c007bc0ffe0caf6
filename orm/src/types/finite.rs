//! Finds floats that JSON cannot hold. `serde_json` writes NaN and infinities as `null`, which would lose them silently.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize, Serializer};

use crate::error::ValueError;

/// # Errors
/// When `value` holds a float that is not finite.
pub(super) fn check(value: &impl Serialize) -> Result<(), ValueError> {
    match value.serialize(Finite) {
        Err(NotFinite::Number(number)) => Err(ValueError::new(format!(
            "the number {number} in the document is not finite, and no document can hold it"
        ))),
        // Anything else that is wrong with it, the real serialisation reports.
        Ok(()) | Err(NotFinite::Other) => Ok(()),
    }
}

#[derive(Clone, Copy)]
struct Finite;

#[derive(Debug)]
enum NotFinite {
    Number(f64),
    Other,
}

impl Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not finite")
    }
}

impl std::error::Error for NotFinite {}

impl ser::Error for NotFinite {
    fn custom<T: Display>(_: T) -> Self {
        Self::Other
    }
}

type Checked = Result<(), NotFinite>;

macro_rules! nothing_to_check {
    ($($method:ident($type:ty)),*) => {$(
        fn $method(self, _: $type) -> Checked {
            Ok(())
        }
    )*};
}

impl Serializer for Finite {
    type Ok = ();
    type Error = NotFinite;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    nothing_to_check!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_i128(i128),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_u128(u128),
        serialize_char(char),
        serialize_str(&str),
        serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str)
    );

    fn serialize_f32(self, value: f32) -> Checked {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Checked {
        if value.is_finite() { Ok(()) } else { Err(NotFinite::Number(value)) }
    }

    fn serialize_none(self) -> Checked {
        Ok(())
    }

    fn serialize_unit(self) -> Checked {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Checked {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Checked {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Checked {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Checked {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }
}

macro_rules! compound {
    ($($trait:ident { $($method:ident($($name:ident: $type:ty)?)),+ })*) => {$(
        impl ser::$trait for Finite {
            type Ok = ();
            type Error = NotFinite;

            $(fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Checked {
                $(let _ = $name;)?
                value.serialize(*self)
            })+

            fn end(self) -> Checked {
                Ok(())
            }
        }
    )*};
}

compound! {
    SerializeSeq { serialize_element() }
    SerializeTuple { serialize_element() }
    SerializeTupleStruct { serialize_field() }
    SerializeTupleVariant { serialize_field() }
    SerializeMap { serialize_key(), serialize_value() }
    SerializeStruct { serialize_field(key: &'static str) }
    SerializeStructVariant { serialize_field(key: &'static str) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Where a null can be read, nobody would notice that the number is gone.
    #[test]
    fn a_number_that_is_none_is_found_wherever_it_is() {
        assert!(check(&(1, "a", Some(1.5), [0.0_f32], f64::MAX)).is_ok());
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(check(&number).is_err() && check(&(number as f32)).is_err());
            assert!(check(&Some(number)).is_err() && check(&[[1.0], [number]]).is_err());
            assert!(check(&BTreeMap::from([("a", (1, vec![number]))])).is_err());
            let error = check(&Ok::<_, ()>(number)).unwrap_err();
            assert!(error.to_string().contains(&number.to_string()), "{error}");
        }
    }
}
