//! Unique constraints: nulls, compound keys, keys of every kind, and values that would confuse a careless key.

use chrono::TimeDelta;
use orm::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Outcome, assert_taken};
use crate::engine::Engine;
use crate::kinds::{self, Colour, Registered};
use crate::models::{self, Organization, User};
use crate::seed::day;
use crate::strangers::{self, Cat, CatName, Slug, Task};

fn registered(id: &str) -> Registered {
    Registered::empty(id)
}

pub async fn many_nulls_coexist(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for id in ["a", "b", "c"] {
        assert_eq!(Registered::insert(registered(id)).exec(&orm).await?, registered(id));
    }
    assert_eq!(Registered::count().filter(Registered::LABEL.is_null()).exec(&orm).await?, 3);
    assert_eq!(Registered::find_many().filter(Registered::SERIAL.eq(None)).exec(&orm).await?.len(), 3);
    Ok(())
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "meters")]
struct Meter {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    reading: Option<Decimal>,
}

pub async fn a_zero_has_no_sign(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Meter]).await?;
    Meter::create().id("a").exec(&orm).await?;
    let zero = Meter::update(Meter::ID.eq("a")).decrement(Meter::READING, Decimal::ZERO).select(Meter::READING);
    assert_eq!(zero.exec(&orm).await?, Some(Some(Decimal::ZERO)));
    assert_taken(Meter::create().id("b").reading(Decimal::ZERO).exec(&orm).await, "meter", &["reading"]);
    let negative = -Decimal::ZERO;
    let found = Meter::find_unique(Meter::READING.eq(negative)).select(Meter::ID).exec(&orm).await?;
    assert_eq!(found.as_deref(), Some("a"));
    Ok(())
}

pub async fn a_compound_key_with_a_null_part_does_not_bind(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let placed = |id: &str, region: Option<&str>, code: Option<&str>| {
        let (region, code) = (region.map(str::to_owned), code.map(str::to_owned));
        Registered::insert(Registered { region, code, ..registered(id) })
    };
    for id in ["a", "b"] {
        placed(&format!("{id}1"), Some("eu"), None).exec(&orm).await?;
        placed(&format!("{id}2"), None, Some("1")).exec(&orm).await?;
    }
    placed("c", Some("eu"), Some("1")).exec(&orm).await?;
    assert_taken(placed("d", Some("eu"), Some("1")).exec(&orm).await, "registered", &["region", "code"]);
    let found =
        Registered::find_unique(Registered::REGION_CODE.eq("eu", "1")).select(Registered::ID).exec(&orm).await?;
    assert_eq!(found.as_deref(), Some("c"));
    Ok(())
}

pub async fn keys_of_every_kind(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let full = Registered {
        label: Some("Label".into()),
        serial: Some(i64::MIN),
        huge: Some(10_i128.pow(38) - 1),
        rate: Some(Decimal::new(1250, 2)),
        stamp: Some(day(1) + TimeDelta::microseconds(1_500)),
        shade: Some(Colour::Blue),
        token: Some(Uuid::from_u128(5)),
        digest: Some(vec![0, 251, 255]),
        ..registered("full")
    };
    Registered::insert(full.clone()).exec(&orm).await?;
    Registered::insert(registered("other")).exec(&orm).await?;
    // The same values, written otherwise where that is possible.
    let keys = [
        ("label", Registered::LABEL.eq("Label")),
        ("serial", Registered::SERIAL.eq(i64::MIN)),
        ("huge", Registered::HUGE.eq(99_999_999_999_999_999_999_999_999_999_999_999_999)),
        ("rate", Registered::RATE.eq(Decimal::new(125, 1))),
        ("stamp", Registered::STAMP.eq(day(1) + TimeDelta::milliseconds(1))),
        ("shade", Registered::SHADE.eq(Colour::Blue)),
        ("token", Registered::TOKEN.eq(Uuid::from_u128(5))),
        ("digest", Registered::DIGEST.eq([0, 251, 255])),
    ];
    for (field, key) in keys {
        let found = Registered::find_unique(key.clone()).select(Registered::ID).exec(&orm).await?;
        assert_eq!(found.as_deref(), Some("full"), "{field}");
        assert_eq!(Registered::count().filter(key.clone()).exec(&orm).await?, 1, "{field}");
        assert_eq!(Registered::count().filter(!key).exec(&orm).await?, 1, "{field}");
    }
    // One of them at a time is taken.
    let other = || Registered::update(Registered::ID.eq("other"));
    assert_taken(other().set(Registered::LABEL, "Label").exec(&orm).await, "registered", &["label"]);
    assert_taken(other().set(Registered::SERIAL, i64::MIN).exec(&orm).await, "registered", &["serial"]);
    assert_taken(other().set(Registered::HUGE, full.huge).exec(&orm).await, "registered", &["huge"]);
    assert_taken(other().set(Registered::RATE, Decimal::new(12_500, 3)).exec(&orm).await, "registered", &["rate"]);
    assert_taken(other().set(Registered::STAMP, full.stamp).exec(&orm).await, "registered", &["stamp"]);
    assert_taken(other().set(Registered::SHADE, Colour::Blue).exec(&orm).await, "registered", &["shade"]);
    assert_taken(other().set(Registered::TOKEN, full.token).exec(&orm).await, "registered", &["token"]);
    assert_taken(other().set(Registered::DIGEST, full.digest).exec(&orm).await, "registered", &["digest"]);
    assert_eq!(Registered::find_unique(Registered::ID.eq("other")).exec(&orm).await?, Some(registered("other")));
    Ok(())
}

