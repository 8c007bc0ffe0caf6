//! Random filters, orders and limits give the same records on DynamoDB as on the memory driver, which evaluates them
//! record by record.

use std::sync::OnceLock;

use orm::prelude::*;
use orm::{Cursor, Filter, IntoFilter, Order, OrderBy};
use orm_dynamodb::Embedded;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::BoxedStrategy;
use tests::faults::{Fault, FaultyClient};
use tokio::runtime::Runtime;

/// Something of each access path: an id, unique fields, indexes with and without a range, nulls, and plain fields.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "parcels")]
#[orm(unique(depot, number))]
#[orm(index(depot, weight))]
#[orm(index(owner))]
#[orm(index(route, stop))]
#[orm(index(route, weight))]
#[allow(clippy::duplicated_attributes, reason = "two indexes may name one field")]
struct Parcel {
    #[orm(id)]
    id: i64,
    depot: String,
    number: i64,
    weight: i64,
    owner: Option<String>,
    route: Vec<u8>,
    stop: Option<i64>,
    #[orm(unique)]
    code: Option<String>,
    fragile: bool,
    value: i128,
    note: Option<String>,
    signed: Option<bool>,
}

const RECORDS: i64 = 60;

fn parcel(id: i64) -> Parcel {
    // Small multipliers make every combination of the residues occur.
    Parcel {
        id,
        depot: ["north", "south", "west"][(id % 3) as usize].to_owned(),
        number: id / 3,
        weight: id * 7 % 10,
        owner: (id % 4 != 0).then(|| ["ada", "grace"][(id % 2) as usize].to_owned()),
        route: [b"a", b"b"][(id / 2 % 2) as usize].to_vec(),
        stop: (id % 5 != 0).then_some(id * 3 % 7),
        code: (id % 3 != 0).then(|| format!("c{id}")),
        fragile: id % 2 == 0,
        value: i128::from(id % 6) * 10_i128.pow(20),
        note: (id % 7 != 0).then(|| format!("note {}", id % 5)),
        signed: (id % 3 != 0).then_some(id % 4 < 2),
    }
}

struct Bed {
    runtime: Runtime,
    dynamodb: Orm,
    memory: Orm,
}

fn bed() -> &'static Bed {
    static BED: OnceLock<Bed> = OnceLock::new();
    BED.get_or_init(|| {
        let runtime = Runtime::new().expect("a runtime");
        let (dynamodb, memory) = runtime
            .block_on(async {
                let embedded = Embedded::in_memory()?;
                // Every query has many pages, as one of a large table has.
                let client = FaultyClient::new(embedded.http_client(), |operation, body| {
                    let most = body.len() as u64 % 7 + 1;
                    matches!(operation, "Query" | "Scan").then_some(Fault::ShortPage(most))
                });
                let config = embedded.config().http_client(client).build();
                let dynamodb = Orm::bootstrap(schema![Parcel], config).await?;
                let memory = Orm::bootstrap(schema![Parcel], orm::MemoryDriver::new()).await?;
                for orm in [&dynamodb, &memory] {
                    for id in 0..RECORDS {
                        Parcel::insert(parcel(id)).exec(orm).await?;
                    }
                }
                Ok::<_, Error>((dynamodb, memory))
            })
            .expect("the parcels are stored");
        Bed { runtime, dynamodb, memory }
    })
}

fn depot() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["north", "south", "west", "east"])
}

