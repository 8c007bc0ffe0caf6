//! The budget: how many requests each operation sends, exactly. A request more is a defect.

use chrono::{Duration, Utc};
use orm::prelude::*;
use orm_dynamodb::Embedded;
use tests::kinds::Stock;
use tests::models::{Account, Member, Organization, Profile, Session, User, schema};
use tests::requests::{RequestCounter, counts};
use tests::seed::{day, seed};
use tests::suite::Outcome;

/// A model without unique fields: writes need no locks.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes")]
struct Note {
    #[orm(id)]
    id: String,
    #[orm(index)]
    author: String,
    text: Option<String>,
    #[orm(default = 0)]
    stars: i64,
}

struct Bed {
    orm: Orm,
    counter: RequestCounter,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        let counter = RequestCounter::default();
        let config = Embedded::in_memory()?.config().interceptor(counter.clone()).build();
        let orm = Orm::bootstrap(schema().with(schema![Note]), config).await?;
        counter.take();
        Ok(Self { orm, counter })
    }

    /// Runs one operation and compares its requests with a line of the budget.
    async fn sends<T>(&self, line: &str, operation: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.counter.take();
        let result = operation.await?;
        assert_eq!(self.counter.take(), counts(line), "the budget is {line:?}");
        Ok(result)
    }

    async fn notes(&self, count: usize) -> Result<Vec<String>, Error> {
        Note::create_many((0..count).map(|n| Note::create().author(format!("author {}", n % 3))))
            .select(Note::ID)
            .exec(&self.orm)
            .await
    }

    async fn users(&self, count: usize) -> Result<Vec<String>, Error> {
        User::create_many((0..count).map(|n| User::create().email(format!("{n}@x.dev")).name("N")))
            .select(User::ID)
            .exec(&self.orm)
            .await
    }
}

#[tokio::test]
async fn reads_by_key() -> Outcome {
    let bed = Bed::new().await?;
    let seed = seed(&bed.orm).await?;
    let orm = &bed.orm;
    let id = &seed.ada.id;
    bed.sends("1 GetItem", User::find_unique(User::ID.eq(id)).exec(orm)).await?;
    bed.sends("2 GetItem", User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).exec(orm)).await?;
    bed.sends("1 GetItem", User::find_unique(User::EMAIL.eq("nobody")).exec(orm)).await?;
    let guarded = |name: &str| User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).filter(User::NAME.eq(name));
    bed.sends("2 GetItem", guarded("Ada").exec(orm)).await?;
    bed.sends("2 GetItem", guarded("Eve").exec(orm)).await?;
    bed.sends("2 GetItem", Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada")).exec(orm)).await?;
    bed.sends("1 GetItem", User::find_many().filter(User::ID.eq(id)).exec(orm)).await?;
    bed.sends("2 GetItem", User::find_first().filter(User::EMAIL.eq("ada@farminglabs.dev")).exec(orm)).await?;
    bed.sends("2 GetItem", User::count().filter(User::EMAIL.eq("ada@farminglabs.dev")).exec(orm)).await?;
    bed.sends("", User::find_many().filter(User::ID.is_in(Vec::<String>::new())).exec(orm)).await?;
    bed.sends("", User::find_many().take(0).exec(orm)).await?;
    Ok(())
}

