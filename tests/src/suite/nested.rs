//! Relations below relations, relations of a model to itself, and relations between unlike ids.

use orm::prelude::*;
use uuid::Uuid;

use super::Outcome;
use crate::engine::Engine;
use crate::models::{self, Organization, Session, User};
use crate::seed::seed;
use crate::strangers::{Article, Company, Department, Employee, Slug, Tag, Tagging, Task, schema};

/// Two companies; the first has two departments, in which Ann leads Bob and Cid, and Dot has no manager.
async fn staff(orm: &Orm) -> Result<(), Error> {
    let acme = Company::create().number(1).name("Acme").exec(orm).await?;
    Company::create().number(2).name("Void").exec(orm).await?;
    let compute = Department::create().company(acme.number).name("Compute").exec(orm).await?;
    let store = Department::create().company(acme.number).name("Store").exec(orm).await?;
    for (number, badge, manager, department) in [
        (10, "ann", None, Some(&compute)),
        (11, "bob", Some(10), Some(&compute)),
        (12, "cid", Some(10), Some(&store)),
        (13, "dot", None, None),
    ] {
        let department_id = department.map(|department| department.id);
        Employee::insert(Employee { department_id, ..Employee::new(number, badge, manager) }).exec(orm).await?;
    }
    for (id, assignee) in [("a", Some(11)), ("b", Some(11)), ("c", Some(12)), ("d", None)] {
        Task::create()
            .task_id(Slug::from(id))
            .assignee(assignee)
            .r#type("chore")
            .name(id)
            .status("open")
            .exec(orm)
            .await?;
    }
    Ok(())
}

pub async fn four_levels_down(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    staff(&orm).await?;
    let tree = Company::find_many()
        .order_by(Company::NUMBER.asc())
        .select((
            Company::NAME,
            Company::DEPARTMENTS.order_by(Department::NAME.asc()).select((
                Department::NAME,
                Department::EMPLOYEES
                    .order_by(Employee::BADGE.asc())
                    .select((Employee::BADGE, Employee::TASKS.order_by(Task::NAME.desc()).select(Task::NAME))),
            )),
        ))
        .exec(&orm)
        .await?;
    let text = |text: &str| text.to_owned();
    assert_eq!(
        tree,
        [
            (
                text("Acme"),
                vec![
                    (text("Compute"), vec![(text("ann"), vec![]), (text("bob"), vec![text("b"), text("a")])]),
                    (text("Store"), vec![(text("cid"), vec![text("c")])]),
                ]
            ),
            (text("Void"), vec![]),
        ]
    );
    Ok(())
}

pub async fn four_levels_up(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    staff(&orm).await?;
    let company = Department::OWNER.select(Company::NAME);
    let department = Employee::DEPARTMENT.select((Department::NAME, company));
    let tasks = Task::find_many()
        .order_by(Task::NAME.asc())
        .select((Task::NAME, Task::PERSON.select((Employee::BADGE, department))))
        .exec(&orm)
        .await?;
    let text = |text: &str| text.to_owned();
    let bob = || Some((text("bob"), Some((text("Compute"), Some(text("Acme"))))));
    assert_eq!(
        tasks,
        [
            (text("a"), bob()),
            (text("b"), bob()),
            (text("c"), Some((text("cid"), Some((text("Store"), Some(text("Acme"))))))),
            (text("d"), None),
        ]
    );
    Ok(())
}

pub async fn there_and_back_again(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let colleagues = User::find_unique(User::ID.eq(&seed.grace.id))
        .select(User::ORGANIZATIONS.select((
            Organization::NAME,
            Organization::USERS.order_by(User::NAME.asc()).select((
                User::NAME,
                User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).take(1).select((Session::TOKEN, Session::USER)),
            )),
        )))
        .exec(&orm)
        .await?;
    let users = vec![
        ("Ada".to_owned(), vec![("session-2".to_owned(), Some(seed.ada))]),
        ("Grace".to_owned(), vec![("session-3".to_owned(), Some(seed.grace))]),
    ];
    assert_eq!(colleagues, Some(vec![("Farming Labs".to_owned(), users)]));
    Ok(())
}

pub async fn a_model_related_to_itself(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    staff(&orm).await?;
    let found = Employee::find_many()
        .order_by(Employee::NUMBER.asc())
        .select((
            Employee::BADGE,
            Employee::MANAGER.select(Employee::BADGE),
            Employee::REPORTS.order_by(Employee::NUMBER.desc()).select((Employee::BADGE, Employee::MANAGER)),
        ))
        .exec(&orm)
        .await?;
    let ann = Employee::find_unique(Employee::BADGE.eq("ann")).exec(&orm).await?;
    let report = |badge: &str| (badge.to_owned(), ann.clone());
    assert_eq!(
        found,
        [
            ("ann".to_owned(), None, vec![report("cid"), report("bob")]),
            ("bob".to_owned(), Some("ann".to_owned()), vec![]),
            ("cid".to_owned(), Some("ann".to_owned()), vec![]),
            ("dot".to_owned(), None, vec![]),
        ]
    );
    Ok(())
}

