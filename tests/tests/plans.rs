//! What DynamoDB is asked for a query: explanations, scan policies, limits, and how many requests are under way at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use chrono::{TimeZone, Utc};
use orm::Filter;
use orm::explain::{Method, Sorting};
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded, ScanPolicy};
use tests::models::{Member, Organization, Profile, Session, User, schema};
use tests::requests::{RequestCounter, counts};
use tests::seed::{day, seed};
use tests::strangers::{self, Employee};
use tests::suite::Outcome;

async fn orm() -> Result<Orm, Error> {
    Orm::bootstrap(schema(), Embedded::in_memory()?).await
}

fn denying(embedded: &Embedded) -> DynamoDb {
    DynamoDb::builder(embedded.client()).scan_policy(ScanPolicy::Deny).build()
}

#[tokio::test]
async fn an_explanation_is_a_tree_for_people() -> Outcome {
    let orm = orm().await?;
    let noon = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).single().ok_or("noon")?;
    let query = Session::find_many()
        .filter(Session::USER_ID.eq("u1").and(Session::EXPIRES_AT.gt(noon)).and(Session::TOKEN.contains("x")))
        .order_by(Session::EXPIRES_AT.desc())
        .take(10)
        .select((Session::TOKEN, Session::USER.select((User::NAME, User::PROFILE, User::ORGANIZATIONS))));
    let explanation = query.explain(&orm)?;
    assert_eq!(
        explanation.to_string(),
        r#"find_many: 1 Query per page + ⌈n / 100⌉ BatchGetItem + 2 × ⌈n / 100⌉ BatchGetItem + n Query + ⌈n / 100⌉ BatchGetItem
  session: on the index user_id-expires_at-index, backwards: 1 Query per page
    key condition: user_id = "u1" and expires_at > "2026-01-01T12:00:00.000Z"
    filter, after reading: token contains "x"
    order: as it is read
    limit: 10
└─ relation user: ⌈n / 100⌉ BatchGetItem + 2 × ⌈n / 100⌉ BatchGetItem + n Query + ⌈n / 100⌉ BatchGetItem
     user: by id: ⌈n / 100⌉ BatchGetItem
       limit: 1
   ├─ relation profile: 2 × ⌈n / 100⌉ BatchGetItem
   │    profile: by the lock of (user_id), then by id: 2 × ⌈n / 100⌉ BatchGetItem
   │      limit: 1
   └─ relation organizations: n Query + ⌈n / 100⌉ BatchGetItem
        member: on the index user_id-index: n Query
          key condition: user_id = each of n values
        organization: by id: ⌈n / 100⌉ BatchGetItem
"#
    );
    assert!(!explanation.scans());
    Ok(())
}

#[tokio::test]
async fn an_explanation_says_that_the_table_is_scanned() -> Outcome {
    let orm = orm().await?;
    let explanation =
        User::find_many().filter(User::NAME.eq("Ada")).order_by(User::EMAIL.asc()).take(5).explain(&orm)?;
    assert_eq!(
        explanation.to_string(),
        r#"find_many: 1 Scan per page
  user: scans the whole table: 1 Scan per page
    filter, after reading: name = "Ada"
    order: made here, from all records, of which the first 5 are kept
    limit: 5
    note: this query of `user` reads the whole table: its filter names no key and no index; `#[orm(index(name, email))]` on the model avoids it
"#
    );
    assert!(explanation.scans());
    let access = &explanation.steps[0].plan.accesses[0];
    assert_eq!(access.method, Method::Scan { segments: 1 });
    assert_eq!(explanation.steps[0].plan.sorting, Sorting::Here { kept: Some(5) });
    let counted = User::count().parallel(4).explain(&orm)?;
    assert_eq!(counted.requests(), "4 × 1 Scan per page");
    let first = User::find_first().order_by(User::NAME.asc()).parallel(4).explain(&orm)?;
    assert_eq!(first.requests(), "4 × 1 Scan per page");
    let papers = Orm::bootstrap(schema![Folder, Paper], Embedded::in_memory()?).await?;
    let folder = Folder { id: "f".to_owned(), name: "F".to_owned() };
    assert_eq!(folder.papers().parallel(4).explain(&papers)?.requests(), "4 × 1 Scan per page");
    Ok(())
}

