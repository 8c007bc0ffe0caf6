//! Instants, stored as ISO 8601 with exactly three fraction digits and `Z`, so that text order is time order.

use std::fmt::Display;

use crate::error::ValueError;

/// Refuses years whose ISO 8601 text needs a sign: beyond them text order is no longer time order.
#[cfg_attr(not(any(feature = "chrono", feature = "jiff")), allow(dead_code, reason = "no datetime type is enabled"))]
fn check_year(year: i32, instant: &impl Display) -> Result<(), ValueError> {
    if (0..=9999).contains(&year) {
        return Ok(());
    }
    Err(ValueError::new(format!("the year of {instant} is not in 0..=9999, the years whose text sorts by time")))
}

#[cfg(feature = "chrono")]
mod chrono_utc {
    use std::time::SystemTime;

    use chrono::{DateTime, Datelike, SecondsFormat, Utc};

    use super::super::{FieldType, mismatch};
    use crate::error::ValueError;
    use crate::kind;
    use crate::value::Value;

    impl FieldType for DateTime<Utc> {
        type Kind = kind::DateTime;
        const ROUND_TRIPS: bool = true;

        fn into_value(self) -> Result<Value, ValueError> {
            super::check_year(self.year(), &self)?;
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

    #[diagnostic::do_not_recommend]
    impl crate::clock::Now for DateTime<Utc> {
        fn at(time: SystemTime) -> Result<Self, ValueError> {
            Ok(time.into())
        }
    }
}

#[cfg(feature = "jiff")]
mod jiff_timestamp {
    use std::time::SystemTime;

    use jiff::Timestamp;
    use jiff::tz::Offset;

    use super::super::{FieldType, mismatch};
    use crate::error::ValueError;
    use crate::kind;
    use crate::value::Value;

    /// jiff ends on 9999-12-30 at 22:00 UTC: the last 26 hours that other types can store are errors to it.
    impl FieldType for Timestamp {
        type Kind = kind::DateTime;
        const ROUND_TRIPS: bool = true;

        fn into_value(self) -> Result<Value, ValueError> {
            super::check_year(Offset::UTC.to_datetime(self).year().into(), &self)?;
            Ok(Value::Text(format!("{self:.3}")))
        }

        fn from_value(value: Value) -> Result<Self, ValueError> {
            match &value {
                Value::Text(text) => text.parse().map_err(|_| mismatch("an ISO 8601 datetime", &value)),
                other => Err(mismatch("a datetime", other)),
            }
        }
    }

    #[diagnostic::do_not_recommend]
    impl crate::clock::Now for Timestamp {
        fn at(time: SystemTime) -> Result<Self, ValueError> {
            Self::try_from(time).map_err(|error| ValueError::new(error.to_string()))
        }
    }
}

#[cfg(test)]
#[cfg(any(feature = "chrono", feature = "jiff"))]
mod tests {
    use super::super::FieldType;
    use crate::value::Value;

    /// Instants in nanoseconds since 1970 and what is stored of them.
    const STORED: [(i128, &str); 8] = [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_767_323_045_006_000_000, "2026-01-02T03:04:05.006Z"),
        (1_767_323_045_006_999_999, "2026-01-02T03:04:05.006Z"),
        (1_774_915_200_000_000_000, "2026-03-31T00:00:00.000Z"),
        (1_582_934_399_999_000_000, "2020-02-28T23:59:59.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-1_000_001, "1969-12-31T23:59:59.998Z"),
        (-62_167_219_200_000_000_000, "0000-01-01T00:00:00.000Z"),
    ];

    /// The same for each type, which is made from and turned into nanoseconds.
    fn check<T: FieldType>(from: impl Fn(i128) -> T, to: impl Fn(&T) -> i128) {
        for (nanoseconds, text) in STORED {
            let stored = Value::Text(text.to_owned());
            assert_eq!(from(nanoseconds).into_value().as_ref(), Ok(&stored));
            let read = T::from_value(stored.clone()).unwrap();
            assert_eq!(to(&read), nanoseconds.div_euclid(1_000_000) * 1_000_000, "{text}");
            assert_eq!(read.into_value(), Ok(stored));
        }
        let offset = T::from_value(Value::Text("2026-01-02T05:04:05.006+02:00".into())).unwrap();
        assert_eq!(to(&offset), 1_767_323_045_006_000_000);
        let before = from(-62_167_219_200_000_000_001).into_value().map_err(|error| error.to_string());
        assert!(before.is_err_and(|error| error.contains("0..=9999")));
        for text in ["", "2026-01-02", "2026-13-02T00:00:00.000Z", "yesterday"] {
            let error = T::from_value(Value::Text(text.into())).map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(error, Err(format!("expected an ISO 8601 datetime, found a text of {} bytes", text.len())));
        }
        let error = T::from_value(Value::Integer(5)).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(error, Err("expected a datetime, found the number 5".into()));
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn chrono_is_stored_to_the_millisecond() {
        use chrono::{DateTime, Utc};

        let from = |nanoseconds: i128| {
            let (seconds, rest) = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
            DateTime::<Utc>::from_timestamp(seconds.try_into().unwrap(), rest.try_into().unwrap()).unwrap()
        };
        check(from, |instant| {
            i128::from(instant.timestamp()) * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos())
        });
        assert!(DateTime::<Utc>::MAX_UTC.into_value().is_err());
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn jiff_is_stored_to_the_millisecond() {
        use jiff::Timestamp;

        check(|nanoseconds| Timestamp::from_nanosecond(nanoseconds).unwrap(), |instant| instant.as_nanosecond());
        assert_eq!(Timestamp::MAX.into_value(), Ok(Value::Text("9999-12-30T22:00:00.999Z".into())));
        assert!(Timestamp::MIN.into_value().is_err());
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn a_model_can_have_jiff_fields() {
        use crate::prelude::*;

        #[derive(Model, Clone, Debug, PartialEq)]
        #[orm(table = "visits")]
        #[orm(index(place, at))]
        struct Visit {
            #[orm(id)]
            id: String,
            place: String,
            #[orm(default_now)]
            at: jiff::Timestamp,
            #[orm(unique)]
            left: Option<jiff::Timestamp>,
        }

        futures_util::FutureExt::now_or_never(async {
            let orm = Orm::bootstrap(schema![Visit], crate::MemoryDriver::new()).await.unwrap();
            let at: jiff::Timestamp = "2026-01-02T03:04:05.0069Z".parse().unwrap();
            let visit = Visit::create().place("here").left(at).exec(&orm).await.unwrap();
            assert_eq!(visit.left.map(|left| left.to_string()).as_deref(), Some("2026-01-02T03:04:05.006Z"));
            assert_eq!(Visit::find_unique(Visit::LEFT.eq(at)).exec(&orm).await.unwrap(), Some(visit.clone()));
            let since = Visit::find_many().filter(Visit::AT.gt(at)).order_by(Visit::AT.desc());
            assert_eq!(since.exec(&orm).await.unwrap(), [visit]);
        })
        .unwrap();
    }
}