fn leaf() -> BoxedStrategy<Filter<Parcel>> {
    let n = -1_i64..12;
    let id = 0..RECORDS + 5;
    prop_oneof![
        id.clone().prop_map(|id| Parcel::ID.eq(id).into_filter()),
        prop::collection::vec(id.clone(), 0..6).prop_map(|ids| Parcel::ID.is_in(ids)),
        id.clone().prop_map(|id| Parcel::CODE.eq(format!("c{id}")).into_filter()),
        prop::collection::vec(id.clone(), 0..4)
            .prop_map(|ids| Parcel::CODE.is_in(ids.iter().map(|id| format!("c{id}")))),
        Just(Parcel::CODE.is_null()),
        (depot(), 0..RECORDS / 3).prop_map(|(depot, n)| Parcel::DEPOT_NUMBER.eq(depot, n).into_filter()),
        depot().prop_map(|depot| Parcel::DEPOT.eq(depot)),
        depot().prop_map(|depot| Parcel::DEPOT.ne(depot)),
        prop::collection::vec(depot(), 0..4).prop_map(|depots| Parcel::DEPOT.is_in(depots)),
        n.clone().prop_map(|n| Parcel::WEIGHT.eq(n)),
        n.clone().prop_map(|n| Parcel::WEIGHT.gt(n)),
        n.clone().prop_map(|n| Parcel::WEIGHT.lte(n)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Parcel::WEIGHT.between(a, b)),
        Just(Parcel::OWNER.eq("ada")),
        Just(Parcel::OWNER.eq(None)),
        Just(Parcel::OWNER.ne("grace")),
        Just(Parcel::ROUTE.eq(b"a")),
        n.clone().prop_map(|n| Parcel::STOP.gte(n)),
        n.clone().prop_map(|n| Parcel::STOP.ne(n)),
        Just(Parcel::STOP.is_null()),
        prop::bool::ANY.prop_map(|fragile| Parcel::FRAGILE.eq(fragile)),
        (0_i128..7).prop_map(|n| Parcel::VALUE.gt(n * 10_i128.pow(20))),
        (0_i128..7).prop_map(|n| Parcel::VALUE.is_in([n * 10_i128.pow(20), 0])),
        (0_u8..6).prop_map(|n| Parcel::NOTE.contains(n.to_string())),
        Just(Parcel::NOTE.starts_with("note")),
        Just(Parcel::NOTE.contains("")),
        Just(Parcel::WEIGHT.lt_field(Parcel::STOP)),
        Just(Parcel::STOP.gte_field(Parcel::WEIGHT)),
        Just(Parcel::NUMBER.lte_field(Parcel::VALUE)),
        Just(Parcel::OWNER.eq_field(Parcel::NOTE)),
        Just(Parcel::OWNER.ne_field(Parcel::CODE)),
        Just(Parcel::DEPOT.gt_field(Parcel::OWNER)),
        Just(Parcel::STOP.eq_field(Parcel::STOP)),
        Just(Parcel::FRAGILE.eq_field(Parcel::SIGNED)),
    ]
    .boxed()
}

fn filter() -> impl Strategy<Value = Filter<Parcel>> {
    leaf().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 0..4).prop_map(orm::all),
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(orm::any),
            1 => inner.prop_map(|filter| !filter),
        ]
    })
}

/// Alternatives each of which has a key or an index of its own, and is in some order by itself; records may fulfil several.
fn keyed() -> impl Strategy<Value = Filter<Parcel>> {
    let id = 0..RECORDS + 5;
    let one = prop_oneof![
        id.clone().prop_map(|id| Parcel::ID.eq(id).into_filter()),
        id.clone().prop_map(|id| Parcel::CODE.eq(format!("c{id}")).into_filter()),
        (depot(), 0..RECORDS / 3).prop_map(|(depot, n)| Parcel::DEPOT_NUMBER.eq(depot, n).into_filter()),
        Just(Parcel::ROUTE.eq(b"a").and(Parcel::STOP.is_not_null())),
        depot().prop_map(|depot| Parcel::DEPOT.eq(depot).into_filter()),
        (depot(), -1_i64..12).prop_map(|(depot, n)| Parcel::DEPOT.eq(depot).and(Parcel::WEIGHT.gt(n))),
        prop::sample::select(vec![b"a", b"b"]).prop_map(|route| Parcel::ROUTE.eq(route).into_filter()),
        Just(Parcel::ROUTE.eq(b"b").and(Parcel::NOTE.contains("3"))),
        Just(Parcel::OWNER.eq("ada").into_filter()),
        (id.clone(), 0_u8..5).prop_map(|(id, note)| Parcel::ID.eq(id).and(Parcel::NOTE.contains(note.to_string()))),
        (depot(), 0..RECORDS / 3, prop::bool::ANY)
            .prop_map(|(depot, n, fragile)| Parcel::DEPOT_NUMBER.eq(depot, n).and(Parcel::FRAGILE.eq(fragile))),
        (id, depot()).prop_map(|(id, depot)| Parcel::CODE.eq(format!("c{id}")).and(Parcel::DEPOT.ne(depot))),
    ];
    prop::collection::vec(one, 2..6).prop_map(orm::any)
}