#[tokio::test]
async fn every_query_of_many_can_be_explained() -> Outcome {
    let orm = orm().await?;
    assert_eq!(User::find_unique(User::EMAIL.eq("a")).explain(&orm)?.requests(), "2 GetItem");
    assert_eq!(User::find_first().filter(User::ID.eq("a")).explain(&orm)?.requests(), "1 GetItem");
    let ids = (0..250).map(|n| n.to_string());
    assert_eq!(User::find_many().filter(User::ID.is_in(ids)).page(10).explain(&orm)?.requests(), "3 BatchGetItem");
    for impossible in
        [User::find_many().page(0), User::find_many().take(5).page(10), User::find_many().skip(1).page(10)]
    {
        assert_eq!(impossible.explain(&orm).expect_err("it cannot be read").code(), ErrorCode::InvalidQuery);
    }
    let foreign = User::find_many().page(10).after("a cursor of another query");
    assert_eq!(foreign.explain(&orm).expect_err("it cannot be read").code(), ErrorCode::InvalidCursor);
    let nothing = User::find_many().filter(User::ID.eq("a").and(User::ID.eq("b"))).explain(&orm)?;
    assert_eq!(nothing.requests(), "none");
    assert!(nothing.to_string().contains("nothing can match, so nothing is sent"), "{nothing}");
    let update = Session::update_many().filter(Session::USER_ID.eq("u")).set(Session::EXPIRES_AT, day(1));
    assert_eq!(update.explain(&orm)?.requests(), "1 Query per page + n UpdateItem");
    let moved = Member::update_many().filter(Member::USER_ID.eq("u")).set(Member::USER_ID, "v");
    assert_eq!(moved.explain(&orm)?.requests(), "1 Query per page + ⌈n / 33⌉ TransactWriteItems");
    let by_id = User::update_many().filter(User::ID.is_in(["a", "b"])).set(User::NAME, "N");
    assert_eq!(by_id.explain(&orm)?.requests(), "n UpdateItem");
    let if_unchanged = User::update_many().filter(User::ID.eq("a").and(User::LOGIN_COUNT.eq(3))).set(User::NAME, "N");
    assert_eq!(if_unchanged.explain(&orm)?.requests(), "n UpdateItem");
    let large = Session::update_many()
        .filter(Session::USER_ID.eq("u").and(Session::TOKEN.not_in((0..2000).map(|n| n.to_string()))));
    assert_eq!(large.set(Session::EXPIRES_AT, day(1)).explain(&orm)?.requests(), "1 Query per page + n UpdateItem");
    // A list on an index is as many queries, of which some are shown.
    let of_many =
        Session::find_many().filter(Session::USER_ID.is_in((0..1000).map(|n| n.to_string()))).explain(&orm)?;
    assert_eq!(of_many.requests(), "1000 × 1 Query per page");
    let text = of_many.to_string();
    assert!(text.contains("and in 992 more ways") && text.lines().count() < 30, "{text}");
    let none = User::find_many().take(0).select(User::ID);
    assert_eq!(none.explain(&orm)?.requests(), "none");
    assert_eq!(User::find_many().take(0).select(User::SESSIONS).explain(&orm)?.requests(), "none");
    let of_none =
        User::find_many().filter(User::ID.eq("a")).select((User::SESSIONS.take(0), User::ORGANIZATIONS.take(0)));
    assert_eq!(of_none.explain(&orm)?.requests(), "1 GetItem");
    let delete = Session::delete_many().filter(Session::USER_ID.eq("u"));
    assert_eq!(delete.explain(&orm)?.requests(), "1 Query per page + ⌈n / 50⌉ TransactWriteItems");
    let papers = Orm::bootstrap(schema![Folder, Paper], Embedded::in_memory()?).await?;
    let if_there = Paper::delete_many().filter(Paper::ID.eq("p").and(Paper::FOLDER_ID.eq("f")));
    assert_eq!(if_there.explain(&papers)?.requests(), "1 DeleteItem");
    let ada = User { id: "u1".into(), ..seed(&orm).await?.ada };
    assert_eq!(ada.sessions().take(1).explain(&orm)?.requests(), "1 Query per page");
    assert_eq!(ada.organizations().explain(&orm)?.requests(), "1 Query per page + ⌈n / 100⌉ BatchGetItem");
    let staff = Orm::bootstrap(strangers::schema(), Embedded::in_memory()?).await?;
    let (boss, clerk) = (Employee::new(1, "a", None), Employee::new(2, "b", Some(1)));
    assert_eq!(boss.manager().explain(&staff)?.requests(), "none");
    assert_eq!(clerk.manager().explain(&staff)?.requests(), "1 GetItem");
    Ok(())
}

