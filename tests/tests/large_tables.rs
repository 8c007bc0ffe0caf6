//! Tables of several of DynamoDB's pages of 1 MB: pages, streams and limits across their boundaries.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orm::prelude::*;
use orm::query::FindMany;
use orm::{Cursor, Filter, Meter};
use orm_dynamodb::Embedded;
use rust_decimal::Decimal;
use tests::faults::FaultyClient;
use tests::suite::Outcome;

/// An integer id, a decimal to be sorted by, and one that may be null.
#[derive(Model, Clone, Debug, PartialEq)]
#[allow(clippy::duplicated_attributes, reason = "two indexes may begin with one field")]
#[orm(table = "samples")]
#[orm(index(batch, price))]
#[orm(index(batch, place))]
struct Sample {
    #[orm(id)]
    number: i64,
    batch: String,
    price: Decimal,
    place: Option<i64>,
    #[orm(unique)]
    label: String,
    text: String,
}

const SAMPLES: i64 = 2_400;

async fn samples() -> Result<Orm, Error> {
    let orm = Orm::bootstrap(schema![Sample], Embedded::in_memory()?).await?;
    let sample = |number: i64| Sample {
        number,
        batch: format!("b{}", number % 3),
        price: Decimal::new(number * 7919 % 1000, 2),
        place: (number % 4 != 0).then_some(number * 31 % 200),
        label: format!("l{number}"),
        text: "x".repeat(1500),
    };
    Sample::create_many((0..SAMPLES).map(|number| Sample::insert(sample(number))))
        .select(Sample::NUMBER)
        .exec(&orm)
        .await?;
    Ok(orm)
}

/// All pages of this size, and how many requests they took.
async fn paged(orm: &Orm, query: FindMany<Sample>, size: usize) -> Result<(Vec<Sample>, u64), Error> {
    let meter = Meter::new();
    let all = pages(&orm.metered(&meter), query, size).await?;
    Ok((all, meter.cost().total_requests()))
}

/// All pages of this size, and how many items were looked at.
async fn examined(orm: &Orm, query: FindMany<Sample>, size: usize) -> Result<(Vec<Sample>, u64), Error> {
    let meter = Meter::new();
    let all = pages(&orm.metered(&meter), query, size).await?;
    Ok((all, meter.cost().items_examined))
}

