//! Tables that a TypeScript service writes too: `data/golden.json` has every item that the npm package
//! `@farming-labs/orm-dynamodb` 0.0.62 wrote to three tables.

mod tables;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm::schema::ModelSchema;
use orm_dynamodb::Embedded;
use rust_decimal::Decimal;
use tests::suite::Outcome;

use tables::*;

#[tokio::test]
async fn what_typescript_wrote_is_read_exactly() -> Outcome {
    let orm = &Bed::golden().await?.orm;
    assert_eq!(sorted(User::find_many().exec(orm).await?, |user| user.id.clone()), users());
    assert_eq!(sorted(Account::find_many().exec(orm).await?, |account| account.id.clone()), accounts());
    assert_eq!(sorted(Event::find_many().exec(orm).await?, |event| event.id.to_string()), events());
    assert_eq!(User::count().exec(orm).await?, 2);
    Ok(())
}

#[tokio::test]
async fn what_typescript_wrote_is_found_by_each_unique_key() -> Outcome {
    let orm = &Bed::golden().await?.orm;
    for user in users() {
        let found = User::find_unique(User::ID.eq(&user.id)).exec(orm).await?;
        assert_eq!(found.as_ref(), Some(&user));
        assert_eq!(User::find_unique(User::EMAIL.eq(&user.email)).exec(orm).await?, Some(user));
    }
    for account in accounts() {
        assert_eq!(Account::find_unique(Account::ID.eq(&account.id)).exec(orm).await?.as_ref(), Some(&account));
        let by_both = Account::PROVIDER_ACCOUNT_ID.eq(&account.provider, &account.account_id);
        assert_eq!(Account::find_unique(by_both).exec(orm).await?, Some(account));
    }
    for event in events() {
        assert_eq!(Event::find_unique(Event::ID.eq(event.id)).exec(orm).await?.as_ref(), Some(&event));
        assert_eq!(Event::find_unique(Event::REVISION.eq(event.revision)).exec(orm).await?.as_ref(), Some(&event));
        let by_time = Event::find_unique(Event::OCCURRED_AT.eq(event.occurred_at));
        assert_eq!(by_time.exec(orm).await?.as_ref(), Some(&event));
        assert_eq!(Event::find_unique(Event::BIG.eq(event.big)).exec(orm).await?.as_ref(), Some(&event));
        assert_eq!(Event::find_unique(Event::PRICE.eq(event.price)).exec(orm).await?.as_ref(), Some(&event));
        assert_eq!(Event::find_unique(Event::TIER.eq(event.tier)).exec(orm).await?, Some(event));
    }
    // The same number in another spelling.
    let spelled = Event::find_unique(Event::PRICE.eq(decimal("100.00"))).exec(orm).await?;
    assert_eq!(spelled.map(|event| event.id), Some(7));
    assert_eq!(Event::find_unique(Event::BIG.eq(1)).exec(orm).await?, None);
    Ok(())
}