/// A folder's papers are found by a scan.
#[derive(Model, Debug)]
#[orm(table = "folders", has_many(papers: Paper, foreign_key = folder_id))]
struct Folder {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    name: String,
}

#[derive(Model, Debug)]
#[orm(table = "papers", belongs_to(folder: Folder, foreign_key = folder_id, index = false))]
struct Paper {
    #[orm(id)]
    id: String,
    folder_id: String,
}

#[derive(Model, Debug)]
#[orm(table = "visits", index(place, left))]
struct Visit {
    #[orm(id)]
    id: String,
    place: String,
    left: Option<i64>,
}

/// An index does not have the records that lack its second field, nor those with a value that no key can have.
#[tokio::test]
async fn a_denied_scan_names_the_index_that_is_there() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![Visit], denying(&embedded)).await?;
    let visits = || Visit::find_many().filter(Visit::PLACE.eq("p"));
    let error = visits().order_by(Visit::LEFT.asc()).exec(&orm).await.expect_err("it scans");
    let text = error.to_string();
    assert!(text.contains("`is_not_null()` on it") && text.contains("`#[orm(index(place))]`"), "{text}");
    assert!(!text.contains("no index"), "{text}");
    visits().filter(Visit::LEFT.is_not_null()).order_by(Visit::LEFT.asc()).exec(&orm).await?;
    let no_key = Visit::PLACE.eq("").and(Visit::LEFT.is_not_null());
    let text = Visit::find_many().filter(no_key).exec(&orm).await.expect_err("it scans").to_string();
    assert!(text.contains("the index on `place` has no record with") && !text.contains("orm(index"), "{text}");
    Ok(())
}

/// From the second page on, an index has all that is wanted; but it has no consistent reads.
#[tokio::test]
async fn a_consistent_page_stays_off_an_index_that_its_place_makes_possible() -> Outcome {
    let orm = Orm::bootstrap(schema![Visit], Embedded::in_memory()?).await?;
    Visit::create_many((1..4).map(|n| Visit::create().place("p").left(n))).exec(&orm).await?;
    let visits = Visit::find_many().filter(Visit::PLACE.eq("p")).order_by(Visit::LEFT.asc()).allow_scan();
    for (visits, operation) in [(visits.clone().consistent(), "Scan"), (visits, "Query")] {
        let first = visits.clone().page(1).exec(&orm).await?;
        let (second, cost) = visits.page(1).after(first.next.ok_or("there are more")?).exec_with_cost(&orm).await?;
        assert_eq!(second.items.iter().map(|visit| visit.left).collect::<Vec<_>>(), [Some(2)]);
        assert_eq!((cost.requests_of(operation), cost.total_requests()), (1, 1));
    }
    Ok(())
}

