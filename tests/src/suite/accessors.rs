//! Relations of a record that is already here: `ada.sessions()`.

use orm::prelude::*;

use super::Outcome;
use crate::engine::Engine;
use crate::models::{self, Account, Organization, Profile, Session, User};
use crate::seed::{day, seed};
use crate::strangers::{self, Employee};

pub async fn has_one(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let profile = seed.ada.profile().exec(&orm).await?.ok_or("Ada has a profile")?;
    assert_eq!((profile.user_id.as_str(), profile.bio.as_deref()), (seed.ada.id.as_str(), Some("Analyst")));
    assert_eq!(seed.ada.profile().select(Profile::ID).exec(&orm).await?, Some(profile.id));
    assert_eq!(seed.ada.profile().filter(Profile::BIO.is_null()).exec(&orm).await?, None);
    assert_eq!(seed.grace.profile().exec(&orm).await?, None);
    Ok(())
}

pub async fn has_many(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let latest = seed.ada.sessions().order_by(Session::EXPIRES_AT.desc()).take(1).exec(&orm).await?;
    assert_eq!(latest.iter().map(|session| session.expires_at).collect::<Vec<_>>(), [day(20)]);
    let earlier = seed.ada.sessions().order_by(Session::EXPIRES_AT.desc()).skip(1).select(Session::TOKEN);
    assert_eq!(earlier.exec(&orm).await?, ["session-1"]);
    let soon = seed.ada.sessions().filter(Session::EXPIRES_AT.lt(day(12))).select(Session::TOKEN);
    assert_eq!(soon.clone().exec(&orm).await?, ["session-1"]);
    assert_eq!(soon.exec(&orm).await?, ["session-1"], "a query can be run again");
    assert_eq!(seed.grace.accounts().exec(&orm).await?, []);
    Ok(())
}

pub async fn belongs_to(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let session = Session::find_unique(Session::TOKEN.eq("session-1")).exec(&orm).await?.ok_or("it is there")?;
    assert_eq!(session.user().exec(&orm).await?.as_ref(), Some(&seed.ada));
    let account = Account::find_first().exec(&orm).await?.ok_or("it is there")?;
    assert_eq!(account.user().select(User::NAME).exec(&orm).await?.as_deref(), Some("Ada"));
    User::delete(User::ID.eq(&seed.ada.id)).exec(&orm).await?;
    assert_eq!(session.user().exec(&orm).await?, None);
    Ok(())
}

pub async fn many_to_many(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let names = seed.ada.organizations().order_by(Organization::NAME.asc()).select(Organization::NAME);
    assert_eq!(names.exec(&orm).await?, ["Compilers", "Farming Labs"]);
    let last = seed.ada.organizations().order_by(Organization::NAME.desc()).take(1).select(Organization::SLUG);
    assert_eq!(last.exec(&orm).await?, ["farming-labs"]);
    let users = seed.labs.users().order_by(User::NAME.desc()).exec(&orm).await?;
    assert_eq!(users, [seed.grace.clone(), seed.ada.clone()]);
    let users = seed.labs.users().filter(User::EMAIL.starts_with("grace")).exec(&orm).await?;
    assert_eq!(users, [seed.grace]);
    Ok(())
}

pub async fn a_null_foreign_key_leads_nowhere(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let lead = Employee::insert(Employee::new(1, "lead", None)).exec(&orm).await?;
    let other = Employee::insert(Employee::new(2, "other", Some(1))).exec(&orm).await?;
    assert_eq!(lead.manager().exec(&orm).await?, None);
    assert_eq!(lead.department().exec(&orm).await?, None);
    assert_eq!(other.manager().exec(&orm).await?.as_ref(), Some(&lead));
    // Those without a manager are nobody's reports.
    assert_eq!(lead.reports().exec(&orm).await?.as_slice(), std::slice::from_ref(&other));
    assert_eq!(other.reports().exec(&orm).await?, []);
    Ok(())
}

pub async fn relations_of_related_records(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(models::schema()).await?;
    let seed = seed(&orm).await?;
    let colleagues = seed
        .grace
        .organizations()
        .select((Organization::SLUG, Organization::USERS.order_by(User::NAME.asc()).select(User::NAME)))
        .exec(&orm)
        .await?;
    assert_eq!(colleagues, [("farming-labs".to_owned(), vec!["Ada".to_owned(), "Grace".to_owned()])]);
    Ok(())
}
