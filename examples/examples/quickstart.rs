//! The library in one sitting: six related models, two people, and the questions an application asks about them.
//!
//! ```text
//! cargo run -p examples --example quickstart
//! ```
//!
//! It needs no account and no server: DynamoDB is answered inside this process. Read it from top to bottom; the
//! models come first, then `main`, then one function per section of the output.

use chrono::{DateTime, TimeZone, Utc};
// The traits, the derives and the few types that most programs need.
use orm::prelude::*;
use orm_dynamodb::Embedded;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

// A model is a struct, and its values are the records of one table. The derive adds one constant per field
// (`User::EMAIL`) and per relation (`User::SESSIONS`). Queries are built from these constants, so a misspelt field or a
// value of the wrong type does not compile.

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users")]
#[orm(has_one(profile: Profile, foreign_key = user_id))]
#[orm(has_many(sessions: Session, foreign_key = user_id))]
#[orm(has_many(accounts: Account, foreign_key = user_id))]
#[orm(many_to_many(organizations: Organization, through = Member, from = user_id, to = organization_id))]
struct User {
    // Left out of a create, a `String` id becomes a random UUID.
    #[orm(id)]
    id: String,
    // DynamoDB has no unique constraints of its own: the driver keeps one lock item per email beside the record.
    #[orm(unique)]
    email: String,
    // No default and no `Option`: `User::create()` does not compile without `.name(..)`.
    name: String,
    #[orm(default = false)]
    email_verified: bool,
    #[orm(default = 0)]
    login_count: i64,
    #[orm(default = Tier::Free)]
    tier: Tier,
    #[orm(default = 0)]
    quota: i128,
    #[orm(default_now)]
    created_at: DateTime<Utc>,
    #[orm(default_now)]
    updated_at: DateTime<Utc>,
}

// Stored, filtered and shown as "free", "pro" and "enterprise".
#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "lowercase")]
enum Tier {
    Free,
    Pro,
    Enterprise,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "profiles")]
#[orm(belongs_to(user: User, foreign_key = user_id))]
struct Profile {
    #[orm(id)]
    id: String,
    // Unique, because a user has one profile. It also makes the profile of a user a key lookup.
    #[orm(unique)]
    user_id: String,
    bio: Option<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "sessions")]
// An index finds the sessions of a user, in the order in which they expire. Without one, that would read the table.
#[orm(index(user_id, expires_at))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
struct Session {
    #[orm(id)]
    id: String,
    user_id: String,
    #[orm(unique)]
    token: String,
    expires_at: DateTime<Utc>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "accounts")]
// Unique together: the same account id may exist at two providers. It makes the key `Account::PROVIDER_ACCOUNT_ID`.
#[orm(unique(provider, account_id))]
#[orm(index(user_id, provider))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
struct Account {
    #[orm(id)]
    id: String,
    user_id: String,
    provider: String,
    account_id: String,
    #[orm(default = Plan::Oss)]
    plan: Plan,
    #[orm(default = Decimal::ZERO)]
    balance: Decimal,
    // Any serde type can be stored as a document.
    metadata: Option<Json<AccountMetadata>>,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "lowercase")]
enum Plan {
    Oss,
    Cloud,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct AccountMetadata {
    scopes: Vec<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "organizations")]
#[orm(many_to_many(users: User, through = Member, from = organization_id, to = user_id))]
struct Organization {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    name: String,
    #[orm(unique)]
    slug: String,
}

// The records that connect users and organizations are a model like any other.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "members")]
#[orm(unique(user_id, organization_id))]
#[orm(index(organization_id, role))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
#[orm(belongs_to(organization: Organization, foreign_key = organization_id))]
struct Member {
    #[orm(id)]
    id: String,
    user_id: String,
    organization_id: String,
    role: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    // In production this line takes the `aws_sdk_dynamodb::Client` that the application already has; see the example
    // `aws`. Nothing else in this file would change: an `Orm` does not show which driver it runs on.
    let schema = schema![User, Profile, Session, Account, Organization, Member];
    let orm = Orm::bootstrap(schema, Embedded::in_memory()?).await?;

    seed(&orm).await?;
    one_user(&orm).await?;
    one_session(&orm).await?;
    one_organization(&orm).await?;
    taken_email(&orm).await?;
    upsert(&orm).await?;
    delete(&orm).await
}

/// Ada has a profile, two sessions, an account and two organizations; Grace has a session and an organization.
async fn seed(orm: &Orm) -> Result<(), Error> {
    // A query is a value that does nothing until `.exec(orm)` is awaited. A create answers the whole record, with the
    // id and the defaults that were filled in.
    let ada = User::create().email("ada@farminglabs.dev").name("Ada").tier(Tier::Pro).exec(orm).await?;
    let grace = User::create().email("grace@farminglabs.dev").name("Grace").exec(orm).await?;

    Profile::create().user_id(&ada.id).bio("Writes programs for engines yet to be built").exec(orm).await?;

    // Three records in one request: `create_many` takes any iterator of creates.
    let sessions = [(&ada, "session-1", 10), (&ada, "session-2", 20), (&grace, "session-3", 15)];
    Session::create_many(
        sessions.map(|(user, token, day)| Session::create().user_id(&user.id).token(token).expires_at(january(day))),
    )
    .exec(orm)
    .await?;

    Account::create()
        .user_id(&ada.id)
        .provider("github")
        .account_id("gh_ada")
        .metadata(AccountMetadata { scopes: vec!["repo:read".into()] })
        .exec(orm)
        .await?;

    let labs = Organization::create().name("Farming Labs").slug("farming-labs").exec(orm).await?;
    let compilers = Organization::create().name("Compilers").slug("compilers").exec(orm).await?;
    let members = [(&ada, &labs, "owner"), (&ada, &compilers, "member"), (&grace, &labs, "member")];
    Member::create_many(
        members.map(|(user, group, role)| Member::create().user_id(&user.id).organization_id(&group.id).role(role)),
    )
    .exec(orm)
    .await?;
    Ok(())
}

