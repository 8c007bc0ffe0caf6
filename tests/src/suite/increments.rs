//! Increments and decrements.

use std::time::Duration;

use orm::prelude::*;
use orm::{ErrorCode, FieldType, Value, ValueError, kind};
use rust_decimal::Decimal;

use super::{Outcome, assert_refused};
use crate::engine::Engine;
use crate::kinds::{self, Maybe, Stock};
use crate::models::{Account, User, schema};
use crate::seed::seed;

pub async fn add_up(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let ada = || User::update(User::EMAIL.eq("ada@farminglabs.dev")).select((User::LOGIN_COUNT, User::QUOTA));
    assert_eq!(ada().increment(User::LOGIN_COUNT, 1).exec(&orm).await?, Some((1, 0)));
    assert_eq!(ada().increment(User::LOGIN_COUNT, 41).increment(User::QUOTA, -5).exec(&orm).await?, Some((42, -5)));
    assert_eq!(ada().increment(User::LOGIN_COUNT, -43).exec(&orm).await?, Some((-1, -5)));
    assert_eq!(ada().increment(User::QUOTA, 0).set(User::NAME, "A").exec(&orm).await?, Some((-1, -5)));
    let stored = User::find_unique(User::ID.eq(&seed.ada.id)).exec(&orm).await?;
    assert_eq!(stored, Some(User { login_count: -1, quota: -5, name: "A".into(), ..seed.ada }));
    let balance = Account::update(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada")).select(Account::BALANCE);
    assert_eq!(
        balance.clone().increment(Account::BALANCE, Decimal::new(1050, 2)).exec(&orm).await?,
        Some(Decimal::new(105, 1))
    );
    let less = balance.increment(Account::BALANCE, Decimal::new(-1051, 2)).exec(&orm).await?;
    assert_eq!(less.map(|less| less.to_string()).as_deref(), Some("-0.01"));
    Ok(())
}

pub async fn of_null_start_at_zero(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    Maybe::insert(Maybe::empty("m")).exec(&orm).await?;
    let changed = Maybe::update(Maybe::ID.eq("m"))
        .increment(Maybe::I8, -128)
        .increment(Maybe::U32, 7)
        .increment(Maybe::I128, 10_i128.pow(37))
        .increment(Maybe::DECIMAL, Decimal::new(5, 1))
        .exec(&orm)
        .await?;
    let expected = Maybe {
        i8: Some(-128),
        u32: Some(7),
        i128: Some(10_i128.pow(37)),
        decimal: Some(Decimal::new(5, 1)),
        ..Maybe::empty("m")
    };
    assert_eq!(changed.as_ref(), Some(&expected));
    // Nothing to add: nothing changes.
    let same = Maybe::update(Maybe::ID.eq("m")).increment(Maybe::I8, None).exec(&orm).await?;
    assert_eq!(same, Some(expected));
    Ok(())
}

pub async fn stay_in_the_range_of_their_type(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let full = Maybe {
        i8: Some(i8::MAX),
        i32: Some(i32::MIN),
        i64: Some(i64::MAX),
        u8: Some(u8::MAX),
        u64: Some(u64::MAX),
        i128: Some(10_i128.pow(38) - 1),
        u128: Some(10_u128.pow(38) - 1),
        ..Maybe::empty("m")
    };
    Maybe::insert(full.clone()).exec(&orm).await?;
    let update = || Maybe::update(Maybe::ID.eq("m"));
    for (query, field) in [
        (update().increment(Maybe::I8, 1), "i8"),
        (update().increment(Maybe::I32, -1), "i32"),
        (update().increment(Maybe::I64, i64::MAX), "i64"),
        (update().increment(Maybe::U8, 1), "u8"),
        (update().increment(Maybe::U64, 1), "u64"),
        (update().increment(Maybe::I128, 1), "i128"),
        (update().increment(Maybe::U128, 1), "u128"),
        // What else is in the same update does not happen either.
        (update().set(Maybe::TEXT, "changed").increment(Maybe::I32, 5).increment(Maybe::I8, 127), "i8"),
    ] {
        assert_refused(query.exec(&orm).await, ErrorCode::InvalidValue, "maybe", &[field]);
    }
    assert_eq!(Maybe::find_unique(Maybe::ID.eq("m")).exec(&orm).await?.as_ref(), Some(&full));
    // Up to the edges it goes.
    let edges = update().increment(Maybe::I8, -1).increment(Maybe::I32, i32::MAX).increment(Maybe::I64, -1);
    let expected = Maybe { i8: Some(126), i32: Some(-1), i64: Some(i64::MAX - 1), ..full };
    assert_eq!(edges.exec(&orm).await?, Some(expected));
    Ok(())
}

pub async fn of_decimals_are_exact_or_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for (id, value, by) in [
        ("large", Decimal::MAX, Decimal::ONE),
        ("digits", Decimal::MAX, Decimal::new(1, 1)),
        ("tiny", Decimal::from(1_000_000_000_000_i64), Decimal::new(1, 28)),
    ] {
        let before = Maybe { decimal: Some(value), ..Maybe::empty(id) };
        Maybe::insert(before.clone()).exec(&orm).await?;
        let result = Maybe::update(Maybe::ID.eq(id)).increment(Maybe::DECIMAL, by).exec(&orm).await;
        assert_refused(result, ErrorCode::InvalidValue, "maybe", &["decimal"]);
        assert_eq!(Maybe::find_unique(Maybe::ID.eq(id)).exec(&orm).await?, Some(before), "{id}");
    }
    Ok(())
}

