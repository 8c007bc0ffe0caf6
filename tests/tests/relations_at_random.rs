//! Random data and random selections of related records: DynamoDB and the memory driver answer what plain loops over
//! the data find.

use std::cmp::{Ordering, Reverse};
use std::convert::identity;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::OnceLock;

use fastrand::Rng;
use orm::prelude::*;
use orm::{Cursor, Filter, IntoFilter, MemoryDriver, OrderBy, Selection};
use orm_dynamodb::Embedded;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::{RngSeed, TestCaseError};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Its id is any text: also the empty one, and one that is too long for an index.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "ports")]
#[orm(has_many(boats: Boat, foreign_key = home_port), has_many(cargoes: Cargo, foreign_key = port))]
#[orm(many_to_many(sailors: Sailor, through = Visit, from = port, to = sailor))]
struct Port {
    #[orm(id)]
    name: String,
    size: Option<i64>,
}

/// A foreign key without an index.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "boats", rename_all = "camelCase")]
#[orm(belongs_to(home: Port, foreign_key = home_port, index = false), has_many(crew: Sailor, foreign_key = boat))]
struct Boat {
    #[orm(id)]
    number: i64,
    home_port: Option<String>,
    #[orm(column = "painted on it")]
    name: String,
}

/// Related to itself. Of a boat's crew, the index holds those with a rank.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "sailors", rename_all = "PascalCase", unique(boat, berth), index(boat, rank))]
#[orm(belongs_to(vessel: Boat, foreign_key = boat), belongs_to(mentor: Sailor, foreign_key = mentor_id))]
#[orm(has_many(pupils: Sailor, foreign_key = mentor_id), has_one(locker: Locker, foreign_key = owner))]
#[orm(many_to_many(ports: Port, through = Visit, from = sailor, to = port))]
struct Sailor {
    #[orm(id)]
    id: Uuid,
    name: String,
    boat: Option<i64>,
    berth: Option<i64>,
    rank: Option<i64>,
    mentor_id: Option<Uuid>,
}

#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "lockers", belongs_to(holder: Sailor, foreign_key = owner))]
struct Locker {
    #[orm(id)]
    number: i64,
    #[orm(unique, column = "owner.id")]
    owner: Option<Uuid>,
    label: String,
}

/// Not unique: a sailor may have been to a port twice.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "visits")]
#[orm(belongs_to(by: Sailor, foreign_key = sailor), belongs_to(at: Port, foreign_key = port, index = false))]
struct Visit {
    #[orm(id)]
    number: i64,
    sailor: Option<Uuid>,
    port: Option<String>,
}

/// Stored before there was the index on the port, which does not hold all of them.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "cargoes", belongs_to(destination: Port, foreign_key = port))]
struct Cargo {
    #[orm(id)]
    number: i64,
    port: Option<String>,
    weight: i64,
}

mod before {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "cargoes")]
    pub struct Cargo {
        #[orm(id)]
        pub number: i64,
        pub port: Option<String>,
        pub weight: i64,
    }
}

#[derive(Select, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(model = Boat)]
struct Card {
    home: Option<Port>,
    #[orm(order_by = (Sailor::RANK.desc(), Sailor::ID.asc()), skip = 1, take = 4)]
    crew: Vec<Sailor>,
    #[orm(rename = name)]
    painted: String,
}

type Outcome = Result<(), TestCaseError>;

const WORLDS: usize = 3;
/// Longer than a key of an index.
const LONG: &str = match str::from_utf8(&[b'x'; 3000]) {
    Ok(text) => text,
    Err(_) => panic!(),
};

/// The data, and the stores that hold it.
#[derive(Default)]
struct Fleet {
    ports: Vec<Port>,
    boats: Vec<Boat>,
    sailors: Vec<Sailor>,
    lockers: Vec<Locker>,
    visits: Vec<Visit>,
    cargoes: Vec<Cargo>,
    stores: Vec<Orm>,
}

const fn uuid(n: i64) -> Uuid {
    Uuid::from_u128(n as u128)
}

/// One of these, nothing, or one that leads nowhere.
fn key<T: Clone>(random: &mut Rng, keys: &[T], dangling: T) -> Option<T> {
    match random.u8(..10) {
        0 | 1 => None,
        2 => Some(dangling),
        _ => random.choice(keys).cloned(),
    }
}

