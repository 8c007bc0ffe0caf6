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