#[tokio::test]
async fn reads_of_many() -> Outcome {
    let bed = Bed::new().await?;
    let ids = bed.notes(250).await?;
    let orm = &bed.orm;
    let found = bed.sends("3 BatchGetItem", Note::find_many().filter(Note::ID.is_in(&ids)).exec(orm)).await?;
    assert_eq!(found.len(), 250);
    let twice = ids.iter().chain(&ids).take(300);
    bed.sends("3 BatchGetItem", Note::find_many().filter(Note::ID.is_in(twice)).exec(orm)).await?;
    // Which keys lead to a record that passes is not known beforehand.
    let rated = || Note::ID.is_in(&ids).and(Note::STARS.gt(0));
    bed.sends("3 BatchGetItem", Note::find_first().filter(rated()).exec(orm)).await?;
    bed.sends("3 BatchGetItem", Note::find_many().filter(rated()).page(1).exec(orm)).await?;
    bed.sends("1 Query", Note::find_many().filter(Note::AUTHOR.eq("author 1")).exec(orm)).await?;
    bed.sends("1 Query", Note::count().filter(Note::AUTHOR.eq("author 1")).exec(orm)).await?;
    bed.sends("1 Query", Note::find_first().filter(Note::AUTHOR.eq("author 1")).exec(orm)).await?;
    bed.sends("1 Scan", Note::find_many().filter(Note::STARS.eq(0)).exec(orm)).await?;
    bed.sends("1 Scan", Note::count().exec(orm)).await?;
    bed.sends("1 Scan", Note::find_first().exec(orm)).await?;
    let emails = ["ada@x.dev", "grace@x.dev"];
    bed.sends("1 BatchGetItem", User::find_many().filter(User::EMAIL.is_in(emails)).exec(orm)).await?;
    bed.users(3).await?;
    let emails = ["0@x.dev", "1@x.dev"];
    bed.sends("2 BatchGetItem", User::find_many().filter(User::EMAIL.is_in(emails)).exec(orm)).await?;
    Ok(())
}

#[tokio::test]
async fn creates() -> Outcome {
    let bed = Bed::new().await?;
    let orm = &bed.orm;
    bed.sends("1 PutItem", Note::create().author("a").exec(orm)).await?;
    bed.sends("1 TransactWriteItems", User::create().email("a@x.dev").name("A").exec(orm)).await?;
    bed.sends("1 TransactWriteItems", Organization::create().name("A").slug("a").exec(orm)).await?;
    // 60 records of one lock each are 120 actions; 60 of two locks each are 180.
    let users = (0..60).map(|n| User::create().email(format!("{n}@x.dev")).name("N"));
    bed.sends("2 TransactWriteItems", User::create_many(users).exec(orm)).await?;
    let organizations = (0..60).map(|n| Organization::create().name(format!("o{n}")).slug(format!("s{n}")));
    bed.sends("2 TransactWriteItems", Organization::create_many(organizations).exec(orm)).await?;
    let notes = (0..60).map(|_| Note::create().author("a"));
    bed.sends("3 BatchWriteItem", Note::create_many(notes).exec(orm)).await?;
    let given = (0..120).map(|n| Note::create().id(format!("n{n}")).author("a"));
    bed.sends("2 TransactWriteItems", Note::create_many(given).exec(orm)).await?;
    Ok(())
}

/// Each only if the filter holds for it then.
#[tokio::test]
async fn checked_deletes_of_many() -> Outcome {
    let bed = Bed::new().await?;
    bed.notes(40).await?;
    let delete = |author: &str| Note::delete_many().filter(Note::AUTHOR.eq(author)).checked();
    assert_eq!(delete("author 1").explain(&bed.orm)?.requests(), "1 Query per page + n DeleteItem");
    assert_eq!(bed.sends("1 Query + 13 DeleteItem", delete("author 1").exec(&bed.orm)).await?, 13);
    // More than a condition says is read before.
    let texts = (0..600).map(|n| format!("text {n}"));
    let long = delete("author 2").filter(Note::TEXT.not_in(texts));
    assert_eq!(long.clone().explain(&bed.orm)?.requests(), "1 Query per page + n GetItem + n DeleteItem");
    assert_eq!(bed.sends("1 Query + 13 GetItem + 13 DeleteItem", long.exec(&bed.orm)).await?, 13);
    Ok(())
}