/// Types of their own, whose values are not all whole numbers.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "shelves")]
struct Shelf {
    #[orm(id)]
    id: String,
    stock: Stock,
    spare: Option<Stock>,
    ranged: Stock<true>,
    weight: Weight,
    #[orm(with = seconds)]
    kept: Duration,
    #[orm(with = optional_seconds)]
    lent: Option<Duration>,
    /// Only so many are numbered.
    #[orm(unique)]
    place: Stock,
    crates: Crates,
}

/// Not more than a hundred.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Crates(i64);

impl FieldType for Crates {
    type Kind = kind::Integer;
    const RANGE: Option<(i128, i128)> = Some((0, 100));

    fn into_value(self) -> Result<Value, ValueError> {
        self.0.into_value()
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        i64::from_value(value).map(Self)
    }
}

/// Not more than ten.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Weight(Decimal);

impl FieldType for Weight {
    type Kind = kind::Decimal;

    fn into_value(self) -> Result<Value, ValueError> {
        self.0.into_value()
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match Decimal::from_value(value)? {
            weight if weight > Decimal::TEN => Err(ValueError::new("it is too heavy")),
            weight => Ok(Self(weight)),
        }
    }
}

mod seconds {
    use std::num::TryFromIntError;
    use std::time::Duration;

    pub fn encode(duration: &Duration) -> i64 {
        duration.as_secs().try_into().unwrap_or(i64::MAX)
    }

    pub fn decode(seconds: i64) -> Result<Duration, TryFromIntError> {
        seconds.try_into().map(Duration::from_secs)
    }
}

mod optional_seconds {
    use std::num::TryFromIntError;
    use std::time::Duration;

    pub fn encode(duration: &Option<Duration>) -> Option<i64> {
        duration.as_ref().map(super::seconds::encode)
    }

    pub fn decode(seconds: Option<i64>) -> Result<Option<Duration>, TryFromIntError> {
        seconds.map(super::seconds::decode).transpose()
    }
}

