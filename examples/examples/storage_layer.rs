//! A library that stores things without choosing the store: its functions take `&Orm`, and its users bring the driver.
//!
//! ```text
//! cargo run -p examples --example storage_layer
//! ```
//!
//! The program below runs the same library twice, on the memory driver and on DynamoDB inside this process, and says
//! whether both told the same story.

/// A small library of feature flags. There is no `orm_dynamodb` in it: its `Cargo.toml` would name `orm` alone.
mod flags {
    use chrono::{DateTime, Utc};
    use orm::prelude::*;

    #[derive(Model, Clone, Debug)]
    #[orm(table = "flags")]
    #[orm(has_many(grants: Grant, foreign_key = flag_id))]
    pub struct Flag {
        #[orm(id)]
        pub id: String,
        #[orm(unique)]
        pub name: String,
        #[orm(default = false)]
        pub for_everybody: bool,
    }

    #[derive(Model, Clone, Debug)]
    #[orm(table = "flag_grants")]
    #[orm(unique(flag_id, tenant))]
    #[orm(belongs_to(flag: Flag, foreign_key = flag_id))]
    pub struct Grant {
        #[orm(id)]
        pub id: String,
        pub flag_id: String,
        pub tenant: String,
        #[orm(default_now)]
        pub granted_at: DateTime<Utc>,
    }

    /// The tables of this library. An application adds its own: `flags::schema().with(schema![..])`.
    pub fn schema() -> orm::Schema {
        schema![Flag, Grant]
    }

    /// A new flag, given to these tenants.
    pub async fn introduce(orm: &Orm, name: &str, tenants: &[&str]) -> Result<Flag, Error> {
        // Says to whoever reads the code, or to a driver that can do it, that these writes belong together. On DynamoDB
        // each write is atomic by itself, and those before an error stay.
        orm.transaction(|tx| async move {
            let flag = Flag::create().name(name).exec(&tx).await?;
            Grant::create_many(tenants.iter().map(|tenant| Grant::create().flag_id(&flag.id).tenant(*tenant)))
                .exec(&tx)
                .await?;
            Ok(flag)
        })
        .await
    }

    /// Gives the flag to one more tenant; `false` if the tenant had it.
    pub async fn grant(orm: &Orm, flag: &Flag, tenant: &str) -> Result<bool, Error> {
        match Grant::create().flag_id(&flag.id).tenant(tenant).exec(orm).await {
            Ok(_) => Ok(true),
            // The same on every driver.
            Err(error) if error.violates(Grant::FLAG_ID_TENANT) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a tenant has a flag.
    pub async fn is_on(orm: &Orm, name: &str, tenant: &str) -> Result<bool, Error> {
        let found = Flag::find_unique(Flag::NAME.eq(name))
            .select((Flag::FOR_EVERYBODY, Flag::GRANTS.filter(Grant::TENANT.eq(tenant)).select(Grant::ID)))
            .exec(orm)
            .await?;
        Ok(found.is_some_and(|(for_everybody, grants)| for_everybody || !grants.is_empty()))
    }

    /// Each flag with the tenants that have it, by name.
    pub async fn overview(orm: &Orm) -> Result<Vec<(String, Vec<String>)>, Error> {
        Flag::find_many()
            .order_by(Flag::NAME.asc())
            .select((Flag::NAME, Flag::GRANTS.order_by(Grant::TENANT.asc()).select(Grant::TENANT)))
            .exec(orm)
            .await
    }
}

use orm::MemoryDriver;
use orm::prelude::*;
use orm_dynamodb::Embedded;

/// What an application does with the library, as a list of lines.
async fn story(orm: &Orm) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    let dark_mode = flags::introduce(orm, "dark mode", &["acme", "umbrella"]).await?;
    flags::introduce(orm, "exports", &[]).await?;
    for tenant in ["acme", "initech"] {
        let new = flags::grant(orm, &dark_mode, tenant).await?;
        lines.push(format!("grant dark mode to {tenant:<9} {}", if new { "granted" } else { "had it" }));
    }
    for (flag, tenant) in [("dark mode", "initech"), ("exports", "initech"), ("imports", "acme")] {
        let on = flags::is_on(orm, flag, tenant).await?;
        lines.push(format!("{flag} for {tenant:<19} {}", if on { "on" } else { "off" }));
    }
    for (flag, tenants) in flags::overview(orm).await? {
        lines.push(format!("{flag:<10} {}", if tenants.is_empty() { "-".to_owned() } else { tenants.join(", ") }));
    }
    Ok(lines)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let on_memory = Orm::bootstrap(flags::schema(), MemoryDriver::new()).await?;
    let on_dynamodb = Orm::bootstrap(flags::schema(), Embedded::in_memory()?).await?;
    let mut stories = Vec::new();
    for orm in [&on_memory, &on_dynamodb] {
        let story = story(orm).await?;
        println!("On {}", orm.driver().kind());
        for line in &story {
            println!("  {line}");
        }
        println!();
        stories.push(story);
    }
    println!("The same on both: {}", if stories.first() == stories.last() { "yes" } else { "no" });
    Ok(())
}