pub async fn a_compound_key_of_three_kinds(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let new = |id: &str, colour, number, flag| {
        let one = Registered { colour: Some(colour), number: Some(number), flag: Some(flag), ..registered(id) };
        Registered::insert(one)
    };
    new("a", Colour::Red, -1, true).exec(&orm).await?;
    new("b", Colour::Red, -1, false).exec(&orm).await?;
    new("c", Colour::Red, 1, true).exec(&orm).await?;
    let again = new("d", Colour::Red, -1, false).exec(&orm).await;
    assert_taken(again, "registered", &["colour", "number", "flag"]);
    let key = Registered::COLOUR_NUMBER_FLAG.eq(Colour::Red, -1, false);
    assert_eq!(Registered::find_unique(key).select(Registered::ID).exec(&orm).await?.as_deref(), Some("b"));
    Ok(())
}

/// Texts that would confuse a key that is put together carelessly; all of them are different.
fn awkward() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "#",
        "a#b",
        "%23",
        "a%23b",
        "+",
        "a+b",
        "\"",
        "\"a\"",
        "'",
        "\\",
        "\\\"",
        "null",
        "Null",
        "undefined",
        "0",
        "é",
        "e\u{301}",
        "日本語",
        "🦀",
        "\u{0}",
        "\n",
        "\r\n",
        "\t",
        "\u{7f}",
        "\u{1b}[0m",
        "a/b?c=d&e",
        "<a>",
        "{}",
        "record#1",
        "unique#user#email#x",
        "sha256:",
        "É",
        "\u{feff}",
        "\u{200d}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(3000));
    texts.push("x".repeat(2999) + "y");
    texts.push("é".repeat(1500));
    texts
}

pub async fn awkward_unique_values(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    for (n, text) in awkward().into_iter().enumerate() {
        let new = Registered { label: Some(text.clone()), ..registered(&n.to_string()) };
        assert_eq!(Registered::insert(new.clone()).exec(&orm).await?, new);
        let again = Registered { id: format!("{n} again"), ..new.clone() };
        assert_taken(Registered::insert(again).exec(&orm).await, "registered", &["label"]);
        assert_eq!(Registered::find_unique(Registered::LABEL.eq(text)).exec(&orm).await?, Some(new));
    }
    let found = Registered::find_many().filter(Registered::LABEL.is_in(awkward())).exec(&orm).await?;
    assert_eq!(found.len(), awkward().len());
    assert_eq!(
        Registered::delete_many().filter(Registered::LABEL.is_in(awkward())).exec(&orm).await?,
        found.len() as u64
    );
    Ok(())
}

pub async fn awkward_ids(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    for (n, id) in awkward().into_iter().enumerate() {
        let cat = Cat { id: id.clone(), name: n.to_string() };
        assert_eq!(Cat::insert(cat.clone()).exec(&orm).await?, cat);
        let again = Cat::insert(Cat { name: format!("{n} again"), ..cat.clone() }).exec(&orm).await;
        assert_taken(again, "cat", &["id"]);
        assert_eq!(Cat::find_unique(Cat::ID.eq(&id)).exec(&orm).await?.as_ref(), Some(&cat));
        assert_eq!(Cat::find_unique(Cat::NAME.eq(n.to_string())).exec(&orm).await?, Some(cat));
        let renamed = Cat::update(Cat::ID.eq(&id)).set(Cat::NAME, format!("{n} renamed")).exec(&orm).await?;
        assert_eq!(renamed.map(|cat| cat.id), Some(id));
    }
    assert_eq!(Cat::count().exec(&orm).await?, awkward().len() as u64);
    for id in awkward() {
        assert_eq!(Cat::delete(Cat::ID.eq(&id)).exec(&orm).await?, 1, "{id:?}");
    }
    assert_eq!(Cat::count().exec(&orm).await?, 0);
    Ok(())
}

