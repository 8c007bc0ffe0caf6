//! JSON documents.

use orm::ErrorCode;
use orm::prelude::*;
use serde_json::{Number, Value, json};

use super::{Outcome, assert_refused};
use crate::engine::Engine;
use crate::kinds::{Kinds, Maybe, Settings, schema};
use crate::models::{self, Account, AccountMetadata};

/// Whether numbers are kept as text with all their digits, and not as floats. Any crate of a program can turn that on for all:
/// here `--features serde_json/arbitrary_precision` does.
fn numbers_are_texts() -> bool {
    "1.00".parse::<Number>().is_ok_and(|number| number.to_string() == "1.00")
}

pub async fn come_back_as_they_went(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let mut documents = vec![
        json!({}),
        json!([]),
        json!("text"),
        json!(""),
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(-0.001),
        json!(1e100),
        json!(1e-100),
        json!(0.1 + 0.2),
        json!([null, [null], { "null": null }]),
        json!({ "a": { "b": { "c": [1, "2", 3.5, false, null, { "d": [] }] } } }),
        json!({ "with.dot": 1, "with space": 2, "#hash": 3, ":colon": 4, "quote\"": 5, "日本": "語", "N": "5", "S": { "S": "x" } }),
        json!([[[[[[[[[["deep"]]]]]]]]]]),
    ];
    if !numbers_are_texts() {
        documents.extend([json!(1e20), json!(-1e20)]);
    }
    for (n, document) in documents.into_iter().enumerate() {
        let created =
            Kinds::insert(Kinds { document: document.clone(), ..Kinds::one(&n.to_string()) }).exec(&orm).await?;
        assert_eq!(created.document, document);
        let found = Kinds::find_unique(Kinds::ID.eq(n.to_string())).select(Kinds::DOCUMENT).exec(&orm).await?;
        assert_eq!(found.as_ref(), Some(&document));
        let changed = Kinds::update(Kinds::ID.eq("0")).set(Kinds::DOCUMENT, document.clone()).select(Kinds::DOCUMENT);
        assert_eq!(changed.exec(&orm).await?, Some(document));
    }
    Ok(())
}

pub async fn numbers_without_a_fraction_are_whole(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let document = json!([1.0, -0.0, -3.0, 1e3, 18_446_744_073_709_550_000.0]);
    let created = Kinds::insert(Kinds { document, ..Kinds::one("a") }).select(Kinds::DOCUMENT).exec(&orm).await?;
    // A float is what it is exactly, and a text what it says.
    let large = if numbers_are_texts() { 18_446_744_073_709_550_000_u64 } else { 18_446_744_073_709_549_568 };
    assert_eq!(created, json!([1, 0, -3, 1000, large]));
    assert_eq!(Kinds::find_first().select(Kinds::DOCUMENT).exec(&orm).await?, Some(created));
    // A float field of a serde type reads them all the same.
    let settings = Settings { theme: "t".into(), zoom: 2.0 };
    let updated = Kinds::update(Kinds::ID.eq("a")).set(Kinds::SETTINGS, settings.clone()).select(Kinds::SETTINGS);
    assert_eq!(updated.exec(&orm).await?, Some(Json(settings)));
    Ok(())
}