#[tokio::test]
async fn updates() -> Outcome {
    let bed = Bed::new().await?;
    let seed = seed(&bed.orm).await?;
    let orm = &bed.orm;
    let id = &seed.ada.id;
    bed.sends(
        "1 UpdateItem",
        User::update(User::ID.eq(id)).set(User::NAME, "A").increment(User::LOGIN_COUNT, 1).exec(orm),
    )
    .await?;
    bed.sends("1 UpdateItem", User::update(User::ID.eq("nobody")).set(User::NAME, "A").exec(orm)).await?;
    bed.sends(
        "1 GetItem + 1 UpdateItem",
        User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::NAME, "Ada").exec(orm),
    )
    .await?;
    bed.sends(
        "1 GetItem + 1 TransactWriteItems",
        User::update(User::ID.eq(id)).set(User::EMAIL, "ada@x.dev").exec(orm),
    )
    .await?;
    bed.sends(
        "2 GetItem + 1 TransactWriteItems",
        User::update(User::EMAIL.eq("ada@x.dev")).set(User::EMAIL, "ada@farminglabs.dev").exec(orm),
    )
    .await?;
    let later = Utc::now() + Duration::days(1);
    let create = || Session::create().user_id(id).token("session-9").expires_at(later);
    let upsert = || {
        Session::upsert(Session::TOKEN.eq("session-9")).create(create()).update(|s| s.set(Session::EXPIRES_AT, later))
    };
    bed.sends("1 GetItem + 1 TransactWriteItems", upsert().exec(orm)).await?;
    bed.sends("1 GetItem + 1 UpdateItem", upsert().exec(orm)).await?;

    bed.notes(40).await?;
    let changed = bed
        .sends(
            "1 Query + 13 UpdateItem",
            Note::update_many().filter(Note::AUTHOR.eq("author 1")).set(Note::TEXT, "t").exec(orm),
        )
        .await?;
    assert_eq!(changed, 13);
    let ids = bed.notes(5).await?;
    bed.sends("5 UpdateItem", Note::update_many().filter(Note::ID.is_in(&ids)).set(Note::STARS, 5).exec(orm)).await?;
    // One record, only if it is as it was read.
    let if_unchanged = |stars| Note::update_many().filter(Note::ID.eq(&ids[0]).and(Note::STARS.eq(stars)));
    assert_eq!(bed.sends("1 UpdateItem", if_unchanged(5).set(Note::STARS, 6).exec(orm)).await?, 1);
    assert_eq!(bed.sends("1 UpdateItem", if_unchanged(5).set(Note::STARS, 6).exec(orm)).await?, 0);
    let if_rated = |stars| Note::delete_many().filter(Note::ID.eq(&ids[1]).and(Note::STARS.eq(stars)));
    assert_eq!(bed.sends("1 DeleteItem", if_rated(6).exec(orm)).await?, 0);
    assert_eq!(bed.sends("1 DeleteItem", if_rated(5).exec(orm)).await?, 1);
    // The same by their key, which answers the record.
    let if_unchanged = |stars| Note::update(Note::ID.eq(&ids[0])).filter(Note::STARS.eq(stars)).set(Note::STARS, 7);
    bed.sends("1 UpdateItem", if_unchanged(6).exec(orm)).await?.ok_or("it is as it was")?;
    assert!(bed.sends("1 UpdateItem", if_unchanged(6).exec(orm)).await?.is_none());
    let authors = || (0..600).map(|n| format!("author {n}"));
    let one = Note::update(Note::ID.eq(&ids[0])).filter(Note::AUTHOR.is_in(authors())).set(Note::STARS, 7);
    bed.sends("1 GetItem + 1 UpdateItem", one.exec(orm)).await?.ok_or("its author is one of them")?;
    let of_ada = || User::update(User::EMAIL.eq("ada@farminglabs.dev")).set(User::NAME, "Ada");
    bed.sends("1 GetItem + 1 UpdateItem", of_ada().filter(User::QUOTA.gte(0)).exec(orm)).await?.ok_or("it is")?;
    assert!(bed.sends("1 GetItem + 1 UpdateItem", of_ada().filter(User::QUOTA.lt(0)).exec(orm)).await?.is_none());
    let moved = User::update(User::ID.eq(id)).filter(User::QUOTA.gte(0)).set(User::EMAIL, "ada@farminglabs.dev");
    bed.sends("1 GetItem + 1 UpdateItem", moved.exec(orm)).await?.ok_or("it is")?;
    let starred = |stars| Note::consume(Note::ID.eq(&ids[2])).filter(Note::STARS.eq(stars));
    assert!(bed.sends("1 DeleteItem", starred(6).exec(orm)).await?.is_none());
    assert!(bed.sends("1 DeleteItem", starred(5).exec(orm)).await?.is_some());
    let ended = |later| Session::delete(Session::TOKEN.eq("session-9")).filter(Session::EXPIRES_AT.lt(later));
    assert_eq!(bed.sends("2 GetItem", ended(later).exec(orm)).await?, 0);
    let after = later + Duration::days(1);
    assert_eq!(bed.sends("2 GetItem + 1 TransactWriteItems", ended(after).exec(orm)).await?, 1);
    let many: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    bed.sends("450 UpdateItem", Note::update_many().filter(Note::ID.is_in(&many)).set(Note::STARS, 5).exec(orm))
        .await?;
    // Also with a filter that is more than an expression holds.
    let ids = bed.notes(250).await?;
    let many = || (0..600).map(|n| format!("author {n}"));
    let update = || Note::update_many().set(Note::TEXT, "u");
    let of_ids = update().filter(Note::ID.is_in(ids.iter().cloned().chain(many()))).filter(Note::AUTHOR.eq("author 1"));
    assert_eq!(bed.sends("9 BatchGetItem + 83 UpdateItem", of_ids.exec(orm)).await?, 83);
    let of_authors = update().filter(Note::AUTHOR.is_in(many())).filter(Note::ID.is_in(&ids[..5]));
    assert_eq!(bed.sends("1 BatchGetItem + 5 UpdateItem", of_authors.exec(orm)).await?, 5);
    let of_texts = update().filter(Note::AUTHOR.eq("author 2")).filter(Note::TEXT.is_in(many()));
    assert_eq!(bed.sends("1 Query", of_texts.clone().exec(orm)).await?, 0);
    Note::update_many().filter(Note::ID.is_in(&ids[..6])).set(Note::TEXT, "author 7").exec(orm).await?;
    assert_eq!(bed.sends("1 Query + 2 UpdateItem", of_texts.exec(orm)).await?, 2);
    // 3 records move one lock each: 3 updates, 3 new locks, 3 old ones.
    bed.sends(
        "1 Query + 1 TransactWriteItems",
        Member::update_many().filter(Member::USER_ID.eq(id)).set(Member::USER_ID, "other").exec(orm),
    )
    .await?;
    Ok(())
}

