//! Relations whose filter says more than which records belong together: what else leads to them is read once for all, and
//! not once for each.

use orm::MemoryDriver;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use tests::requests::{RequestCounter, counts};
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "writers")]
#[orm(has_many(articles: Article, foreign_key = writer_id))]
#[orm(has_many(notes: Note, foreign_key = writer_id))]
#[orm(has_many(votes: Vote, foreign_key = writer_id))]
struct Writer {
    #[orm(id)]
    id: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "articles")]
#[orm(unique(writer_id, slug))]
#[orm(index(category, stars))]
#[orm(belongs_to(writer: Writer, foreign_key = writer_id))]
struct Article {
    #[orm(id)]
    id: String,
    writer_id: String,
    slug: String,
    category: String,
    stars: i64,
}

/// The foreign key has no index.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes")]
#[orm(unique(writer_id, title))]
#[orm(belongs_to(writer: Writer, foreign_key = writer_id, index = false))]
struct Note {
    #[orm(id)]
    id: String,
    writer_id: String,
    title: String,
    #[orm(index)]
    topic: String,
}

/// One index has the foreign key second.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "votes")]
#[orm(index(year, writer_id))]
#[orm(belongs_to(writer: Writer, foreign_key = writer_id, index = false))]
struct Vote {
    #[orm(id)]
    id: String,
    writer_id: String,
    year: i64,
}

const WRITERS: [&str; 5] = ["a", "b", "c", "d", "e"];

fn models() -> orm::Schema {
    schema![Writer, Article, Note, Vote]
}

async fn counted() -> Result<(Orm, RequestCounter), Error> {
    let counter = RequestCounter::default();
    let config = Embedded::in_memory()?.config().interceptor(counter.clone()).build();
    Ok((Orm::bootstrap(models(), config).await?, counter))
}

async fn fill(orm: &Orm) -> Result<(), Error> {
    Writer::create_many(WRITERS.map(|id| Writer::create().id(id))).exec(orm).await?;
    let of = |n: usize| (WRITERS[n % 5], n / 5);
    let articles = (0..15).map(|n| {
        let (writer, nth) = of(n);
        let article = Article::create().id(format!("{writer}{nth}")).writer_id(writer).slug(format!("s{nth}"));
        article.category(if nth == 2 { "sport" } else { "news" }).stars(n as i64)
    });
    Article::create_many(articles).exec(orm).await?;
    let notes = (0..15).map(|n| {
        let (writer, nth) = of(n);
        let note = Note::create().id(format!("{writer}{nth}")).writer_id(writer).title(format!("t{nth}"));
        note.topic(if n % 2 == 0 { "even" } else { "odd" })
    });
    Note::create_many(notes).exec(orm).await?;
    Ok(())
}

