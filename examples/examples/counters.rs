//! Numbers that many change at once: votes on articles, and the seats of a workshop.
//!
//! ```text
//! cargo run -p examples --example counters
//! ```

use orm::prelude::*;
use orm_dynamodb::Embedded;

#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
// The articles of a section, best first: an index whose range field is the counter itself. DynamoDB keeps it in order.
#[orm(index(section, votes))]
struct Article {
    #[orm(id(given))]
    slug: String,
    section: String,
    #[orm(default = 0)]
    votes: i64,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "workshops")]
struct Workshop {
    #[orm(id(given))]
    title: String,
    seats: i32,
    #[orm(default = 0)]
    taken: i32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orm = Orm::bootstrap(schema![Article, Workshop], Embedded::in_memory()?).await?;
    Article::create_many([
        Article::create().slug("beans").section("garden"),
        Article::create().slug("peas").section("garden"),
        Article::create().slug("bread").section("kitchen"),
    ])
    .exec(&orm)
    .await?;

    // Reading the number, adding one and writing it back would lose votes here. `increment` is added by DynamoDB.
    let voters: Vec<_> = (0..50)
        .map(|voter| {
            let orm = orm.clone();
            let slug = if voter % 5 == 0 { "peas" } else { "beans" };
            tokio::spawn(async move {
                Article::update(Article::SLUG.eq(slug))
                    .increment(Article::VOTES, 1)
                    .select(Article::VOTES)
                    .exec(&orm)
                    .await
            })
        })
        .collect();
    for voter in voters {
        voter.await??;
    }
    println!("50 voters at once");
    print_section(&orm, "garden").await?;

    // Every record for which the filter holds. The answer is how many there were.
    let changed =
        Article::update_many().filter(Article::SECTION.eq("garden")).increment(Article::VOTES, 100).exec(&orm).await?;
    println!("\n100 more for each of {changed}");
    print_section(&orm, "garden").await?;

    // A change of one record under a condition. The filter is checked in the write itself, so that the last seat cannot be
    // given away twice, also if the workshop is moved to a smaller room at that moment.
    Workshop::create().title("Pruning").seats(2).exec(&orm).await?;
    println!("\n3 guests for 2 seats");
    for guest in ["Ada", "Grace", "Linus"] {
        let booked = Workshop::update(Workshop::TITLE.eq("Pruning"))
            .filter(Workshop::TAKEN.lt_field(Workshop::SEATS))
            .increment(Workshop::TAKEN, 1)
            .exec(&orm)
            .await?;
        println!("  {guest:<10} {}", if booked.is_some() { "booked" } else { "no seat left" });
    }
    Ok(())
}

async fn print_section(orm: &Orm, section: &str) -> Result<(), Error> {
    let articles = Article::find_many()
        .filter(Article::SECTION.eq(section))
        .order_by(Article::VOTES.desc())
        .select((Article::SLUG, Article::VOTES))
        .exec(orm)
        .await?;
    for (slug, votes) in articles {
        println!("  {slug:<10} {votes:>4}");
    }
    Ok(())
}
