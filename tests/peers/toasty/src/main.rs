//! The workload with Toasty, against the server at the address that is given.
//!
//! An organization's name is not unique here: Toasty takes one unique field per model on DynamoDB. Users have no
//! `has_many(via = members.organization)`: with it, the schema is refused. Times and decimals are texts.

// What both sides share, from the workspaces that this one cannot depend on.
#[path = "../../../src/beside/names.rs"]
mod names;
#[path = "../../src/side.rs"]
mod side;

use names::{ORGANIZATIONS, RELATED, Size, email, organization, token, user};
use side::{Failure, Run, client, expect, take_turns};
use toasty::{Db, Deferred};
use toasty_driver_dynamodb::DynamoDb;

#[derive(Debug, toasty::Model)]
struct User {
    #[key]
    id: String,
    #[unique]
    email: String,
    name: String,
    email_verified: bool,
    login_count: i64,
    tier: String,
    quota: i64,
    created_at: String,
    updated_at: String,
    #[has_one]
    profile: Deferred<Option<Profile>>,
    #[has_many]
    sessions: Deferred<Vec<Session>>,
    #[has_many]
    accounts: Deferred<Vec<Account>>,
    #[has_many]
    members: Deferred<Vec<Member>>,
}

#[derive(Debug, toasty::Model)]
struct Profile {
    #[key]
    id: String,
    #[unique]
    user_id: String,
    #[belongs_to(key = user_id, references = id)]
    user: Deferred<User>,
    bio: Option<String>,
}

#[derive(Debug, toasty::Model)]
struct Session {
    #[key]
    id: String,
    #[index]
    user_id: String,
    #[belongs_to(key = user_id, references = id)]
    user: Deferred<User>,
    #[unique]
    token: String,
    expires_at: String,
}

#[derive(Debug, toasty::Model)]
struct Account {
    #[key]
    id: String,
    #[index]
    user_id: String,
    #[belongs_to(key = user_id, references = id)]
    user: Deferred<User>,
    provider: String,
    account_id: String,
    plan: String,
    balance: String,
    metadata: Option<String>,
}

#[derive(Debug, toasty::Model)]
struct Organization {
    #[key]
    id: String,
    name: String,
    #[unique]
    slug: String,
    #[has_many]
    members: Deferred<Vec<Member>>,
}

#[derive(Debug, toasty::Model)]
struct Member {
    #[key]
    id: String,
    #[index]
    user_id: String,
    #[belongs_to(key = user_id, references = id)]
    user: Deferred<User>,
    #[index]
    organization_id: String,
    #[belongs_to(key = organization_id, references = id)]
    organization: Deferred<Organization>,
    role: String,
}

const ACTIVE: usize = Size::USUAL.active;
const NOW: &str = "2026-01-01T00:00:00.000Z";

macro_rules! new_user {
    ($id:expr, $email:expr) => {
        User::create()
            .id($id)
            .email($email)
            .name("Ada")
            .email_verified(false)
            .login_count(0)
            .tier("free")
            .quota(0)
            .created_at(NOW)
            .updated_at(NOW)
    };
}

async fn fill(db: &mut Db) -> Result<(), Failure> {
    for n in 0..Size::USUAL.users {
        new_user!(user(n), email(n)).exec(db).await?;
        Profile::create().id(format!("p{n:06}")).user_id(user(n)).bio("Analyst").exec(db).await?;
    }
    for n in 0..ORGANIZATIONS {
        let new = Organization::create().id(organization(n));
        new.name(format!("Organization {n}")).slug(format!("organization-{n}")).exec(db).await?;
    }
    for owner in 0..ACTIVE {
        for n in 0..RELATED {
            let session = Session::create().id(format!("s{owner:06}{n:02}")).user_id(user(owner));
            session.token(token(owner, n)).expires_at(NOW).exec(db).await?;
            let member = Member::create().id(format!("m{owner:06}{n:02}")).user_id(user(owner));
            member.organization_id(organization((owner + n) % ORGANIZATIONS)).role("member").exec(db).await?;
        }
    }
    Ok(())
}

