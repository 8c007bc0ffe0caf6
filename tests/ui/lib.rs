//! The models that most cases use.

#![allow(missing_docs, reason = "these are models as an application has them")]

use chrono::{DateTime, Utc};
use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[orm(table = "users")]
#[orm(has_one(profile: Profile, foreign_key = user_id))]
#[orm(has_many(sessions: Session, foreign_key = user_id))]
pub struct User {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub email: String,
    pub name: String,
    #[orm(default = false)]
    pub verified: bool,
    #[orm(default = 0)]
    pub logins: i64,
    #[orm(default = Tier::Free)]
    pub tier: Tier,
    pub settings: Option<Json<Vec<String>>>,
}

#[derive(Enumeration, Clone, Copy, Debug)]
pub enum Tier {
    Free,
    Pro,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "profiles")]
#[orm(belongs_to(user: User, foreign_key = user_id))]
pub struct Profile {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub user_id: String,
    pub bio: Option<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "sessions")]
#[orm(unique(user_id, device))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
pub struct Session {
    #[orm(id)]
    pub id: String,
    pub user_id: String,
    pub device: String,
    #[orm(unique)]
    pub token: String,
    pub expires_at: DateTime<Utc>,
}
