//! Selections by name: `#[derive(Select)]` and `select_as`.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the models are written as an application would")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod models;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, Utc};
use models::{Member, Organization, Profile, Session, Tier, User};
use orm::MemoryDriver;
use orm::prelude::*;

#[derive(Select, Debug, PartialEq)]
#[orm(model = User)]
struct UserCard {
    id: String,
    #[orm(rename = "email")]
    address: String,
    tier: Tier,
    /// To one, by name.
    profile: Option<ProfileBio>,
    #[orm(rename = sessions, filter = Session::TOKEN.ne("hidden"), order_by = Session::TOKEN.desc(), skip = 1, take = 2)]
    latest: Vec<SessionToken>,
    /// To many, whole.
    organizations: Vec<Organization>,
}

#[derive(Select, Debug, PartialEq)]
#[orm(model = Profile)]
struct ProfileBio {
    bio: Option<String>,
}

#[derive(Select, Debug, PartialEq)]
#[orm(model = Session)]
struct SessionToken {
    token: String,
    user: Option<Name>,
}

#[derive(Select, Debug, PartialEq)]
#[orm(model = User)]
struct Name {
    name: String,
}

/// The memory driver never waits.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the memory driver waits"),
    }
}

fn orm() -> Orm {
    let schema = schema![User, Profile, Session, models::Account, Organization, Member];
    run(Orm::bootstrap(schema, MemoryDriver::new())).unwrap()
}

fn seeded() -> Orm {
    let orm = orm();
    run(async {
        User::create().id("u1").email("ada@x.dev").name("Ada").tier(Tier::Pro).exec(&orm).await?;
        Profile::create().user_id("u1").bio("Engines").exec(&orm).await?;
        for token in ["a", "b", "c", "d", "hidden"] {
            Session::create().user_id("u1").token(token).expires_at(DateTime::<Utc>::UNIX_EPOCH).exec(&orm).await?;
        }
        Organization::create().id("o1").name("Analytical").slug("analytical").exec(&orm).await?;
        Member::create().user_id("u1").organization_id("o1").role("owner").exec(&orm).await?;
        Ok::<(), Error>(())
    })
    .unwrap();
    orm
}

fn token(token: &str) -> SessionToken {
    SessionToken { token: token.to_owned(), user: Some(Name { name: "Ada".to_owned() }) }
}

#[test]
fn nested() {
    let orm = seeded();
    let card = run(User::find_unique(User::EMAIL.eq("ada@x.dev")).select_as::<UserCard>().exec(&orm)).unwrap().unwrap();
    assert_eq!(card.organizations[0].slug, "analytical");
    let organizations = card.organizations.clone();
    assert_eq!(
        card,
        UserCard {
            id: "u1".to_owned(),
            address: "ada@x.dev".to_owned(),
            tier: Tier::Pro,
            profile: Some(ProfileBio { bio: Some("Engines".to_owned()) }),
            latest: vec![token("c"), token("b")],
            organizations,
        }
    );
}

#[test]
fn in_every_query() {
    let orm = seeded();
    let ada = || Name { name: "Ada".to_owned() };
    let eve = || Name { name: "Eve".to_owned() };
    run(async {
        assert_eq!(User::find_first().select_as::<Name>().exec(&orm).await?, Some(ada()));
        assert_eq!(User::find_many().select_as::<Name>().exec(&orm).await?, [ada()]);
        assert_eq!(User::create().email("e").name("Eve").select_as::<Name>().exec(&orm).await?, eve());
        let grace = User::create_many([User::create().email("g").name("Grace")]).select_as::<Name>().exec(&orm).await?;
        assert_eq!(grace, [Name { name: "Grace".to_owned() }]);
        let update = User::update(User::EMAIL.eq("g")).set(User::NAME, "Eve").select_as::<Name>();
        assert_eq!(update.exec(&orm).await?, Some(eve()));
        let upsert = User::upsert(User::EMAIL.eq("g")).create(User::create().email("g").name("Eve"));
        assert_eq!(upsert.select_as::<Name>().exec(&orm).await?, eve());
        assert_eq!(User::consume(User::EMAIL.eq("g")).select_as::<Name>().exec(&orm).await?, Some(eve()));
        let user = User::find_unique(User::ID.eq("u1")).select_as::<User>().exec(&orm).await?.unwrap();
        assert_eq!(user.profile().select_as::<ProfileBio>().exec(&orm).await?.unwrap().bio.unwrap(), "Engines");
        let tokens = user.sessions().order_by(Session::TOKEN.asc()).take(1).select_as::<SessionToken>();
        assert_eq!(tokens.exec(&orm).await?, [token("a")]);
        // Among other selections.
        let mixed = User::find_many().filter(User::ID.eq("u1")).select((
            User::ID,
            User::PROFILE.select_as::<ProfileBio>(),
            User::SESSIONS.filter(Session::TOKEN.eq("a")).select_as::<SessionToken>(),
        ));
        let (id, profile, sessions) = mixed.exec(&orm).await?.remove(0);
        assert_eq!((id.as_str(), profile.is_some(), sessions), ("u1", true, vec![token("a")]));
        // More than the 16 entries of a tuple.
        let (id, name) = ((User::ID, User::ID, User::ID, User::ID), (User::NAME, User::NAME, User::NAME, User::NAME));
        let many = User::find_first().select(((id, name), User::EMAIL, (name, (id, User::TIER)))).exec(&orm).await?;
        let ((ids, names), email, (same_names, (same_ids, tier))) = many.unwrap();
        assert_eq!((ids.3.as_str(), names.3.as_str(), email.as_str(), tier), ("u1", "Ada", "ada@x.dev", Tier::Pro));
        assert_eq!((same_ids, same_names), (ids, names));
        Ok::<(), Error>(())
    })
    .unwrap();
}

#[derive(Select, Debug)]
#[orm(model = User)]
struct Endless {
    sessions: Vec<EndlessSession>,
}

#[derive(Select, Debug)]
#[orm(model = Session)]
struct EndlessSession {
    user: Option<Endless>,
}

#[test]
fn without_end() {
    let error = run(User::find_many().select_as::<Endless>().exec(&orm())).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidQuery);
    assert!(error.to_string().contains("contains itself"), "{error}");
}

#[derive(Model)]
#[orm(table = "folders")]
#[orm(has_many(children: Folder, foreign_key = parent_id))]
struct Folder {
    #[orm(id)]
    id: String,
    parent_id: Option<String>,
}

// By a path, so that the derive cannot know that it is the struct itself.
#[derive(Select, Debug)]
#[orm(model = Folder)]
struct EndlessFolder {
    children: Vec<self::EndlessFolder>,
}

#[test]
fn without_end_by_a_path() {
    let orm = Orm::new(schema![Folder], MemoryDriver::new()).unwrap();
    let error = run(Folder::find_many().select_as::<EndlessFolder>().exec(&orm)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidQuery);
    assert!(error.to_string().contains("contains itself"), "{error}");
}
