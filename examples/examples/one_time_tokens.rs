//! A sign-in link works once, also when it is clicked twice at the same moment.
//!
//! ```text
//! cargo run -p examples --example one_time_tokens
//! ```
//!
//! Reading a token and then deleting it has a gap in which somebody else can read it too. `consume` has none: it
//! deletes the record and returns it, and of many callers at once exactly one gets it. (If the answer is lost, nobody gets it:
//! `docs/guarantees.md` says what to do where a token is too dear for that.)

use chrono::{DateTime, TimeDelta, Utc};
use orm::prelude::*;
use orm_dynamodb::Embedded;

#[derive(Model, Clone, Debug)]
#[orm(table = "login_links")]
struct LoginLink {
    // The secret itself is the id. There is nothing else to look it up by, so a redemption is a single DeleteItem.
    #[orm(id(given))]
    secret: String,
    email: String,
    valid_until: DateTime<Utc>,
}

/// Why a link was not accepted, in the words of this application.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Refusal {
    Unknown,
    Expired,
}

/// The email that the link was sent to, if it is still good.
async fn redeem(orm: &Orm, secret: &str) -> Result<Result<String, Refusal>, Error> {
    // `None` says two things that need not be told apart: there never was such a link, or somebody else was faster.
    let Some(link) = LoginLink::consume(LoginLink::SECRET.eq(secret)).exec(orm).await? else {
        return Ok(Err(Refusal::Unknown));
    };
    // The link is gone by now, and an expired one should be.
    if link.valid_until < Utc::now() {
        return Ok(Err(Refusal::Expired));
    }
    Ok(Ok(link.email))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orm = Orm::bootstrap(schema![LoginLink], Embedded::in_memory()?).await?;
    let (soon, before) = (Utc::now() + TimeDelta::minutes(15), Utc::now() - TimeDelta::minutes(1));
    for (secret, valid_until) in [("fresh", soon), ("stale", before)] {
        LoginLink::create().secret(secret).email("ada@farminglabs.dev").valid_until(valid_until).exec(&orm).await?;
    }

    // Twenty clicks at once. Queries are `Send`, and an `Orm` is cheap to clone, so each can be a task of its own.
    let clicks: Vec<_> = (0..20)
        .map(|_| {
            let orm = orm.clone();
            tokio::spawn(async move { redeem(&orm, "fresh").await })
        })
        .collect();
    let (mut accepted, mut refused) = (0, 0);
    for click in clicks {
        match click.await?? {
            Ok(_) => accepted += 1,
            Err(_) => refused += 1,
        }
    }

    println!("20 clicks on one link");
    println!("  accepted   {accepted}");
    println!("  refused    {refused}");
    println!("\nAn expired link");
    for time in ["first", "second"] {
        let outcome = match redeem(&orm, "stale").await? {
            Ok(email) => format!("accepted for {email}"),
            Err(Refusal::Expired) => "expired".to_owned(),
            Err(Refusal::Unknown) => "unknown".to_owned(),
        };
        println!("  {time:<10} {outcome}");
    }
    Ok(())
}
