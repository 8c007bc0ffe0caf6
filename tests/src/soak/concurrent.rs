//! Four tasks on the same records. How they interleave is not known, but what holds however they do is checked:
//! increments add up, no acknowledged write is lost, one gets what can be had once, deleted records stay so, and no two
//! records share a unique value (the auditor sees to that).

use std::cell::RefCell;
use std::rc::Rc;

use fastrand::Rng;
use orm::IntoFilter;
use orm::prelude::*;
use orm::query::Update;
use rust_decimal::Decimal;

use super::ledger::{Latest, Ledger};
use super::models::{Board, Coupon, Person, Place, Shelf, Tally, Ticket, strange};
use super::{Check, Outcome, Stats, World, attempt};
use crate::kinds::Stock;

const TASKS: usize = 4;
const OPERATIONS: usize = 40;
const BOARDS: usize = 2;
const TALLIES: usize = 2;
const PRIZES: usize = 6;
const JOBS: usize = 5;
const SHELVES: usize = 2;
/// What is on a shelf: less than all tasks together would take.
const STOCK: i64 = 15;

fn shown(error: Error) -> String {
    format!("{error:?}")
}

fn board(n: usize) -> String {
    format!("b#{n}")
}

fn tally(n: usize) -> String {
    format!("t%{n}")
}

fn job(n: usize) -> String {
    format!("job \"{n}\"")
}

fn claim(task: usize) -> String {
    format!("claimed by {task}")
}

fn shelf(n: usize) -> String {
    format!("shelf/{n}")
}

fn prize(n: usize) -> String {
    format!("ü{n}")
}

async fn set_up(orm: &Orm) -> Result<Ledger, Error> {
    let mut ledger = Ledger::default();
    for n in 0..BOARDS {
        Board::create().id(board(n)).title(format!("title {n}")).exec(orm).await?;
        ledger.board_hits.insert(board(n), Default::default());
        for column in 0..TASKS {
            ledger.columns.insert((board(n), column), Latest::new(0));
        }
    }
    for n in 0..TALLIES {
        Tally::create().id(tally(n)).exec(orm).await?;
        ledger.tallies.insert(tally(n), Default::default());
    }
    for n in 0..JOBS {
        Tally::create().id(job(n)).label("job").exec(orm).await?;
    }
    for n in 0..SHELVES {
        Shelf::create().id(shelf(n)).number(n as i64).left(STOCK).exec(orm).await?;
    }
    for n in 0..PRIZES {
        Ticket::create().id(prize(n)).token(prize(n)).exec(orm).await?;
        Coupon::create().id(prize(n)).label("prize").exec(orm).await?;
        Person::create().id(prize(n)).org("doomed").badge(n as i64).exec(orm).await?;
        ledger.tickets.insert(prize(n), Default::default());
        ledger.coupons.insert(prize(n), Default::default());
        ledger.doomed.insert(prize(n), Default::default());
    }
    Ok(ledger)
}

pub(super) async fn run(world: &World) -> Check<Stats> {
    let ledger = Rc::new(RefCell::new(set_up(&world.plain).await.map_err(shown)?));
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let rng = Rng::with_seed(world.seed.wrapping_mul(31).wrapping_add(number as u64));
            let task =
                Task { number, rng, orm: world.orm.clone(), ledger: ledger.clone(), stats: Stats::default(), made: 0 };
            local.spawn_local(task.run())
        })
        .collect();
    let mut stats = Stats::default();
    local
        .run_until(async {
            for task in tasks {
                stats.add(&task.await.map_err(|error| error.to_string())??);
            }
            Ok::<_, String>(())
        })
        .await?;
    let ledger = ledger.take();
    check(&ledger, &world.plain).await?;
    Ok(stats)
}

struct Task {
    number: usize,
    rng: Rng,
    orm: Orm,
    ledger: Rc<RefCell<Ledger>>,
    stats: Stats,
    made: i64,
}

