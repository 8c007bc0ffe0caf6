//! `Orm::transaction`, clones of an `Orm`, and what a driver says of itself.

use orm::ErrorCode;
use orm::prelude::*;

use super::{Outcome, assert_taken};
use crate::engine::Engine;
use crate::models::{Profile, User, schema};

pub async fn a_transaction_answers_its_value(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let linus = orm
        .transaction(|tx| async move {
            let user = User::create().email("linus@x.dev").name("Linus").exec(&tx).await?;
            Profile::create().user_id(&user.id).bio("Kernel").exec(&tx).await?;
            Ok(user)
        })
        .await?;
    let bio = linus.profile().select(Profile::BIO).exec(&orm).await?;
    assert_eq!(bio, Some(Some("Kernel".to_owned())));
    Ok(())
}

pub async fn a_transaction_answers_its_error(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let result = orm
        .transaction(|tx| async move {
            User::create().email("same@x.dev").name("First").exec(&tx).await?;
            User::create().email("same@x.dev").name("Second").exec(&tx).await
        })
        .await;
    assert_taken(result, "user", &["email"]);
    // It is a boundary: without transactions in the store, what was written before the error stays.
    if !orm.driver().capabilities().supports_transactions {
        assert_eq!(User::find_many().select(User::NAME).exec(&orm).await?, ["First"]);
    }
    let own: Result<(), Error> =
        orm.transaction(|_| async { Err(Error::new(ErrorCode::InvalidQuery, "not today")) }).await;
    assert_eq!(own.expect_err("it fails").to_string(), "not today");
    Ok(())
}

pub async fn clones_share_their_data(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let clone = orm.clone();
    let id = User::create().email("a@x.dev").name("A").select(User::ID).exec(&clone).await?;
    assert_eq!(User::find_unique(User::ID.eq(id)).select(User::NAME).exec(&orm).await?.as_deref(), Some("A"));
    assert_eq!(orm.schema().models().len(), 6);
    let shown = format!("{orm:?}");
    assert!(shown.contains(orm.driver().kind()) && shown.contains("organization") && shown.len() < 200, "{shown}");
    Ok(())
}

pub async fn one_query_runs_on_two_stores(engine: &impl Engine) -> Outcome {
    let (one, other) = (engine.orm(schema()).await?, engine.orm(schema()).await?);
    let create = User::create().id("u").email("a@x.dev").name("A").select(User::ID);
    create.clone().exec(&one).await?;
    assert_eq!(User::count().exec(&other).await?, 0);
    create.exec(&other).await?;
    assert_eq!(User::count().exec(&other).await?, 1);
    Ok(())
}

pub async fn capabilities_are_those_of_a_document_store(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let capabilities = orm.driver().capabilities();
    assert!(!capabilities.supports_transactions && !capabilities.supports_joins);
    assert!(capabilities.supports_json && capabilities.supports_dates && capabilities.supports_booleans);
    Ok(())
}