#[tokio::test]
async fn what_leads_to_the_records_of_all_is_read_once() -> Outcome {
    let (orm, counter) = counted().await?;
    let memory = Orm::bootstrap(models(), MemoryDriver::new()).await?;
    fill(&orm).await?;
    fill(&memory).await?;
    let few = ["a0", "b1", "c2", "e0"];
    let many: Vec<String> = (0..300).map(|n| format!("s{n}")).collect();
    let many = many.iter().map(String::as_str);
    let articles = || Writer::ARTICLES.order_by((Article::STARS.desc(), Article::ID.asc()));
    // The writers are one BatchGetItem of each line.
    let of_articles = [
        ("2 BatchGetItem", "1 BatchGetItem for all n together", articles().filter(Article::ID.is_in(few))),
        ("4 BatchGetItem", "3 BatchGetItem for all n together", articles().filter(Article::ID.is_in(many.clone()))),
        ("1 BatchGetItem + 1 GetItem", "1 GetItem for all", articles().filter(Article::ID.eq("c2"))),
        (
            "2 BatchGetItem",
            "1 BatchGetItem for all n together",
            articles().filter(any(few.map(|id| Article::ID.eq(id).and(Article::STARS.gt(1))))),
        ),
        ("3 BatchGetItem", "2 × ⌈n / 100⌉ BatchGetItem", articles().filter(Article::SLUG.eq("s1"))),
        ("3 BatchGetItem", "2 × ⌈2 × n / 100⌉", articles().filter(Article::SLUG.is_in(["s1", "s2"])).take(1)),
        // At most 1,000 keys at once: those of three writers, and of two.
        ("18 BatchGetItem", "2 × ⌈300 × n / 100⌉", articles().filter(Article::SLUG.is_in(many))),
        ("1 BatchGetItem + 5 Query", "n Query", articles().filter(Article::CATEGORY.eq("news"))),
        (
            "1 BatchGetItem + 5 Query",
            "writer_id = each of n values",
            articles().filter(Article::CATEGORY.eq("news").and(Article::STARS.gt(3))).skip(1),
        ),
    ];
    let writers = || Writer::find_many().filter(Writer::ID.is_in(WRITERS)).order_by(Writer::ID.asc());
    for (line, explained, relation) in of_articles {
        let query = writers().select((Writer::ID, relation));
        let explanation = query.clone().explain(&orm)?.to_string();
        counter.take();
        let found = query.clone().exec(&orm).await?;
        assert_eq!(counter.take(), counts(line), "{explanation}");
        assert_eq!(found, query.exec(&memory).await?, "{explanation}");
        assert!(explanation.contains(explained), "{explained} of {explanation}");
    }
    let of_notes = [
        (
            "1 BatchGetItem + 1 Query",
            "1 Query per page for all n together",
            Writer::NOTES.filter(Note::TOPIC.eq("odd")),
        ),
        ("3 BatchGetItem", "2 × ⌈n / 100⌉ BatchGetItem", Writer::NOTES.filter(Note::TITLE.eq("t2"))),
        ("1 BatchGetItem + 1 Scan", "1 Scan per page for all n together", Writer::NOTES.filter(Note::TITLE.ne("t2"))),
    ];
    for (line, explained, relation) in of_notes {
        let query = writers().select((Writer::ID, relation.order_by(Note::ID.desc()))).allow_scan();
        let explanation = query.clone().explain(&orm)?.to_string();
        counter.take();
        let found = query.clone().exec(&orm).await?;
        assert_eq!(counter.take(), counts(line), "{explanation}");
        assert_eq!(found, query.exec(&memory).await?, "{explanation}");
        assert!(explanation.contains(explained), "{explained} of {explanation}");
    }
    // Of one writer, any index will do.
    let news = Writer { id: "a".to_owned() }.articles().filter(Article::CATEGORY.eq("news").and(Article::STARS.gt(3)));
    let news = news.order_by(Article::STARS.desc()).take(1).select(Article::ID);
    let explanation = news.clone().explain(&orm)?.to_string();
    assert!(explanation.contains("category-stars-index"), "{explanation}");
    let (found, cost) = news.exec_with_cost(&orm).await?;
    assert_eq!((found, cost.requests_of("Query")), (vec!["a1".to_owned()], 1));
    Ok(())
}

/// The foreign key is the second field of an index, whose first one the filter fixes.
#[tokio::test]
async fn an_index_that_ends_with_the_foreign_key_is_one_query_for_each() -> Outcome {
    let (orm, counter) = counted().await?;
    let writers: Vec<String> = (0..20).map(|n| format!("w{n:02}")).collect();
    Writer::create_many(writers.iter().map(|id| Writer::create().id(id))).exec(&orm).await?;
    let votes = (0..60).map(|n| Vote::create().writer_id(&writers[n % 20]).year(2020 + n as i64 / 20));
    Vote::create_many(votes).exec(&orm).await?;
    let votes = Writer::VOTES.filter(Vote::YEAR.eq(2021)).select(Vote::YEAR);
    let query = Writer::find_many().filter(Writer::ID.is_in(&writers)).select((Writer::ID, votes));
    let explanation = query.clone().explain(&orm)?.to_string();
    assert!(explanation.contains("year = 2021 and writer_id = each of n values"), "{explanation}");
    assert!(explanation.contains("n Query"), "{explanation}");
    counter.take();
    let (found, cost) = query.exec_with_cost(&orm).await?;
    assert_eq!((counter.take(), cost.items_examined), (counts("1 BatchGetItem + 20 Query"), 40));
    assert!(found.iter().all(|(_, years)| years == &[2021]), "{found:?}");
    // So is a union that it is a part of.
    let either = Writer::VOTES.filter(any((Vote::YEAR.eq(2021), Vote::ID.eq("none")))).select(Vote::YEAR);
    let query = Writer::find_many().filter(Writer::ID.is_in(&writers)).select(either);
    let explanation = query.clone().explain(&orm)?.to_string();
    assert!(explanation.contains("n Query") && explanation.contains("n × 1 GetItem"), "{explanation}");
    counter.take();
    assert!(query.exec(&orm).await?.iter().all(|years| years == &[2021]));
    assert_eq!(counter.take(), counts("1 BatchGetItem + 20 Query + 20 GetItem"));
    Ok(())
}