/// A type that says what it holds is added to by DynamoDB; otherwise the record is read first.
#[tokio::test]
async fn increments() -> Outcome {
    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "shelves")]
    struct Shelf {
        #[orm(id)]
        id: String,
        ranged: Stock<true>,
        other: Stock,
    }

    let counter = RequestCounter::default();
    let config = Embedded::in_memory()?.config().interceptor(counter.clone()).build();
    let bed = Bed { orm: Orm::bootstrap(schema![Shelf], config).await?, counter };
    Shelf::create_many((0..3).map(|n| Shelf::create().id(n.to_string()).ranged(Stock(1)).other(Stock(1))))
        .exec(&bed.orm)
        .await?;
    let one = || Shelf::update(Shelf::ID.eq("0"));
    bed.sends("1 UpdateItem", one().increment(Shelf::RANGED, Stock(1)).exec(&bed.orm)).await?;
    bed.sends("1 GetItem + 1 UpdateItem", one().increment(Shelf::OTHER, Stock(1)).exec(&bed.orm)).await?;
    let many = || Shelf::update_many().filter(Shelf::ID.ne("9"));
    let (ranged, other) = (many().increment(Shelf::RANGED, Stock(1)), many().increment(Shelf::OTHER, Stock(1)));
    assert!(ranged.clone().explain(&bed.orm)?.requests().ends_with("+ n UpdateItem"));
    assert!(other.clone().explain(&bed.orm)?.requests().ends_with("+ n GetItem + n UpdateItem"));
    assert_eq!(bed.sends("1 Scan + 3 UpdateItem", ranged.exec(&bed.orm)).await?, 3);
    assert_eq!(bed.sends("1 Scan + 3 GetItem + 3 UpdateItem", other.exec(&bed.orm)).await?, 3);
    Ok(())
}