impl Fleet {
    fn new(seed: u64, size: i64) -> Self {
        let (random, mut fleet) = (&mut Rng::with_seed(seed), Self::default());
        let (nowhere, names) = (format!("{LONG}z"), ["", LONG, "kiel", "oslo", "riga"].map(str::to_owned));
        let ids: Vec<Uuid> = (0..size).map(uuid).collect();
        let some = |n: i64| if n % 2 == 0 { &ids[..8] } else { &ids };
        fleet.ports = names.iter().map(|name| Port { name: name.clone(), size: key(random, &[1, 2], 3) }).collect();
        for number in 0..size {
            let home_port = key(random, &names, nowhere.clone());
            // Few boats for many sailors, and some without any.
            fleet.boats.extend((number % 6 == 0).then(|| Boat { number, home_port, name: format!("{}", number % 4) }));
            fleet.sailors.push(Sailor {
                id: uuid(number),
                name: format!("sailor {}", number % 5),
                boat: key(random, &[0, 6, 12, 18], 1),
                berth: key(random, &[number], number),
                rank: key(random, &[0, 1, 2, 3, 4], 5),
                mentor_id: key(random, some(number), uuid(999)),
            });
            let owner = key(random, &[uuid(size - number - 1)], uuid(1000 + number));
            fleet.lockers.push(Locker { number, owner, label: format!("locker {}", number % 4) });
            let port = key(random, &names, "atlantis".into());
            fleet.cargoes.push(Cargo { number, port, weight: random.i64(..4) });
            for number in [2 * number, 2 * number + 1] {
                let sailor = key(random, some(number), uuid(999));
                fleet.visits.push(Visit { number, sailor, port: key(random, &names, nowhere.clone()) });
            }
        }
        fleet
    }

    async fn stored(mut self) -> Result<Self, Error> {
        let (embedded, memory) = (Embedded::in_memory()?, MemoryDriver::new());
        let (before, after) = (schema![before::Cargo], schema![Port, Boat, Sailor, Locker, Visit, Cargo]);
        for orm in [Orm::bootstrap(before.clone(), &embedded).await?, Orm::bootstrap(before, memory.clone()).await?] {
            let cargo = |Cargo { number, port, weight }| before::Cargo::insert(before::Cargo { number, port, weight });
            before::Cargo::create_many(self.cargoes.iter().cloned().map(cargo)).exec(&orm).await?;
        }
        for orm in [Orm::bootstrap(after.clone(), &embedded).await?, Orm::bootstrap(after, memory).await?] {
            Port::create_many(self.ports.iter().cloned().map(Port::insert)).exec(&orm).await?;
            Boat::create_many(self.boats.iter().cloned().map(Boat::insert)).exec(&orm).await?;
            Sailor::create_many(self.sailors.iter().cloned().map(Sailor::insert)).exec(&orm).await?;
            Locker::create_many(self.lockers.iter().cloned().map(Locker::insert)).exec(&orm).await?;
            Visit::create_many(self.visits.iter().cloned().map(Visit::insert)).exec(&orm).await?;
            self.stores.push(orm);
        }
        Ok(self)
    }

    fn visited(&self, sailor: &Sailor, port: &Port) -> bool {
        let (sailor, port) = (Some(sailor.id), Some(&port.name));
        self.visits.iter().any(|visit| visit.sailor == sailor && visit.port.as_ref() == port)
    }
}

/// Where each relation leads, found with a loop.
macro_rules! relations {
    ($($name:ident: $from:ident to $list:ident: $to:ident, $holds:expr;)+) => {
        impl Fleet {
            $(fn $name<'a>(&'a self, from: &'a $from) -> impl Iterator<Item = &'a $to> {
                let holds: fn(&Self, &$from, &$to) -> bool = $holds;
                self.$list.iter().filter(move |to| holds(self, from, to))
            })+
        }
    };
}

