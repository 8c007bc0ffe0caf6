//! Is a table whole? Reads all of it with a progress bar, says what is wrong, and repairs what is unambiguous.
//!
//! ```text
//! cargo run -p examples --example audit
//! ```
//!
//! The driver keeps records and locks together by itself. Here somebody else has changed the table: one record was
//! deleted by hand, another lost a lock, and a third was given a value that is taken.

use std::io::{IsTerminal, Write};

use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use orm_dynamodb::audit::{Auditor, Outcome, Progress};

#[derive(Model, Clone, Debug)]
#[orm(table = "users")]
struct User {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: String,
    name: String,
}

const USERS: usize = 2000;

/// One line that is written again and again; a line each time would fill a log.
fn show(progress: &Progress) {
    const WIDTH: usize = 40;
    let mut out = std::io::stderr();
    if !out.is_terminal() {
        return;
    }
    let expected = progress.expected.filter(|expected| *expected > 0);
    let done = expected.map_or(0.0, |expected| (progress.items as f64 / expected as f64).min(1.0));
    let full = (done * WIDTH as f64) as usize;
    let bar = "#".repeat(full) + &"-".repeat(WIDTH - full);
    // Nothing depends on whether it can be seen.
    let _ = write!(out, "\r{} [{bar}] {} items, {} findings ", progress.model, progress.items, progress.findings);
    let _ = out.flush();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Embedded::in_memory()?.client();
    let orm = Orm::bootstrap(schema![User], &client).await?;
    let users = (0..USERS).map(|n| User::create().id(format!("u{n}")).email(format!("u{n}@x.dev")).name("User"));
    User::create_many(users).exec(&orm).await?;

    // What edits by hand, imports or TTL leave behind: items without what belongs to them.
    let key = |text: &str| AttributeValue::S(text.to_owned());
    for lost in ["record#u7", "unique#user#email#%22u42%40x.dev%22"] {
        client.delete_item().table_name("users").key("__orm_pk", key(lost)).send().await?;
    }
    client
        .update_item()
        .table_name("users")
        .key("__orm_pk", key("record#u99"))
        .update_expression("SET email = :email")
        .expression_attribute_values(":email", key("u1@x.dev"))
        .send()
        .await?;

    let auditor = Auditor::of(&orm)?.segments(8).on_progress(show);
    let report = auditor.audit::<User>().await?;
    eprintln!();
    println!("{report}");

    println!("\nRepairs");
    let repairs = auditor.repair(&report).await?;
    for repair in &repairs {
        println!("  {repair}");
    }

    let after = auditor.audit::<User>().await?;
    eprintln!();
    println!("\nAfterwards\n{after}");
    let left = repairs.iter().filter(|repair| matches!(repair.outcome(), Outcome::Left(_))).count();
    if after.findings().len() != left {
        return Err(format!("{} findings are left, and {left} were to be", after.findings().len()).into());
    }
    Ok(())
}