#[tokio::test]
async fn a_write_whose_answer_would_be_a_denied_scan_is_not_made() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema![Folder, Paper], denying(&embedded)).await?;
    Folder::create().id("a").name("A").exec(&orm).await?;
    let refused = |result: Result<(), Error>| {
        let error = result.expect_err("the answer scans");
        assert_eq!((error.code(), error.written()), (ErrorCode::InvalidQuery, None), "{error}");
        let text = error.to_string();
        assert_eq!(error.model(), Some("folder"));
        assert!(text.starts_with("nothing was written") && text.contains("`#[orm(index(folder_id))]`"), "{text}");
        assert!(text.contains("`.allow_scan()`"), "{text}");
    };
    let papers = || (Folder::NAME, Folder::PAPERS.select(Paper::ID));
    let new = |name: &str| Folder::create().name(name);
    let renamed = |name: &str| Folder::update(Folder::ID.eq("a")).set(Folder::NAME, name.to_owned()).select(papers());
    let upserted = || Folder::upsert(Folder::NAME.eq("U")).create(new("U")).select(papers());
    let consumed = || Folder::consume(Folder::NAME.eq("B")).select(papers());
    refused(new("N").select(papers()).exec(&orm).await.map(drop));
    refused(Folder::create_many([new("N"), new("M")]).select(papers()).exec(&orm).await.map(drop));
    refused(renamed("B").exec(&orm).await.map(drop));
    refused(upserted().exec(&orm).await.map(drop));
    refused(Folder::consume(Folder::NAME.eq("A")).select(papers()).exec(&orm).await.map(drop));
    // Whatever the filter of the relation says of the foreign key.
    let some = Folder::PAPERS.filter(Paper::FOLDER_ID.starts_with("x")).select(Paper::ID);
    refused(new("N").select((Folder::NAME, some)).exec(&orm).await.map(drop));
    assert_eq!(Folder::find_many().select(Folder::NAME).exec(&orm).await?, ["A"]);
    // Of none, nothing is read.
    let nothing = (Folder::NAME, Folder::PAPERS.take(0).select(Paper::ID));
    assert_eq!(new("Z").select(nothing).exec(&orm).await?, ("Z".into(), Vec::new()));

    let none: Vec<String> = Vec::new();
    assert_eq!(new("N").select(papers()).allow_scan().exec(&orm).await?, ("N".into(), none.clone()));
    let many = Folder::create_many([new("M"), new("O")]).select(papers()).allow_scan();
    assert_eq!(many.exec(&orm).await?.len(), 2);
    assert_eq!(renamed("B").allow_scan().exec(&orm).await?, Some(("B".into(), none.clone())));
    assert_eq!(upserted().allow_scan().exec(&orm).await?, ("U".into(), none.clone()));
    assert_eq!(consumed().allow_scan().exec(&orm).await?, Some(("B".into(), none)));
    Ok(())
}