/// Of any notation, and where they are texts with more digits than a float has.
pub async fn numbers_keep_their_digits(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for (n, (written, exact)) in [
        ("9007199254740993.00", "9007199254740993"),
        ("12345678901234567.89", "12345678901234567.89"),
        ("-0.10", "-0.1"),
        ("1E5", "100000"),
        ("18446744073709551616", "18446744073709551616"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("1.2345678901234567890123456789e-100", "1.2345678901234567890123456789e-100"),
        ("-1.5E100", "-1.5e+100"),
    ]
    .into_iter()
    .enumerate()
    {
        let document: Value = serde_json::from_str(written)?;
        let insert = Kinds::insert(Kinds { document: document.clone(), ..Kinds::one(&n.to_string()) });
        let stored = insert.select(Kinds::DOCUMENT).exec(&orm).await?;
        if numbers_are_texts() {
            assert_eq!(stored.to_string(), exact);
        } else {
            assert_eq!(stored.as_f64(), document.as_f64());
        }
        let found = Kinds::find_unique(Kinds::ID.eq(n.to_string())).select(Kinds::DOCUMENT).exec(&orm).await?;
        assert_eq!(found, Some(stored), "{written}");
        let same = Kinds::find_many().filter(Kinds::DOCUMENT.eq(document)).select(Kinds::ID);
        assert_eq!(same.exec(&orm).await?, [n.to_string()], "{written}");
    }
    if numbers_are_texts() {
        let document: Value = serde_json::from_str(&format!("[0.{}]", "1".repeat(39)))?;
        let result = Kinds::insert(Kinds { document, ..Kinds::one("many") }).exec(&orm).await;
        assert_refused(result, ErrorCode::InvalidValue, "kinds", &["document"]);
    }
    Ok(())
}

pub async fn null_is_the_absence_of_a_document(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let null = Kinds { document: Value::Null, ..Kinds::one("null") };
    assert_eq!(Kinds::insert(null.clone()).exec(&orm).await?, null);
    assert_eq!(Kinds::find_many().filter(Kinds::DOCUMENT.eq(Value::Null)).exec(&orm).await?, [null]);
    let some_null = Maybe { document: Some(Value::Null), ..Maybe::empty("null") };
    assert_eq!(Maybe::insert(some_null).exec(&orm).await?, Maybe::empty("null"));
    assert_eq!(Maybe::count().filter(Maybe::DOCUMENT.is_null()).exec(&orm).await?, 1);
    Ok(())
}

pub async fn equality_is_deep(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    for (id, document) in [
        ("a", json!({ "x": [1, { "y": null }], "z": 1.5 })),
        ("b", json!({ "x": [1, { "y": 0 }], "z": 1.5 })),
        ("c", json!({ "x": [1, {}], "z": 1.5 })),
        ("d", json!([1, 2])),
        ("e", json!([2, 1])),
        ("f", json!("1")),
        ("g", json!(1)),
    ] {
        Kinds::insert(Kinds { document, ..Kinds::one(id) }).exec(&orm).await?;
    }
    let ids = |filter| Kinds::find_many().filter(filter).order_by(Kinds::ID.asc()).select(Kinds::ID);
    // The order of keys does not matter, 1.0 is 1.
    let a = json!({ "z": 1.5, "x": [1.0, { "y": null }] });
    assert_eq!(ids(Kinds::DOCUMENT.eq(a.clone())).exec(&orm).await?, ["a"]);
    assert_eq!(ids(Kinds::DOCUMENT.ne(a)).exec(&orm).await?, ["b", "c", "d", "e", "f", "g"]);
    assert_eq!(ids(Kinds::DOCUMENT.is_in([json!([2, 1]), json!("1"), json!({})])).exec(&orm).await?, ["e", "f"]);
    assert_eq!(ids(Kinds::DOCUMENT.not_in([json!(1), json!([1, 2])])).exec(&orm).await?, ["a", "b", "c", "e", "f"]);
    Ok(())
}

pub async fn typed_documents(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let metadata = AccountMetadata { plan: "pro".into(), scopes: vec!["a".into(), String::new()] };
    let new = |id: &str| Account::create().user_id("u").provider("p").account_id(id);
    let with = new("1").metadata(metadata.clone()).exec(&orm).await?;
    assert_eq!(with.metadata.as_ref().map(|metadata| metadata.scopes.len()), Some(2));
    new("2").exec(&orm).await?;
    let by_document = Account::find_many().filter(Account::METADATA.eq(metadata)).exec(&orm).await?;
    assert_eq!(by_document, [with]);
    let without =
        Account::find_many().filter(Account::METADATA.is_null()).select(Account::ACCOUNT_ID).exec(&orm).await?;
    assert_eq!(without, ["2"]);
    Ok(())
}

/// What a write of many found is not compared with itself where an engine cannot do so.
pub async fn in_the_filters_of_writes(engine: &impl Engine) -> Outcome {
    // Without unique fields nothing has told yet what the engine can do.
    let orm = engine.orm(schema()).await?;
    let document = json!({ "a": [1] });
    Kinds::insert(Kinds { document: document.clone(), ..Kinds::one("a") }).exec(&orm).await?;
    let update = Kinds::update_many().filter(Kinds::DOCUMENT.eq(document)).set(Kinds::TEXT, "t");
    assert_eq!(update.exec(&orm).await?, 1);

    let orm = engine.orm(models::schema()).await?;
    let metadata = |plan: &str| AccountMetadata { plan: plan.into(), scopes: vec!["a".into()] };
    for (id, plan) in [("1", Some("pro")), ("2", Some("free")), ("3", None)] {
        let new = Account::create().user_id("u").provider("p").account_id(id);
        match plan {
            Some(plan) => new.metadata(metadata(plan)).exec(&orm).await?,
            None => new.exec(&orm).await?,
        };
    }
    let with = || Account::METADATA.is_not_null();
    assert_eq!(Account::update_many().filter(with()).set(Account::PROVIDER, "q").exec(&orm).await?, 2);
    let pro = || Account::METADATA.eq(metadata("pro"));
    assert_eq!(Account::update_many().filter(pro()).set(Account::USER_ID, "v").exec(&orm).await?, 1);
    assert_eq!(Account::delete_many().filter(pro()).exec(&orm).await?, 1);
    assert_eq!(Account::delete_many().filter(with()).exec(&orm).await?, 1);
    assert_eq!(Account::find_many().select(Account::ACCOUNT_ID).exec(&orm).await?, ["3"]);
    Ok(())
}

pub async fn numbers_that_cannot_be_stored_are_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let code = ErrorCode::InvalidValue;
    for zoom in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e130, 1e-140] {
        let settings = Json(Settings { theme: "t".into(), zoom });
        let result = Kinds::insert(Kinds { settings: settings.clone(), ..Kinds::one("a") }).exec(&orm).await;
        assert_refused(result, code, "kinds", &["settings"]);
        let result = Kinds::update(Kinds::ID.eq("a")).set(Kinds::SETTINGS, settings).exec(&orm).await;
        assert_refused(result, code, "kinds", &["settings"]);
    }
    let document = json!({ "list": [1, f64::MAX] });
    let result = Kinds::insert(Kinds { document, ..Kinds::one("a") }).exec(&orm).await;
    assert_refused(result, code, "kinds", &["document"]);
    assert_eq!(Kinds::count().exec(&orm).await?, 0);
    Ok(())
}

