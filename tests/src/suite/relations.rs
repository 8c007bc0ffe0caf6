//! Relations.

use orm::prelude::*;

use super::Outcome;
use crate::engine::Engine;
use crate::models::{Organization, Profile, Session, User, schema};
use crate::seed::seed;

pub async fn loads_each_kind_of_relation(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let ada = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev"))
        .select((
            User::NAME,
            User::PROFILE.select(Profile::BIO),
            User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).take(1).select(Session::TOKEN),
            User::ORGANIZATIONS.order_by(Organization::NAME.asc()).select(Organization::NAME),
        ))
        .exec(&orm)
        .await?;
    let expected = (
        "Ada".to_owned(),
        Some(Some("Analyst".to_owned())),
        vec!["session-2".to_owned()],
        vec!["Compilers".to_owned(), "Farming Labs".to_owned()],
    );
    assert_eq!(ada, Some(expected));
    let owner = Session::find_unique(Session::TOKEN.eq("session-3")).select(Session::USER).exec(&orm).await?;
    assert_eq!(owner, Some(Some(seed.grace)));
    Ok(())
}