fn run<F>(db: &Db, operation: impl Fn(Db, usize) -> F + Send + Sync + 'static) -> Run
where
    F: Future<Output = toasty::Result<bool>> + Send + 'static,
{
    let db = db.clone();
    Box::new(move |n| {
        let running = operation(db.clone(), n);
        Box::pin(async move { expect(running.await.map_err(Failure::from)?) })
    })
}

fn hundred() -> toasty::stmt::Expr<bool> {
    User::fields().id().in_list((0..100).map(user).collect::<Vec<_>>())
}

fn operations(db: &Db) -> Vec<(&'static str, Run)> {
    vec![
        (
            "create",
            run(db, |mut db, n| async move {
                let new = new_user!(format!("new-{n}"), format!("new-{n}@farminglabs.dev"));
                Ok(new.exec(&mut db).await?.name == "Ada")
            }),
        ),
        (
            "find by id",
            run(db, |mut db, n| async move { Ok(!User::get_by_id(&mut db, user(n % ACTIVE)).await?.name.is_empty()) }),
        ),
        (
            "find by email",
            run(
                db,
                |mut db, n| async move { Ok(!User::get_by_email(&mut db, email(n % ACTIVE)).await?.name.is_empty()) },
            ),
        ),
        (
            "update by email",
            run(db, |mut db, n| async move {
                User::update_by_email(email(n % ACTIVE)).name(format!("Ada {n}")).exec(&mut db).await?;
                Ok(true)
            }),
        ),
        (
            "change an email",
            run(db, |mut db, n| async move {
                let moved = format!("moved-{n}@farminglabs.dev");
                User::update_by_id(user(500 + n)).email(moved).exec(&mut db).await?;
                Ok(true)
            }),
        ),
        (
            "sessions of a user",
            run(db, |mut db, n| async move {
                Ok(Session::filter_by_user_id(user(n % ACTIVE)).exec(&mut db).await?.len() == 10)
            }),
        ),
        (
            "count sessions of a user",
            run(db, |mut db, n| async move {
                Ok(Session::filter_by_user_id(user(n % ACTIVE)).count().exec(&mut db).await? == 10)
            }),
        ),
        (
            "a user with sessions",
            run(db, |mut db, n| async move {
                let found = User::filter_by_email(email(n % ACTIVE)).include(User::fields().sessions());
                let found = found.exec(&mut db).await?;
                Ok(found.len() == 1 && found.iter().all(|user| user.sessions.get().len() == 10))
            }),
        ),
        (
            "100 users with profiles",
            run(db, |mut db, _| async move {
                let found = User::filter(hundred()).include(User::fields().profile()).exec(&mut db).await?;
                Ok(found.len() == 100 && found.iter().all(|user| user.profile.get().is_some()))
            }),
        ),
        (
            "100 users with sessions",
            run(db, |mut db, _| async move {
                let found = User::filter(hundred()).include(User::fields().sessions()).exec(&mut db).await?;
                Ok(found.len() == 100 && found.iter().all(|user| user.sessions.get().len() == 10))
            }),
        ),
        (
            "100 users with organizations",
            Box::new(|_| {
                let refusal = "the schema is refused: a relation through a model needs an SQL database";
                Box::pin(async move { Err(Failure::from(refusal)) })
            }),
        ),
        (
            "create 100",
            run(db, |mut db, n| async move {
                let mut many = User::create_many();
                for place in 0..100 {
                    let id = format!("many-{n}-{place}");
                    let email = format!("{id}@farminglabs.dev");
                    many = many.item(new_user!(id, email));
                }
                Ok(many.exec(&mut db).await?.len() == 100)
            }),
        ),
        (
            "delete by email",
            run(db, |mut db, n| async move {
                User::delete_by_email(&mut db, email(900 - n)).await?;
                Ok(true)
            }),
        ),
    ]
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).ok_or("the server's address is missing")?;
    let driver = DynamoDb::new("dynamodb://localhost".to_owned(), client(&url));
    let models = toasty::models!(User, Profile, Session, Account, Organization, Member);
    let mut db = Db::builder().models(models).build(driver).await?;
    db.push_schema().await?;
    fill(&mut db).await?;
    take_turns(&operations(&db)).await
}
