//! One program, on an engine that loses, drops or fails every so manyth write: with transactions its answers and its
//! records are those of the memory driver, without any fault.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::Cursor;
use orm::prelude::*;
use orm_dynamodb::audit::Auditor;
use orm_dynamodb::{DynamoDb, Embedded};
use tests::faults::{Fault, FaultyClient};
use tests::kinds::Stock;
use tests::seed::age;
use tests::suite::Outcome;

/// An integer id, two unique fields of which one may be null, a relation to itself, and numbers that are added to here
/// and in the store.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "nodes")]
#[orm(belongs_to(parent: Node, foreign_key = parent_id))]
#[orm(has_many(children: Node, foreign_key = parent_id))]
struct Node {
    #[orm(id)]
    id: i64,
    #[orm(unique)]
    slug: String,
    #[orm(unique)]
    alias: Option<String>,
    parent_id: Option<i64>,
    stock: Stock,
    quota: u64,
    note: Option<String>,
}

fn slug(n: i64) -> String {
    format!("a#{n}%/é")
}

fn node(id: i64) -> Node {
    let whole = u32::try_from(id).unwrap_or_default();
    Node {
        id,
        slug: slug(id),
        alias: (id % 3 == 0).then(|| slug(id + 100)),
        parent_id: (id > 0).then_some(id / 3),
        stock: Stock(whole),
        quota: u64::from(whole) * 3,
        note: (id % 4 == 0).then(|| format!("note {id}")),
    }
}

/// What a query answered: its code and fields if it was refused.
#[derive(Default)]
struct Log(Vec<String>);

impl Log {
    fn note<T: Debug>(&mut self, result: Result<T, Error>) {
        self.0.push(match result {
            Ok(answer) => format!("{answer:?}"),
            Err(error) => format!("{:?} {:?} {}", error.code(), error.fields(), error.is_outcome_unknown()),
        });
    }
}

/// Where there is an engine below, records look as if they were stored long ago: one that is younger may be a new one, of
/// which an increment without an answer says nothing.
async fn age_all(engine: Option<&Client>, ids: impl IntoIterator<Item = i64>) -> Outcome {
    for id in ids {
        if let Some(client) = engine {
            age(client, "nodes", &id.to_string()).await?;
        }
    }
    Ok(())
}

async fn writes(orm: &Orm, log: &mut Log, engine: Option<&Client>) -> Outcome {
    for id in 0..24 {
        log.note(Node::insert(node(id)).exec(orm).await);
    }
    age_all(engine, 0..24).await?;
    // The id and the unique value of two different records.
    log.note(Node::insert(Node { slug: slug(5), ..node(3) }).exec(orm).await);
    let moved = |to: i64| Node::update(Node::SLUG.eq(slug(4))).set(Node::ALIAS, slug(to));
    log.note(moved(100).increment(Node::STOCK, Stock(2)).exec(orm).await);
    log.note(moved(4).increment(Node::STOCK, Stock(2)).exec(orm).await);
    log.note(Node::update(Node::ID.eq(0)).set(Node::ALIAS, None).decrement(Node::STOCK, Stock(0)).exec(orm).await);
    log.note(Node::update(Node::ALIAS.eq(slug(103))).decrement(Node::STOCK, Stock(9)).exec(orm).await);
    // The field of the filter is the one that is added to; or the filter is more than an expression holds.
    let many = |filter: orm::Filter<Node>| Node::update_many().filter(filter);
    log.note(many(Node::QUOTA.gt(30_u64)).decrement(Node::QUOTA, 30_u64).exec(orm).await);
    log.note(many(!Node::QUOTA.gt(9_u64)).set(Node::NOTE, "low").exec(orm).await);
    let listed = Node::SLUG.is_in((0..700).map(slug)).and(Node::STOCK.gte(Stock(20)));
    log.note(many(listed).decrement(Node::STOCK, Stock(20)).exec(orm).await);
    log.note(many(Node::STOCK.lt(Stock(1))).decrement(Node::STOCK, Stock(3)).exec(orm).await);
    log.note(Node::delete(Node::ALIAS.eq(slug(106))).exec(orm).await);
    let upsert = || {
        let create = Node::insert(Node { alias: Some(slug(106)), ..node(60) });
        Node::upsert(Node::ALIAS.eq(slug(106))).create(create).update(|node| node.increment(Node::STOCK, Stock(1)))
    };
    log.note(upsert().exec(orm).await);
    age_all(engine, [60]).await?;
    log.note(upsert().exec(orm).await);
    log.note(Node::delete_many().filter(Node::QUOTA.between(12_u64, 15_u64)).exec(orm).await);
    Ok(())
}

async fn reads(orm: &Orm, log: &mut Log) -> Result<(), Error> {
    let grandchildren = Node::CHILDREN.order_by(Node::ID.asc()).select(Node::ID);
    let children = Node::CHILDREN.order_by(Node::ID.desc()).take(2).select((Node::ID, grandchildren));
    let tree = Node::find_many().order_by(Node::ID.asc());
    log.note(tree.clone().select((Node::ID, Node::PARENT.select(Node::SLUG), children)).exec(orm).await);
    let keys = (Node::ID.eq(0), Node::SLUG.eq(slug(1)), Node::ALIAS.eq(slug(109)), Node::PARENT_ID.eq(2));
    let some = Node::find_many().filter(any(keys)).order_by((Node::NOTE.desc(), Node::ID.asc()));
    let mut next: Option<Cursor> = None;
    loop {
        let page = some.clone().page(2);
        let page = match next {
            Some(cursor) => page.after(cursor),
            None => page,
        };
        let page = page.exec(orm).await?;
        next = page.next;
        log.note(Ok(page.items));
        if next.is_none() {
            break;
        }
    }
    log.note(tree.exec(orm).await);
    Ok(())
}

async fn program(orm: &Orm, engine: Option<&Client>) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    let mut log = Log::default();
    writes(orm, &mut log, engine).await?;
    reads(orm, &mut log).await?;
    Ok(log.0)
}

/// An engine on which this happens to every so manyth write; to none, if that is 0.
async fn faulty(embedded: &Embedded, every: usize, fault: Fault) -> Result<Orm, Error> {
    let sent = Arc::new(AtomicUsize::new(1));
    let client = FaultyClient::new(embedded.http_client(), move |operation, _| {
        let writes =
            matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems" | "BatchWriteItem");
        let is_hit = writes && every > 0 && sent.fetch_add(1, Ordering::Relaxed).is_multiple_of(every);
        is_hit.then(|| fault.clone())
    });
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    Orm::bootstrap(schema![Node], embedded.config().http_client(client).retry_config(retries).build()).await
}

#[tokio::test(start_paused = true)]
async fn answers_what_the_memory_driver_does_whatever_happens_to_its_writes() -> Outcome {
    let expected = program(&Orm::bootstrap(schema![Node], orm::MemoryDriver::new()).await?, None).await?;
    for every in [0, 3, 4, 5] {
        for fault in [Fault::AnswerLost, Fault::Dropped, Fault::exception(500, "InternalServerError")] {
            let embedded = Embedded::in_memory()?;
            let engine = embedded.client();
            let found = program(&faulty(&embedded, every, fault.clone()).await?, Some(&engine)).await?;
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{fault:?} at every {every}");
            }
            assert_eq!(found.len(), expected.len());
            let driver = DynamoDb::builder(engine).build();
            let report = Auditor::new(&driver).audit::<Node>().await?;
            assert_eq!(report.findings(), [], "{fault:?} at every {every}");
        }
    }
    Ok(())
}
