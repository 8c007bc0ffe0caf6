//! The records that both sides work on.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm::query::{Create, IntoCreate};

pub use super::names::{ORGANIZATIONS, RELATED, Size, email, organization, token, user};
use crate::models::{Member, Organization, Profile, Session, User};

/// A model without unique fields: its writes are single requests.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes")]
#[orm(index(author, written_at))]
pub struct Note {
    #[orm(id)]
    pub id: String,
    pub author: String,
    pub text: String,
    #[orm(default = 0)]
    pub stars: i64,
    #[orm(default_now)]
    pub written_at: DateTime<Utc>,
}

/// The six models and notes.
pub fn schema() -> orm::Schema {
    crate::models::schema().with(schema![Note])
}

/// How many notes each author has.
pub const NOTES_PER_AUTHOR: usize = 50;
/// A moment, the later the higher the number.
pub fn at(n: usize) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_790_000_000_000 + 1_000 * n as i64).unwrap_or_default()
}

/// Stores them all. The tables exist.
///
/// # Errors
/// What the engine answers.
pub async fn fill(orm: &Orm, size: Size) -> Result<(), Error> {
    let Size { users, active } = size;
    let new_user = |n| User::create().id(user(n)).email(email(n)).name("Ada Lovelace");
    User::create_many((0..users).map(new_user)).select(User::ID).exec(orm).await?;
    let profile = |n| Profile::create().id(format!("p{n:06}")).user_id(user(n)).bio("Analyst and metaphysician");
    Profile::create_many((0..users).map(profile)).select(Profile::ID).exec(orm).await?;
    let organizations = (0..ORGANIZATIONS).map(|n| {
        Organization::create().id(organization(n)).name(format!("Organization {n}")).slug(format!("organization-{n}"))
    });
    Organization::create_many(organizations).select(Organization::ID).exec(orm).await?;
    let of_each = |count| (0..active).flat_map(move |user| (0..count).map(move |n| (user, n)));
    let session = |(owner, n)| {
        Session::create().id(format!("s{owner:06}{n:02}")).user_id(user(owner)).token(token(owner, n)).expires_at(at(n))
    };
    Session::create_many(of_each(RELATED).map(session)).select(Session::ID).exec(orm).await?;
    let member = |(owner, n)| {
        let organization = organization((owner + n) % ORGANIZATIONS);
        Member::create()
            .id(format!("m{owner:06}{n:02}"))
            .user_id(user(owner))
            .organization_id(organization)
            .role("member")
    };
    Member::create_many(of_each(RELATED).map(member)).select(Member::ID).exec(orm).await?;
    let notes: Vec<_> = of_each(NOTES_PER_AUTHOR).map(note).collect();
    Note::create_many(notes).select(Note::ID).exec(orm).await?;
    Ok(())
}

/// The note of a user and number, to be stored.
pub fn note((author, n): (usize, usize)) -> Create<Note> {
    Note::create()
        .id(format!("n{author:06}{n:02}"))
        .author(user(author))
        .text("The engine weaves algebraical patterns.")
        .written_at(at(n))
        .into_create()
}