fn some_filter() -> impl Strategy<Value = Filter<Parcel>> {
    // More than are looked up one by one.
    let heavier = (depot(), -1_i64..12).prop_map(|(depot, n)| Parcel::DEPOT.eq(depot).and(Parcel::WEIGHT.gt(n)));
    let numbered = (depot(), 0..RECORDS / 3, 0_u8..5)
        .prop_map(|(depot, n, note)| Parcel::DEPOT_NUMBER.eq(depot, n).and(Parcel::NOTE.contains(note.to_string())));
    let many = prop::collection::vec(prop_oneof![heavier, numbered], 95..110).prop_map(orm::any);
    let narrowed = (keyed(), prop::collection::vec(leaf(), 1..3)).prop_map(|(keyed, also)| keyed.and(orm::all(also)));
    prop_oneof![8 => filter().boxed(), 6 => keyed().boxed(), 6 => narrowed.boxed(), 1 => many.boxed()]
}

fn order() -> impl Strategy<Value = Vec<OrderBy<Parcel>>> {
    let one = prop::sample::select(vec![
        Parcel::WEIGHT.asc(),
        Parcel::WEIGHT.desc(),
        Parcel::STOP.asc(),
        Parcel::STOP.desc(),
        Parcel::DEPOT.asc(),
        Parcel::OWNER.desc(),
        Parcel::VALUE.asc(),
        Parcel::ID.desc(),
    ]);
    prop::collection::vec(one, 0..3)
}

