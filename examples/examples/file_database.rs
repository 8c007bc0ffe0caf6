//! Data that outlives the process without a server: DynamoDB in a file, opened, closed and opened again.
//!
//! ```text
//! cargo run -p examples --example file_database
//! ```
//!
//! For development, command line tools and tests that need a fixture. It is one SQLite file behind the ordinary AWS
//! client, so the same program runs against DynamoDB once it is given a real client.

use orm::prelude::*;
use orm_dynamodb::Embedded;
use std::path::Path;

#[derive(Model, Clone, Debug)]
#[orm(table = "bookmarks")]
struct Bookmark {
    #[orm(id)]
    id: String,
    // Saving the same address again must not make a second bookmark.
    #[orm(unique)]
    url: String,
    title: String,
    #[orm(default = 0)]
    visits: i64,
}

/// One run of an imagined command line tool.
async fn run(database: &Path) -> Result<(), Error> {
    // The file is made if it is not there, and so are the tables: `bootstrap` may be called again and again, and never
    // drops anything.
    let orm = Orm::bootstrap(schema![Bookmark], Embedded::open(database)?).await?;

    println!("  found    {}", Bookmark::count().exec(&orm).await?);
    for (url, title) in [("https://crates.io", "Crates"), ("https://docs.rs", "Docs")] {
        Bookmark::upsert(Bookmark::URL.eq(url))
            .create(Bookmark::create().url(url).title(title).visits(1))
            .update(|bookmark| bookmark.increment(Bookmark::VISITS, 1))
            .exec(&orm)
            .await?;
    }
    for bookmark in Bookmark::find_many().order_by(Bookmark::TITLE.asc()).exec(&orm).await? {
        println!("  {:<8} {} ({} visits)", bookmark.title, bookmark.url, bookmark.visits);
    }
    Ok(())
    // The file is closed here, with the last handle on the engine.
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A real tool would use a path of its own, `app.db`; this one cleans up after itself.
    let directory = std::env::temp_dir().join(format!("orm-file-database-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let database = directory.join("bookmarks.db");
    for time in ["first", "second"] {
        println!("The {time} run");
        run(&database).await?;
    }
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}
