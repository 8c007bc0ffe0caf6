//! One table, read and written by two versions of a program.

use orm::prelude::*;
use orm_dynamodb::Embedded;
use orm_dynamodb::audit::Auditor;
use tests::suite::Outcome;

mod old {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "members", rename_all = "camelCase")]
    #[orm(unique(team_id, badge))]
    #[orm(index(team_id))]
    pub struct Member {
        #[orm(id)]
        pub id: String,
        #[orm(unique)]
        pub email: String,
        pub team_id: String,
        pub badge: i64,
    }
}

mod new {
    use orm::prelude::*;

    /// The same with other words in Rust.
    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "members", name = "member", rename_all = "camelCase")]
    #[orm(unique(crew, number))]
    #[orm(index(crew))]
    pub struct Person {
        #[orm(id)]
        pub id: String,
        #[orm(unique, rename = "email")]
        pub mail: String,
        #[orm(rename = "teamId")]
        pub crew: String,
        #[orm(rename = "badge", column = "badge")]
        pub number: i64,
    }
}

use new::Person;
use old::Member;

#[tokio::test]
async fn a_renamed_field_keeps_its_column_its_locks_and_its_index() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let before = Orm::bootstrap(schema![Member], &embedded).await?;
    let after = Orm::bootstrap(schema![Person], &embedded).await?;
    Member::create().id("ada").email("ada@x.dev").team_id("red").badge(1).exec(&before).await?;

    let ada = Person { id: "ada".into(), mail: "ada@x.dev".into(), crew: "red".into(), number: 1 };
    let by_mail = Person::find_unique(Person::MAIL.eq("ada@x.dev")).exec(&after).await?;
    let by_number = Person::find_unique(Person::CREW_NUMBER.eq("red", 1)).exec(&after).await?;
    assert_eq!((by_mail, by_number), (Some(ada.clone()), Some(ada.clone())));
    let (crew, cost) = Person::find_many().filter(Person::CREW.eq("red")).exec_with_cost(&after).await?;
    assert_eq!((crew, cost.requests_of("Query"), cost.total_requests()), (vec![ada], 1, 1));

    // Each version sees what the other one has taken, and frees it.
    let taken = Person::create().mail("ada@x.dev").crew("blue").number(1).exec(&after).await.unwrap_err();
    assert_eq!((taken.code(), taken.fields()), (ErrorCode::UniqueConstraintViolation, &["email"][..]));
    Person::update(Person::ID.eq("ada")).set(Person::MAIL, "a@x.dev").set(Person::NUMBER, 2).exec(&after).await?;
    Member::create().id("eve").email("ada@x.dev").team_id("red").badge(1).exec(&before).await?;
    let taken = Member::update(Member::ID.eq("eve")).set(Member::BADGE, 2).exec(&before).await.unwrap_err();
    assert_eq!(taken.fields(), ["teamId", "badge"]);

    let reports = [Auditor::of(&before)?.audit::<Member>().await?, Auditor::of(&after)?.audit::<Person>().await?];
    assert!(reports.iter().all(|report| report.is_clean() && report.locks() == 4), "{reports:?}");
    Ok(())
}

mod without {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "guests", name = "guest")]
    pub struct Guest {
        #[orm(id)]
        pub id: String,
        pub email: String,
    }
}

mod with {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug, PartialEq)]
    #[orm(table = "guests")]
    pub struct Guest {
        #[orm(id)]
        pub id: String,
        #[orm(unique)]
        pub email: String,
    }
}

/// A page ends among the keys that the query is read by. Among others its place would be another one.
#[tokio::test]
async fn a_cursor_among_keys_is_none_among_others() -> Outcome {
    let orm_of = |schema| {
        let embedded = Embedded::in_memory();
        async move { Ok::<_, Error>(Orm::bootstrap(schema, &embedded?).await?.with_cursor_secret("one for both")) }
    };
    let ids: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    let emails = || ["2", "1", "0"];
    let orm = orm_of(schema![without::Guest]).await?;
    without::Guest::create_many((0..3).map(|n| without::Guest::create().id(n.to_string()).email(n.to_string())))
        .exec(&orm)
        .await?;
    let query = without::Guest::find_many()
        .filter(without::Guest::ID.is_in(ids.clone()).and(without::Guest::EMAIL.is_in(emails())))
        .page(1);
    let next = query.clone().exec(&orm).await?.next.ok_or("there are three")?;
    assert_eq!(query.after(next.clone()).exec(&orm).await?.items.len(), 1);

    let orm = orm_of(schema![with::Guest]).await?;
    let query = with::Guest::find_many().filter(with::Guest::ID.is_in(ids).and(with::Guest::EMAIL.is_in(emails())));
    let text = query.clone().explain(&orm)?.to_string();
    assert!(text.contains("by the lock of (email)"), "{text}");
    let error = query.page(1).after(next).exec(&orm).await.expect_err("it is a place among ids");
    assert_eq!(error.code(), ErrorCode::InvalidCursor);
    Ok(())
}
