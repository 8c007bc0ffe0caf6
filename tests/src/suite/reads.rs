//! Reads of one model.

use orm::prelude::*;

use super::Outcome;
use crate::engine::Engine;
use crate::models::{Account, Profile, User, schema};
use crate::seed::seed;

pub async fn finds_by_each_unique_key(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let by_id = User::find_unique(User::ID.eq(&seed.ada.id)).exec(&orm).await?;
    assert_eq!(by_id.as_ref(), Some(&seed.ada));
    let by_email = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).exec(&orm).await?;
    assert_eq!(by_email, by_id);
    let by_compound = Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh_ada")).exec(&orm).await?;
    assert_eq!(by_compound.map(|account| account.user_id), Some(seed.ada.id.clone()));
    let by_foreign_key = Profile::find_unique(Profile::USER_ID.eq(&seed.ada.id)).exec(&orm).await?;
    assert_eq!(by_foreign_key.and_then(|profile| profile.bio).as_deref(), Some("Analyst"));
    assert_eq!(User::find_unique(User::EMAIL.eq("nobody@farminglabs.dev")).exec(&orm).await?, None);
    assert_eq!(User::find_unique(User::ID.eq("nobody")).exec(&orm).await?, None);
    Ok(())
}