#[tokio::test]
async fn a_denied_scan_names_the_index_and_can_be_permitted() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema(), denying(&embedded)).await?;
    seed(&orm).await?;
    let by_name = || User::find_many().filter(User::NAME.eq("Ada"));
    let error = by_name().exec(&orm).await.expect_err("it scans");
    assert_eq!((error.code(), error.model()), (ErrorCode::InvalidQuery, Some("user")));
    let text = error.to_string();
    assert!(text.contains("`#[orm(index(name))]`") && text.contains("`.allow_scan()`"), "{text}");
    assert_eq!(by_name().allow_scan().exec(&orm).await?.len(), 1);
    assert!(by_name().explain(&orm)?.to_string().contains("`ScanPolicy::Deny` refuses it"));

    assert!(User::count().filter(User::NAME.eq("Ada")).exec(&orm).await.is_err());
    assert_eq!(User::count().filter(User::NAME.eq("Ada")).allow_scan().exec(&orm).await?, 1);
    assert!(User::find_first().order_by(User::NAME.asc()).exec(&orm).await.is_err());
    assert!(User::find_first().order_by(User::NAME.asc()).allow_scan().exec(&orm).await?.is_some());
    assert!(by_name().page(5).exec(&orm).await.is_err());
    let everybody = || User::find_many().filter(User::NAME.ne("nobody"));
    let page = everybody().page(1).allow_scan().exec(&orm).await?;
    let next = page.next.ok_or("there are two")?;
    assert!(everybody().page(1).after(next.clone()).exec(&orm).await.is_err(), "each page asks for permission");
    assert_eq!(everybody().page(1).after(next).allow_scan().exec(&orm).await?.items.len(), 1);
    // An error is not one of the records that are skipped.
    assert!(by_name().skip(1).stream(&orm).next().await.is_some_and(|record| record.is_err()));
    assert!(by_name().skip(1).take(3000).stream(&orm).next().await.is_some_and(|record| record.is_err()));
    assert!(by_name().stream(&orm).next().await.is_some_and(|record| record.is_err()));
    assert!(by_name().allow_scan().stream(&orm).next().await.is_some_and(|record| record.is_ok()));
    let rename = || User::update_many().filter(User::NAME.eq("Ada")).set(User::NAME, "A");
    assert!(rename().exec(&orm).await.is_err());
    assert_eq!(rename().allow_scan().exec(&orm).await?, 1);
    let delete = || User::delete_many().filter(User::NAME.eq("A"));
    assert!(delete().exec(&orm).await.is_err());
    assert_eq!(delete().allow_scan().exec(&orm).await?, 1);
    // Everything is what these ask for.
    assert_eq!((User::find_many().exec(&orm).await?.len(), User::count().exec(&orm).await?), (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_filter_that_leaves_nothing_out_is_no_wish_for_all_records() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let orm = Orm::bootstrap(schema(), denying(&embedded)).await?;
    seed(&orm).await?;
    let all_of_none = || all(Vec::<Filter<User>>::new());
    for filter in [
        all_of_none(),
        all_of_none().and(all_of_none()),
        !any(Vec::<Filter<User>>::new()),
        User::NAME.not_in(Vec::<String>::new()),
        all_of_none().or(User::NAME.eq("Ada")),
    ] {
        let find = || User::find_many().filter(filter.clone());
        let error = find().exec(&orm).await.expect_err("it scans");
        assert_eq!(error.code(), ErrorCode::InvalidQuery);
        assert!(error.to_string().contains("its filter holds for all records"), "{error}");
        assert!(find().page(1).exec(&orm).await.is_err());
        assert!(find().stream(&orm).next().await.is_some_and(|record| record.is_err()));
        assert!(User::count().filter(filter.clone()).exec(&orm).await.is_err());
        assert!(User::update_many().filter(filter.clone()).set(User::NAME, "A").exec(&orm).await.is_err());
        assert!(User::delete_many().filter(filter.clone()).exec(&orm).await.is_err());
        assert_eq!(find().allow_scan().exec(&orm).await?.len(), 2);
        let page = find().page(1).allow_scan().exec(&orm).await?;
        let next = find().page(1).after(page.next.ok_or("there are two")?).allow_scan().exec(&orm).await?;
        assert_eq!(next.items.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn an_index_has_no_consistent_reads() -> Outcome {
    let orm = orm().await?;
    let ada = seed(&orm).await?.ada;
    let sessions = || Session::find_many().filter(Session::USER_ID.eq(&ada.id));
    let errors = [
        sessions().consistent().exec(&orm).await.err(),
        Session::count().filter(Session::USER_ID.eq(&ada.id)).consistent().exec(&orm).await.err(),
        ada.sessions().consistent().exec(&orm).await.err(),
        sessions().consistent().stream(&orm).next().await.and_then(Result::err),
        User::find_unique(User::ID.eq(&ada.id)).select((User::ID, User::SESSIONS)).consistent().exec(&orm).await.err(),
    ];
    let first = sessions().page(1).exec(&orm).await?.next.ok_or("there are two")?;
    let later = sessions().page(1).after(first).consistent().exec(&orm).await.err();
    let explained = sessions().consistent().explain(&orm).err();
    for error in errors.into_iter().chain([later, explained]) {
        let error = error.ok_or("an index is read")?;
        assert_eq!(error.code(), ErrorCode::InvalidQuery);
        assert!(error.to_string().contains("no consistent reads"), "{error}");
    }
    let with_profile = User::find_many().select((User::ID, User::PROFILE)).consistent().exec(&orm).await?;
    assert_eq!(with_profile.len(), 2);
    Ok(())
}

/// Positions in an order look alike, but for what tells apart the records that are equal in it.
#[tokio::test]
async fn a_cursor_of_another_driver_is_refused() -> Outcome {
    let (dynamodb, memory) = (orm().await?, Orm::bootstrap(schema(), orm::MemoryDriver::new()).await?);
    for orm in [&dynamodb, &memory] {
        User::create_many((0..3).map(|n| User::create().email(format!("{n}")).name("N"))).exec(orm).await?;
    }
    let page = || User::find_many().order_by(User::NAME.asc()).allow_scan().page(2);
    for (one, other) in [(&dynamodb, &memory), (&memory, &dynamodb)] {
        let next = page().exec(one).await?.next.ok_or("there is one more")?;
        let error = page().after(&next).exec(other).await.expect_err("it is a place in other results");
        assert_eq!(error.code(), ErrorCode::InvalidCursor, "{error}");
        assert_eq!(page().after(next).exec(one).await?.items.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_refuses_an_order_that_it_would_have_to_make() -> Outcome {
    let orm = orm().await?;
    let by_name = || User::find_many().order_by(User::NAME.asc());
    let error = by_name().stream(&orm).next().await.and_then(Result::err);
    let error = error.ok_or("it would hold all records")?;
    assert_eq!((error.code(), error.fields()), (ErrorCode::InvalidQuery, &["name"][..]));
    assert!(error.to_string().contains("would have to hold all records"), "{error}");
    // The first few can be held.
    seed(&orm).await?;
    let mut first = by_name().take(1).stream(&orm);
    assert_eq!(first.next().await.transpose()?.map(|user| user.name).as_deref(), Some("Ada"));
    assert!(first.next().await.is_none());
    Ok(())
}

/// An HTTP client that counts how many requests are under way at once, and lets each take a while.
#[derive(Clone, Debug)]
struct Crowd {
    inner: SharedHttpClient,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl HttpClient for Crowd {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(CrowdConnector { connector, crowd: self.clone() })
    }
}

#[derive(Debug)]
struct CrowdConnector {
    connector: SharedHttpConnector,
    crowd: Crowd,
}

impl HttpConnector for CrowdConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, crowd) = (self.connector.call(request), self.crowd.clone());
        HttpConnectorFuture::new(async move {
            let now = crowd.now.fetch_add(1, Ordering::SeqCst) + 1;
            crowd.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(2)).await;
            crowd.now.fetch_sub(1, Ordering::SeqCst);
            answer.await
        })
    }
}

/// A hundred users with sessions, profile and organizations: the requests of the budget, side by side up to a bound.
#[tokio::test]
async fn a_hundred_users_with_all_that_belongs_to_them() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let inner = embedded.config().build().http_client().ok_or("the engine's own")?;
    let crowd = Crowd { inner, now: Arc::default(), most: Arc::default() };
    let counter = RequestCounter::default();
    let config = embedded.config().http_client(crowd.clone()).interceptor(counter.clone()).build();
    let orm = Orm::bootstrap(schema(), config).await?;
    let users = User::create_many((0..100).map(|n| User::create().email(format!("{n}@x.dev")).name("N")))
        .select(User::ID)
        .exec(&orm)
        .await?;
    Profile::create_many(users.iter().map(|id| Profile::create().user_id(id))).exec(&orm).await?;
    let session = |id: &String, n: usize| Session::create().user_id(id).token(format!("{id} {n}")).expires_at(day(1));
    Session::create_many(users.iter().flat_map(|id| (0..3).map(move |n| session(id, n)))).exec(&orm).await?;
    let organizations =
        Organization::create_many((0..20).map(|n| Organization::create().name(format!("o{n}")).slug(format!("s{n}"))))
            .select(Organization::ID)
            .exec(&orm)
            .await?;
    let member = |(place, id): (usize, &String)| {
        Member::create().user_id(id).organization_id(&organizations[place % 20]).role("member")
    };
    Member::create_many(users.iter().enumerate().map(member)).exec(&orm).await?;

    counter.take();
    crowd.most.store(0, Ordering::SeqCst);
    let query = User::find_many().filter(User::ID.is_in(&users)).select((
        User::ID,
        User::SESSIONS,
        User::PROFILE,
        User::ORGANIZATIONS,
    ));
    let (found, cost) = query.exec_with_cost(&orm).await?;
    assert_eq!(found.len(), 100);
    assert!(found.iter().all(|(_, sessions, profile, organizations)| {
        sessions.len() == 3 && profile.is_some() && organizations.len() == 1
    }));
    // The users 1; their sessions 100; their profiles 2; their memberships 100, and the 20 organizations 1.
    assert_eq!(counter.take(), counts("4 BatchGetItem + 200 Query"));
    assert_eq!((cost.requests_of("BatchGetItem"), cost.requests_of("Query"), cost.retries), (4, 200, 0));
    // The sessions and the memberships of 32 users each, and one batch of locks of profiles.
    assert_eq!(crowd.most.load(Ordering::SeqCst), 32 + 32 + 1);
    Ok(())
}

#[tokio::test]
async fn the_first_of_many_is_not_looked_for_in_all_of_them() -> Outcome {
    let orm = orm().await?;
    let users = (0..2000).map(|n| User::create().email(format!("{n}@x.dev")).name("x".repeat(1000)));
    User::create_many(users).select(User::ID).exec(&orm).await?;
    let (_, cost) = User::find_first().exec_with_cost(&orm).await?;
    assert_eq!(cost.total_requests(), 1);
    assert!(cost.items_examined < 150, "{cost}");
    let (some, cost) = User::find_many().take(50).exec_with_cost(&orm).await?;
    assert_eq!((some.len(), cost.total_requests()), (50, 1));
    let (page, cost) = User::find_many().page(50).exec_with_cost(&orm).await?;
    assert_eq!((page.items.len(), cost.total_requests()), (50, 1));
    // Of many keys no more than are wanted, unless some of them lead nowhere.
    let ids = User::find_many().take(80).select(User::ID).exec(&orm).await?;
    let by_id = |ids: Vec<String>| User::find_many().filter(User::ID.is_in(ids));
    let (some, cost) = by_id(ids.clone()).page(5).exec_with_cost(&orm).await?;
    assert_eq!((some.items.len(), cost.total_requests(), cost.items_examined), (5, 1, 6));
    let (some, cost) = by_id(ids.clone()).take(5).exec_with_cost(&orm).await?;
    assert_eq!((some.len(), cost.total_requests(), cost.items_examined), (5, 1, 5));
    let nowhere = (0..20).map(|n| n.to_string()).chain(ids);
    let (some, cost) = by_id(nowhere.collect()).take(5).exec_with_cost(&orm).await?;
    assert_eq!((some.len(), cost.total_requests(), cost.items_examined), (5, 3, 15));
    let (all, cost) = User::find_many().exec_with_cost(&orm).await?;
    // 2,000 records of 1.2 KB and their locks, 1 MB a page.
    assert_eq!((all.len(), cost.total_requests() > 1), (2000, true));
    Ok(())
}

#[tokio::test]
async fn events_tell_what_a_push_does() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let events = Mutex::new(Vec::new());
    let note = |event: orm::schema::SchemaEvent| events.lock().unwrap().push(event.to_string());
    Orm::from_runtime(schema![before::Order], &embedded)?.push_schema_with(note).await?;
    Orm::from_runtime(schema![after::Order], &embedded)?.push_schema_with(note).await?;
    Orm::from_runtime(schema![before::Order], &embedded)?.push_schema_with(note).await?;
    let mut events = events.into_inner()?;
    events.retain(|event| !event.starts_with("waiting"));
    assert_eq!(
        events,
        [
            "creating the table orders",
            "the table orders is ready",
            "adding the index customer-index to the table orders",
            "the table orders is ready",
            "the table orders has the index customer-index, which no model declares: it is left alone",
            "the table orders is ready",
        ]
    );
    Ok(())
}

mod before {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "orders")]
    pub struct Order {
        #[orm(id)]
        pub id: String,
        pub customer: String,
    }
}

mod after {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "orders")]
    pub struct Order {
        #[orm(id)]
        pub id: String,
        #[orm(index)]
        pub customer: String,
    }
}
