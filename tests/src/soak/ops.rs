//! The operations of serial programs: data, so that one can be carried out on two drivers.

use std::fmt::Debug;

use fastrand::Rng;
use orm::prelude::*;
use orm::{Filter, IntoFilter, Key};
use rust_decimal::Decimal;

use super::models::{Person, Place, Shelf, Tally, strange};
use crate::kinds::Stock;

/// How to find a person.
#[derive(Clone, Debug)]
pub enum By {
    Id(String),
    Email(String),
    Nick(Vec<u8>),
    Seat(String, i64),
}

impl By {
    fn any(rng: &mut Rng) -> Self {
        match rng.u8(..8) {
            0..4 => Self::Id(id(rng)),
            4 | 5 => Self::Email(strange(rng)),
            6 => Self::Nick(strange(rng).into_bytes()),
            _ => Self::Seat(org(rng), badge(rng)),
        }
    }

    fn key(&self) -> Key<Person> {
        match self.clone() {
            Self::Id(id) => Person::ID.eq(id),
            Self::Email(email) => Person::EMAIL.eq(email),
            Self::Nick(nick) => Person::NICK.eq(nick),
            Self::Seat(org, badge) => Person::ORG_BADGE.eq(org, badge),
        }
    }
}

/// What changes of a person.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    email: Option<Option<String>>,
    nick: Option<Option<Vec<u8>>>,
    seat: Option<(String, i64)>,
    note: Option<Option<String>>,
    visits: i64,
}

/// What must hold for a person who is changed or deleted.
#[derive(Clone, Debug)]
pub enum Asked {
    FewVisits(i64),
    NoNote,
    Email(String),
    NotOf(String),
    FewerVisitsThanBadges,
    NoteBeforeEmail,
}

impl Asked {
    fn any(rng: &mut Rng) -> Self {
        match rng.u8(..6) {
            0 => Self::FewVisits(rng.i64(0..12)),
            1 => Self::NoNote,
            2 => Self::Email(strange(rng)),
            3 => Self::NotOf(org(rng)),
            4 => Self::FewerVisitsThanBadges,
            _ => Self::NoteBeforeEmail,
        }
    }

    fn filter(self) -> Filter<Person> {
        match self {
            Self::FewVisits(most) => Person::VISITS.lte(most).into_filter(),
            Self::NoNote => Person::NOTE.is_null().into_filter(),
            Self::Email(email) => Person::EMAIL.eq(email).into_filter(),
            Self::NotOf(org) => Person::ORG.ne(org).into_filter(),
            Self::FewerVisitsThanBadges => Person::VISITS.lt_field(Person::BADGE),
            Self::NoteBeforeEmail => Person::NOTE.lte_field(Person::EMAIL),
        }
    }

    /// Without one, what holds for all.
    fn or_all(asked: Option<Self>) -> Filter<Person> {
        asked.map_or_else(|| all(Vec::<Filter<Person>>::new()), Self::filter)
    }
}

/// One operation.
#[derive(Clone, Debug)]
pub enum Op {
    CreatePerson(Person),
    CreatePeople(Vec<Person>),
    ChangePerson(By, Changed, Option<Asked>),
    UpsertPerson(Person, u8, i64),
    DeletePerson(By, Option<Asked>),
    ConsumePerson(By, Option<Asked>),
    ChangePeople(String, i64, bool),
    DeletePeople(String),
    FindPerson(By),
    FindPeople(Vec<String>),
    CountPeople(String),
    CreatePlace(Place),
    ChangePlace(i64, Option<Option<String>>, Decimal, Option<Decimal>),
    UpsertPlace(Place, i64),
    DeletePlace(i64),
    CreateTally(Tally),
    CreateTallies(Vec<Tally>),
    AddTally(String, i64, Option<Decimal>),
    LabelTally(String, String),
    UpsertTally(Tally, i64),
    DeleteTally(String),
    ConsumeTally(String),
    ClaimTallies(String, String),
    AddTallies(String, i64),
    DeleteTallies(String, bool),
    ClaimTally(String, String, String, bool),
    DeleteTallyOf(String, String, u8),
    FindTallies(Vec<String>),
    CreateShelf(Shelf),
    TakeFromShelves(i64, u32),
    SellFromShelves(i64, u32),
    MoveShelves(i64),
}

fn id(rng: &mut Rng) -> String {
    format!("{}{}", strange(rng), rng.u8(..2))
}