async fn pages(orm: &Orm, query: FindMany<Sample>, size: usize) -> Result<Vec<Sample>, Error> {
    let (mut all, mut next) = (Vec::new(), None::<Cursor>);
    loop {
        let page = query.clone().page(size);
        let page = match next {
            Some(cursor) => page.after(cursor),
            None => page,
        };
        let page = page.exec(orm).await?;
        assert!(page.items.len() == size || page.next.is_none(), "a page of {} of {size}", page.items.len());
        all.extend(page.items);
        next = page.next;
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn numbers(samples: &[Sample]) -> BTreeSet<i64> {
    samples.iter().map(|sample| sample.number).collect()
}

#[tokio::test]
async fn pages_are_full_across_boundaries() -> Outcome {
    let orm = samples().await?;
    let rare: Filter<Sample> = Sample::TEXT.contains("x").and(Sample::NUMBER.is_in((0..SAMPLES).step_by(97)));
    let rare = Sample::find_many().filter(any((rare, Sample::PRICE.eq(Decimal::new(1, 2)))));
    for (query, size) in [
        (Sample::find_many(), 700),
        (Sample::find_many().filter(Sample::BATCH.eq("b1")), 300),
        (Sample::find_many().filter(Sample::PRICE.lt(Decimal::new(50, 2))), 40),
        (rare, 7),
    ] {
        let expected = query.clone().exec(&orm).await?;
        let (found, _) = paged(&orm, query, size).await?;
        assert_eq!(found.len(), expected.len());
        assert_eq!(numbers(&found), numbers(&expected));
    }
    Ok(())
}

#[tokio::test]
async fn pages_in_order_across_boundaries() -> Outcome {
    let orm = samples().await?;
    let in_batch = || Sample::find_many().filter(Sample::BATCH.eq("b2"));
    let (by_price, requests) = paged(&orm, in_batch().order_by(Sample::PRICE.desc()), 100).await?;
    assert_eq!((by_price.len(), requests), (800, 8), "each page is one query");
    assert!(by_price.is_sorted_by(|a, b| a.price >= b.price));
    assert_eq!(numbers(&by_price).len(), 800);

    // What the filter fixes makes no difference in an order: with it as without it, pages begin where the last one ended.
    let in_both =
        || Sample::find_many().filter(Sample::BATCH.is_in(["b0", "b2"]).and(Sample::TEXT.eq("x".repeat(1500))));
    let (by_price, of_price) = examined(&orm, in_both().order_by(Sample::PRICE.asc()), 100).await?;
    let by_both = in_both().order_by((Sample::TEXT.asc(), Sample::PRICE.asc()));
    assert_eq!(examined(&orm, by_both, 100).await?, (by_price, of_price));
    let (by_text, of_text) = examined(&orm, in_both().order_by(Sample::TEXT.asc()), 100).await?;
    assert_eq!(numbers(&by_text).len(), 1600);
    assert!(of_text < of_price, "{of_text} items, and {of_price} in an order");

    // By a field with nulls, which no index gives: null first, and last in the other direction.
    for order in [Sample::PLACE.asc(), Sample::PLACE.desc()] {
        let expected: Vec<Option<i64>> = in_batch().order_by(order).select(Sample::PLACE).exec(&orm).await?;
        let (found, _) = paged(&orm, in_batch().order_by(order), 170).await?;
        assert_eq!(found.iter().map(|sample| sample.place).collect::<Vec<_>>(), expected);
        assert_eq!(numbers(&found).len(), 800);
    }

    // Two batches, merged: each page begins both queries where the last one ended.
    let two = Sample::find_many().filter(Sample::BATCH.is_in(["b0", "b1"])).order_by(Sample::PRICE.asc());
    let (merged, requests) = paged(&orm, two, 200).await?;
    assert!(merged.is_sorted_by(|a, b| a.price <= b.price));
    assert_eq!((merged.len(), numbers(&merged).len()), (1600, 1600));
    assert_eq!(requests, 8 * 2);
    Ok(())
}

#[tokio::test]
async fn streams_across_boundaries() -> Outcome {
    let orm = samples().await?;
    for parts in [1, 3, 8] {
        let mut stream = Sample::find_many().select(Sample::NUMBER).parallel(parts).stream(&orm);
        let mut found = Vec::new();
        while let Some(number) = stream.next().await {
            found.push(number?);
        }
        assert_eq!(found.len() as i64, SAMPLES);
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), (0..SAMPLES).collect());
    }
    let merged = Sample::find_many().filter(Sample::BATCH.is_in(["b0", "b1", "b2"])).order_by(Sample::PRICE.desc());
    let mut stream = merged.select((Sample::PRICE, Sample::NUMBER)).stream(&orm);
    let mut found = Vec::new();
    while let Some(sample) = stream.next().await {
        found.push(sample?);
    }
    assert!(found.is_sorted_by(|(a, _), (b, _)| a >= b));
    assert_eq!(found.iter().map(|(_, number)| number).collect::<BTreeSet<_>>().len() as i64, SAMPLES);
    Ok(())
}

/// However many queries are merged, a stream asks each of them for a few records only.
#[tokio::test]
async fn a_merged_stream_holds_few_records_of_each_query() -> Outcome {
    const MANY: i64 = 5_040;
    let embedded = Embedded::in_memory()?;
    let most = Arc::<AtomicU64>::default();
    let client = FaultyClient::answering(embedded.http_client(), "Query", {
        let most = Arc::clone(&most);
        move |request| {
            most.fetch_max(request["Limit"].as_u64().unwrap_or(u64::MAX), Ordering::Relaxed);
            None
        }
    });
    let orm = Orm::bootstrap(schema![Sample], embedded.config().http_client(client).build()).await?;
    let sample = |number: i64| Sample {
        number,
        batch: format!("b{}", number % 24),
        // Those of one batch come first.
        price: Decimal::from(if number % 24 == 7 { number - MANY } else { number }),
        place: None,
        label: format!("l{number}"),
        text: String::new(),
    };
    Sample::create_many((0..MANY).map(|number| Sample::insert(sample(number)))).exec(&orm).await?;
    let batches = Sample::BATCH.is_in((0..24).map(|n| format!("b{n}")));
    let query =
        Sample::find_many().filter(batches).order_by(Sample::PRICE.asc()).select((Sample::PRICE, Sample::NUMBER));
    let mut stream = query.stream(&orm);
    let mut found = Vec::new();
    while let Some(sample) = stream.next().await {
        found.push(sample?);
    }
    assert!(found.is_sorted_by(|(a, _), (b, _)| a <= b));
    assert_eq!(found.iter().map(|(_, number)| number).collect::<BTreeSet<_>>().len() as i64, MANY);
    assert_eq!(most.load(Ordering::Relaxed), 203);
    Ok(())
}