impl Task {
    async fn run(mut self) -> Check<Stats> {
        for number in 0..OPERATIONS {
            let kind = self.rng.u8(..36);
            let done = match kind {
                0..6 => self.write_own_column().await,
                6..10 => self.add_to_a_tally().await,
                10 => self.add_to_all_tallies().await,
                11..13 => self.consume_a_ticket().await,
                13..15 => self.take_a_coupon().await,
                15..17 => self.doomed().await,
                17..23 => self.own_person().await,
                23..26 => self.upsert_a_place().await,
                26 | 27 => self.coupons_in_bulk().await,
                28 => self.move_people().await,
                29 => self.claim_jobs().await,
                30..34 => self.take_from_a_shelf().await,
                _ => self.read().await,
            };
            done.map_err(|what| format!("task {}, operation {number} (kind {kind}): {what}", self.number))?;
        }
        Ok(self.stats)
    }

    /// A column of a board that no other task writes; with it perhaps the title, which all of them want.
    async fn write_own_column(&mut self) -> Check {
        let id = board(self.rng.usize(..BOARDS));
        self.made += 1;
        let (value, hit) = (self.made, self.rng.bool());
        let by_title = self.rng.u8(..4) == 0;
        let key = if by_title { Board::TITLE.eq(format!("title {}", self.rng.u8(..3))) } else { Board::ID.eq(&id) };
        let mut update = set_column(Board::update(key), self.number, value);
        if self.rng.u8(..3) == 0 {
            let title = self.rng.bool().then(|| format!("title {}", self.rng.u8(..3)));
            update = update.set(Board::TITLE, title);
        }
        if hit {
            update = update.increment(Board::HITS, 1);
        }
        let outcome = attempt(&mut self.rng, &mut self.stats, update.exec(&self.orm)).await?;
        let mut ledger = self.ledger.borrow_mut();
        let changed = match &outcome {
            Outcome::Done(Some(board)) => {
                if column(board, self.number) != value {
                    return Err(format!("an update to {value} answered {board:?}"));
                }
                Some(board.id.clone())
            }
            Outcome::Done(None) if !by_title => return Err(format!("the board {id} is gone")),
            _ => None,
        };
        for n in 0..BOARDS {
            let this = board(n);
            let latest = ledger.columns.entry((this.clone(), self.number)).or_insert_with(|| Latest::new(0));
            let may_be = outcome.is_open() && (by_title || this == id);
            if changed.as_ref() == Some(&this) {
                latest.is(value);
            } else if may_be {
                latest.may_be(value);
            }
            if hit && (changed.as_ref() == Some(&this) || may_be) {
                ledger.board_hits.entry(this).or_default().note(1, &outcome, |_| true);
            }
        }
        Ok(())
    }

    async fn add_to_a_tally(&mut self) -> Check {
        let (id, by) = (tally(self.rng.usize(..TALLIES)), self.rng.i64(1..4));
        let total = self.rng.bool().then(|| Decimal::new(5, 1));
        if self.rng.u8(..3) == 0 {
            let upsert = Tally::upsert(Tally::ID.eq(&id)).create(Tally::create().id(&id).hits(by));
            let upsert = upsert.update(|tally| tally.increment(Tally::HITS, by)).exec(&self.orm);
            let outcome = attempt(&mut self.rng, &mut self.stats, upsert).await?;
            self.ledger.borrow_mut().tallies.entry(id).or_default().note(by, &outcome, |_| true);
            return Ok(());
        }
        let mut update = Tally::update(Tally::ID.eq(&id)).increment(Tally::HITS, by);
        if let Some(total) = total {
            update = update.increment(Tally::TOTAL, total);
        }
        let outcome = attempt(&mut self.rng, &mut self.stats, update.exec(&self.orm)).await?;
        let mut ledger = self.ledger.borrow_mut();
        if total.is_some() {
            ledger.halves.entry(id.clone()).or_default().note(1, &outcome, Option::is_some);
        }
        ledger.tallies.entry(id).or_default().note(by, &outcome, Option::is_some);
        Ok(())
    }

    async fn add_to_all_tallies(&mut self) -> Check {
        let ids: Vec<String> = (0..TALLIES).map(tally).collect();
        let update = Tally::update_many().filter(Tally::ID.is_in(ids.clone())).increment(Tally::HITS, 1);
        let outcome = attempt(&mut self.rng, &mut self.stats, update.exec(&self.orm)).await?;
        let mut ledger = self.ledger.borrow_mut();
        // One of them may have been changed in spite of an error about the other.
        let outcome = if matches!(outcome, Outcome::Failed) { Outcome::InDoubt } else { outcome };
        for id in ids {
            ledger.tallies.entry(id).or_default().note(1, &outcome, |changed| *changed == TALLIES as u64);
        }
        Ok(())
    }

