//! Updates of one record.

use orm::prelude::*;
use orm::{ErrorCode, FieldType, Value, ValueError, kind};
use rust_decimal::Decimal;

use super::{Outcome, assert_refused};
use crate::engine::Engine;
use crate::kinds::{self, Registered};
use crate::models::{Account, Plan, Profile, Session, Tier, User, schema};
use crate::seed::{day, seed};

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "parcels")]
struct Parcel {
    #[orm(id)]
    id: Code,
    #[orm(unique)]
    label: String,
    #[orm(index)]
    place: String,
}

/// A text of one letter, which no made-up id is.
#[derive(Clone, Debug, PartialEq)]
struct Code(String);

impl FieldType for Code {
    type Kind = kind::String;

    fn into_value(self) -> Result<Value, ValueError> {
        self.0.into_value()
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        let text = String::from_value(value)?;
        if text.len() == 1 { Ok(Self(text)) } else { Err(ValueError::new("it has no one letter")) }
    }
}

/// No index holds the empty text, whether there is a record to change or not.
pub async fn what_cannot_be_stored_is_refused_though_nothing_is_found(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Parcel]).await?;
    let code = |id: &str| Code(id.to_owned());
    let parcel = |place: &str| Parcel::create().id(code("a")).label("l").place(place);
    let refused = |result: Result<(), Error>| {
        assert_refused(result, ErrorCode::InvalidValue, "parcel", &["place"]);
    };
    refused(Parcel::update(Parcel::ID.eq(code("a"))).set(Parcel::PLACE, "").exec(&orm).await.map(drop));
    let many = Parcel::update_many().filter(Parcel::PLACE.eq("p")).set(Parcel::PLACE, "");
    refused(many.exec(&orm).await.map(drop));
    let upsert = |place, to| {
        Parcel::upsert(Parcel::LABEL.eq("l")).create(parcel(place)).update(move |p| p.set(Parcel::PLACE, to)).exec(&orm)
    };
    refused(upsert("p", "").await.map(drop));
    refused(upsert("", "p").await.map(drop));
    assert_eq!(Parcel::count().exec(&orm).await?, 0);
    upsert("p", "q").await?;
    refused(upsert("", "q").await.map(drop));
    assert_eq!(Parcel::find_many().select(Parcel::PLACE).exec(&orm).await?, ["p"]);
    Ok(())
}

/// Nothing is stored that could not be read again.
pub async fn an_id_is_generated_only_where_its_type_has_it(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Parcel]).await?;
    let without = Parcel::create().label("l").place("p").exec(&orm).await;
    let error = assert_refused(without, ErrorCode::InvalidValue, "parcel", &["id"]);
    assert!(error.to_string().contains("give the create an id"), "{error}");
    assert_eq!(Parcel::count().exec(&orm).await?, 0);
    Ok(())
}

pub async fn by_each_kind_of_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let by_id = User::update(User::ID.eq(&seed.ada.id)).set(User::NAME, "Ada L.").exec(&orm).await?;
    assert_eq!(by_id, Some(User { name: "Ada L.".into(), ..seed.ada.clone() }));
    let by_email =
        User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::EMAIL_VERIFIED, true).exec(&orm).await?;
    let expected = User { name: "Ada L.".into(), email_verified: true, ..seed.ada.clone() };
    assert_eq!(by_email.as_ref(), Some(&expected));
    assert_eq!(User::find_unique(User::ID.eq(&seed.ada.id)).exec(&orm).await?, Some(expected));
    let by_compound = Account::update(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada"))
        .set(Account::PLAN, Plan::Cloud)
        .set(Account::BALANCE, Decimal::new(995, 1))
        .exec(&orm)
        .await?;
    assert_eq!(
        by_compound.map(|account| (account.plan, account.balance.to_string())),
        Some((Plan::Cloud, "99.5".into()))
    );
    // Nobody else was touched.
    assert_eq!(User::find_unique(User::ID.eq(&seed.grace.id)).exec(&orm).await?, Some(seed.grace));
    Ok(())
}