/// Where an order goes on after that of an index, no more is read than the records that are equal in the index's.
#[tokio::test]
async fn an_order_that_an_index_begins_is_read_no_further_than_it_takes() -> Outcome {
    let orm = Orm::bootstrap(schema![Sample], Embedded::in_memory()?).await?;
    let sample = |number: i64| Sample {
        number,
        batch: "b".into(),
        price: Decimal::from(number / 3),
        place: None,
        label: format!("l{number}"),
        text: "x".into(),
    };
    Sample::create_many((0..900).map(|number| Sample::insert(sample(number)))).exec(&orm).await?;
    let query = || {
        let of_batch = Sample::find_many().filter(Sample::BATCH.eq("b"));
        of_batch.order_by((Sample::PRICE.desc(), Sample::NUMBER.asc())).select(Sample::NUMBER)
    };
    let mut expected: Vec<i64> = (0..900).collect();
    expected.sort_by_key(|number| (-(number / 3), *number));
    let (mut page, cost) = query().page(11).exec_with_cost(&orm).await?;
    assert_eq!((cost.total_requests(), cost.items_examined, cost.read_units), (1, 13, 0.5));
    let mut found = std::mem::take(&mut page.items);
    while let Some(next) = page.next {
        let cost;
        (page, cost) = query().page(11).after(next).exec_with_cost(&orm).await?;
        // With those that are equal to the last one of the page before; and if more are than was expected, a few more.
        assert!(cost.total_requests() <= 2 && cost.items_examined <= 14 + 16, "{cost}");
        found.append(&mut page.items);
    }
    assert_eq!(found, expected);
    let (some, cost) = query().skip(4).take(8).exec_with_cost(&orm).await?;
    assert_eq!((some.as_slice(), cost.items_examined), (&expected[4..12], 13));
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "visits")]
#[orm(index(host, path))]
struct Visit {
    #[orm(id)]
    number: i64,
    host: String,
    path: String,
}

/// Also where the order is that of texts with a prefix, and in both directions.
#[tokio::test]
async fn pages_of_a_prefix_begin_where_the_last_one_ended() -> Outcome {
    let orm = Orm::bootstrap(schema![Visit], Embedded::in_memory()?).await?;
    let visit = |number: i64| {
        let folder = ["/a/", "/b/", "/b"][(number % 3) as usize];
        Visit::create().number(number).host("h").path(format!("{folder}{:03}", number / 6))
    };
    Visit::create_many((0..600).map(visit)).exec(&orm).await?;
    for descending in [false, true] {
        let order = if descending {
            (Visit::PATH.desc(), Visit::NUMBER.asc())
        } else {
            (Visit::PATH.asc(), Visit::NUMBER.asc())
        };
        let query =
            || Visit::find_many().filter(Visit::HOST.eq("h").and(Visit::PATH.starts_with("/b/"))).order_by(order);
        let mut expected: Vec<i64> = (0..600).filter(|number| number % 3 == 1).collect();
        expected.sort_by_key(|number| (if descending { -(number / 6) } else { number / 6 }, *number));
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let page = query().select(Visit::NUMBER).page(20);
            let page = next.map_or(page.clone(), |next: orm::Cursor| page.after(next));
            let (page, cost) = page.exec_with_cost(&orm).await?;
            assert!(cost.items_examined <= 23 + 16, "{cost}");
            found.extend(page.items);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(found, expected);
    }
    Ok(())
}

#[tokio::test]
async fn limits_across_boundaries() -> Outcome {
    let orm = samples().await?;
    let cheap = || Sample::PRICE.lt(Decimal::new(100, 2));
    let all = Sample::count().filter(cheap()).exec(&orm).await? as usize;
    assert_eq!(Sample::find_many().filter(cheap()).take(all + 5).exec(&orm).await?.len(), all);
    assert_eq!(Sample::find_many().filter(cheap()).take(all - 5).exec(&orm).await?.len(), all - 5);
    assert_eq!(Sample::find_many().filter(cheap()).skip(all - 5).exec(&orm).await?.len(), 5);
    let last = Sample::find_many().filter(cheap()).order_by((Sample::PRICE.desc(), Sample::NUMBER.desc())).take(3);
    let found: Vec<(Decimal, i64)> = last.clone().select((Sample::PRICE, Sample::NUMBER)).exec(&orm).await?;
    let mut expected: Vec<(Decimal, i64)> = (0..SAMPLES)
        .map(|n| (Decimal::new(n * 7919 % 1000, 2).normalize(), n))
        .filter(|(price, _)| *price < Decimal::ONE)
        .collect();
    expected.sort_by(|a, b| b.cmp(a));
    expected.truncate(3);
    assert_eq!(found, expected);
    Ok(())
}