relations! {
    boats_of: Port to boats: Boat, |_, port, boat| boat.home_port.as_ref() == Some(&port.name);
    cargoes_of: Port to cargoes: Cargo, |_, port, cargo| cargo.port.as_ref() == Some(&port.name);
    sailors_of: Port to sailors: Sailor, |fleet, port, sailor| fleet.visited(sailor, port);
    crew: Boat to sailors: Sailor, |_, boat, sailor| sailor.boat == Some(boat.number);
    home: Boat to ports: Port, |_, boat, port| boat.home_port.as_ref() == Some(&port.name);
    destination: Cargo to ports: Port, |_, cargo, port| cargo.port.as_ref() == Some(&port.name);
    vessel: Sailor to boats: Boat, |_, sailor, boat| sailor.boat == Some(boat.number);
    mentor: Sailor to sailors: Sailor, |_, sailor, mentor| sailor.mentor_id == Some(mentor.id);
    pupils: Sailor to sailors: Sailor, |_, sailor, pupil| pupil.mentor_id == Some(sailor.id);
    locker: Sailor to lockers: Locker, |_, sailor, locker| locker.owner == Some(sailor.id);
    ports_of: Sailor to ports: Port, |fleet, sailor, port| fleet.visited(sailor, port);
}

impl Card {
    fn of(boat: &Boat, fleet: &Fleet) -> Self {
        let mut crew: Vec<Sailor> = fleet.crew(boat).cloned().collect();
        crew.sort_by_key(|sailor| (Reverse(sailor.rank), sailor.id));
        let crew = crew.into_iter().skip(1).take(4).collect();
        Self { home: fleet.home(boat).next().cloned(), crew, painted: boat.name.clone() }
    }
}

/// What can be asked of a model: filters, each with the same in Rust, and orders, those by the id first.
trait Asked: Model + Ord + Clone + Debug + 'static {
    const HOLDS: &[fn(&Self) -> bool];
    const COMPARE: &[fn(&Self, &Self) -> Ordering];
    fn filters() -> Vec<Filter<Self>>;
    fn orders() -> Vec<OrderBy<Self>>;
}

/// By each of these fields, which is compared with two values.
macro_rules! asked {
    ($($model:ident { $($field:ident $constant:ident $stored:ident $a:expr, $b:expr;)+ })+) => {$(
        impl Settle for $model {}
        impl Asked for $model {
            const HOLDS: &[fn(&Self) -> bool] = &[$(
                |record| record.$field.cmp(&$stored($a.into())).is_eq(),
                |record| record.$field.cmp(&$stored($a.into())).is_ne(),
                |record| record.$field.cmp(&$stored($a.into())).is_gt(),
                |record| [$stored($a.into()), $stored($b.into())].contains(&record.$field),
            )+];
            const COMPARE: &[fn(&Self, &Self) -> Ordering] =
                &[$(|a, b| a.$field.cmp(&b.$field), |a, b| b.$field.cmp(&a.$field)),+];
            fn filters() -> Vec<Filter<Self>> {
                let filters = [$([
                    Self::$constant.eq($a).into_filter(),
                    Self::$constant.ne($a),
                    Self::$constant.gt($a),
                    Self::$constant.is_in([$a, $b]),
                ]),+];
                filters.into_iter().flatten().collect()
            }
            fn orders() -> Vec<OrderBy<Self>> {
                vec![$(Self::$constant.asc(), Self::$constant.desc()),+]
            }
        }
    )+};
}

asked! {
    Port { name NAME identity "", LONG; name NAME identity "oslo", "riga"; size SIZE Some 1, 2; }
    Boat { number NUMBER identity 6, 12; home_port HOME_PORT Some "", LONG; home_port HOME_PORT Some "oslo", "kiel"; }
    Sailor {
        id ID identity uuid(1), uuid(3); name NAME identity "sailor 2", "sailor 3"; boat BOAT Some 6, 0;
        berth BERTH Some 5, 8; rank RANK Some 1, 3; mentor_id MENTOR_ID Some uuid(1), uuid(2);
    }
    Locker { number NUMBER identity 4, 9; owner OWNER Some uuid(2), uuid(5); }
    Cargo {
        number NUMBER identity 5, 7; port PORT Some "riga", ""; port PORT Some LONG, "oslo";
        weight WEIGHT identity 1, 3;
    }
}

/// Which records of a relation, as places in [`Asked`], and in which order; without one it is all of them.
#[derive(Clone, Debug)]
struct Pick {
    filters: Vec<usize>,
    any: bool,
    order: Option<Vec<usize>>,
    skip: usize,
    take: Option<usize>,
}