    async fn consume_a_ticket(&mut self) -> Check {
        let id = prize(self.rng.usize(..PRIZES));
        let key = if self.rng.bool() { Ticket::ID.eq(&id) } else { Ticket::TOKEN.eq(&id) };
        let outcome = attempt(&mut self.rng, &mut self.stats, Ticket::consume(key).exec(&self.orm)).await?;
        if let Outcome::Done(Some(ticket)) = &outcome
            && ticket.id != id
        {
            return Err(format!("{id} was consumed, and {ticket:?} answered"));
        }
        self.ledger.borrow_mut().tickets.entry(id).or_default().note(&outcome, Option::is_some);
        Ok(())
    }

    async fn take_a_coupon(&mut self) -> Check {
        let id = prize(self.rng.usize(..PRIZES));
        if self.rng.bool() {
            let consume = Coupon::consume(Coupon::ID.eq(&id)).exec(&self.orm);
            let outcome = attempt(&mut self.rng, &mut self.stats, consume).await?;
            self.ledger.borrow_mut().coupons.entry(id).or_default().note(&outcome, Option::is_some);
        } else {
            let delete = Coupon::delete(Coupon::ID.eq(&id)).exec(&self.orm);
            let outcome = attempt(&mut self.rng, &mut self.stats, delete).await?;
            self.ledger.borrow_mut().coupons.entry(id).or_default().note(&outcome, |gone| *gone == 1);
        }
        Ok(())
    }

    /// A record that is deleted once, and must not come back by what others do to it.
    async fn doomed(&mut self) -> Check {
        let id = prize(self.rng.usize(..PRIZES));
        match self.rng.u8(..4) {
            0 => {
                let delete = Person::delete(Person::ID.eq(&id)).exec(&self.orm);
                let outcome = attempt(&mut self.rng, &mut self.stats, delete).await?;
                self.ledger.borrow_mut().doomed.entry(id).or_default().note(&outcome, |gone| *gone == 1);
            }
            1 => {
                let update = Person::update(Person::ID.eq(&id)).increment(Person::VISITS, 1).exec(&self.orm);
                attempt(&mut self.rng, &mut self.stats, update).await?;
            }
            2 => {
                let nick = self.rng.bool().then(|| strange(&mut self.rng).into_bytes());
                let update = Person::update(Person::ID.eq(&id)).set(Person::NICK, nick).exec(&self.orm);
                attempt(&mut self.rng, &mut self.stats, update).await?;
            }
            _ => {
                let update = Person::update(Person::ID.eq(&id)).set(Person::NOTE, "x".to_owned()).exec(&self.orm);
                attempt(&mut self.rng, &mut self.stats, update).await?;
            }
        }
        Ok(())
    }

