//! How many records there are, and what they are called. Uses nothing, so that a peer's own workspace can include it.

/// How many sessions and organizations each user has who has any.
pub const RELATED: usize = 10;
/// How many organizations there are.
pub const ORGANIZATIONS: usize = 50;

/// How many records there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Users, each with a profile.
    pub users: usize,
    /// Of them, those with sessions, memberships and notes.
    pub active: usize,
}

impl Size {
    /// What the relation loads of 1,000 rows need.
    pub const USUAL: Self = Self { users: 1_000, active: 100 };
}

pub fn user(n: usize) -> String {
    format!("u{n:06}")
}

pub fn email(n: usize) -> String {
    format!("u{n:06}@farminglabs.dev")
}

pub fn token(user: usize, n: usize) -> String {
    format!("session-{user:06}-{n:02}")
}

pub fn organization(n: usize) -> String {
    format!("o{n:06}")
}