#[tokio::test]
async fn what_typescript_wrote_is_found_by_filters() -> Outcome {
    let orm = &Bed::golden().await?.orm;
    let users = async |filter: orm::Filter<User>| -> Fallible<Vec<String>> {
        Ok(User::find_many().filter(filter).order_by(User::ID.asc()).select(User::ID).exec(orm).await?)
    };
    let accounts = async |filter: orm::Filter<Account>| -> Fallible<Vec<String>> {
        Ok(Account::find_many().filter(filter).order_by(Account::ID.asc()).select(Account::ID).exec(orm).await?)
    };
    let (ada, weird) = ("u1", "ü#2/ %");
    assert_eq!(users(User::QUOTA.eq(9_007_199_254_740_993)).await?, [ada]);
    assert_eq!(users(User::QUOTA.eq(0)).await?, [weird]);
    assert_eq!(users(User::QUOTA.ne(0)).await?, [ada]);
    assert_eq!(users(User::QUOTA.is_in([0, 9_007_199_254_740_993])).await?, [ada, weird]);
    assert_eq!(users(User::QUOTA.not_in([0, 1])).await?, [ada]);
    assert_eq!(users(User::NAME.is_null()).await?, [weird]);
    assert_eq!(users(User::NAME.is_not_null()).await?, [ada]);
    assert_eq!(users(User::TIER.eq(Tier::Pro)).await?, [ada]);
    assert_eq!(users(User::EMAIL_VERIFIED.eq(false)).await?, [weird]);
    assert_eq!(users(User::LOGIN_COUNT.gte(1)).await?, [ada]);
    assert_eq!(users(User::CREATED_AT.gt(time("2026-01-01T00:00:00Z"))).await?, [ada]);
    assert_eq!(users(User::EMAIL.contains("#+\"é'()")).await?, [weird]);
    assert_eq!(accounts(Account::BALANCE.eq(decimal("12.50"))).await?, ["a1"]);
    assert_eq!(accounts(Account::BALANCE.ne(decimal("12.5"))).await?, ["a2"]);
    assert_eq!(accounts(Account::BALANCE.is_in([decimal("-0.10"), decimal("12.5")])).await?, ["a1", "a2"]);
    assert_eq!(accounts(Account::METADATA.is_null()).await?, ["a2"]);
    let [with_metadata, _] = self::accounts();
    assert_eq!(accounts(Account::METADATA.eq(with_metadata.metadata.ok_or("metadata")?)).await?, ["a1"]);
    // Numbers stored as text are compared as numbers.
    let ids = [ada, weird];
    assert_eq!(users(User::ID.is_in(ids).and(User::QUOTA.gt(5))).await?, [ada]);
    assert_eq!(users(User::QUOTA.gt(5)).await?, [ada]);
    assert_eq!(users(!User::QUOTA.gt(5)).await?, [weird]);
    assert_eq!(users(User::QUOTA.between(-1, 1)).await?, [weird]);
    assert_eq!(users(!User::QUOTA.between(-1, 1)).await?, [ada]);
    assert_eq!(users(any((User::QUOTA.gt(5), User::NAME.is_null()))).await?, [ada, weird]);
    // Each once, though an index or a key leads to one of the alternatives.
    assert_eq!(
        users(any((all((User::ID.eq(ada), User::QUOTA.gt(5))), User::EMAIL.contains("@")))).await?,
        [ada, weird]
    );
    assert_eq!(accounts(Account::BALANCE.lt(decimal("9"))).await?, ["a2"]);
    assert_eq!(accounts(!Account::BALANCE.lt(decimal("9"))).await?, ["a1"]);
    assert_eq!(Account::count().filter(Account::BALANCE.gt(decimal("-1"))).exec(orm).await?, 2);
    let by_user = |filter| accounts(Account::USER_ID.is_in(ids).and(filter));
    assert_eq!(by_user(Account::BALANCE.gte(decimal("12.5"))).await?, ["a1"]);
    assert_eq!(by_user(!Account::BALANCE.gte(decimal("12.5"))).await?, ["a2"]);
    // Also from page to page.
    for (order, expected) in [(User::QUOTA.asc(), [weird, ada]), (User::QUOTA.desc(), [ada, weird])] {
        let mut after = None;
        let mut found = Vec::new();
        loop {
            let mut query = User::find_many().order_by(order).select(User::ID).page(1);
            if let Some(cursor) = after {
                query = query.after(cursor);
            }
            let page = query.exec(orm).await?;
            found.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, expected);
    }
    Ok(())
}

/// Numbers that are stored as text: what changes and deletes many touches what its filter says.
#[tokio::test]
async fn writes_of_many_compare_what_typescript_wrote() -> Outcome {
    for large in [true, false] {
        let bed = Bed::golden().await?;
        let orm = &bed.orm;
        let filter = || if large { User::QUOTA.gt(5) } else { !User::QUOTA.gt(5) };
        let (expected, other) = if large { ("u1", "ü#2/ %") } else { ("ü#2/ %", "u1") };
        let named = async |name: &str| User::find_many().filter(User::NAME.eq(name)).select(User::ID).exec(orm).await;
        // By a scan, and by keys beside an alternative that does not hold.
        let keyed = User::ID.is_in(["u1", "ü#2/ %"]).and(any((filter(), User::NAME.eq("nobody"))));
        assert_eq!(User::update_many().filter(filter()).set(User::NAME, "one").exec(orm).await?, 1);
        assert_eq!(named("one").await?, [expected]);
        assert_eq!(User::update_many().filter(keyed).set(User::NAME, "two").exec(orm).await?, 1);
        assert_eq!(named("two").await?, [expected]);
        // By one id.
        for id in [expected, other] {
            let one = User::update_many().filter(User::ID.eq(id).and(filter())).set(User::NAME, "three");
            assert_eq!(one.exec(orm).await?, u64::from(id == expected));
        }
        assert_eq!(named("three").await?, [expected]);
        assert_eq!(User::delete_many().filter(filter()).exec(orm).await?, 1);
        assert_eq!(User::find_many().select(User::ID).exec(orm).await?, [other]);
    }
    Ok(())
}