/// Whatever the filter: DynamoDB is not sent what it refuses.
#[tokio::test]
async fn filters_beyond_the_limits_of_expressions() -> Outcome {
    let orm = Orm::bootstrap(schema![Sample], Embedded::in_memory()?).await?;
    let text = "y".repeat(700_000);
    let sample = |number: i64| Sample {
        number,
        batch: "b".into(),
        price: Decimal::ONE,
        place: Some(number),
        label: format!("l{number}"),
        text: "x".into(),
    };
    Sample::create_many((0..20).map(|number| Sample::insert(sample(number)))).exec(&orm).await?;
    let filters: [Filter<Sample>; 6] = [
        Sample::PLACE.is_in(0..5_000),
        any((0..400).map(|n| Sample::TEXT.contains(format!("x{n}"))).chain([Sample::TEXT.eq("x")]).collect::<Vec<_>>()),
        all((0..400).map(|n| Sample::TEXT.ne(format!("y{n}"))).collect::<Vec<_>>()),
        all([Sample::TEXT.ne(&text), !Sample::TEXT.contains(&text), !Sample::TEXT.starts_with(&text)]),
        Sample::LABEL.is_in((0..300).map(|n| format!("l{n}"))),
        any([Sample::BATCH.eq("b"), Sample::BATCH.eq(text.as_str())])
            .and(Sample::PRICE.between(Decimal::ONE, Decimal::ONE)),
    ];
    for (place, filter) in filters.into_iter().enumerate() {
        assert_eq!(Sample::find_many().filter(filter.clone()).exec(&orm).await?.len(), 20, "filter {place}");
        assert_eq!(Sample::count().filter(filter.clone()).exec(&orm).await?, 20, "filter {place}");
        let changed = Sample::update_many().filter(filter).set(Sample::TEXT, "x").exec(&orm).await?;
        assert_eq!(changed, 20, "filter {place}");
    }
    Ok(())
}

/// The order begins with the one value that the filter leaves of the index: as an order of that index it can be streamed,
/// as it could if the filter left two.
#[tokio::test]
async fn a_stream_of_one_place_in_an_index() -> Outcome {
    const MANY: i64 = 2_500;
    let orm = Orm::bootstrap(schema![Sample], Embedded::in_memory()?).await?;
    let sample = |number: i64| Sample {
        number: number * 7 % MANY,
        batch: format!("b{}", number % 2),
        price: Decimal::from(number % 2),
        place: None,
        label: format!("l{number}"),
        text: String::new(),
    };
    Sample::create_many((0..MANY).map(|number| Sample::insert(sample(number)))).exec(&orm).await?;
    let stream = |low: i64, high: i64| {
        Sample::find_many()
            .filter(Sample::BATCH.eq("b1").and(Sample::PRICE.between(Decimal::from(low), Decimal::from(high))))
            .order_by((Sample::PRICE.asc(), Sample::NUMBER.desc()))
            .select(Sample::NUMBER)
            .stream(&orm)
    };
    for (low, high, expected) in [(1, 1, MANY / 2), (0, 1, MANY / 2), (0, 0, 0), (1, 0, 0)] {
        let (mut numbers, mut found) = (stream(low, high), Vec::new());
        while let Some(number) = numbers.next().await {
            found.push(number?);
        }
        assert_eq!(found.len() as i64, expected, "from {low} to {high}");
        assert!(found.is_sorted_by(|a, b| a > b), "from {low} to {high}");
    }
    let at_one = || Sample::find_many().filter(Sample::BATCH.eq("b1").and(Sample::PRICE.eq(Decimal::ONE)));
    let price = Sample::PRICE.asc();
    for (is_streamed, order) in [
        (true, (Sample::BATCH.asc(), price, Sample::LABEL.asc())),
        (false, (Sample::LABEL.asc(), price, Sample::NUMBER.asc())),
    ] {
        let first = at_one().order_by(order).stream(&orm).next().await;
        assert_eq!(first.is_some_and(|first| first.is_ok()), is_streamed);
    }
    Ok(())
}
