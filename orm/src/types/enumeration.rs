//! Enumerations: stored, filtered and locked by name.

use super::{FieldType, mismatch};
use crate::error::ValueError;
use crate::kind;
use crate::value::Value;

/// A longer text in place of a name is not shown in a message.
const LONGEST_NAME: usize = 40;

/// A fieldless enum whose variants are stored by name; implemented by `#[derive(Enumeration)]`.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Enumeration, Clone, Copy, Debug, PartialEq)]
/// #[orm(rename_all = "lowercase")]
/// enum Tier { Free, Pro }
///
/// assert_eq!(Tier::NAMES, ["free", "pro"]);
/// assert_eq!(Tier::Pro.name(), "pro");
/// assert_eq!(Tier::from_name("free"), Some(Tier::Free));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enumeration",
    note = "add `#[derive(Enumeration)]` to the enum"
)]
pub trait Enumeration: Sized + Send + Sync + 'static {
    /// The stored names, in the order of the variants.
    const NAMES: &'static [&'static str];

    /// The stored name of this variant.
    fn name(&self) -> &'static str;

    /// The variant with this stored name.
    fn from_name(name: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Enumeration> FieldType for T {
    type Kind = kind::Enum;
    const VARIANTS: &'static [&'static str] = T::NAMES;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Text(self.name().to_owned()))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        let Value::Text(text) = &value else {
            return Err(mismatch("an enumeration's name", &value));
        };
        T::from_name(text).ok_or_else(|| {
            // Mostly a variant of a newer version.
            let found = if text.len() <= LONGEST_NAME { format!("{text:?}") } else { value.describe() };
            ValueError::new(format!("unknown name {found}, expected one of {}", T::NAMES.join(", ")))
        })
    }
}