#[tokio::test]
async fn constraints_of_records_that_typescript_wrote_are_kept() -> Outcome {
    let orm = &Bed::golden().await?.orm;
    let taken = |result: Result<(), Error>, model: &str, fields: &[&str]| {
        let error = result.expect_err("the value is taken");
        assert_eq!(
            (error.code(), error.model(), error.fields()),
            (ErrorCode::UniqueConstraintViolation, Some(model), fields)
        );
    };
    let [ada, weird] = users();
    let insert = async |user: User| User::insert(user).exec(orm).await.map(drop);
    taken(insert(User { id: "u3".into(), ..ada.clone() }).await, "user", &["email"]);
    taken(insert(User { id: "u3".into(), ..weird.clone() }).await, "user", &["email"]);
    taken(insert(User { email: "new@x.dev".into(), ..weird.clone() }).await, "user", &["id"]);
    let renamed = User::update(User::ID.eq(&ada.id)).set(User::EMAIL, &weird.email).exec(orm).await;
    taken(renamed.map(drop), "user", &["email"]);

    let [_, account] = accounts();
    let again = Account::insert(Account { id: "a3".into(), ..account }).exec(orm).await;
    taken(again.map(drop), "account", &["provider", "accountId"]);

    let [_, event] = events();
    let other = Event {
        id: 9,
        revision: 9,
        occurred_at: time("2026-05-01T00:00:00Z"),
        active: true,
        big: 9,
        price: decimal("9"),
        tier: EventTier::Ab,
    };
    let insert = async |other: Event| Event::insert(other).exec(orm).await.map(drop);
    taken(insert(Event { revision: -1, ..other.clone() }).await, "event", &["revision"]);
    taken(insert(Event { occurred_at: event.occurred_at, ..other.clone() }).await, "event", &["occurredAt"]);
    taken(insert(Event { big: 0, ..other.clone() }).await, "event", &["big"]);
    taken(insert(Event { price: decimal("0.0010"), ..other.clone() }).await, "event", &["price"]);
    taken(insert(other).await, "event", &["tier"]);
    Ok(())
}

#[tokio::test]
async fn an_update_moves_the_lock_that_typescript_took() -> Outcome {
    let bed = Bed::golden().await?;
    let before = bed.keys("users").await?;
    let moved = User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::EMAIL, "ada@x.dev").exec(&bed.orm);
    let [ada, _] = users();
    assert_eq!(moved.await?, Some(User { email: "ada@x.dev".into(), ..ada }));
    let rename = |key: &String| key.replace("ada%40farminglabs.dev", "ada%40x.dev");
    let mut expected: Vec<String> = before.iter().map(rename).collect();
    expected.sort();
    assert_eq!(bed.keys("users").await?, expected);

    // By a bigint and a decimal that are stored as text, and to new ones.
    let before = bed.keys("events").await?;
    let changed = Event::update(Event::BIG.eq(-12_345_678_901_234_567_890))
        .set(Event::BIG, 5)
        .set(Event::PRICE, decimal("7.50"))
        .set(Event::OCCURRED_AT, time("2027-01-01T00:00:00Z"))
        .set(Event::REVISION, 70)
        .exec(&bed.orm)
        .await?;
    let [event, _] = events();
    let expected =
        Event { big: 5, price: decimal("7.5"), occurred_at: time("2027-01-01T00:00:00Z"), revision: 70, ..event };
    assert_eq!(changed, Some(expected));
    let renames = [
        ("big#-12345678901234567890", "big#5"),
        ("%22100%22", "%227.5%22"),
        ("2026-03-31T00", "2027-01-01T00"),
        ("revision#7", "revision#70"),
    ];
    let rename = |key: &String| renames.iter().fold(key.clone(), |key, (from, to)| key.replace(from, to));
    let mut expected: Vec<String> = before.iter().map(rename).collect();
    expected.sort();
    assert_eq!(bed.keys("events").await?, expected);
    Ok(())
}