fn ids(rng: &mut Rng) -> Vec<String> {
    let mut ids: Vec<String> = (0..rng.usize(2..9)).map(|_| id(rng)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn org(rng: &mut Rng) -> String {
    ["o", "o#1", "Ω"][rng.usize(..3)].to_owned()
}

fn badge(rng: &mut Rng) -> i64 {
    rng.i64(-3..6)
}

fn label(rng: &mut Rng) -> String {
    ["new", "#", "done"][rng.usize(..3)].to_owned()
}

fn maybe<T>(rng: &mut Rng, some: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    if rng.u8(..3) == 0 { None } else { Some(some(rng)) }
}

fn maybe_half<T>(rng: &mut Rng, some: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    rng.bool().then(|| some(rng))
}

fn person(rng: &mut Rng) -> Person {
    Person {
        id: id(rng),
        email: maybe(rng, strange),
        nick: maybe(rng, |rng| strange(rng).into_bytes()),
        org: org(rng),
        badge: badge(rng),
        visits: rng.i64(0..10),
        note: maybe(rng, strange),
    }
}

fn place(rng: &mut Rng) -> Place {
    Place {
        id: rng.i64(-4..8),
        region: strange(rng),
        code: maybe(rng, strange),
        visits: 1,
        total: Decimal::new(rng.i64(-999..999), 2).normalize(),
    }
}

fn tally(rng: &mut Rng) -> Tally {
    Tally { id: id(rng), hits: 1, total: maybe(rng, |rng| Decimal::from(rng.i64(0..9))), label: label(rng) }
}

fn shelf(rng: &mut Rng) -> Shelf {
    Shelf { id: id(rng), number: maybe(rng, |rng| rng.i64(..6)), left: rng.i64(..20), sold: Stock(rng.u32(..5)) }
}

impl Op {
    pub fn any(rng: &mut Rng) -> Self {
        match rng.u8(..47) {
            0..5 => Self::CreatePerson(person(rng)),
            5 | 6 => Self::CreatePeople((0..rng.usize(1..5)).map(|_| person(rng)).collect()),
            7..12 => {
                let by = By::any(rng);
                let changed = Changed {
                    email: rng.bool().then(|| maybe(rng, strange)),
                    nick: (rng.u8(..4) == 0).then(|| maybe(rng, |rng| strange(rng).into_bytes())),
                    seat: (rng.u8(..4) == 0).then(|| (org(rng), badge(rng))),
                    note: rng.bool().then(|| maybe(rng, strange)),
                    visits: rng.i64(0..3),
                };
                Self::ChangePerson(by, changed, maybe_half(rng, Asked::any))
            }
            12 | 13 => Self::UpsertPerson(person(rng), rng.u8(..4), rng.i64(1..4)),
            14 => Self::DeletePerson(By::any(rng), maybe_half(rng, Asked::any)),
            15 => Self::ConsumePerson(By::any(rng), maybe_half(rng, Asked::any)),
            16 => Self::ChangePeople(org(rng), rng.i64(1..4), rng.bool()),
            17 if rng.bool() => Self::DeletePeople(org(rng)),
            17..20 => Self::FindPerson(By::any(rng)),
            20 => Self::FindPeople(ids(rng)),
            21 => Self::CountPeople(org(rng)),
            22 | 23 => Self::CreatePlace(place(rng)),
            24 => Self::ChangePlace(
                rng.i64(-4..8),
                rng.bool().then(|| maybe(rng, strange)),
                Decimal::new(rng.i64(1..999), 1).normalize(),
                maybe_half(rng, |rng| Decimal::from(rng.i64(-9..9))),
            ),
            25 => Self::UpsertPlace(place(rng), rng.i64(1..4)),
            26 => Self::DeletePlace(rng.i64(-4..8)),
            27 | 28 => Self::CreateTally(tally(rng)),
            29 => Self::CreateTallies((0..rng.usize(1..6)).map(|_| tally(rng)).collect()),
            30 | 31 => {
                let total = maybe(rng, |rng| Decimal::new(rng.i64(-99..99), 1).normalize());
                Self::AddTally(id(rng), rng.i64(1..5), total)
            }
            32 => Self::LabelTally(id(rng), label(rng)),
            33 => Self::UpsertTally(tally(rng), rng.i64(1..4)),
            34 => Self::DeleteTally(id(rng)),
            35 => Self::ConsumeTally(id(rng)),
            36 => Self::ClaimTallies(label(rng), label(rng)),
            37 => Self::AddTallies(label(rng), rng.i64(1..4)),
            38 if rng.bool() => Self::DeleteTallies(label(rng), rng.bool()),
            40 | 41 => Self::CreateShelf(shelf(rng)),
            42 => Self::TakeFromShelves(rng.i64(1..8), rng.u32(1..4)),
            43 => Self::SellFromShelves(rng.i64(1..8), rng.u32(1..4)),
            44 => Self::MoveShelves(rng.i64(..6)),
            45 => Self::ClaimTally(id(rng), label(rng), label(rng), rng.bool()),
            46 => Self::DeleteTallyOf(id(rng), label(rng), rng.u8(..3)),
            _ => Self::FindTallies(ids(rng)),
        }
    }

    /// Whether it can have been applied in part: to some of its records.
    pub fn is_of_many(&self) -> bool {
        matches!(
            self,
            Self::CreatePeople(_)
                | Self::ChangePeople(..)
                | Self::DeletePeople(_)
                | Self::CreateTallies(_)
                | Self::ClaimTallies(..)
                | Self::AddTallies(..)
                | Self::DeleteTallies(..)
                | Self::TakeFromShelves(..)
                | Self::SellFromShelves(..)
                | Self::MoveShelves(_)
        )
    }

    /// Carries it out; its answer as text.
    pub async fn run(&self, orm: &Orm) -> Result<String, Error> {
        Ok(match self.clone() {
            Self::CreatePerson(person) => shown(Person::insert(person).exec(orm).await?),
            Self::CreatePeople(people) => {
                shown(Person::create_many(people.into_iter().map(Person::insert)).exec(orm).await?)
            }
            Self::ChangePerson(by, changed, asked) => {
                let mut update = Person::update(by.key()).filter(Asked::or_all(asked));
                if let Some(email) = changed.email {
                    update = update.set(Person::EMAIL, email);
                }
                if let Some(nick) = changed.nick {
                    update = update.set(Person::NICK, nick);
                }
                if let Some((org, badge)) = changed.seat {
                    update = update.set(Person::ORG, org).set(Person::BADGE, badge);
                }
                if let Some(note) = changed.note {
                    update = update.set(Person::NOTE, note);
                }
                if changed.visits > 0 {
                    update = update.increment(Person::VISITS, changed.visits);
                }
                shown(update.exec(orm).await?)
            }
            Self::UpsertPerson(person, by, visits) => {
                let key = match (by, &person.email, &person.nick) {
                    (1, Some(email), _) => By::Email(email.clone()),
                    (2, _, Some(nick)) => By::Nick(nick.clone()),
                    (3, ..) => By::Seat(person.org.clone(), person.badge),
                    _ => By::Id(person.id.clone()),
                };
                let upsert = Person::upsert(key.key()).create(Person::insert(person));
                shown(upsert.update(|person| person.increment(Person::VISITS, visits)).exec(orm).await?)
            }
            Self::DeletePerson(by, asked) => {
                shown(Person::delete(by.key()).filter(Asked::or_all(asked)).exec(orm).await?)
            }
            Self::ConsumePerson(by, asked) => {
                shown(Person::consume(by.key()).filter(Asked::or_all(asked)).exec(orm).await?)
            }
            Self::ChangePeople(org, by, moves) => {
                let update = Person::update_many().filter(Person::ORG.eq(org)).increment(Person::VISITS, by);
                // Far enough not to meet each other.
                let update = if moves { update.increment(Person::BADGE, by * 1000) } else { update };
                shown(update.exec(orm).await?)
            }
            Self::DeletePeople(org) => shown(Person::delete_many().filter(Person::ORG.eq(org)).exec(orm).await?),
            Self::FindPerson(by) => shown(Person::find_unique(by.key()).exec(orm).await?),
            Self::FindPeople(ids) => {
                let mut people = Person::find_many().filter(Person::ID.is_in(ids)).exec(orm).await?;
                people.sort_unstable_by(|a, b| a.id.cmp(&b.id));
                shown(people)
            }
            Self::CountPeople(org) => shown(Person::count().filter(Person::ORG.eq(org)).exec(orm).await?),
            Self::CreatePlace(place) => shown(Place::insert(place).exec(orm).await?),
            Self::ChangePlace(id, code, add, least) => {
                let mut update = Place::update(Place::ID.eq(id)).increment(Place::TOTAL, add);
                if let Some(least) = least {
                    update = update.filter(Place::TOTAL.gte(least));
                }
                if let Some(code) = code {
                    update = update.set(Place::CODE, code);
                }
                shown(update.exec(orm).await?)
            }
            Self::UpsertPlace(place, visits) => {
                let key = match &place.code {
                    Some(code) => Place::REGION_CODE.eq(place.region.clone(), code.clone()),
                    None => Place::ID.eq(place.id),
                };
                let upsert = Place::upsert(key).create(Place::insert(place));
                shown(upsert.update(|place| place.increment(Place::VISITS, visits)).exec(orm).await?)
            }
            Self::DeletePlace(id) => shown(Place::delete(Place::ID.eq(id)).exec(orm).await?),
            Self::CreateTally(tally) => shown(Tally::insert(tally).exec(orm).await?),
            Self::CreateTallies(tallies) => {
                shown(Tally::create_many(tallies.into_iter().map(Tally::insert)).exec(orm).await?)
            }
            Self::AddTally(id, hits, total) => {
                let mut update = Tally::update(Tally::ID.eq(id)).increment(Tally::HITS, hits);
                if let Some(total) = total {
                    update = update.increment(Tally::TOTAL, total);
                }
                shown(update.exec(orm).await?)
            }
            Self::LabelTally(id, label) => {
                shown(Tally::update(Tally::ID.eq(id)).set(Tally::LABEL, label).exec(orm).await?)
            }
            Self::UpsertTally(tally, hits) => {
                let upsert = Tally::upsert(Tally::ID.eq(tally.id.clone())).create(Tally::insert(tally));
                shown(upsert.update(|tally| tally.increment(Tally::HITS, hits)).exec(orm).await?)
            }
            Self::DeleteTally(id) => shown(Tally::delete(Tally::ID.eq(id)).exec(orm).await?),
            Self::ConsumeTally(id) => shown(Tally::consume(Tally::ID.eq(id)).exec(orm).await?),
            Self::ClaimTallies(from, to) => {
                shown(Tally::update_many().filter(Tally::LABEL.eq(from)).set(Tally::LABEL, to).exec(orm).await?)
            }
            Self::AddTallies(label, hits) => {
                let update = Tally::update_many().filter(Tally::LABEL.eq(label));
                shown(update.increment(Tally::HITS, hits).exec(orm).await?)
            }
            Self::DeleteTallies(label, checked) => {
                let delete = Tally::delete_many().filter(Tally::LABEL.eq(label));
                shown(if checked { delete.checked() } else { delete }.exec(orm).await?)
            }
            Self::ClaimTally(id, from, to, true) => {
                let claim = Tally::update(Tally::ID.eq(id)).filter(Tally::LABEL.eq(from));
                shown(claim.set(Tally::LABEL, to).exec(orm).await?)
            }
            Self::ClaimTally(id, from, to, false) => {
                let claim = Tally::update_many().filter(Tally::ID.eq(id).and(Tally::LABEL.eq(from)));
                shown(claim.set(Tally::LABEL, to).exec(orm).await?)
            }
            Self::DeleteTallyOf(id, label, 0) => {
                shown(Tally::delete(Tally::ID.eq(id)).filter(Tally::LABEL.eq(label)).exec(orm).await?)
            }
            Self::DeleteTallyOf(id, label, 1) => {
                shown(Tally::consume(Tally::ID.eq(id)).filter(Tally::LABEL.eq(label)).exec(orm).await?)
            }
            Self::DeleteTallyOf(id, label, _) => {
                shown(Tally::delete_many().filter(Tally::ID.eq(id).and(Tally::LABEL.eq(label))).exec(orm).await?)
            }
            Self::FindTallies(ids) => {
                let mut tallies = Tally::find_many().filter(Tally::ID.is_in(ids)).exec(orm).await?;
                tallies.sort_unstable_by(|a, b| a.id.cmp(&b.id));
                shown(tallies)
            }
            Self::CreateShelf(shelf) => shown(Shelf::insert(shelf).exec(orm).await?),
            Self::TakeFromShelves(least, count) => {
                let update = Shelf::update_many().filter(Shelf::LEFT.gte(least));
                shown(update.decrement(Shelf::LEFT, i64::from(count)).exec(orm).await?)
            }
            Self::SellFromShelves(most, count) => {
                let update = Shelf::update_many().filter(Shelf::SOLD.lt(Stock(most as u32)).and(Shelf::LEFT.gt(0)));
                shown(update.increment(Shelf::SOLD, Stock(count)).exec(orm).await?)
            }
            // Far enough not to meet each other.
            Self::MoveShelves(from) => {
                let update = Shelf::update_many().filter(Shelf::NUMBER.gte(from).and(Shelf::NUMBER.lt(1000)));
                shown(update.increment(Shelf::NUMBER, 1000).exec(orm).await?)
            }
        })
    }
}

fn shown(answer: impl Debug) -> String {
    format!("{answer:?}")
}
