//! Filters and the plans they get, as a table: each line is what `explain` says of a filter.

use orm::prelude::*;
use orm::{Filter, IntoFilter, IntoOrder, OrderBy};

use super::search::MAX_ALTERNATIVES;
use super::*;

#[derive(Model)]
#[orm(table = "orders")]
#[orm(unique(shop, number))]
#[orm(index(customer, placed))]
#[orm(index(shop, paid))]
#[orm(index(aisle, shelf))]
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
    aisle: String,
    shelf: String,
}

thread_local! {
    /// How many conjunctions this thread has looked at.
    pub(super) static CONJUNCTIONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The plan of a filter as the driver gets it.
fn plan(filter: impl IntoFilter<Purchase>, order: impl IntoOrder<Purchase>) -> Plan {
    let condition = filter.into_filter().into_condition().expect("the values of these tests can be stored");
    let order: Vec<Order> = order.into_orders().into_iter().map(Order::from).collect();
    Plan::new(Purchase::schema(), condition, &order)
}

#[test]
fn the_short_way_to_one_record_is_the_one_that_a_search_finds() {
    let model = Purchase::schema();
    for filter in [Purchase::ID.eq("i").into_filter(), Purchase::CODE.eq("c").into_filter()] {
        let condition = filter.into_condition().unwrap();
        let order = [Order::from(Purchase::PLACED.asc())];
        // One condition of several is looked for in all ways that there are.
        let searched = Plan::new(model, Condition::And(vec![condition.clone()]), &order);
        assert_eq!(Plan::new(model, condition, &order), searched);
    }
}

fn unordered() -> Vec<OrderBy<Purchase>> {
    Vec::new()
}

/// Each branch in short: the access, the keys or the key condition, `|` what DynamoDB filters, `&` what is left.
fn short(plan: &Plan) -> Vec<String> {
    let model = Purchase::schema();
    let branch = |branch: &Branch| {
        let mut text = match &branch.access {
            Access::Ids(ids) => format!("ids {}", ids.len()),
            Access::Locks(constraint, _) => {
                format!("locks {} {}", model.field_names(constraint.fields()).join("+"), branch.access.count())
            }
            Access::Index(access) => {
                let name = |field: usize| model.field(field).name();
                let fields: Vec<&str> =
                    [Some(access.index.hash()), access.index.range()].into_iter().flatten().map(name).collect();
                let range = match &access.range {
                    Range::All => String::new(),
                    Range::Compare(comparison, value) => format!(" {comparison:?} {}", shown(value)),
                    Range::Between(low, high) => format!(" {}..{}", shown(low), shown(high)),
                    Range::StartsWith(prefix) => format!(" {prefix}*"),
                };
                let backwards = if access.descending { " backwards" } else { "" };
                format!("index {} {}{range}{backwards}", fields.join("+"), shown(&access.hash))
            }
            Access::Scan => "scan".to_owned(),
        };
        for (sign, conditions) in [("|", &branch.filter), ("&", &branch.residual)] {
            if !conditions.is_empty() {
                text += &format!(" {sign} {}", Condition::And(conditions.to_vec()).describe(model));
            }
        }
        text
    };
    plan.branches.iter().map(branch).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn assert_plan(filter: impl IntoFilter<Purchase>, expected: &[&str]) {
    assert_eq!(short(&plan(filter, unordered())), expected);
}

#[test]
fn ids_are_read_by_key_and_everything_else_is_checked_here() {
    assert_plan(Purchase::ID.eq("a"), &[r#"ids 1 & id = "a""#]);
    assert_plan(Purchase::ID.eq("a").and(Purchase::NOTE.contains("x")), &[r#"ids 1 & id = "a" and note contains "x""#]);
    assert_plan(Purchase::ID.is_in(["a", "b", "a"]), &[r#"ids 2 & id in ("a", "b")"#]);
    assert_plan(
        Purchase::ID.is_in(["a", "b", "a"]).and(Purchase::ID.is_in(["a", "b", "c"])),
        &[r#"ids 2 & id in ("a", "b")"#],
    );
    assert_plan(any((Purchase::ID.eq("a"), Purchase::ID.eq("b"))), &[r#"ids 2 & id in ("a", "b")"#]);
}

#[test]
fn one_key_is_better_than_a_list() {
    let ids: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let one = Purchase::CODE.eq("c").and(Purchase::ID.is_in(ids.clone()));
    assert_eq!(plan(one, unordered()).branches.iter().map(|branch| branch.access.count()).collect::<Vec<_>>(), [1]);
    // Of several keys each is read, whichever alternative names it.
    let either = any((Purchase::CODE.eq("c"), all((Purchase::SHOP.eq("s"), Purchase::NUMBER.eq(7)))));
    assert_eq!(short(&plan(either.and(Purchase::ID.is_in(ids)), unordered())).len(), 1);
}

#[test]
fn an_order_makes_no_difference_to_what_keys_take() {
    let ids: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    let either = any((Purchase::CODE.is_in(["c", "d"]), all((Purchase::SHOP.eq("s"), Purchase::NUMBER.is_in([7, 8])))));
    let filter = either.and(Purchase::ID.is_in(ids));
    let accesses = |plan: Plan| plan.branches.into_iter().map(|branch| branch.access).collect::<Vec<_>>();
    let unordered = accesses(plan(filter.clone(), unordered()));
    assert!(matches!(unordered.as_slice(), [Access::Locks(..), Access::Locks(..)]), "{unordered:?}");
    assert_eq!(accesses(plan(filter, Purchase::NOTE.asc())), unordered);
}

#[test]
fn keys_that_an_or_names_come_before_the_values_of_an_index_that_another_names() {
    let many = |one: fn(i64) -> Filter<Purchase>| any((0..120).map(one).collect::<Vec<_>>());
    let by_customer = || many(|n| Purchase::CUSTOMER.eq(n.to_string()).and(Purchase::PLACED.gt(n)));
    let by_id = || many(|n| Purchase::ID.eq(n.to_string()).and(Purchase::NOTE.contains(n.to_string())));
    for filter in [by_customer().and(by_id()), by_id().and(by_customer())] {
        let plan = plan(filter, unordered());
        assert!(matches!(plan.branches.as_slice(), [Branch { access: Access::Ids(ids), .. }] if ids.len() == 120));
    }
    assert_eq!(plan(by_customer(), unordered()).branches.len(), 120);
    // Each of the queries has all that is said besides: only so much of it is held.
    let words = |count: i64| any((0..count).map(|n| Purchase::NOTE.contains(format!("n{n}"))).collect::<Vec<_>>());
    assert_eq!(plan(by_customer().and(words(200)), unordered()).branches.len(), 120);
    assert!(plan(by_customer().and(words(4_200)), unordered()).scans());
}

#[test]
fn unique_values_are_read_by_their_locks() {
    assert_plan(Purchase::CODE.eq("c"), &[r#"locks code 1 & code = "c""#]);
    assert_plan(
        Purchase::NUMBER.eq(7).and(Purchase::SHOP.eq("s")),
        &[r#"locks shop+number 1 & number = 7 and shop = "s""#],
    );
    assert_plan(
        Purchase::NUMBER.is_in([7, 8]).and(Purchase::SHOP.is_in(["s", "t"])),
        &[r#"locks shop+number 4 & number in (7, 8) and shop in ("s", "t")"#],
    );
    assert_plan(Purchase::NUMBER.eq(7), &["scan | number = 7"]);
    // One key costs less than the records of an index.
    assert_plan(
        Purchase::CUSTOMER.eq("c").and(Purchase::CODE.eq("x")),
        &[r#"locks code 1 & customer = "c" and code = "x""#],
    );
}

#[test]
fn an_index_is_read_in_its_order() {
    let plan = plan(Purchase::CUSTOMER.eq("c"), Purchase::PLACED.desc());
    assert_eq!(short(&plan), ["index customer+placed c backwards"]);
    assert_eq!(plan.sorting, Sorting::Native);
    // A field that has one value does not matter to an order.
    let plan = self::plan(Purchase::CUSTOMER.eq("c"), (Purchase::CUSTOMER.asc(), Purchase::PLACED.asc()));
    assert_eq!((short(&plan), plan.sorting), (vec!["index customer+placed c".to_owned()], Sorting::Native));
    let plan = self::plan(Purchase::CUSTOMER.eq("c"), Purchase::NOTE.asc());
    assert_eq!(plan.sorting, Sorting::Here);
}

#[test]
fn a_bound_of_the_range_narrows_the_query() {
    let customer = || Purchase::CUSTOMER.eq("c");
    assert_plan(customer().and(Purchase::PLACED.between(1, 5)), &["index customer+placed c 1..5"]);
    assert_plan(customer().and(Purchase::PLACED.gt(1)), &["index customer+placed c Gt 1"]);
    // BETWEEN includes its bounds.
    assert_plan(
        customer().and(Purchase::PLACED.gt(1)).and(Purchase::PLACED.lt(5)),
        &["index customer+placed c 1..5 & placed > 1 and placed < 5"],
    );
    assert_plan(
        customer().and(Purchase::PLACED.gt(1)).and(Purchase::PLACED.gt(3)).and(Purchase::PLACED.lte(9)),
        &["index customer+placed c 3..9 & placed > 3 and placed <= 9"],
    );
    assert_plan(customer().and(Purchase::PLACED.between(5, 5)), &["index customer+placed c Eq 5"]);
    assert_plan(
        customer().and(Purchase::PLACED.is_in([1, 2])),
        &["index customer+placed c Eq 1", "index customer+placed c Eq 2"],
    );
}

#[test]
fn a_prefix_and_a_bound_are_one_key_condition() {
    let shelf = || Purchase::AISLE.eq("a").and(Purchase::SHELF.starts_with("s"));
    assert_plan(shelf(), &["index aisle+shelf a s*"]);
    assert_plan(shelf().and(Purchase::SHELF.lte("sky")), &["index aisle+shelf a s..sky"]);
    assert_plan(shelf().and(Purchase::SHELF.between("sand", "sky")), &["index aisle+shelf a sand..sky"]);
    // Up to the last text with the prefix that is a key.
    for prefix in ["s", "sk", "sky", "sky-"] {
        let rest = Purchase::AISLE.eq("a").and(Purchase::SHELF.starts_with(prefix)).and(Purchase::SHELF.gte("sky-5"));
        let found = plan(rest, unordered());
        let [Branch { access: Access::Index(access), filter, residual, .. }] = found.branches.as_slice() else {
            panic!()
        };
        let Range::Between(low, Value::Text(high)) = &access.range else { panic!("{:?}", access.range) };
        assert_eq!(*low, Value::Text("sky-5".into()));
        assert!(filter.is_empty() && residual.is_empty());
        let (fours, others) = (high.matches(char::MAX).count(), high.trim_end_matches(|last| last != char::MAX));
        assert_eq!((high.len(), fours), (1024, (1024 - prefix.len()) / 4));
        assert!(others.starts_with(prefix));
        let longer = [char::MAX, '\u{ffff}', '\u{7ff}', '\u{7f}'].map(|last| format!("{others}{last}"));
        assert!(longer.iter().all(|text| text.len() > 1024 || text <= high), "{high:?}");
    }
}

#[test]
fn an_order_that_is_only_begun_is_not_worth_more_requests() {
    let three = Purchase::CUSTOMER.is_in(["a", "b", "c"]).and(Purchase::AISLE.eq("a"));
    let of = |order: Vec<OrderBy<Purchase>>| short(&plan(three.clone(), order)).len();
    assert_eq!(of(vec![Purchase::PLACED.asc()]), 3);
    assert_eq!(of(vec![Purchase::PLACED.asc(), Purchase::ID.asc()]), 1);
}

#[test]
fn conditions_on_the_keys_of_the_index_are_checked_here() {
    let filter = Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.ne(3)).and(Purchase::NOTE.is_not_null());
    let plan = plan(filter, Purchase::PLACED.asc());
    assert_eq!(short(&plan), ["index customer+placed c | note is not null & placed != 3"]);
}

#[test]
fn a_list_on_an_index_is_one_query_per_value() {
    assert_plan(Purchase::CUSTOMER.is_in(["c", "d", "c"]), &["index customer c", "index customer d"]);
    let filter = Purchase::CUSTOMER.is_in(["c", "d"]).and(Purchase::PLACED.gt(1));
    let plan = plan(filter, Purchase::PLACED.desc());
    assert_eq!(short(&plan), ["index customer+placed c Gt 1 backwards", "index customer+placed d Gt 1 backwards"]);
    assert_eq!(plan.sorting, Sorting::Native);
}

#[test]
fn lists_are_multiplied_out_to_a_limit() {
    let keys = |shops: usize| {
        let shops = Purchase::SHOP.is_in((0..shops).map(|shop| shop.to_string()));
        plan(Purchase::NUMBER.is_in(0..40).and(shops), unordered())
    };
    let [most, more] = [keys(MAX_PRODUCT / 40), keys(MAX_PRODUCT / 40 + 1)];
    assert!(matches!(most.branches.as_slice(), [branch] if branch.access.count() == MAX_PRODUCT));
    assert!(more.scans());
    let names = |of: usize| (0..of).map(|n| n.to_string());
    for (aisles, shelves, queries, is_narrow) in
        [(4, 4, 16, true), (5, 4, 5, false), (1, 17, 1, false), (20, 1, 20, true)]
    {
        let plan = plan(Purchase::AISLE.is_in(names(aisles)).and(Purchase::SHELF.is_in(names(shelves))), unordered());
        let narrow = |branch: &Branch| matches!(&branch.access, Access::Index(access) if access.range != Range::All);
        assert_eq!(plan.branches.len(), queries, "{aisles} x {shelves}");
        assert_eq!(plan.branches.iter().all(narrow), is_narrow, "{aisles} x {shelves}");
    }
}

#[test]
fn an_index_that_lacks_records_is_left_alone() {
    // Records whose `paid` is null are not in (shop, paid).
    assert_plan(Purchase::SHOP.eq("s"), &[r#"scan | shop = "s""#]);
    assert_plan(Purchase::SHOP.eq("s").and(Purchase::PAID.gt(0)), &["index shop+paid s Gt 0"]);
    assert_plan(Purchase::SHOP.eq("s").and(Purchase::PAID.is_not_null()), &["index shop+paid s"]);
    assert_plan(Purchase::SHOP.eq("s").and(Purchase::PAID.ne(1)), &[r#"scan | shop = "s" and paid != 1"#]);
    // No record with an empty text is in an index.
    assert_plan(Purchase::CUSTOMER.eq(""), &[r#"scan | customer = """#]);
    let on = |shelf| Purchase::AISLE.eq("a").and(shelf);
    assert_plan(on(Purchase::SHELF.eq("")), &[r#"scan | aisle = "a" and shelf = """#]);
    assert_plan(on(Purchase::SHELF.is_in(["", "s"])), &[r#"scan | aisle = "a" and shelf in ("", "s")"#]);
    assert_plan(on(Purchase::SHELF.eq("s")), &["index aisle+shelf a Eq s"]);
}

#[test]
fn what_cannot_hold_is_not_asked_for() {
    let nothing: &[&str] = &[];
    assert_plan(Purchase::ID.is_in(Vec::<String>::new()), nothing);
    assert_plan(any(Vec::<Filter<Purchase>>::new()), nothing);
    assert_plan(Purchase::ID.eq("a").and(Purchase::ID.eq("b")), nothing);
    assert_plan(Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.between(5, 1)), nothing);
    assert_plan(Purchase::NOTE.is_null().and(Purchase::NOTE.contains("x")), nothing);
    assert_plan(Purchase::NUMBER.gt(5).and(Purchase::NUMBER.lt(5)), nothing);
    assert_plan(any((Purchase::NUMBER.eq(1), Purchase::NUMBER.eq(2))).and(Purchase::NUMBER.gt(2)), nothing);
}

#[test]
fn alternatives_with_keys_are_a_union_without_duplicates() {
    assert_plan(
        any((Purchase::ID.eq("a"), Purchase::CODE.eq("c"))),
        &[r#"ids 1 & id = "a""#, r#"locks code 1 & code = "c" and id != "a""#],
    );
    assert_plan(
        any((Purchase::ID.eq("a"), Purchase::CUSTOMER.eq("c"))).and(Purchase::NOTE.eq("n")),
        &[r#"ids 1 & note = "n" and id = "a""#, r#"index customer c | note = "n" and id != "a""#],
    );
    // The second alternative is a part of the first.
    assert_plan(
        any((Purchase::CUSTOMER.eq("c"), Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.gt(1)))),
        &["index customer c"],
    );
    // One that has no key makes all of them a scan.
    assert_plan(any((Purchase::ID.eq("a"), Purchase::NOTE.eq("n"))), &[r#"scan | id = "a" or note = "n""#]);
}

/// However many: what all of them name of a key is a list.
#[test]
fn alternatives_of_one_key_are_a_list_of_it() {
    let of_shop = |shop: &str, number: i64| Purchase::SHOP.eq(shop).and(Purchase::NUMBER.eq(number));
    assert_plan(
        any((of_shop("a", 1), of_shop("b", 2))),
        &[r#"locks shop+number 2 & (shop = "a" and number = 1) or (shop = "b" and number = 2)"#],
    );
    // Not the keys of all combinations, and each once.
    let keys: Vec<Filter<Purchase>> = (0..60).map(|n| of_shop(&format!("s{}", n % 30), n % 30)).collect();
    assert!(short(&plan(any(keys), unordered()))[0].starts_with("locks shop+number 30 "));
    // What they leave open the rest of the filter says.
    let numbers = any((0..40).map(|n| Purchase::NUMBER.eq(n).and(Purchase::PAID.gt(n))).collect::<Vec<_>>());
    assert!(short(&plan(numbers.and(Purchase::SHOP.eq("s")), unordered()))[0].starts_with("locks shop+number 40 "));
    let noted = |id: i64| Purchase::ID.eq(id.to_string()).and(Purchase::NOTE.eq("n"));
    assert!(short(&plan(any((0..40).map(noted).collect::<Vec<_>>()), unordered()))[0].starts_with("ids 40 "));
    // Those that are parts of an index are read as such parts, of each value what is said of it.
    let placed = |n: i64| Purchase::CUSTOMER.eq(format!("c{n}")).and(Purchase::PLACED.gt(n));
    let some = |n: i64| plan(any((0..n).map(placed).collect::<Vec<_>>()), unordered());
    assert_eq!(short(&some(2))[1], "index customer+placed c1 Gt 1");
    let most = i64::try_from(MAX_ALTERNATIVES).unwrap();
    assert_eq!(short(&some(most))[99], "index customer+placed c99 Gt 99");
    let many = some(most + 1);
    assert_eq!((many.branches.len(), many.scans()), (101, false));
    assert_eq!(short(&many)[100], "index customer+placed c100 Gt 100");
    let twice = any((0..most + 1).map(|n| placed(n % 60)).collect::<Vec<_>>());
    assert_eq!(short(&plan(twice, unordered())).len(), 60);
    // What the rest of the filter says of that field is said of each, too.
    let but = |n: i64| any((0..n).map(placed).collect::<Vec<_>>()).and(Purchase::CUSTOMER.ne("c1"));
    assert_eq!(plan(but(most + 1), unordered()).branches.len(), 100);
    // Nor is a key among those that the rest of the filter leaves out.
    let given = Purchase::ID.is_in(["3", "4", "5"]).and(any((0..40).map(noted).collect::<Vec<_>>()));
    assert!(short(&plan(given, unordered()))[0].starts_with("ids 3 "));
    // One that names another key is looked up by itself, or makes all of them a scan.
    let with_another =
        |n: i64| any((0..n).map(placed).chain([Purchase::CODE.eq("c").into_filter()]).collect::<Vec<_>>());
    assert_eq!(plan(with_another(most - 1), unordered()).branches.len(), 100);
    assert!(plan(with_another(most), unordered()).scans());
}

#[test]
fn ids_are_looked_up_in_their_order() {
    let ids = |order: OrderBy<Purchase>| {
        let plan = plan(Purchase::ID.is_in(["c", "a", "b"]), (order, Purchase::NOTE.asc()));
        let Access::Ids(ids) = &plan.branches[0].access else { panic!("by id") };
        (ids.iter().map(shown).collect::<String>(), plan.sorting)
    };
    assert_eq!(ids(Purchase::ID.asc()), ("abc".to_owned(), Sorting::Native));
    assert_eq!(ids(Purchase::ID.desc()), ("cba".to_owned(), Sorting::Native));
    assert_eq!(ids(Purchase::NOTE.asc()), ("cab".to_owned(), Sorting::Here));
}

#[test]
fn a_union_has_the_order_of_its_parts() {
    let filter = any((Purchase::CUSTOMER.eq("c"), Purchase::ID.eq("a")));
    assert_eq!(plan(filter.clone(), Purchase::PLACED.asc()).sorting, Sorting::Native);
    assert_eq!(plan(filter.clone(), (Purchase::PLACED.asc(), Purchase::ID.asc())).sorting, Sorting::Begun);
    assert_eq!(plan(filter.clone(), (Purchase::NOTE.asc(), Purchase::PLACED.asc())).sorting, Sorting::Here);
    assert_eq!(plan(filter, Purchase::NOTE.asc()).sorting, Sorting::Here);
    assert_eq!(plan(Purchase::ID.eq("a"), Purchase::NOTE.asc()).sorting, Sorting::Any);
}

/// Of which the first records are wanted.
#[test]
fn branches_in_order_may_overlap() {
    let first = |filter: Filter<Purchase>, order: OrderBy<Purchase>| {
        Plan::of_first(Purchase::schema(), filter.into_condition().unwrap(), &[order.into()])
    };
    let either = || any((Purchase::CUSTOMER.eq("c"), Purchase::SHOP.eq("s").and(Purchase::PAID.is_not_null())));
    let plan = first(either(), Purchase::PAID.asc());
    assert_eq!((plan.overlaps, plan.is_merged(), plan.sorting), (true, true, Sorting::Here));
    assert_eq!(short(&plan), ["index customer c", "index shop+paid s"]);
    // What another alternative has anyway is not read for another time.
    let placed = |n: i64| Purchase::CUSTOMER.eq("c").and(Purchase::PLACED.gt(n));
    let again = any([
        placed(1).and(Purchase::NOTE.eq("n")),
        placed(1),
        placed(1),
        Purchase::SHOP.eq("s").and(Purchase::PAID.gt(2)),
    ]);
    assert_eq!(
        short(&first(again, Purchase::PLACED.asc())),
        ["index customer+placed c Gt 1", "index shop+paid s Gt 2"]
    );
    // None is in order: the second leaves out what the first has.
    let plan = first(either(), Purchase::NOTE.asc());
    assert_eq!((plan.overlaps, plan.is_merged()), (false, false));
    assert_eq!(short(&plan)[1], r#"index shop+paid s | customer != "c""#);
    // One query alone is not merged.
    let plan = first(Purchase::CUSTOMER.eq("c"), Purchase::PLACED.asc());
    assert_eq!((plan.overlaps, plan.is_merged()), (false, false));
}

#[test]
fn what_does_not_fit_into_an_expression_is_checked_here() {
    let many: Vec<Filter<Purchase>> = (0..400).map(|n| Purchase::NOTE.ne(n.to_string())).collect();
    let plan = plan(all(many), unordered());
    let [branch] = plan.branches.as_slice() else { panic!("one scan") };
    assert!(!branch.filter.is_empty() && !branch.residual.is_empty());
    assert_eq!(branch.filter.len() + branch.residual.len(), 400);
}

#[test]
fn an_index_for_relations_is_known_before_the_keys_are() {
    let model = Purchase::schema();
    let always = Condition::always();
    assert!(matches!(by_field(model, 1, &always, &[]).branches[0].access, Access::Index(_)));
    assert!(matches!(by_field(model, 6, &always, &[]).branches[0].access, Access::Locks(..)));
    assert!(by_field(model, 4, &always, &[]).scans());
    // Whatever else is said of the keys.
    let filter = Purchase::CUSTOMER.starts_with("c").and(Purchase::NOTE.eq("n")).into_condition().unwrap();
    let plan = by_field(model, 1, &filter, &[]);
    assert!(matches!(plan.branches[0].access, Access::Index(_)));
    assert_eq!(plan.branches[0].filter.len(), 1);
    assert!(by_field(model, 4, &Purchase::NOTE.ne("n").into_condition().unwrap(), &[]).scans());
}

/// However many alternatives of alternatives there are, a plan is made in a moment.
#[test]
fn planning_does_not_multiply_without_end() {
    let one = |n: i64| Purchase::CUSTOMER.eq(format!("c{n}")).and(Purchase::PLACED.gt(n)).and(Purchase::NOTE.eq("x"));
    let many = any((0..100).map(one).collect::<Vec<_>>());
    assert_eq!(plan(many.clone(), unordered()).branches.len(), 100);
    let other = any((0..100).map(|n| Purchase::NOTE.eq(n.to_string()).and(Purchase::NUMBER.gt(n))).collect::<Vec<_>>());
    let third = any((0..100).map(|n| Purchase::NOTE.ne(n.to_string()).and(Purchase::PLACED.lt(n))).collect::<Vec<_>>());
    let before = CONJUNCTIONS.with(std::cell::Cell::get);
    assert!(!plan(other.and(many).and(third), unordered()).branches.is_empty());
    assert!(CONJUNCTIONS.with(std::cell::Cell::get) - before <= 1000);
    // Nor do many conditions with alternatives that lead somewhere.
    let none =
        all((0..1000).map(|n| !Purchase::CUSTOMER.eq(n.to_string()).and(Purchase::PLACED.eq(n))).collect::<Vec<_>>());
    let before = CONJUNCTIONS.with(std::cell::Cell::get);
    assert!(plan(none, unordered()).scans());
    assert!(CONJUNCTIONS.with(std::cell::Cell::get) - before <= 20);
    let nowhere = |n: i64| Purchase::NOTE.contains(n.to_string()).or(Purchase::AISLE.contains(n.to_string()));
    assert!(plan(all((0..20_000).map(nowhere).collect::<Vec<_>>()), unordered()).scans());
    // Each of which begins with a key, or with two, and is looked at once.
    let one = |n: i64| Purchase::ID.eq(n.to_string()).or(Purchase::AISLE.contains(n.to_string()));
    assert!(plan(all((0..20_000).map(one).collect::<Vec<_>>()), unordered()).scans());
    let two = |n: i64| any((Purchase::ID.eq(n.to_string()).and(Purchase::NUMBER.gt(n)), Purchase::ID.eq("x")));
    assert!(!plan(all((0..5_000).map(two).collect::<Vec<_>>()), unordered()).scans());
    // What others have used up is not missing where keys are listed.
    let indexed = |n: i64| Purchase::CUSTOMER.eq(n.to_string()).and(Purchase::NOTE.ne("x"));
    let keyed = |n: i64| Purchase::ID.eq(n.to_string()).and(Purchase::NOTE.ne("y"));
    for (indexes, keys) in [(100, 3), (80, 5), (20, 20), (5, 80)] {
        let on_indexes = any((0..indexes).map(indexed).collect::<Vec<_>>());
        let by_keys = any((0..keys).map(keyed).collect::<Vec<_>>());
        let plan = plan(on_indexes.and(by_keys), unordered());
        let [Branch { access: Access::Ids(ids), .. }] = plan.branches.as_slice() else { panic!("{plan:?}") };
        assert_eq!(ids.len() as i64, keys);
    }
    // What has led nowhere is no reason to scan.
    let customers =
        any((0..2000).map(|n| Purchase::CUSTOMER.eq(format!("c{n}")).and(Purchase::PLACED.gt(n))).collect::<Vec<_>>());
    let some = any((0..90).map(|n| Purchase::SHOP.gt(n.to_string()).and(Purchase::NOTE.ne("x"))).collect::<Vec<_>>());
    assert!(!plan(some.and(customers), unordered()).scans());
    let notes = any((0..500).map(|n| Purchase::NOTE.eq(n.to_string()).and(Purchase::PLACED.gt(n))).collect::<Vec<_>>());
    let few =
        any((0..90).map(|n| Purchase::CUSTOMER.eq(format!("c{n}")).and(Purchase::PLACED.gt(n))).collect::<Vec<_>>());
    assert!(!plan(notes.and(few), unordered()).scans());
    // Long lists are intersected, not compared with each other.
    let long = Purchase::ID.is_in((0..50_000).map(|n| n.to_string()));
    let plan = plan(long.and(Purchase::ID.is_in((25_000..90_000).map(|n| n.to_string()))), unordered());
    assert!(matches!(&plan.branches[0].access, Access::Ids(ids) if ids.len() == 25_000));
}