/// What could not be read again is not stored: also where only the type itself can tell.
pub async fn of_types_of_their_own_stay_within_them(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Shelf]).await?;
    let shelf = Shelf {
        id: "s".to_owned(),
        stock: Stock(1),
        spare: None,
        ranged: Stock(1),
        weight: Weight(Decimal::from(9)),
        kept: Duration::from_secs(60),
        lent: None,
        place: Stock(0),
        crates: Crates(0),
    };
    Shelf::insert(shelf.clone()).exec(&orm).await?;
    let two = Duration::from_secs(120);
    let update = || Shelf::update(Shelf::ID.eq("s"));
    for (query, field) in [
        (update().decrement(Shelf::STOCK, Stock(2)), "stock"),
        (update().increment(Shelf::STOCK, Stock(u32::MAX)), "stock"),
        (update().decrement(Shelf::SPARE, Stock(1)), "spare"),
        (update().decrement(Shelf::RANGED, Stock(2)), "ranged"),
        (update().increment(Shelf::WEIGHT, Weight(Decimal::TWO)), "weight"),
        (update().decrement(Shelf::KEPT, two), "kept"),
        (update().decrement(Shelf::LENT, Some(two)), "lent"),
        (update().decrement(Shelf::PLACE, Stock(1)), "place"),
        (update().increment(Shelf::CRATES, Crates(101)), "crates"),
        (update().increment(Shelf::CRATES, Crates(250)), "crates"),
        // What else is in the same update does not happen either.
        (update().increment(Shelf::STOCK, Stock(1)).decrement(Shelf::KEPT, two), "kept"),
    ] {
        let error = assert_refused(query.exec(&orm).await, ErrorCode::InvalidValue, "shelf", &[field]);
        assert_eq!(error.written(), None, "{error}");
    }
    // Where there is nothing to change, nothing can leave its range.
    let too_many = || Shelf::update(Shelf::ID.eq("none")).increment(Shelf::CRATES, Crates(250));
    assert_eq!(too_many().exec(&orm).await?, None);
    let filtered = update().filter(Shelf::STOCK.eq(Stock(9))).increment(Shelf::CRATES, Crates(250));
    assert_eq!(filtered.exec(&orm).await?, None);
    let many = Shelf::update_many().filter(Shelf::ID.starts_with("s")).decrement(Shelf::STOCK, Stock(2));
    assert_refused(many.exec(&orm).await, ErrorCode::InvalidValue, "shelf", &["stock"]);
    let upsert = Shelf::upsert(Shelf::PLACE.eq(Stock(0))).create(Shelf::insert(shelf.clone()));
    let upsert = upsert.update(|shelf| shelf.decrement(Shelf::KEPT, two));
    assert_refused(upsert.exec(&orm).await, ErrorCode::InvalidValue, "shelf", &["kept"]);
    assert_eq!(Shelf::find_many().exec(&orm).await?.as_slice(), [shelf]);
    let changed = update()
        .decrement(Shelf::STOCK, Stock(1))
        .increment(Shelf::SPARE, Stock(3))
        .increment(Shelf::RANGED, Stock(3))
        .increment(Shelf::WEIGHT, Weight(Decimal::ONE))
        .decrement(Shelf::KEPT, Duration::from_secs(60))
        .increment(Shelf::LENT, Some(two))
        .increment(Shelf::PLACE, Stock(7))
        .exec(&orm)
        .await?;
    let expected = Shelf {
        id: "s".to_owned(),
        stock: Stock(0),
        spare: Some(Stock(3)),
        ranged: Stock(4),
        weight: Weight(Decimal::TEN),
        kept: Duration::ZERO,
        lent: Some(two),
        place: Stock(7),
        crates: Crates(0),
    };
    assert_eq!(changed.as_ref(), Some(&expected));
    assert_eq!(Shelf::find_unique(Shelf::PLACE.eq(Stock(7))).exec(&orm).await?, Some(expected));
    // Also where the filter is about what is added to.
    let less = |least: u32| {
        let spare =
            Shelf::update_many().filter(Shelf::SPARE.gte(Stock(least)).and(Shelf::WEIGHT.gt(Weight(Decimal::TWO))));
        spare.decrement(Shelf::SPARE, Stock(2)).decrement(Shelf::WEIGHT, Weight(Decimal::TWO)).exec(&orm)
    };
    assert_eq!((less(2).await?, less(2).await?), (1, 0));
    let left = Shelf::find_many().select((Shelf::SPARE, Shelf::WEIGHT)).exec(&orm).await?;
    assert_eq!(left, [(Some(Stock(1)), Weight(Decimal::from(8)))]);
    Ok(())
}
