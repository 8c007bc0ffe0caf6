//! The models and the data, and where each relation leads from a record, found with a loop.

use std::cmp::Reverse;

use fastrand::Rng;
use orm::MemoryDriver;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use uuid::Uuid;

/// Its id is any text: also the empty one, and one that is too long for an index.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "ports")]
#[orm(has_many(boats: Boat, foreign_key = home_port), has_many(cargoes: Cargo, foreign_key = port))]
#[orm(many_to_many(sailors: Sailor, through = Visit, from = port, to = sailor))]
pub struct Port {
    #[orm(id)]
    pub name: String,
    pub size: Option<i64>,
}

/// A foreign key without an index.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "boats", rename_all = "camelCase")]
#[orm(belongs_to(home: Port, foreign_key = home_port, index = false), has_many(crew: Sailor, foreign_key = boat))]
pub struct Boat {
    #[orm(id)]
    pub number: i64,
    pub home_port: Option<String>,
    #[orm(column = "painted on it")]
    pub name: String,
}

/// Related to itself. Of a boat's crew, the index holds those with a rank.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "sailors", rename_all = "PascalCase", unique(boat, berth), index(boat, rank))]
#[orm(belongs_to(vessel: Boat, foreign_key = boat), belongs_to(mentor: Sailor, foreign_key = mentor_id))]
#[orm(has_many(pupils: Sailor, foreign_key = mentor_id), has_one(locker: Locker, foreign_key = owner))]
#[orm(many_to_many(ports: Port, through = Visit, from = sailor, to = port))]
pub struct Sailor {
    #[orm(id)]
    pub id: Uuid,
    pub name: String,
    pub boat: Option<i64>,
    pub berth: Option<i64>,
    pub rank: Option<i64>,
    pub mentor_id: Option<Uuid>,
}

#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "lockers", belongs_to(holder: Sailor, foreign_key = owner))]
pub struct Locker {
    #[orm(id)]
    pub number: i64,
    #[orm(unique, column = "owner.id")]
    pub owner: Option<Uuid>,
    pub label: String,
}

/// Not unique: a sailor may have been to a port twice.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "visits")]
#[orm(belongs_to(by: Sailor, foreign_key = sailor), belongs_to(at: Port, foreign_key = port, index = false))]
pub struct Visit {
    #[orm(id)]
    pub number: i64,
    pub sailor: Option<Uuid>,
    pub port: Option<String>,
}

/// Stored before there was the index on the port, which does not hold all of them.
#[derive(Model, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[orm(table = "cargoes", belongs_to(destination: Port, foreign_key = port))]
pub struct Cargo {
    #[orm(id)]
    pub number: i64,
    pub port: Option<String>,
    pub weight: i64,
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
pub struct Card {
    pub home: Option<Port>,
    #[orm(order_by = (Sailor::RANK.desc(), Sailor::ID.asc()), skip = 1, take = 4)]
    pub crew: Vec<Sailor>,
    #[orm(rename = name)]
    pub painted: String,
}

pub const WORLDS: usize = 3;
/// Longer than a key of an index.
pub const LONG: &str = match str::from_utf8(&[b'x'; 3000]) {
    Ok(text) => text,
    Err(_) => panic!(),
};

/// The data, and the stores that hold it.
#[derive(Default)]
pub struct Fleet {
    pub ports: Vec<Port>,
    pub boats: Vec<Boat>,
    pub sailors: Vec<Sailor>,
    pub lockers: Vec<Locker>,
    pub visits: Vec<Visit>,
    pub cargoes: Vec<Cargo>,
    pub stores: Vec<Orm>,
}

pub const fn uuid(n: i64) -> Uuid {
    Uuid::from_u128(n as u128)
}

/// One of these, nothing, or one that leads nowhere.
pub fn key<T: Clone>(random: &mut Rng, keys: &[T], dangling: T) -> Option<T> {
    match random.u8(..10) {
        0 | 1 => None,
        2 => Some(dangling),
        _ => random.choice(keys).cloned(),
    }
}

impl Fleet {
    pub fn new(seed: u64, size: i64) -> Self {
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

    pub async fn stored(mut self) -> Result<Self, Error> {
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
            $(pub fn $name<'a>(&'a self, from: &'a $from) -> impl Iterator<Item = &'a $to> {
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
    pub fn of(boat: &Boat, fleet: &Fleet) -> Self {
        let mut crew: Vec<Sailor> = fleet.crew(boat).cloned().collect();
        crew.sort_by_key(|sailor| (Reverse(sailor.rank), sailor.id));
        let crew = crew.into_iter().skip(1).take(4).collect();
        Self { home: fleet.home(boat).next().cloned(), crew, painted: boat.name.clone() }
    }
}
