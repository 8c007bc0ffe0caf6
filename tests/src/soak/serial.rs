//! One task, whose every outcome is that of the memory driver. What may or may not have been applied has to be the one
//! or the other, record by record.

use std::collections::BTreeMap;

use fastrand::Rng;
use orm::MemoryDriver;
use orm::prelude::*;

use super::models::{self, Person, Place, Shelf, Tally};
use super::ops::Op;
use super::{Check, Outcome, Stats, World, attempt};

const OPERATIONS: usize = 120;
/// After so many operations all records are compared.
const INTERVAL: usize = 12;

/// All records of the four models, by model and id, as text.
type Records = BTreeMap<String, String>;

async fn records(orm: &Orm) -> Result<Records, Error> {
    let mut records = Records::new();
    for person in Person::find_many().exec(orm).await? {
        records.insert(format!("person {}", person.id), format!("{person:?}"));
    }
    for place in Place::find_many().exec(orm).await? {
        records.insert(format!("place {}", place.id), format!("{place:?}"));
    }
    for tally in Tally::find_many().exec(orm).await? {
        records.insert(format!("tally {}", tally.id), format!("{tally:?}"));
    }
    for shelf in Shelf::find_many().exec(orm).await? {
        records.insert(format!("shelf {}", shelf.id), format!("{shelf:?}"));
    }
    Ok(records)
}

/// A memory driver with the records that are stored.
async fn memory(plain: &Orm) -> Result<Orm, Error> {
    let memory = Orm::bootstrap(models::schema(), MemoryDriver::new()).await?;
    for person in Person::find_many().exec(plain).await? {
        Person::insert(person).exec(&memory).await?;
    }
    for place in Place::find_many().exec(plain).await? {
        Place::insert(place).exec(&memory).await?;
    }
    for tally in Tally::find_many().exec(plain).await? {
        Tally::insert(tally).exec(&memory).await?;
    }
    for shelf in Shelf::find_many().exec(plain).await? {
        Shelf::insert(shelf).exec(&memory).await?;
    }
    Ok(memory)
}

pub(super) async fn run(world: &World) -> Check<Stats> {
    let mut rng = Rng::with_seed(world.seed);
    let mut stats = Stats::default();
    let mut model = memory(&world.plain).await.map_err(shown)?;
    for number in 0..OPERATIONS {
        let op = Op::any(&mut rng);
        let failed = |what: String| format!("operation {number}, {op:?}: {what}");
        let before = records(&model).await.map_err(shown)?;
        let outcome = attempt(&mut rng, &mut stats, op.run(&world.orm)).await.map_err(failed)?;
        let expected = op.run(&model).await;
        match (&outcome, &expected) {
            (Outcome::Done(answer), Ok(expected)) if answer == expected => {}
            // Some of the records collide with those of the same operation, and its order is not said.
            (Outcome::Refused(_), _) | (_, Err(_)) if op.is_of_many() => {
                model = memory(&world.plain).await.map_err(shown)?;
            }
            (Outcome::Refused(error), Err(expected)) if error.code() == expected.code() => {}
            (Outcome::Done(answer), expected) => {
                return Err(failed(format!("answered {answer}, expected {expected:?}")));
            }
            (Outcome::Refused(error), expected) => {
                return Err(failed(format!("refused with {error:?}, expected {expected:?}")));
            }
            (Outcome::Failed | Outcome::InDoubt | Outcome::Dropped, _) => {
                let after = records(&model).await.map_err(shown)?;
                let now = records(&world.plain).await.map_err(shown)?;
                resolve(&op, &before, &after, &now, outcome.is_open()).map_err(failed)?;
                model = memory(&world.plain).await.map_err(shown)?;
            }
        }
        if number % INTERVAL == 0 || number + 1 == OPERATIONS {
            let (now, expected) = (records(&world.plain).await.map_err(shown)?, records(&model).await.map_err(shown)?);
            if now != expected {
                return Err(failed(format!("stored is {}", difference(&expected, &now))));
            }
        }
    }
    Ok(stats)
}

/// Each record is as it was before or as it is afterwards; of an operation on one record all are the one or the other,
/// and of one that says it was not applied they are as before.
fn resolve(op: &Op, before: &Records, after: &Records, now: &Records, open: bool) -> Check {
    if now == before || open && now == after {
        return Ok(());
    }
    let each_is_one_of_both = before
        .keys()
        .chain(after.keys())
        .chain(now.keys())
        .all(|key| now.get(key) == before.get(key) || now.get(key) == after.get(key));
    if op.is_of_many() && each_is_one_of_both {
        return Ok(());
    }
    Err(format!(
        "failed, open: {open}; compared with before, {}; with after, {}",
        difference(before, now),
        difference(after, now)
    ))
}

fn difference(expected: &Records, now: &Records) -> String {
    let keys = expected.keys().chain(now.keys()).filter(|key| expected.get(*key) != now.get(*key));
    let lines: Vec<String> = keys.map(|key| format!("{key}: {:?} -> {:?}", expected.get(key), now.get(key))).collect();
    lines.join("; ")
}

fn shown(error: Error) -> String {
    format!("{error:?}")
}
