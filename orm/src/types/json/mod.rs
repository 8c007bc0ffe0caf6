//! JSON documents: any serde type in [`Json`], or a bare [`serde_json::Value`].

mod number;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::number::document_number;
use super::{FieldType, finite};
use crate::error::ValueError;
use crate::kind;
use crate::value::Value;

/// A field of any serde type, stored as a document.
///
/// ```
/// use orm::Json;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Settings { theme: String }
///
/// let settings = Json(Settings { theme: "dark".into() });
/// assert_eq!(settings.theme, "dark");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> std::ops::Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> FieldType for Json<T> {
    type Kind = kind::Json;

    fn into_value(self) -> Result<Value, ValueError> {
        finite::check(&self.0)?;
        let document = serde_json::to_value(self.0)
            .map_err(|error| ValueError::new(format!("cannot be written as JSON: {error}")))?;
        Ok(Value::Json(document))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        serde_json::from_value(document(value)?)
            .map(Json)
            .map_err(|error| ValueError::new(format!("the stored document does not fit: {error}")))
    }
}

impl FieldType for serde_json::Value {
    type Kind = kind::Json;
    const ROUND_TRIPS: bool = true;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Json(self))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        document(value)
    }
}

fn document(value: Value) -> Result<serde_json::Value, ValueError> {
    Ok(match value {
        Value::Json(document) => document,
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Text(text) => text.into(),
        other => return Err(super::mismatch("a document", &other)),
    })
}

/// A document that is just `null` is stored as nothing, and nothing reads as `null`.
pub(super) fn canonical(mut document: serde_json::Value) -> Result<Value, ValueError> {
    canonical_numbers(&mut document)?;
    Ok(if document.is_null() { Value::Null } else { Value::Json(document) })
}

/// Brings the numbers in it into the one form that each has.
fn canonical_numbers(document: &mut serde_json::Value) -> Result<(), ValueError> {
    use serde_json::Value as Document;
    match document {
        Document::Number(number) => number::canonical(number),
        Document::Array(items) => items.iter_mut().try_for_each(canonical_numbers),
        Document::Object(entries) => entries.values_mut().try_for_each(canonical_numbers),
        _ => Ok(()),
    }
}