/// The values that each order compares, record by record.
fn sorted_by(parcels: &[Parcel], order: &[OrderBy<Parcel>]) -> Vec<Vec<String>> {
    let value = |parcel: &Parcel, order: &OrderBy<Parcel>| match Order::from(*order).field {
        0 => parcel.id.to_string(),
        1 => parcel.depot.clone(),
        3 => parcel.weight.to_string(),
        4 => format!("{:?}", parcel.owner),
        6 => format!("{:?}", parcel.stop),
        9 => parcel.value.to_string(),
        field => panic!("no order of field {field}"),
    };
    parcels.iter().map(|parcel| order.iter().map(|order| value(parcel, order)).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_records(filter in some_filter()) {
        let bed = bed();
        let query = Parcel::find_many().filter(filter.clone());
        let count = Parcel::count().filter(filter);
        bed.runtime.block_on(async {
            let mut found = query.clone().exec(&bed.dynamodb).await.expect("DynamoDB answers");
            let mut expected = query.exec(&bed.memory).await.expect("memory answers");
            found.sort_by_key(|parcel| parcel.id);
            expected.sort_by_key(|parcel| parcel.id);
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(count.exec(&bed.dynamodb).await.expect("DynamoDB counts"), expected.len() as u64);
            Ok(())
        })?;
    }

    #[test]
    fn in_the_same_order(filter in some_filter(), mut order in order(), skip in 0_usize..5, take in 0_usize..12) {
        let bed = bed();
        // Equal records may come in any order: the id decides.
        order.push(Parcel::ID.asc());
        let query = Parcel::find_many().filter(filter).order_by(order).skip(skip).take(take).select(Parcel::ID);
        bed.runtime.block_on(async {
            let found = query.clone().exec(&bed.dynamodb).await.expect("DynamoDB answers");
            prop_assert_eq!(found, query.exec(&bed.memory).await.expect("memory answers"));
            Ok(())
        })?;
    }

    /// By one field alone, which an index may give.
    #[test]
    fn as_many_in_the_order_of_an_index(filter in some_filter(), order in order(), skip in 0_usize..5, take in 1_usize..12) {
        let bed = bed();
        let order: Vec<OrderBy<Parcel>> = order.into_iter().take(1).collect();
        let query = Parcel::find_many().filter(filter).order_by(order).skip(skip).take(take);
        bed.runtime.block_on(async {
            let found = query.clone().exec(&bed.dynamodb).await.expect("DynamoDB answers");
            let expected = query.exec(&bed.memory).await.expect("memory answers");
            prop_assert_eq!(found.len(), expected.len());
            Ok(())
        })?;
    }

    /// Page after page: each record once, in order, and no page but the last is short.
    #[test]
    fn the_same_records_in_pages(
        filter in some_filter(),
        order in order(),
        size in prop_oneof![1_usize..4, 4_usize..25],
    ) {
        let bed = bed();
        let all = Parcel::find_many().filter(filter).order_by(order.clone());
        bed.runtime.block_on(async {
            let mut found: Vec<Parcel> = Vec::new();
            let mut next: Option<Cursor> = None;
            loop {
                let page = all.clone().page(size);
                let page = match next {
                    Some(cursor) => page.after(cursor),
                    None => page,
                };
                let page = page.exec(&bed.dynamodb).await.expect("DynamoDB answers");
                prop_assert!(page.items.len() == size || page.next.is_none());
                found.extend(page.items);
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            let mut expected = all.exec(&bed.memory).await.expect("memory answers");
            // Records that are equal in the order may come in any order.
            prop_assert_eq!(sorted_by(&found, &order), sorted_by(&expected, &order));
            found.sort_by_key(|parcel| parcel.id);
            expected.sort_by_key(|parcel| parcel.id);
            prop_assert_eq!(&found, &expected);
            Ok(())
        })?;
    }

    #[test]
    fn the_same_records_in_a_stream(filter in some_filter(), parts in 1_usize..4, skip in 0_usize..5) {
        let bed = bed();
        let all = Parcel::find_many().filter(filter);
        bed.runtime.block_on(async {
            let mut stream = all.clone().parallel(parts).stream(&bed.dynamodb);
            let mut found: Vec<i64> = Vec::new();
            while let Some(parcel) = stream.next().await {
                found.push(parcel.expect("DynamoDB answers").id);
            }
            found.sort_unstable();
            let mut expected = all.clone().select(Parcel::ID).exec(&bed.memory).await.expect("memory answers");
            expected.sort_unstable();
            prop_assert_eq!(&found, &expected);
            let mut rest = all.skip(skip).stream(&bed.dynamodb);
            let mut count = 0;
            while rest.next().await.is_some() {
                count += 1;
            }
            prop_assert_eq!(count, expected.len().saturating_sub(skip));
            Ok(())
        })?;
    }

    #[test]
    fn the_same_changes(filter in some_filter(), note in "[a-z]{0,3}") {
        let runtime = &bed().runtime;
        runtime.block_on(async {
            let dynamodb = Orm::bootstrap(schema![Parcel], Embedded::in_memory().expect("an engine")).await.expect("tables");
            let memory = Orm::bootstrap(schema![Parcel], orm::MemoryDriver::new()).await.expect("tables");
            let mut outcomes = Vec::new();
            for orm in [&dynamodb, &memory] {
                Parcel::create_many((0..20).map(|id| Parcel::insert(parcel(id))))
                    .exec(orm).await.expect("parcels");
                let changed = Parcel::update_many().filter(filter.clone()).set(Parcel::NOTE, &note).exec(orm).await;
                let gone = Parcel::delete_many().filter(filter.clone().and(Parcel::FRAGILE.eq(true))).exec(orm).await;
                let mut left = Parcel::find_many().exec(orm).await.expect("parcels");
                left.sort_by_key(|parcel| parcel.id);
                outcomes.push((changed.expect("changes"), gone.expect("deletes"), left));
            }
            prop_assert_eq!(&outcomes[0], &outcomes[1]);
            Ok(())
        })?;
    }
}