pub async fn a_record_related_to_itself(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let boss = Employee::insert(Employee::new(1, "boss", Some(1))).exec(&orm).await?;
    let found = Employee::find_unique(Employee::NUMBER.eq(1))
        .select((Employee::MANAGER, Employee::REPORTS.select(Employee::REPORTS.select(Employee::BADGE))))
        .exec(&orm)
        .await?;
    assert_eq!(found, Some((Some(boss), vec![vec!["boss".to_owned()]])));
    Ok(())
}

pub async fn many_to_many_between_uuids_and_integers(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let articles = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3)];
    for (id, title) in articles.into_iter().zip(["Locks", "Scans", "Costs"]) {
        Article::create().id(id).title(title).exec(&orm).await?;
    }
    for (id, label, weight) in [(-7, "db", Some(5)), (0, "aws", None), (i64::MAX, "rust", Some(1))] {
        Tag::create().id(id).label(label).weight(weight).exec(&orm).await?;
    }
    // "Locks" has the tag "db" twice, which shows once.
    for (article, tag) in [(0, -7), (0, -7), (0, i64::MAX), (0, 0), (1, -7)] {
        Tagging::create().article_id(articles[article]).tag_id(tag).exec(&orm).await?;
    }
    let tags = Article::find_many()
        .order_by(Article::TITLE.asc())
        .select((Article::TITLE, Article::TAGS.order_by(Tag::WEIGHT.asc()).select(Tag::LABEL)))
        .exec(&orm)
        .await?;
    let (title, text) = (|title: &str| title.to_owned(), |text: &str| text.to_owned());
    assert_eq!(
        tags,
        [
            (title("Costs"), vec![]),
            (title("Locks"), vec![text("aws"), text("rust"), text("db")]),
            (title("Scans"), vec![text("db")]),
        ]
    );
    let titles = Tag::find_many()
        .order_by(Tag::ID.desc())
        .select((Tag::ID, Tag::ARTICLES.order_by(Article::TITLE.desc()).select(Article::TITLE)))
        .exec(&orm)
        .await?;
    assert_eq!(
        titles,
        [(i64::MAX, vec![text("Locks")]), (0, vec![text("Locks")]), (-7, vec![text("Scans"), text("Locks")])]
    );
    // The connecting records themselves, whose foreign key to tags has no index.
    let links = Tagging::find_many()
        .filter(Tagging::TAG_ID.eq(-7))
        .order_by(Tagging::ARTICLE_ID.desc())
        .select((Tagging::ARTICLE.select(Article::TITLE), Tagging::TAG.select(Tag::LABEL)))
        .exec(&orm)
        .await?;
    let link = |title: &str| (Some(title.to_owned()), Some("db".to_owned()));
    assert_eq!(links, [link("Scans"), link("Locks"), link("Locks")]);
    Ok(())
}

pub async fn more_parents_than_one_batch(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    Company::create_many((0..130).map(|n| Company::create().number(n).name(format!("Company {n}")))).exec(&orm).await?;
    Department::create_many((0..130).map(|n| Department::create().company(n).name(format!("{n}")))).exec(&orm).await?;
    let down = Company::find_many()
        .order_by(Company::NUMBER.asc())
        .select((Company::NUMBER, Company::DEPARTMENTS.select(Department::NAME)))
        .exec(&orm)
        .await?;
    assert_eq!(down.len(), 130);
    assert!(down.iter().all(|(number, departments)| *departments == [number.to_string()]));
    let up = Department::find_many().select((Department::COMPANY, Department::OWNER)).exec(&orm).await?;
    assert_eq!(up.len(), 130);
    assert!(up.iter().all(|(number, owner)| owner.as_ref().is_some_and(|owner| owner.number == *number)));
    Ok(())
}

pub async fn relations_of_what_a_write_answers(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    staff(&orm).await?;
    let eve = Employee::create()
        .number(14)
        .badge("eve")
        .manager_number(10)
        .select((Employee::BADGE, Employee::MANAGER.select(Employee::BADGE)))
        .exec(&orm)
        .await?;
    assert_eq!(eve, ("eve".to_owned(), Some("ann".to_owned())));
    let moved = Employee::update(Employee::BADGE.eq("eve"))
        .set(Employee::MANAGER_NUMBER, 11)
        .select(Employee::MANAGER.select(Employee::BADGE))
        .exec(&orm)
        .await?;
    assert_eq!(moved, Some(Some("bob".to_owned())));
    let upserted = Employee::upsert(Employee::NUMBER.eq(14))
        .create(Employee::create().number(14).badge("eve"))
        .update(|e| e.set(Employee::MANAGER_NUMBER, None))
        .select((Employee::BADGE, Employee::MANAGER))
        .exec(&orm)
        .await?;
    assert_eq!(upserted, ("eve".to_owned(), None));
    let gone = Employee::consume(Employee::NUMBER.eq(11))
        .select((Employee::BADGE, Employee::TASKS.order_by(Task::NAME.asc()).select(Task::NAME)))
        .exec(&orm)
        .await?;
    assert_eq!(gone, Some(("bob".to_owned(), vec!["a".to_owned(), "b".to_owned()])));
    Ok(())
}