pub async fn compound_values_do_not_run_into_each_other(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let pairs = [
        ("a#b", "c"),
        ("a", "b#c"),
        ("a\"#\"b", "c"),
        ("a", "b\"#\"c"),
        ("a%23b", "c"),
        ("a+b", "c"),
        ("a", "b+c"),
        ("", "abc"),
        ("abc", ""),
        ("", ""),
        ("c", "a"),
        ("a", "c"),
    ];
    for (n, (region, code)) in pairs.into_iter().enumerate() {
        let new = |id: String| Registered { region: Some(region.into()), code: Some(code.into()), ..registered(&id) };
        Registered::insert(new(n.to_string())).exec(&orm).await?;
        assert_taken(Registered::insert(new(format!("{n} again"))).exec(&orm).await, "registered", &["region", "code"]);
    }
    for (n, (region, code)) in pairs.into_iter().enumerate() {
        let found = Registered::find_unique(Registered::REGION_CODE.eq(region, code)).select(Registered::ID);
        assert_eq!(found.exec(&orm).await?, Some(n.to_string()));
    }
    Ok(())
}

pub async fn a_record_is_not_mistaken_for_a_lock(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    // The ids are the text of lock items, and of records of another model.
    for id in ["unique#cat#name#%22Tom%22", "record#1", "cat", "#cat#name#", "1"] {
        Cat::create().id(id).name(format!("Cat {id}")).exec(&orm).await?;
        CatName::create().id(id).name(format!("Cat {id}")).exec(&orm).await?;
    }
    Cat::create().id("2").name("Tom").exec(&orm).await?;
    assert_eq!(Cat::count().exec(&orm).await?, 6);
    assert_eq!(Cat::find_many().exec(&orm).await?.len(), 6);
    assert_eq!(Cat::find_unique(Cat::ID.eq("unique#cat#name#\"Tom\"")).exec(&orm).await?, None);
    let tom = Cat::find_unique(Cat::NAME.eq("Tom")).select(Cat::ID).exec(&orm).await?;
    assert_eq!(tom.as_deref(), Some("2"));
    assert_eq!(Cat::delete_many().exec(&orm).await?, 6);
    assert_eq!(CatName::count().exec(&orm).await?, 5);
    Ok(())
}

pub async fn models_with_like_names_do_not_disturb_each_other(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    Cat::create().id("1").name("Tom").exec(&orm).await?;
    CatName::create().id("1").name("Tom").exec(&orm).await?;
    assert_taken(Cat::create().name("Tom").exec(&orm).await, "cat", &["name"]);
    assert_taken(CatName::create().name("Tom").exec(&orm).await, "cat_name", &["name"]);
    assert_eq!(Cat::delete(Cat::NAME.eq("Tom")).exec(&orm).await?, 1);
    let left = CatName::find_unique(CatName::NAME.eq("Tom")).exec(&orm).await?;
    assert_eq!(left, Some(CatName { id: "1".into(), name: "Tom".into() }));
    Cat::create().id("1").name("Tom").exec(&orm).await?;
    assert_eq!(CatName::update_many().set(CatName::NAME, "Tim").exec(&orm).await?, 1);
    assert!(Cat::find_unique(Cat::NAME.eq("Tom")).exec(&orm).await?.is_some());
    Ok(())
}

pub async fn case_matters(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    for email in ["a@x.dev", "A@x.dev", "a@x.dev "] {
        User::create().email(email).name(email).exec(&orm).await?;
    }
    let upper = User::find_unique(User::EMAIL.eq("A@x.dev")).select(User::NAME).exec(&orm).await?;
    assert_eq!(upper.as_deref(), Some("A@x.dev"));
    assert_eq!(User::find_unique(User::EMAIL.eq("A@X.dev")).exec(&orm).await?, None);
    Ok(())
}

pub async fn two_unique_fields_with_one_value(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    // The same text as name and slug, of one record and crosswise of two.
    Organization::create().name("same").slug("same").exec(&orm).await?;
    Organization::create().name("x").slug("y").exec(&orm).await?;
    Organization::create().name("y").slug("x").exec(&orm).await?;
    let by_name = Organization::find_unique(Organization::NAME.eq("x")).select(Organization::SLUG).exec(&orm).await?;
    assert_eq!(by_name.as_deref(), Some("y"));
    let by_slug = Organization::find_unique(Organization::SLUG.eq("x")).select(Organization::NAME).exec(&orm).await?;
    assert_eq!(by_slug.as_deref(), Some("y"));
    assert_taken(Organization::create().name("x").slug("z").exec(&orm).await, "organization", &["name"]);
    assert_taken(Organization::create().name("z").slug("x").exec(&orm).await, "organization", &["slug"]);
    Ok(())
}

pub async fn custom_types_are_unique_by_what_is_stored(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let task = |id: &str, shortcut: &str| {
        Task::create().task_id(Slug::from(id)).r#type("t").name("n").status("s").shortcut(Slug::from(shortcut))
    };
    task("a", "x").exec(&orm).await?;
    assert_taken(task("b", "x").exec(&orm).await, "task", &["shortcut"]);
    assert_taken(task("a", "y").exec(&orm).await, "task", &["taskId"]);
    Ok(())
}
