//! The people that the cases are about, and records of another time.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, TimeZone, Utc};
use orm::prelude::*;

use crate::models::{Account, AccountMetadata, Member, Organization, Profile, Session, Tier, User};
use crate::suite::Outcome;

/// Ada and Grace, with what belongs to them.
#[derive(Debug)]
pub struct Seed {
    pub ada: User,
    pub grace: User,
    pub labs: Organization,
    pub compilers: Organization,
}

/// Noon of a day in January 2026.
pub fn day(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).single().expect("a day in January")
}

/// Makes a record look as if it was stored long ago.
pub async fn age(client: &Client, table: &str, id: &str) -> Outcome {
    let update = client.update_item().table_name(table).key("__orm_pk", AttributeValue::S(format!("record#{id}")));
    let update = update.update_expression("SET #once = :old").expression_attribute_names("#once", "__orm_once");
    update.expression_attribute_values(":old", AttributeValue::S("1000-old".to_owned())).send().await?;
    Ok(())
}

/// Stores them: Ada has a profile, two sessions, an account and two organizations; Grace has one session and one
/// organization, and no profile.
pub async fn seed(orm: &Orm) -> Result<Seed, Error> {
    let ada = User::create().email("ada@farminglabs.dev").name("Ada").tier(Tier::Pro).exec(orm).await?;
    let grace = User::create().email("grace@farminglabs.dev").name("Grace").exec(orm).await?;
    Profile::create().user_id(&ada.id).bio("Analyst").exec(orm).await?;
    for (user, token, expires) in
        [(&ada, "session-1", day(10)), (&ada, "session-2", day(20)), (&grace, "session-3", day(15))]
    {
        Session::create().user_id(&user.id).token(token).expires_at(expires).exec(orm).await?;
    }
    Account::create()
        .user_id(&ada.id)
        .provider("github")
        .account_id("gh_ada")
        .metadata(AccountMetadata { plan: "oss".into(), scopes: vec!["repo:read".into()] })
        .exec(orm)
        .await?;
    let labs = Organization::create().name("Farming Labs").slug("farming-labs").exec(orm).await?;
    let compilers = Organization::create().name("Compilers").slug("compilers").exec(orm).await?;
    for (user, organization, role) in [(&ada, &labs, "owner"), (&ada, &compilers, "member"), (&grace, &labs, "member")]
    {
        Member::create().user_id(&user.id).organization_id(&organization.id).role(role).exec(orm).await?;
    }
    Ok(Seed { ada, grace, labs, compilers })
}
