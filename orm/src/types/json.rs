//! JSON documents: any serde type in [`Json`], or a bare [`serde_json::Value`].

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Number;

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
        document.into_value()
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        serde_json::from_value(document(value)?)
            .map(Json)
            .map_err(|error| ValueError::new(format!("the stored document does not fit: {error}")))
    }
}

impl FieldType for serde_json::Value {
    type Kind = kind::Json;

    fn into_value(mut self) -> Result<Value, ValueError> {
        canonical(&mut self)?;
        // A document that is just `null` is stored as nothing, and nothing reads as `null`.
        Ok(if self.is_null() { Value::Null } else { Value::Json(self) })
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

/// Brings numbers into the one form that a store of decimal numbers gives back: `1.0` and `1` are the same number there.
fn canonical(document: &mut serde_json::Value) -> Result<(), ValueError> {
    use serde_json::Value as Document;
    match document {
        Document::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64()) {
                // DynamoDB's range of magnitudes is 1E-130 to 9.99E+125.
                if float != 0.0 && !(1e-130..1e126).contains(&float.abs()) {
                    return Err(ValueError::new(format!(
                        "the number {float:e} in the document is outside 1E-130..1E+126, the range of a DynamoDB number"
                    )));
                }
                // The conversions are exact: the float is whole, and 2^64 and -2^63 bound the two types.
                if float.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&float) {
                    *number = Number::from(float as u64);
                } else if float.fract() == 0.0 && (-9_223_372_036_854_775_808.0..0.0).contains(&float) {
                    *number = Number::from(float as i64);
                }
            }
        }
        Document::Array(items) => items.iter_mut().try_for_each(canonical)?,
        Document::Object(entries) => entries.values_mut().try_for_each(canonical)?,
        _ => {}
    }
    Ok(())
}