    /// A person whom no other task creates, changes or deletes, but whose values others want as well.
    async fn own_person(&mut self) -> Check {
        let id = format!("{}/{}", self.number, self.rng.u8(..3));
        let person = Person {
            id: id.clone(),
            email: self.rng.bool().then(|| strange(&mut self.rng)),
            nick: self.rng.bool().then(|| strange(&mut self.rng).into_bytes()),
            org: "people".to_owned(),
            badge: self.rng.i64(0..6),
            visits: 0,
            note: None,
        };
        let known: Vec<Option<Person>> = match self.ledger.borrow().people.get(&id) {
            Some(latest) => latest.possible().to_vec(),
            None => vec![None],
        };
        // What there can be afterwards if the operation was applied, and what it answers then.
        let (outcome, applied): (Outcome<Option<Person>>, Vec<Option<Person>>) = match self.rng.u8(..5) {
            0 | 1 => {
                let create = Person::insert(person.clone());
                let create = async { create.exec(&self.orm).await.map(Some) };
                (attempt(&mut self.rng, &mut self.stats, create).await?, vec![Some(person)])
            }
            2 => {
                let consume = Person::consume(Person::ID.eq(&id)).exec(&self.orm);
                let outcome = attempt(&mut self.rng, &mut self.stats, consume).await?;
                if let Outcome::Done(gone) = &outcome
                    && !known.contains(gone)
                {
                    return Err(format!("{gone:?} was consumed, and can only have been one of {known:?}"));
                }
                (outcome, vec![None])
            }
            _ => {
                let mut update = Person::update(Person::ID.eq(&id)).set(Person::EMAIL, person.email.clone());
                let (nick, seat) = (self.rng.bool(), self.rng.bool());
                if nick {
                    update = update.set(Person::NICK, person.nick.clone());
                }
                if seat {
                    update = update.set(Person::BADGE, person.badge);
                }
                let changed = |before: &Option<Person>| {
                    before.clone().map(|before| Person {
                        email: person.email.clone(),
                        nick: if nick { person.nick.clone() } else { before.nick.clone() },
                        badge: if seat { person.badge } else { before.badge },
                        ..before
                    })
                };
                let applied: Vec<Option<Person>> = known.iter().map(changed).collect();
                let outcome = attempt(&mut self.rng, &mut self.stats, update.exec(&self.orm)).await?;
                (outcome, applied)
            }
        };
        let mut ledger = self.ledger.borrow_mut();
        let latest = ledger.people.entry(id).or_insert_with(|| Latest::new(None));
        match outcome {
            Outcome::Done(answer) => {
                let is_consume = applied == [None];
                if !is_consume && !applied.contains(&answer) {
                    return Err(format!("the answer is {answer:?}, and can only be one of {applied:?}"));
                }
                latest.is(if is_consume { None } else { answer });
            }
            outcome if outcome.is_open() => applied.into_iter().for_each(|person| latest.may_be(person)),
            // Of a create it may be that it found the record of an earlier one.
            _ => {}
        }
        Ok(())
    }

    /// A key that all tasks want: there is one record, and it counts them.
    async fn upsert_a_place(&mut self) -> Check {
        let code = strange(&mut self.rng);
        let id = self.rng.i64(..);
        let create = Place::create().id(id).region("r").code(code.clone()).visits(1);
        let upsert = Place::upsert(Place::REGION_CODE.eq("r", code.clone()))
            .create(create)
            .update(|place| place.increment(Place::VISITS, 1))
            .exec(&self.orm);
        let outcome = attempt(&mut self.rng, &mut self.stats, upsert).await?;
        if let Outcome::Done(place) = &outcome
            && place.code.as_ref() != Some(&code)
        {
            return Err(format!("an upsert of {code:?} answered {place:?}"));
        }
        self.ledger.borrow_mut().places.entry(code).or_default().note(1, &outcome, |_| true);
        Ok(())
    }

    /// Records without locks, in batches.
    async fn coupons_in_bulk(&mut self) -> Check {
        let label = format!("bulk {}", self.number);
        if self.rng.bool() {
            let delete = Coupon::delete_many().filter(Coupon::LABEL.eq(&label)).exec(&self.orm);
            let outcome = attempt(&mut self.rng, &mut self.stats, delete).await?;
            let mut ledger = self.ledger.borrow_mut();
            let latest = ledger.labels.entry(label).or_insert_with(|| Latest::new(0));
            match outcome {
                Outcome::Done(gone) => {
                    latest.check("the number of coupons deleted", &gone)?;
                    latest.is(0);
                }
                _ => (0..latest.possible().iter().copied().max().unwrap_or(0)).for_each(|left| latest.may_be(left)),
            }
            return Ok(());
        }
        let count = self.rng.u64(1..60);
        let create = Coupon::create_many((0..count).map(|_| Coupon::create().label(&label))).exec(&self.orm);
        let outcome = attempt(&mut self.rng, &mut self.stats, create).await?;
        let mut ledger = self.ledger.borrow_mut();
        let latest = ledger.labels.entry(label).or_insert_with(|| Latest::new(0));
        let before = latest.possible().to_vec();
        match outcome {
            Outcome::Done(_) => {
                let mut after = before.into_iter().map(|before| before + count);
                after.next().into_iter().for_each(|value| latest.is(value));
                after.for_each(|value| latest.may_be(value));
            }
            _ => {
                let most = before.iter().copied().max().unwrap_or(0) + count;
                let least = before.iter().copied().min().unwrap_or(0);
                (least..=most).for_each(|value| latest.may_be(value));
            }
        }
        Ok(())
    }

