//! Structs as items, and items as structs.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat, Utc};

use super::super::Failure;
use super::super::data::Note;
use super::{Item, KIND, PK, record_key, text};
use crate::models::{Organization, Profile, Session, Tier, User};

/// A time as it is stored.
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

const fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Free => "free",
        Tier::Pro => "pro",
        Tier::Enterprise => "enterprise",
    }
}

fn record(capacity: usize, id: &str) -> Item {
    let mut item = Item::with_capacity(capacity + 2);
    item.insert(PK.to_owned(), text(record_key(id)));
    item.insert(KIND.to_owned(), text("record"));
    item.insert("id".to_owned(), text(id));
    item
}

pub fn user_item(user: &User) -> Item {
    let mut item = record(9, &user.id);
    item.insert("email".to_owned(), text(&user.email));
    item.insert("name".to_owned(), text(&user.name));
    item.insert("email_verified".to_owned(), AttributeValue::Bool(user.email_verified));
    item.insert("login_count".to_owned(), number(user.login_count));
    item.insert("tier".to_owned(), text(tier(user.tier)));
    item.insert("quota".to_owned(), number(user.quota));
    item.insert("created_at".to_owned(), text(time(user.created_at)));
    item.insert("updated_at".to_owned(), text(time(user.updated_at)));
    item
}

pub fn note_item(note: &Note) -> Item {
    let mut item = record(5, &note.id);
    item.insert("author".to_owned(), text(&note.author));
    item.insert("text".to_owned(), text(&note.text));
    item.insert("stars".to_owned(), number(note.stars));
    item.insert("written_at".to_owned(), text(time(note.written_at)));
    item
}

fn missing(name: &str) -> Failure {
    format!("the item has no `{name}` of the right type").into()
}

pub fn take_text(item: &mut Item, name: &str) -> Result<String, Failure> {
    match item.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(missing(name)),
    }
}

fn take_optional_text(item: &mut Item, name: &str) -> Result<Option<String>, Failure> {
    match item.remove(name) {
        None | Some(AttributeValue::Null(_)) => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text)),
        _ => Err(missing(name)),
    }
}

fn take_number<T: std::str::FromStr>(item: &mut Item, name: &str) -> Result<T, Failure> {
    match item.remove(name) {
        Some(AttributeValue::N(text)) => text.parse().map_err(|_| missing(name)),
        _ => Err(missing(name)),
    }
}

fn take_bool(item: &mut Item, name: &str) -> Result<bool, Failure> {
    match item.remove(name) {
        Some(AttributeValue::Bool(value)) => Ok(value),
        _ => Err(missing(name)),
    }
}

fn take_time(item: &mut Item, name: &str) -> Result<DateTime<Utc>, Failure> {
    Ok(DateTime::parse_from_rfc3339(&take_text(item, name)?)?.to_utc())
}

pub fn user(mut item: Item) -> Result<User, Failure> {
    Ok(User {
        id: take_text(&mut item, "id")?,
        email: take_text(&mut item, "email")?,
        name: take_text(&mut item, "name")?,
        email_verified: take_bool(&mut item, "email_verified")?,
        login_count: take_number(&mut item, "login_count")?,
        tier: match take_text(&mut item, "tier")?.as_str() {
            "free" => Tier::Free,
            "pro" => Tier::Pro,
            "enterprise" => Tier::Enterprise,
            _ => return Err(missing("tier")),
        },
        quota: take_number(&mut item, "quota")?,
        created_at: take_time(&mut item, "created_at")?,
        updated_at: take_time(&mut item, "updated_at")?,
    })
}

pub fn profile(mut item: Item) -> Result<Profile, Failure> {
    Ok(Profile {
        id: take_text(&mut item, "id")?,
        user_id: take_text(&mut item, "user_id")?,
        bio: take_optional_text(&mut item, "bio")?,
    })
}

pub fn session(mut item: Item) -> Result<Session, Failure> {
    Ok(Session {
        id: take_text(&mut item, "id")?,
        user_id: take_text(&mut item, "user_id")?,
        token: take_text(&mut item, "token")?,
        expires_at: take_time(&mut item, "expires_at")?,
    })
}

pub fn organization(mut item: Item) -> Result<Organization, Failure> {
    Ok(Organization {
        id: take_text(&mut item, "id")?,
        name: take_text(&mut item, "name")?,
        slug: take_text(&mut item, "slug")?,
    })
}

pub fn note(mut item: Item) -> Result<Note, Failure> {
    Ok(Note {
        id: take_text(&mut item, "id")?,
        author: take_text(&mut item, "author")?,
        text: take_text(&mut item, "text")?,
        stars: take_number(&mut item, "stars")?,
        written_at: take_time(&mut item, "written_at")?,
    })
}