pub async fn of_a_missing_record_is_none(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    assert_eq!(User::update(User::ID.eq("nobody")).set(User::NAME, "N").exec(&orm).await?, None);
    assert_eq!(User::update(User::EMAIL.eq("nobody")).increment(User::LOGIN_COUNT, 1).exec(&orm).await?, None);
    assert_eq!(User::update(User::ID.eq("nobody")).set(User::EMAIL, "new@x.dev").exec(&orm).await?, None);
    let compound = Account::update(Account::PROVIDER_ACCOUNT_ID.eq("a", "b")).set(Account::PLAN, Plan::Cloud);
    assert_eq!(compound.exec(&orm).await?, None);
    assert_eq!(User::count().exec(&orm).await?, 0, "an update never creates a record");
    User::create().email("new@x.dev").name("New").exec(&orm).await?;
    Ok(())
}

pub async fn to_null_and_back(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let profile = || Profile::update(Profile::USER_ID.eq(&seed.ada.id)).select(Profile::BIO);
    assert_eq!(profile().set(Profile::BIO, None).exec(&orm).await?, Some(None));
    assert_eq!(seed.ada.profile().select(Profile::BIO).exec(&orm).await?, Some(None));
    assert_eq!(Profile::count().filter(Profile::BIO.is_null()).exec(&orm).await?, 1);
    assert_eq!(profile().set(Profile::BIO, "Back").exec(&orm).await?, Some(Some("Back".into())));
    assert_eq!(profile().set(Profile::BIO, "").exec(&orm).await?, Some(Some(String::new())));
    assert_eq!(Profile::count().filter(Profile::BIO.is_null()).exec(&orm).await?, 0);
    Ok(())
}

pub async fn the_last_of_several_sets_counts(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let name = User::update(User::ID.eq(&seed.ada.id))
        .set(User::NAME, "First")
        .set(User::TIER, Tier::Enterprise)
        .set(User::NAME, "Last")
        .select((User::NAME, User::TIER))
        .exec(&orm)
        .await?;
    assert_eq!(name, Some(("Last".into(), Tier::Enterprise)));
    Ok(())
}

pub async fn without_changes_is_a_read(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    assert_eq!(User::update(User::ID.eq(&seed.ada.id)).exec(&orm).await?.as_ref(), Some(&seed.ada));
    let by_email = User::update(User::EMAIL.eq("ada@farminglabs.dev")).select((User::NAME, User::SESSIONS));
    assert_eq!(by_email.exec(&orm).await?.map(|(name, sessions)| (name, sessions.len())), Some(("Ada".into(), 2)));
    assert_eq!(User::update(User::EMAIL.eq("nobody")).exec(&orm).await?, None);
    Ok(())
}

pub async fn answers_a_selection_with_relations(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let moved = Session::update(Session::TOKEN.eq("session-3"))
        .set(Session::USER_ID, &seed.ada.id)
        .select((Session::USER.select(User::NAME), Session::EXPIRES_AT))
        .exec(&orm)
        .await?;
    assert_eq!(moved, Some((Some("Ada".into()), day(15))));
    assert_eq!(seed.grace.sessions().exec(&orm).await?, []);
    assert_eq!(seed.ada.sessions().exec(&orm).await?.len(), 3);
    Ok(())
}

pub async fn one_field_is_changed_in_one_way(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let update = || User::update(User::ID.eq(&seed.ada.id));
    for query in [
        update().set(User::LOGIN_COUNT, 5).increment(User::LOGIN_COUNT, 1),
        update().increment(User::LOGIN_COUNT, 1).set(User::LOGIN_COUNT, 5),
        update().increment(User::LOGIN_COUNT, 1).increment(User::LOGIN_COUNT, 1),
    ] {
        assert_refused(query.exec(&orm).await, ErrorCode::InvalidQuery, "user", &["login_count"]);
    }
    assert_eq!(User::find_unique(User::ID.eq(&seed.ada.id)).exec(&orm).await?, Some(seed.ada));
    Ok(())
}

pub async fn a_key_that_is_null_is_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let code = ErrorCode::InvalidQuery;
    let found = Registered::find_unique(Registered::LABEL.eq(None)).exec(&orm).await;
    assert_refused(found, code, "registered", &["label"]);
    let changed = Registered::update(Registered::SERIAL.eq(None)).set(Registered::CODE, "c").exec(&orm).await;
    assert_refused(changed, code, "registered", &["serial"]);
    let gone = Registered::delete(Registered::REGION_CODE.eq("eu", None)).exec(&orm).await;
    assert_refused(gone, code, "registered", &["code"]);
    Ok(())
}
