use orm::prelude::*;
use orm::{IntoFilter, OrderBy};

use super::*;

#[derive(Model)]
#[orm(table = "orders")]
#[orm(unique(shop, number))]
#[orm(index(customer, placed))]
#[orm(index(shop, paid))]
struct Purchase {
    #[orm(id)]
    id: String,
    #[orm(index)]
    customer: String,
    placed: i64,
    shop: String,
    number: i64,
    paid: Option<i64>,
    #[orm(unique)]
    code: Option<String>,
    note: Option<String>,
}

const ID: usize = 0;
const PLACED: usize = 2;
const SHOP: usize = 3;
const CODE: usize = 6;
const NOTE: usize = 7;

/// The plan of a filter as the driver gets it.
fn plan(filter: impl IntoFilter<Purchase>, order: &[Order]) -> Plan {
    Plan::new(Purchase::schema(), condition(filter), order)
}

fn condition(filter: impl IntoFilter<Purchase>) -> Condition {
    filter.into_filter().into_condition().expect("the values of these tests can be stored")
}

fn order(order: OrderBy<Purchase>) -> Vec<Order> {
    orm::IntoOrder::into_orders(order)
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn index(plan: &Plan) -> (&'static IndexSchema, &Range, bool) {
    match &plan.access {
        Access::Index(access) => (access.index, &access.range, access.descending),
        other => panic!("not on an index: {other:?}"),
    }
}

#[test]
fn ids_are_read_by_key_and_everything_else_is_checked_here() {
    let plan = plan(Purchase::ID.eq("a").and(Purchase::NOTE.contains("x")), &[]);
    assert_eq!(plan.access, Access::Ids(vec![text("a")]));
    assert!(plan.filter.is_empty());
    assert_eq!(plan.residual.iter().flat_map(Condition::fields).collect::<Vec<_>>(), [ID, NOTE]);
}

#[test]
fn the_shortest_list_of_ids_counts_and_repetitions_do_not() {
    let plan = plan(Purchase::ID.is_in(["a", "b", "a"]).and(Purchase::ID.is_in(["a", "b", "c"])), &[]);
    assert_eq!(plan.access, Access::Ids(vec![text("a"), text("b")]));
}

#[test]
fn unique_values_are_read_by_their_locks() {
    let model = Purchase::schema();
    let one = plan(Purchase::CODE.eq("c"), &[]);
    assert_eq!(one.access, Access::Locks(&model.uniques()[0], vec![vec![text("c")]]));
    assert_eq!(one.residual.len(), 1, "the record's own value is compared");
    let compound = plan(Purchase::NUMBER.eq(7).and(Purchase::SHOP.eq("s")), &[]);
    assert_eq!(compound.access, Access::Locks(&model.uniques()[1], vec![vec![text("s"), Value::Integer(7)]]));
    let half = plan(Purchase::NUMBER.eq(7), &[]);
    assert_eq!(half.access, Access::Scan);
}

#[test]
fn an_index_is_read_in_its_order() {
    let plan = plan(Purchase::CUSTOMER.eq("c"), &order(Purchase::PLACED.desc()));
    let (index, range, descending) = index(&plan);
    assert_eq!((index.range(), range, descending), (Some(PLACED), &Range::All, true));
    assert!(plan.ordered && plan.is_exact());
}

#[test]
fn a_bound_of_the_range_narrows_the_query() {
    let between = plan(Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.between(1, 5)), &[]);
    assert_eq!(index(&between).1, &Range::Between(Value::Integer(1), Value::Integer(5)));
    assert!(between.is_exact());

    let open = plan(Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.gt(1)).and(Purchase::PLACED.lt(5)), &[]);
    assert_eq!(index(&open).1, &Range::Between(Value::Integer(1), Value::Integer(5)));
    assert_eq!(open.residual.len(), 2, "BETWEEN includes its bounds");

    let reversed = plan(Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.between(5, 1)), &[]);
    assert_eq!(index(&reversed).1, &Range::Compare(Comparison::Gte, Value::Integer(5)));
    assert_eq!(reversed.residual.len(), 1);
}

#[test]
fn conditions_on_the_keys_of_the_index_are_checked_here() {
    let plan = plan(
        Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.ne(3)).and(Purchase::NOTE.is_not_null()),
        &order(Purchase::PLACED.asc()),
    );
    assert_eq!(plan.residual.iter().flat_map(Condition::fields).collect::<Vec<_>>(), [PLACED]);
    assert_eq!(plan.filter.iter().flat_map(Condition::fields).collect::<Vec<_>>(), [NOTE]);
}

#[test]
fn an_index_that_lacks_records_is_left_alone() {
    // Records whose `paid` is null are not in (shop, paid).
    assert_eq!(plan(Purchase::SHOP.eq("s"), &[]).access, Access::Scan);
    let paid = plan(Purchase::SHOP.eq("s").and(Purchase::PAID.gt(0)), &[]);
    assert_eq!(index(&paid).0.hash(), SHOP);
    // No record with an empty text is in an index.
    assert_eq!(plan(Purchase::CUSTOMER.eq(""), &[]).access, Access::Scan);
}

#[test]
fn what_cannot_hold_is_not_asked_for() {
    assert_eq!(plan(Purchase::ID.is_in(Vec::<String>::new()), &[]).access, Access::Nothing);
    assert_eq!(plan(any(Vec::<orm::Filter<Purchase>>::new()), &[]).access, Access::Nothing);
}

#[test]
fn the_rest_is_a_scan_that_dynamodb_filters() {
    let plan = plan(any((Purchase::ID.eq("a"), Purchase::NOTE.eq("n"))), &order(Purchase::PLACED.asc()));
    assert_eq!(plan.access, Access::Scan);
    assert_eq!((plan.filter.len(), plan.residual.len(), plan.ordered), (1, 0, false));
    let code = self::plan(Purchase::CODE.is_null(), &[]);
    assert_eq!(code.filter, [Condition::IsNull(CODE)]);
}
