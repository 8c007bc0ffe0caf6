//! The six models of the public API's description: users with profiles, sessions, accounts and organizations.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A person who signs in.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users")]
#[orm(has_one(profile: Profile, foreign_key = user_id))]
#[orm(has_many(sessions: Session, foreign_key = user_id))]
#[orm(has_many(accounts: Account, foreign_key = user_id))]
#[orm(many_to_many(organizations: Organization, through = Member, from = user_id, to = organization_id))]
pub struct User {
    #[orm(id)]
    pub id: String,
    /// Where to reach them.
    #[orm(unique)]
    pub email: String,
    pub name: String,
    #[orm(column = "email_verified", default = false)]
    pub email_verified: bool,
    #[orm(default = 0)]
    pub login_count: i64,
    #[orm(default = Tier::Free)]
    pub tier: Tier,
    #[orm(default = 0)]
    pub quota: i128,
    #[orm(default_now)]
    pub created_at: DateTime<Utc>,
    #[orm(default_now)]
    pub updated_at: DateTime<Utc>,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "lowercase")]
pub enum Tier {
    Free,
    Pro,
    Enterprise,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "profiles")]
#[orm(belongs_to(user: User, foreign_key = user_id))]
pub struct Profile {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub user_id: String,
    pub bio: Option<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "sessions")]
#[orm(index(user_id, expires_at))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
pub struct Session {
    #[orm(id)]
    pub id: String,
    pub user_id: String,
    #[orm(unique)]
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "accounts")]
#[orm(unique(provider, account_id))]
#[orm(index(user_id, provider))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
pub struct Account {
    #[orm(id)]
    pub id: String,
    pub user_id: String,
    pub provider: String,
    pub account_id: String,
    #[orm(default = Plan::Oss)]
    pub plan: Plan,
    #[orm(default = Decimal::ZERO)]
    pub balance: Decimal,
    pub metadata: Option<Json<AccountMetadata>>,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "lowercase")]
pub enum Plan {
    Oss,
    Cloud,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct AccountMetadata {
    pub plan: String,
    pub scopes: Vec<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "organizations")]
#[orm(many_to_many(users: User, through = Member, from = organization_id, to = user_id))]
pub struct Organization {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub name: String,
    #[orm(unique)]
    pub slug: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "members")]
#[orm(unique(user_id, organization_id))]
#[orm(index(organization_id, role))]
#[orm(belongs_to(user: User, foreign_key = user_id))]
#[orm(belongs_to(organization: Organization, foreign_key = organization_id))]
pub struct Member {
    #[orm(id)]
    pub id: String,
    pub user_id: String,
    pub organization_id: String,
    pub role: String,
}

/// All six.
pub fn schema() -> orm::Schema {
    schema![User, Profile, Session, Account, Organization, Member]
}