    /// Each job is claimed by one task, which learns how many it got.
    async fn claim_jobs(&mut self) -> Check {
        if self.rng.bool() {
            return self.claim_a_job().await;
        }
        let ids: Vec<String> = (0..JOBS).map(job).collect();
        let is_free = Tally::ID.is_in(ids).and(Tally::LABEL.eq("job"));
        let update = Tally::update_many().filter(is_free).set(Tally::LABEL, claim(self.number)).exec(&self.orm);
        let outcome = attempt(&mut self.rng, &mut self.stats, update).await?;
        let mut ledger = self.ledger.borrow_mut();
        let claims = ledger.claims.entry(self.number).or_default();
        match outcome {
            Outcome::Done(count) => claims.add(count as i64, 0),
            _ => claims.add(0, JOBS as i64),
        }
        Ok(())
    }

    async fn claim_a_job(&mut self) -> Check {
        let update = Tally::update(Tally::ID.eq(job(self.rng.usize(..JOBS)))).filter(Tally::LABEL.eq("job"));
        let update = update.set(Tally::LABEL, claim(self.number)).select(Tally::LABEL).exec(&self.orm);
        let outcome = attempt(&mut self.rng, &mut self.stats, update).await?;
        let mut ledger = self.ledger.borrow_mut();
        let claims = ledger.claims.entry(self.number).or_default();
        match outcome {
            Outcome::Done(claimed) => claims.add(i64::from(claimed.is_some()), 0),
            _ => claims.add(0, 1),
        }
        Ok(())
    }

    /// What is taken has to be there; what is sold is counted with it. The number on the shelf moves once in a while,
    /// and then its lock does too.
    async fn take_from_a_shelf(&mut self) -> Check {
        let (id, count, moves) = (shelf(self.rng.usize(..SHELVES)), self.rng.u32(1..4), self.rng.u8(..4) == 0);
        let (taken, lasts) = (i64::from(count), Shelf::LEFT.gte(i64::from(count)));
        let outcome = if self.rng.bool() {
            let update = Shelf::update_many().filter(Shelf::ID.eq(&id).into_filter().and(lasts));
            let update = update.decrement(Shelf::LEFT, taken).increment(Shelf::SOLD, Stock(count));
            let update = if moves { update.increment(Shelf::NUMBER, SHELVES as i64) } else { update };
            attempt(&mut self.rng, &mut self.stats, update.exec(&self.orm)).await?
        } else {
            let update = Shelf::update(Shelf::ID.eq(&id)).filter(lasts);
            let update = update.decrement(Shelf::LEFT, taken).increment(Shelf::SOLD, Stock(count));
            let update = if moves { update.increment(Shelf::NUMBER, SHELVES as i64) } else { update };
            let update = async { update.exec(&self.orm).await.map(|shelf| u64::from(shelf.is_some())) };
            attempt(&mut self.rng, &mut self.stats, update).await?
        };
        let mut ledger = self.ledger.borrow_mut();
        ledger.shelves.entry(id).or_default().note(i64::from(count), &outcome, |changed| *changed == 1);
        Ok(())
    }

    /// Locks of several records move at once, while others work on them.
    async fn move_people(&mut self) -> Check {
        let update =
            Person::update_many().filter(Person::ORG.eq("doomed")).increment(Person::BADGE, 100).exec(&self.orm);
        attempt(&mut self.rng, &mut self.stats, update).await?;
        Ok(())
    }

    async fn read(&mut self) -> Check {
        match self.rng.u8(..3) {
            0 => {
                let email = strange(&mut self.rng);
                let find = Person::find_unique(Person::EMAIL.eq(&email)).exec(&self.orm);
                if let Outcome::Done(Some(person)) = attempt(&mut self.rng, &mut self.stats, find).await?
                    && person.email.as_ref() != Some(&email)
                {
                    return Err(format!("the person with the email {email:?} is {person:?}"));
                }
            }
            1 => {
                let ids: Vec<String> = (0..TALLIES).map(tally).collect();
                let find = Tally::find_many().filter(Tally::ID.is_in(ids)).exec(&self.orm);
                if let Outcome::Done(found) = attempt(&mut self.rng, &mut self.stats, find).await?
                    && found.len() != TALLIES
                {
                    return Err(format!("of {TALLIES} tallies only {found:?} were found"));
                }
            }
            _ => {
                let titles: Vec<String> = (0..3).map(|n| format!("title {n}")).collect();
                let find = Board::find_many().filter(Board::TITLE.is_in(titles)).exec(&self.orm);
                attempt(&mut self.rng, &mut self.stats, find).await?;
            }
        }
        Ok(())
    }
}

