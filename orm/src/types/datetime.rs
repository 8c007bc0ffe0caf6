//! Instants, stored as ISO 8601 with exactly three fraction digits and `Z`, so that text order is time order.

#[cfg(feature = "chrono")]
mod chrono_utc {
    use chrono::{DateTime, Datelike, SecondsFormat, Utc};

    use super::super::{FieldType, mismatch};
    use crate::error::ValueError;
    use crate::kind;
    use crate::value::Value;

    impl FieldType for DateTime<Utc> {
        type Kind = kind::DateTime;

        fn into_value(self) -> Result<Value, ValueError> {
            // Beyond these years ISO 8601 needs a sign, and text order is no longer time order.
            if !(0..=9999).contains(&self.year()) {
                return Err(ValueError::new(format!(
                    "the year of {self} is not in 0..=9999, the years whose text sorts by time"
                )));
            }
            Ok(Value::Text(self.to_rfc3339_opts(SecondsFormat::Millis, true)))
        }

        fn from_value(value: Value) -> Result<Self, ValueError> {
            match &value {
                Value::Text(text) => DateTime::parse_from_rfc3339(text)
                    .map(|instant| instant.with_timezone(&Utc))
                    .map_err(|_| mismatch("an ISO 8601 datetime", &value)),
                other => Err(mismatch("a datetime", other)),
            }
        }
    }

    impl crate::clock::Now for DateTime<Utc> {
        fn now() -> Self {
            Utc::now()
        }
    }
}