#[tokio::test]
async fn a_delete_frees_all_locks_that_typescript_took() -> Outcome {
    let bed = Bed::golden().await?;
    let rest = |keys: Vec<String>, of: &BTreeMap<String, Items>, table: &str, record: &str| {
        let expected: Vec<String> = of[table]
            .iter()
            .filter(|(key, item)| *key != record && text(item, "__orm_target") != Some(record))
            .map(|(key, _)| key.clone())
            .collect();
        assert_eq!(keys, expected);
    };
    let golden = golden();
    assert_eq!(User::delete(User::ID.eq("u1")).exec(&bed.orm).await?, 1);
    rest(bed.keys("users").await?, &golden, "users", "record#u1");
    let by_both = Account::PROVIDER_ACCOUNT_ID.eq("git#hub", "x+y#z");
    let [_, account] = accounts();
    assert_eq!(Account::consume(by_both).exec(&bed.orm).await?, Some(account));
    rest(bed.keys("accounts").await?, &golden, "accounts", "record#a2");
    assert_eq!(Event::delete(Event::PRICE.eq(decimal("100"))).exec(&bed.orm).await?, 1);
    rest(bed.keys("events").await?, &golden, "events", "record#7");

    assert_eq!(User::delete_many().exec(&bed.orm).await?, 1);
    assert_eq!(Account::delete_many().filter(Account::BALANCE.eq(decimal("12.5"))).exec(&bed.orm).await?, 1);
    assert_eq!(Event::delete_many().filter(Event::BIG.eq(0)).exec(&bed.orm).await?, 1);
    for table in ["users", "accounts", "events"] {
        assert_eq!(bed.keys(table).await?, [""; 0], "{table}");
    }
    Ok(())
}

/// DynamoDB adds to numbers only, and TypeScript stores bigints and decimals as text, and nulls as `NULL`.
#[tokio::test]
async fn numbers_that_typescript_stored_as_text_can_be_added_to() -> Outcome {
    let bed = Bed::golden().await?;
    let number = |text: &str| Some(AttributeValue::N(text.to_owned()));
    for (round, expected) in [(1, "9007199254740998"), (2, "9007199254741003")] {
        let user = User::update(User::ID.eq("u1")).increment(User::QUOTA, 5).set(User::LOGIN_COUNT, 9).exec(&bed.orm);
        let user = user.await?.ok_or("the user")?;
        assert_eq!((user.quota, user.login_count), (9_007_199_254_740_993 + 5 * round, 9));
        assert_eq!(bed.column("users", "record#u1", "quota_bigint").await?, number(expected));
    }
    // By a unique key, and below zero.
    let user = User::update(User::EMAIL.eq(&users()[1].email)).decrement(User::QUOTA, 5).exec(&bed.orm).await?;
    assert_eq!(user.map(|user| user.quota), Some(-5));
    let account = Account::update(Account::ID.eq("a1")).increment(Account::BALANCE, decimal("0.25")).exec(&bed.orm);
    assert_eq!(account.await?.map(|account| account.balance), Some(decimal("12.75")));
    assert_eq!(bed.column("accounts", "record#a1", "balance").await?, number("12.75"));
    // A unique bigint and decimal, whose locks move.
    let event = Event::update(Event::ID.eq(7)).increment(Event::BIG, 1).increment(Event::PRICE, Decimal::ONE);
    let event = event.exec(&bed.orm).await?.ok_or("the event")?;
    assert_eq!((event.big, event.price), (-12_345_678_901_234_567_889, decimal("101")));
    assert_eq!(Event::find_unique(Event::BIG.eq(event.big)).exec(&bed.orm).await?, Some(event.clone()));
    assert_eq!(Event::find_unique(Event::PRICE.eq(event.price)).exec(&bed.orm).await?, Some(event));

    // Of many, and together with what makes locks move.
    let bed = Bed::golden().await?;
    assert_eq!(User::update_many().increment(User::QUOTA, 7).exec(&bed.orm).await?, 2);
    let mut quotas = User::find_many().select(User::QUOTA).exec(&bed.orm).await?;
    quotas.sort();
    assert_eq!(quotas, [7, 9_007_199_254_741_000]);
    bed.overwrite("users", "record#u1", "quota_bigint", AttributeValue::S("5".into())).await?;
    let moved = User::update(User::ID.eq("u1")).increment(User::QUOTA, 1).set(User::EMAIL, "new@x.dev");
    assert_eq!(moved.exec(&bed.orm).await?.map(|user| user.quota), Some(6));

    // The range of the type still holds, and nothing is changed beyond it.
    let max = "99999999999999999999999999999999999999";
    bed.overwrite("users", "record#u1", "quota_bigint", AttributeValue::S(max.into())).await?;
    let error = User::update(User::ID.eq("u1")).increment(User::QUOTA, 1).exec(&bed.orm).await.expect_err("too large");
    assert_eq!((error.code(), error.fields()), (ErrorCode::InvalidValue, &["quota"][..]));
    let kept = bed.column("users", "record#u1", "quota_bigint").await?;
    assert_eq!(kept, Some(AttributeValue::S(max.into())));
    Ok(())
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "scores")]
struct Score {
    #[orm(id)]
    id: String,
    points: Option<i64>,
    total: Option<i128>,
    mean: Option<Decimal>,
}