/// Levels of documents, and keys of them.
pub async fn shapes_that_cannot_be_stored_are_refused(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let code = ErrorCode::InvalidValue;
    Kinds::insert(Kinds::one("z")).exec(&orm).await?;
    let deep = (0..33).fold(json!(1), |inner, _| json!([inner]));
    for (document, said) in
        [(json!({ "": 1 }), "empty key"), (json!([{ "a": { "": {} } }]), "empty key"), (deep, "deeper")]
    {
        let with = |id: &str, document: &Value| Kinds::insert(Kinds { document: document.clone(), ..Kinds::one(id) });
        let error = assert_refused(with("a", &document).exec(&orm).await, code, "kinds", &["document"]);
        assert!(error.to_string().contains(said), "{error}");
        let many = [with("a", &json!(1)), with("b", &document)];
        let error = assert_refused(Kinds::create_many(many).exec(&orm).await, code, "kinds", &["document"]);
        assert_eq!((error.index(), error.written()), (Some(1), Some(0)));
        let result = Kinds::update(Kinds::ID.eq("z")).set(Kinds::DOCUMENT, document.clone()).exec(&orm).await;
        assert_refused(result, code, "kinds", &["document"]);
        let result = Kinds::update_many().set(Kinds::DOCUMENT, document).exec(&orm).await;
        assert_refused(result, code, "kinds", &["document"]);
    }
    assert_eq!(Kinds::count().exec(&orm).await?, 1);
    Ok(())
}