/// The records of a query or relation that a pick is about.
macro_rules! picked {
    ($pick:expr, $query:expr) => {{
        let some = $query.filter($pick.filter()).order_by($pick.order_by()).skip($pick.skip);
        match $pick.take {
            Some(take) => some.take(take),
            None => some,
        }
    }};
}

impl Pick {
    fn filter<M: Asked>(&self) -> Filter<M> {
        let filters = M::filters();
        let parts: Vec<_> = self.filters.iter().map(|place| filters[place % filters.len()].clone()).collect();
        if self.any { any(parts) } else { all(parts) }
    }

    fn holds<M: Asked>(&self, record: &M) -> bool {
        let mut parts = self.filters.iter().map(|place| M::HOLDS[place % M::HOLDS.len()](record));
        if self.any { parts.any(|holds| holds) } else { parts.all(|holds| holds) }
    }

    /// The places of its orders in [`Asked::orders`], the last of which is that of the id.
    fn places<M: Asked>(&self) -> impl Iterator<Item = usize> {
        let last = self.order.as_ref().map(|_| 0);
        self.order.iter().flatten().map(|place| place % M::COMPARE.len()).chain(last)
    }

    fn order_by<M: Asked>(&self) -> Vec<OrderBy<M>> {
        self.places::<M>().map(|place| M::orders()[place]).collect()
    }

    fn one<'a, M: Asked>(&self, mut records: impl Iterator<Item = &'a M>) -> Option<&'a M> {
        records.find(|record| self.holds(*record))
    }

    fn many<'a, M: Asked>(&self, records: impl Iterator<Item = &'a M>) -> impl Iterator<Item = &'a M> {
        let mut records: Vec<&M> = records.filter(|record| self.holds(*record)).collect();
        records.sort_by(|a, b| {
            self.places::<M>().map(|place| M::COMPARE[place](a, b)).fold(Ordering::Equal, Ordering::then)
        });
        records.into_iter().skip(self.skip).take(self.take.unwrap_or(usize::MAX))
    }

    /// A result in which lists without an order are sorted.
    fn settled<T: Settle>(&self, mut found: T) -> T {
        if self.order.is_none() {
            found.settle();
        }
        found
    }
}

/// So many places, and whether it is any of them that counts.
fn places(many: Range<usize>) -> impl Strategy<Value = (Vec<usize>, bool)> {
    (prop::collection::vec(0_usize..60, many), prop::bool::ANY)
}

/// Six of them: all with an order, or all without.
fn picks() -> impl Strategy<Value = [Pick; 6]> {
    let filters = prop_oneof![3 => Just((Vec::new(), false)), 4 => places(1..2), 3 => places(2..4)];
    let order = places(0..3).prop_map(|(places, _)| places);
    let take = prop_oneof![4 => Just(None), 3 => (0_usize..6).prop_map(Some), 1 => Just(Some(usize::MAX))];
    let skip = prop_oneof![2 => Just(0), 1 => 1_usize..4];
    let pick = (filters, order, skip, take);
    let pick =
        pick.prop_map(|((filters, any), order, skip, take)| Pick { filters, any, order: Some(order), skip, take });
    let plain = |pick| Pick { order: None, skip: 0, take: None, ..pick };
    let six = prop::array::uniform6(pick);
    (six, prop::bool::weighted(0.3)).prop_map(move |(six, all)| if all { six.map(plain) } else { six })
}

/// Sorts lists all the way down.
trait Settle {
    fn settle(&mut self) {}
}

impl<T: Settle> Settle for Option<T> {
    fn settle(&mut self) {
        self.iter_mut().for_each(T::settle);
    }
}

impl<T: Settle + Ord> Settle for Vec<T> {
    fn settle(&mut self) {
        self.iter_mut().for_each(T::settle);
        self.sort();
    }
}

macro_rules! settle {
    ($($plain:ident)+; $(($($name:ident $index:tt),+))+) => {
        $(impl Settle for $plain {})+
        $(impl<$($name: Settle),+> Settle for ($($name,)+) {
            fn settle(&mut self) {
                $(self.$index.settle();)+
            }
        })+
    };
}