#[tokio::test]
async fn a_stored_null_counts_as_zero() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![Score], &embedded).await?;
    let null = AttributeValue::Null(true);
    let item = HashMap::from([
        ("__orm_pk".to_owned(), AttributeValue::S("record#s".into())),
        ("__orm_kind".to_owned(), AttributeValue::S("record".into())),
        ("id".to_owned(), AttributeValue::S("s".into())),
        ("points".to_owned(), null.clone()),
        ("total".to_owned(), null.clone()),
        ("mean".to_owned(), null),
    ]);
    embedded.client().put_item().table_name("scores").set_item(Some(item)).send().await?;
    let score = Score::update(Score::ID.eq("s"))
        .increment(Score::POINTS, 2)
        .increment(Score::TOTAL, 3)
        .increment(Score::MEAN, decimal("0.5"))
        .exec(&orm)
        .await?;
    assert_eq!(score, Some(Score { id: "s".into(), points: Some(2), total: Some(3), mean: Some(decimal("0.5")) }));
    Ok(())
}

/// Many at once, of which the first finds text and the others a number: none is lost, none applied twice.
#[tokio::test]
async fn concurrent_increments_of_text_add_up() -> Outcome {
    let bed = Bed::golden().await?;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let orm = bed.orm.clone();
            tokio::spawn(async move { User::update(User::ID.eq("u1")).increment(User::QUOTA, 1).exec(&orm).await })
        })
        .collect();
    for task in tasks {
        task.await??.ok_or("the user")?;
    }
    let quota = User::find_unique(User::ID.eq("u1")).select(User::QUOTA).exec(&bed.orm).await?;
    assert_eq!(quota, Some(9_007_199_254_740_999));
    Ok(())
}

#[tokio::test]
async fn what_we_write_is_what_typescript_writes() -> Outcome {
    let one_by_one = Bed::empty().await?;
    for user in users() {
        User::insert(user).exec(&one_by_one.orm).await?;
    }
    for account in accounts() {
        Account::insert(account).exec(&one_by_one.orm).await?;
    }
    for event in events() {
        Event::insert(event).exec(&one_by_one.orm).await?;
    }
    assert_same_items(&one_by_one).await?;

    let many = Bed::empty().await?;
    User::create_many(users().map(User::insert)).exec(&many.orm).await?;
    Account::create_many(accounts().map(Account::insert)).exec(&many.orm).await?;
    Event::create_many(events().map(Event::insert)).exec(&many.orm).await?;
    assert_same_items(&many).await
}

/// The same keys, byte for byte; the same kinds and targets; and the same columns, but for the documented
/// differences: numbers are N, and a null is absent.
async fn assert_same_items(bed: &Bed) -> Outcome {
    for (table, golden) in golden() {
        let ours = stored(&bed.client, &table).await?;
        assert_eq!(ours.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>(), "{table}");
        let model: &ModelSchema = match table.as_str() {
            "users" => User::schema(),
            "accounts" => Account::schema(),
            _ => Event::schema(),
        };
        for (key, theirs) in golden {
            let mut expected = theirs;
            for field in model.fields() {
                let is_number = matches!(field.kind(), orm::FieldKind::BigInt | orm::FieldKind::Decimal);
                match expected.remove(field.column()) {
                    None | Some(AttributeValue::Null(_)) => {}
                    Some(AttributeValue::S(text)) if is_number => {
                        expected.insert(field.column().to_owned(), AttributeValue::N(text));
                    }
                    Some(same) => {
                        expected.insert(field.column().to_owned(), same);
                    }
                }
            }
            assert_eq!(ours.get(&key), Some(&expected), "{table} {key}");
        }
    }
    Ok(())
}