fn set_column(update: Update<Board>, number: usize, value: i64) -> Update<Board> {
    match number {
        0 => update.set(Board::A, value),
        1 => update.set(Board::B, value),
        2 => update.set(Board::C, value),
        _ => update.set(Board::D, value),
    }
}

fn column(board: &Board, number: usize) -> i64 {
    [board.a, board.b, board.c, board.d][number.min(3)]
}

/// What is stored is what the tasks know of it.
async fn check(ledger: &Ledger, orm: &Orm) -> Check {
    for (id, sum) in &ledger.tallies {
        let tally = Tally::find_unique(Tally::ID.eq(id)).exec(orm).await.map_err(shown)?;
        sum.check(&format!("tally {id}"), tally.ok_or("a tally is gone")?.hits)?;
    }
    for (id, sum) in &ledger.halves {
        let tally = Tally::find_unique(Tally::ID.eq(id)).exec(orm).await.map_err(shown)?;
        let total = tally.ok_or("a tally is gone")?.total.unwrap_or_default();
        let halves = i64::try_from(total * Decimal::TWO).map_err(|error| error.to_string())?;
        sum.check(&format!("the halves of tally {id}"), halves)?;
    }
    for (id, sum) in &ledger.shelves {
        let found = Shelf::find_unique(Shelf::ID.eq(id)).exec(orm).await.map_err(shown)?.ok_or("a shelf is gone")?;
        if found.left < 0 || found.left + i64::from(found.sold.0) != STOCK {
            return Err(format!("of {STOCK} there were, {found:?} is what is left"));
        }
        sum.check(&format!("what was taken from {id}"), i64::from(found.sold.0))?;
    }
    for (id, sum) in &ledger.board_hits {
        let found = Board::find_unique(Board::ID.eq(id)).exec(orm).await.map_err(shown)?.ok_or("a board is gone")?;
        sum.check(&format!("the hits of board {id}"), found.hits)?;
        for number in 0..TASKS {
            if let Some(latest) = ledger.columns.get(&(id.clone(), number)) {
                latest.check(&format!("column {number} of board {id}"), &column(&found, number))?;
            }
        }
    }
    for (task, sum) in &ledger.claims {
        let claimed = Tally::count().filter(Tally::LABEL.eq(claim(*task))).exec(orm).await.map_err(shown)?;
        sum.check(&format!("the number of jobs claimed by task {task}"), claimed as i64)?;
    }
    for (code, sum) in &ledger.places {
        let key = Place::REGION_CODE.eq("r", code.clone());
        let place = Place::find_unique(key).exec(orm).await.map_err(shown)?;
        if place.is_none() && sum.is_certain() {
            return Err(format!("the place {code:?} was stored and is gone"));
        }
        sum.check(&format!("the visits of place {code:?}"), place.map_or(0, |place| place.visits))?;
    }
    for (id, prize) in &ledger.tickets {
        let left = Ticket::find_unique(Ticket::ID.eq(id)).exec(orm).await.map_err(shown)?;
        prize.check(&format!("ticket {id}"), left.is_some())?;
    }
    for (id, prize) in &ledger.coupons {
        let left = Coupon::find_unique(Coupon::ID.eq(id)).exec(orm).await.map_err(shown)?;
        prize.check(&format!("coupon {id}"), left.is_some())?;
    }
    for (id, prize) in &ledger.doomed {
        let left = Person::find_unique(Person::ID.eq(id)).exec(orm).await.map_err(shown)?;
        prize.check(&format!("the doomed person {id}"), left.is_some())?;
    }
    for (id, latest) in &ledger.people {
        let left = Person::find_unique(Person::ID.eq(id)).exec(orm).await.map_err(shown)?;
        latest.check(&format!("the person {id}"), &left)?;
    }
    for (label, latest) in &ledger.labels {
        let left = Coupon::count().filter(Coupon::LABEL.eq(label)).exec(orm).await.map_err(shown)?;
        latest.check(&format!("the number of coupons {label:?}"), &left)?;
    }
    Ok(())
}