/// Ada by her email, with her profile, newest session and organizations.
async fn one_user(orm: &Orm) -> Result<(), Error> {
    // `find_unique` takes the id, a unique field or a compound unique key. `User::NAME.eq(..)` would not compile here:
    // names are not unique.
    //
    // `select` says what to read, and its type is the type of the result: a tuple of fields and relations gives a tuple
    // of their values. A relation to one record gives an `Option`, a relation to many gives a `Vec`.
    let found = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev"))
        .select((
            User::NAME,
            User::TIER,
            User::PROFILE.select(Profile::BIO),
            User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).take(1).select((Session::TOKEN, Session::EXPIRES_AT)),
            User::ORGANIZATIONS.order_by(Organization::NAME.asc()).select(Organization::NAME),
        ))
        .exec(orm)
        .await?;

    heading("A user by email");
    let Some((name, tier, bio, sessions, organizations)) = found else {
        line("user", "nobody has this email");
        return Ok(());
    };
    line("name", name);
    line("tier", tier.name());
    // Two ways to have no bio: no profile, or a profile without one.
    line("bio", bio.flatten().unwrap_or_else(|| "none".into()));
    for (token, expires_at) in sessions {
        line("newest session", format!("{token}, expires {}", expires_at.format("%Y-%m-%d")));
    }
    line("organizations", organizations.join(", "));
    Ok(())
}

/// A session with its user, and that user's organizations.
async fn one_session(orm: &Orm) -> Result<(), Error> {
    // Selections nest as deep as the relations go. Each level is read in batches, however many records it has.
    let found = Session::find_unique(Session::TOKEN.eq("session-3"))
        .select((Session::TOKEN, Session::USER.select((User::NAME, User::ORGANIZATIONS.select(Organization::NAME)))))
        .exec(orm)
        .await?;

    heading("A session by token, with its user");
    if let Some((token, Some((name, organizations)))) = found {
        line("token", token);
        line("user", name);
        line("organizations", organizations.join(", "));
    }
    Ok(())
}

/// An organization with its users, and their profiles.
async fn one_organization(orm: &Orm) -> Result<(), Error> {
    let found = Organization::find_unique(Organization::SLUG.eq("farming-labs"))
        .select((
            Organization::NAME,
            Organization::USERS.order_by(User::NAME.asc()).select((User::NAME, User::PROFILE.select(Profile::BIO))),
        ))
        .exec(orm)
        .await?;

    heading("An organization, with its users");
    if let Some((name, users)) = found {
        line("name", name);
        for (user, bio) in users {
            line(&user, bio.flatten().unwrap_or_else(|| "no profile".into()));
        }
    }
    Ok(())
}

/// A second user with Ada's email.
async fn taken_email(orm: &Orm) -> Result<(), Error> {
    // The record and the lock of its email are written in one transaction, so this holds against concurrent writers
    // too: there is no moment between a check and a write.
    let refused = User::create().email("ada@farminglabs.dev").name("Another Ada").exec(orm).await;

    heading("A duplicate email");
    match refused {
        Ok(user) => line("stored", user.id),
        // A program asks for the constraint; the text is for people.
        Err(error) if error.violates(User::EMAIL) => {
            line("constraint", error.fields().join(", "));
            line("message", &error);
        }
        Err(error) => return Err(error),
    }
    line("users", User::count().exec(orm).await?);
    Ok(())
}

/// A session that is created the first time and changed the second time.
async fn upsert(orm: &Orm) -> Result<(), Error> {
    let Some(grace) = User::find_unique(User::EMAIL.eq("grace@farminglabs.dev")).exec(orm).await? else {
        return Ok(());
    };

    heading("An upsert, twice");
    for (time, day) in [("first", 25), ("second", 28)] {
        let session = Session::upsert(Session::TOKEN.eq("session-4"))
            .create(Session::create().user_id(&grace.id).token("session-4").expires_at(january(day)))
            .update(|session| session.set(Session::EXPIRES_AT, january(day)))
            .exec(orm)
            .await?;
        line(time, format!("{}, expires {}", session.token, session.expires_at.format("%Y-%m-%d")));
    }

    // Each relation is also a method on a record.
    let sessions = grace.sessions().order_by(Session::EXPIRES_AT.asc()).select(Session::TOKEN).exec(orm).await?;
    line("Grace has", sessions.join(", "));
    Ok(())
}

/// A session that is deleted, and deleted again.
async fn delete(orm: &Orm) -> Result<(), Error> {
    heading("A delete, twice");
    for time in ["first", "second"] {
        let gone = Session::delete(Session::TOKEN.eq("session-4")).exec(orm).await?;
        line(time, format!("{gone} deleted"));
    }
    // The locks of a record go with it: its token can be used again.
    line("sessions left", Session::count().exec(orm).await?);
    Ok(())
}

fn january(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2027, 1, day, 12, 0, 0).single().expect("a day in January")
}

fn heading(text: &str) {
    println!("\n{text}");
}

fn line(label: &str, value: impl std::fmt::Display) {
    println!("  {label:<16}{value}");
}