settle! {
    String i64 Uuid Card;
    (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

fn fleet(world: usize) -> &'static Fleet {
    // The last has more keys than one batch.
    const SIZES: [i64; WORLDS] = [10, 30, 110];
    static FLEETS: [OnceLock<Fleet>; WORLDS] = [const { OnceLock::new() }; WORLDS];
    let stored = || runtime().block_on(Fleet::new(world as u64, SIZES[world]).stored());
    FLEETS[world].get_or_init(|| stored().expect("the fleet is stored"))
}

/// The smaller ones are quicker.
fn world() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![0, 0, 0, 1, 1, 1, 1, 2])
}

/// Both stores show each record as it is to look: all at once, page by page, which takes no limits, and as a stream,
/// which takes an order of a few records only.
fn same<M: Asked, S, T>(fleet: &Fleet, pick: &Pick, select: S, view: impl Fn(&M) -> T, records: &[M]) -> Outcome
where
    S: Selection<M, Output = T, Checked = S> + Clone + 'static,
    T: Settle + Ord + Debug + Send + 'static,
{
    let expected = |pick: &Pick| pick.settled(pick.many(records.iter()).map(&view).collect::<Vec<_>>());
    let all = Pick { skip: 0, take: None, ..pick.clone() };
    let few = Pick { take: pick.order.as_ref().map(|_| pick.take.unwrap_or(9).min(1000 - pick.skip)), ..pick.clone() };
    for orm in &fleet.stores {
        runtime().block_on(async {
            let find = picked!(pick, M::find_many()).parallel(1 + pick.skip % 3).allow_scan();
            let found = find.select(select.clone()).exec(orm).await.expect("it answers");
            prop_assert_eq!(pick.settled(found), expected(pick));
            let (mut found, mut next) = (Vec::new(), Some(None::<Cursor>));
            while let Some(after) = next {
                let page = picked!(all, M::find_many()).page(1 + records.len() / 3).select(select.clone());
                let page = match after {
                    Some(cursor) => page.after(cursor).exec(orm).await.expect("it answers"),
                    None => page.exec(orm).await.expect("it answers"),
                };
                found.extend(page.items);
                next = page.next.map(Some);
            }
            prop_assert_eq!(all.settled(found), expected(&all));
            let mut stream = picked!(few, M::find_many()).parallel(2).select(select.clone()).stream(orm);
            let mut found = Vec::new();
            while let Some(one) = stream.next().await {
                found.push(one.expect("it answers"));
            }
            prop_assert_eq!(few.settled(found), expected(&few));
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn keys_that_no_index_holds_share_one_scan() {
    let query = Port::find_many().select(Port::CARGOES);
    let (found, cost) = runtime().block_on(query.exec_with_cost(&fleet(2).stores[0])).expect("it answers");
    assert!(found.len() == 5 && found.iter().all(|cargoes| !cargoes.is_empty()));
    // Another scan is for the ports.
    assert_eq!((cost.requests_of("Query"), cost.requests_of("Scan")), (3, 2));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 30,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    /// A scan for all, then an index or another scan, then locks and ids.
    #[test]
    fn down_from_the_ports(world in world(), p in picks()) {
        let (fleet, [top, boats, crew, lockers, mentors, _]) = (fleet(world), &p);
        let locker = Sailor::LOCKER.filter(lockers.filter()).select(Locker::LABEL);
        let sailor = (Sailor::ID, locker, Sailor::MENTOR.filter(mentors.filter()));
        let boat = (Boat::NAME, picked!(crew, Boat::CREW).select(sailor), Boat::ALL, Boat::NUMBER);
        let select = (Port::NAME, picked!(boats, Port::BOATS).select(boat));
        let sailor = |sailor: &Sailor| {
            let locker = lockers.one(fleet.locker(sailor)).map(|locker| locker.label.clone());
            (sailor.id, locker, mentors.one(fleet.mentor(sailor)).cloned())
        };
        let boat = |boat: &Boat| {
            let crew = crew.many(fleet.crew(boat)).map(sailor).collect();
            (boat.name.clone(), crew, boat.clone(), boat.number)
        };
        let port = |port: &Port| (port.name.clone(), boats.many(fleet.boats_of(port)).map(boat).collect());
        same(fleet, top, select, port, &fleet.ports)?;
    }

    /// A model related to itself, in one of its relations twice, and structs that name their relations.
    #[test]
    fn mentors_and_pupils(world in world(), p in picks()) {
        let (fleet, [top, some, others, mentors, below, _]) = (fleet(world), &p);
        let again = Sailor::MENTOR.select((Sailor::NAME, picked!(below, Sailor::PUPILS).select(Sailor::ID)));
        let select = (
            picked!(some, Sailor::PUPILS).select((Sailor::ALL, again)),
            (Sailor::ALL, Sailor::LOCKER),
            picked!(others, Sailor::PUPILS).select((Sailor::ID, Sailor::VESSEL.select_as::<Card>())),
            Sailor::MENTOR.filter(mentors.filter()).select(Sailor::MENTOR),
        );
        let again = |mentor: &Sailor| {
            (mentor.name.clone(), below.many(fleet.pupils(mentor)).map(|pupil| pupil.id).collect())
        };
        let pupil = |pupil: &Sailor| (pupil.clone(), fleet.mentor(pupil).next().map(again));
        let other = |pupil: &Sailor| (pupil.id, fleet.vessel(pupil).next().map(|boat| Card::of(boat, fleet)));
        let sailor = |sailor: &Sailor| (
            some.many(fleet.pupils(sailor)).map(pupil).collect(),
            (sailor.clone(), fleet.locker(sailor).next().cloned()),
            others.many(fleet.pupils(sailor)).map(other).collect(),
            mentors.one(fleet.mentor(sailor)).map(|mentor| fleet.mentor(mentor).next().cloned()),
        );
        same(fleet, top, select, sailor, &fleet.sailors)?;
    }

    /// There and back again, on an index and by a scan, many to few; keys that an index holds beside others.
    #[test]
    fn sailors_and_ports(world in world(), p in picks()) {
        let (fleet, [top, ports, sailors, cargoes, homes, below]) = (fleet(world), &p);
        let home = Boat::HOME.filter(homes.filter()).select((Port::ALL, picked!(below, Port::CARGOES)));
        let back = picked!(sailors, Port::SAILORS).select((Sailor::ID, Sailor::VESSEL.select((Boat::ALL, home))));
        let cargo = (Cargo::NUMBER, Cargo::DESTINATION.select(Port::SIZE));
        let port = (Port::SIZE, back, picked!(cargoes, Port::CARGOES).select(cargo));
        let select = (Sailor::ID, picked!(ports, Sailor::PORTS).select(port));
        let home = |port: &Port| (port.clone(), below.many(fleet.cargoes_of(port)).cloned().collect());
        let vessel = |boat: &Boat| (boat.clone(), homes.one(fleet.home(boat)).map(home));
        let back = |sailor: &Sailor| (sailor.id, fleet.vessel(sailor).next().map(vessel));
        let cargo = |cargo: &Cargo| (cargo.number, fleet.destination(cargo).next().map(|port| port.size));
        let port = |port: &Port| {
            let back = sailors.many(fleet.sailors_of(port)).map(back).collect();
            (port.size, back, cargoes.many(fleet.cargoes_of(port)).map(cargo).collect())
        };
        let sailor = |sailor: &Sailor| (sailor.id, ports.many(fleet.ports_of(sailor)).map(port).collect());
        same(fleet, top, select, sailor, &fleet.sailors)?;
    }

    /// Of a record that is here.
    #[test]
    fn of_one_record(world in world(), p in picks(), place in 0_usize..110) {
        let (fleet, [pick, below, one, ..]) = (fleet(world), &p);
        let (sailor, port) = (&fleet.sailors[place % fleet.sailors.len()], &fleet.ports[place % fleet.ports.len()]);
        let cargo = &fleet.cargoes[place % fleet.cargoes.len()];
        let boat = |boat: &Boat| (boat.number, below.many(fleet.crew(boat)).cloned().collect());
        let pupil = |pupil: &Sailor| (pupil.id, fleet.mentor(pupil).next().cloned());
        let pupils = pick.many(fleet.pupils(sailor)).map(pupil).collect();
        let expected = pick.settled((
            (pick.many(fleet.boats_of(port)).map(boat).collect(), pick.many(fleet.cargoes_of(port)).cloned().collect()),
            (pick.many(fleet.sailors_of(port)).cloned().collect(), pupils),
            (one.one(fleet.locker(sailor)).cloned(), one.one(fleet.vessel(sailor)).map(boat)),
            one.one(fleet.destination(cargo)).cloned(),
        ));
        let boat = (Boat::NUMBER, picked!(below, Boat::CREW));
        for orm in &fleet.stores {
            let boats = picked!(pick, port.boats()).select(boat.clone());
            let pupils = picked!(pick, sailor.pupils()).select((Sailor::ID, Sailor::MENTOR));
            let (locker, vessel) = (sailor.locker().filter(one.filter()), sailor.vessel().filter(one.filter()));
            let found = runtime().block_on(async { Ok::<_, Error>((
                (boats.exec(orm).await?, picked!(pick, port.cargoes()).exec(orm).await?),
                (picked!(pick, port.sailors()).exec(orm).await?, pupils.exec(orm).await?),
                (locker.exec(orm).await?, vessel.select(boat.clone()).exec(orm).await?),
                cargo.destination().filter(one.filter()).exec(orm).await?,
            ))});
            prop_assert_eq!(&pick.settled(found.expect("it answers")), &expected);
        }
    }

    /// What a write answers has the relations that are there after it.
    #[test]
    fn answers_of_writes(seed in 100_u64..200, p in picks()) {
        let mut fleet = runtime().block_on(Fleet::new(seed, 10).stored()).expect("the fleet is stored");
        let [crew, ports, pupils, sailors, ..] = &p;
        let port = (Port::NAME, picked!(sailors, Port::SAILORS));
        let select = (
            (Sailor::ID, Sailor::LOCKER, Sailor::VESSEL.select((Boat::NUMBER, picked!(crew, Boat::CREW)))),
            (picked!(pupils, Sailor::PUPILS), picked!(ports, Sailor::PORTS).select(port)),
        );
        let random = &mut Rng::with_seed(seed);
        let (boat, mentor_id) = (key(random, &[0, 6], 99), key(random, &[uuid(1), uuid(999)], uuid(2)));
        // To one of them, who is new, lead keys that led nowhere before.
        let new = Sailor { id: uuid(999), name: "new".into(), boat, berth: Some(100), rank: None, mentor_id };
        let old = Sailor { boat, berth: None, mentor_id, ..fleet.sailors[random.usize(..8)].clone() };
        for (step, sailor) in [&new, &old, &new, &old].into_iter().enumerate() {
            fleet.sailors.retain(|other| other.id != sailor.id);
            if step < 3 {
                fleet.sailors.push(sailor.clone());
            }
            let vessel = |boat: &Boat| (boat.number, crew.many(fleet.crew(boat)).cloned().collect());
            let port = |port: &Port| (port.name.clone(), sailors.many(fleet.sailors_of(port)).cloned().collect());
            let ports = ports.many(fleet.ports_of(sailor)).map(port).collect();
            let expected = crew.settled((
                (sailor.id, fleet.locker(sailor).next().cloned(), fleet.vessel(sailor).next().map(vessel)),
                (pupils.many(fleet.pupils(sailor)).cloned().collect(), ports),
            ));
            for orm in &fleet.stores {
                let (select, key, create) = (select.clone(), Sailor::ID.eq(sailor.id), Sailor::insert(sailor.clone()));
                let update = Sailor::update(key.clone()).set(Sailor::BOAT, boat).set(Sailor::BERTH, None);
                let found = runtime().block_on(async { Ok::<_, Error>(match step {
                    0 => Some(create.select(select).exec(orm).await?),
                    1 => update.set(Sailor::MENTOR_ID, mentor_id).select(select).exec(orm).await?,
                    2 => {
                        let upsert = Sailor::upsert(key).create(create).update(|one| one.set(Sailor::NAME, "new"));
                        Some(upsert.select(select).exec(orm).await?)
                    }
                    _ => Sailor::consume(key).select(select).exec(orm).await?,
                })});
                let found = found.expect("it answers").expect("there is one");
                prop_assert_eq!(&crew.settled(found), &expected, "step {}", step);
            }
        }
    }
}