#[tokio::test]
async fn deletes() -> Outcome {
    let bed = Bed::new().await?;
    let seed = seed(&bed.orm).await?;
    let orm = &bed.orm;
    let ids = bed.notes(60).await?;
    bed.sends("1 DeleteItem", Note::delete(Note::ID.eq(&ids[0])).exec(orm)).await?;
    bed.sends("1 DeleteItem", Note::consume(Note::ID.eq(&ids[1])).exec(orm)).await?;
    bed.sends("1 GetItem + 1 TransactWriteItems", Session::delete(Session::TOKEN.eq("session-1")).exec(orm)).await?;
    bed.sends("1 GetItem + 1 TransactWriteItems", User::delete(User::ID.eq(&seed.grace.id)).exec(orm)).await?;
    bed.sends("2 GetItem + 1 TransactWriteItems", Session::consume(Session::TOKEN.eq("session-2")).exec(orm)).await?;
    bed.sends("1 GetItem", Session::delete(Session::TOKEN.eq("session-2")).exec(orm)).await?;
    bed.sends("1 Scan + 3 BatchWriteItem", Note::delete_many().exec(orm)).await?;
    bed.users(60).await?;
    bed.sends("1 Scan + 2 TransactWriteItems", User::delete_many().filter(User::NAME.eq("N")).exec(orm)).await?;
    Ok(())
}

#[tokio::test]
async fn relations() -> Outcome {
    let bed = Bed::new().await?;
    seed(&bed.orm).await?;
    let orm = &bed.orm;
    let users = bed.users(150).await?;
    let parents = || User::find_many().filter(User::ID.is_in(&users));
    Profile::create_many(users.iter().take(120).map(|id| Profile::create().user_id(id))).exec(orm).await?;
    Session::create_many(
        users.iter().map(|id| Session::create().user_id(id).token(format!("t{id}")).expires_at(day(1))),
    )
    .exec(orm)
    .await?;
    let labs =
        Organization::find_unique(Organization::SLUG.eq("farming-labs")).select(Organization::ID).exec(orm).await?;
    let labs = labs.ok_or("the seed has farming-labs")?;
    Member::create_many(users.iter().map(|id| Member::create().user_id(id).organization_id(&labs).role("member")))
        .exec(orm)
        .await?;

    // The parents themselves are 2 BatchGetItem.
    bed.sends("6 BatchGetItem", parents().select((User::ID, User::PROFILE)).exec(orm)).await?;
    bed.sends("2 BatchGetItem + 150 Query", parents().select((User::ID, User::SESSIONS)).exec(orm)).await?;
    bed.sends("2 BatchGetItem + 150 Query + 1 GetItem", parents().select((User::ID, User::ORGANIZATIONS)).exec(orm))
        .await?;
    // 153 sessions of 152 users.
    bed.sends("1 Scan + 2 BatchGetItem", Session::find_many().select(Session::USER).exec(orm)).await?;
    bed.sends(
        "1 GetItem + 1 Query",
        User::find_unique(User::ID.eq(&users[0])).select((User::ID, User::SESSIONS)).exec(orm),
    )
    .await?;
    Ok(())
}

/// A tree whose parent has no index, because it is not read from that side as a rule.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "folders")]
#[orm(belongs_to(parent: Folder, foreign_key = parent_id, index = false))]
#[orm(has_many(children: Folder, foreign_key = parent_id))]
struct Folder {
    #[orm(id)]
    id: String,
    parent_id: Option<String>,
}

#[tokio::test]
async fn a_relation_without_an_index_is_one_scan_for_all_parents() -> Outcome {
    let counter = RequestCounter::default();
    let config = Embedded::in_memory()?.config().interceptor(counter.clone()).build();
    let orm = Orm::bootstrap(schema![Folder], config).await?;
    Folder::create().id("root").exec(&orm).await?;
    Folder::create_many((0..150).map(|n| Folder::create().id(format!("f{n}")).parent_id("root"))).exec(&orm).await?;
    let bed = Bed { orm, counter };
    let query = Folder::find_many().select((Folder::ID, Folder::CHILDREN.select(Folder::ID)));
    let folders = bed.sends("2 Scan", query.exec(&bed.orm)).await?;
    let root = folders.iter().find(|(id, _)| id == "root").map(|(_, children)| children.len());
    assert_eq!((folders.len(), root), (151, Some(150)));
    Ok(())
}
