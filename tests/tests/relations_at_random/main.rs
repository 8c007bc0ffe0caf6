//! Random data and random selections of related records: DynamoDB and the memory driver answer what plain loops over
//! the data find.

#[macro_use]
mod pick;
mod fleet;

use std::fmt::Debug;
use std::sync::OnceLock;

use fastrand::Rng;
use orm::prelude::*;
use orm::{Cursor, Selection};
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert_eq, proptest};
use proptest::test_runner::{RngSeed, TestCaseError};
use tokio::runtime::Runtime;

use fleet::{Boat, Card, Cargo, Fleet, Locker, Port, Sailor, WORLDS, key, uuid};
use pick::{Asked, Pick, Settle, picks};

type Outcome = Result<(), TestCaseError>;

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
