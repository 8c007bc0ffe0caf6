//! Workers share jobs: each job goes to one of them, and what a crashed worker has left behind, another takes over.
//!
//! ```text
//! cargo run -p examples --example job_queue
//! ```
//!
//! A job is claimed by an update of one record with a filter: it is made only if the job is still as it was found, and of
//! several workers at once exactly one gets it.

use chrono::{DateTime, TimeDelta, Utc};
use orm::prelude::*;
use orm_dynamodb::Embedded;

#[derive(Model, Clone, Debug)]
#[orm(table = "jobs")]
#[orm(index(state, due_at))]
struct Job {
    #[orm(id)]
    id: String,
    #[orm(default = State::Waiting)]
    state: State,
    /// From when the job may be claimed: a waiting one in any case, a running one if its worker has not finished it by
    /// then.
    due_at: DateTime<Utc>,
    #[orm(default = 0)]
    attempts: u8,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "lowercase")]
enum State {
    Waiting,
    Running,
    Done,
}

/// How many jobs a worker looks at. Workers that all wanted the first one would stand in each other's way.
const LOOKED_AT: usize = 20;

/// A job that is due, if there is one.
async fn claim(orm: &Orm, worker: usize, now: DateTime<Utc>) -> Result<Option<Job>, Error> {
    // One query for each of the two states, merged and read only as far as needed.
    let due = Job::STATE.is_in([State::Waiting, State::Running]).and(Job::DUE_AT.lte(now));
    let mut found: Vec<(String, State, DateTime<Utc>)> = Job::find_many()
        .filter(due)
        .order_by(Job::DUE_AT.asc())
        .take(LOOKED_AT)
        .select((Job::ID, Job::STATE, Job::DUE_AT))
        .exec(orm)
        .await?;
    let jobs = found.len().max(1);
    found.rotate_left(worker * 7 % jobs);
    for (id, state, due_at) in found {
        // Only as it was found: whoever claims a job moves its time, and whoever finishes it changes its state.
        let claimed = Job::update(Job::ID.eq(id))
            .filter(Job::STATE.eq(state).and(Job::DUE_AT.eq(due_at)))
            .set(Job::STATE, State::Running)
            .set(Job::DUE_AT, now + TimeDelta::minutes(1))
            .increment(Job::ATTEMPTS, 1)
            .exec(orm)
            .await?;
        if claimed.is_some() {
            return Ok(claimed);
        }
    }
    Ok(None)
}

/// Whether the job was still this worker's when it was done.
async fn finish(orm: &Orm, job: &Job) -> Result<bool, Error> {
    let update = Job::update(Job::ID.eq(&job.id)).filter(Job::DUE_AT.eq(job.due_at)).set(Job::STATE, State::Done);
    Ok(update.exec(orm).await?.is_some())
}

/// Works until nothing is due, and answers how many jobs it has finished. At every tenth job a first attempt crashes.
async fn work(orm: Orm, worker: usize, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut finished = 0;
    while let Some(job) = claim(&orm, worker, now).await? {
        let crashes = job.id.ends_with('0') && job.attempts == 1;
        if !crashes && finish(&orm, &job).await? {
            finished += 1;
        }
    }
    Ok(finished)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orm = Orm::bootstrap(schema![Job], Embedded::in_memory()?).await?;
    let now = Utc::now();
    Job::create_many((0..60).map(|n| Job::create().id(format!("job-{n}")).due_at(now))).exec(&orm).await?;

    for (when, now) in [("at once", now), ("two minutes later", now + TimeDelta::minutes(2))] {
        let workers: Vec<_> = (0..8).map(|worker| tokio::spawn(work(orm.clone(), worker, now))).collect();
        let mut finished = 0;
        for worker in workers {
            finished += worker.await??;
        }
        let running = Job::count().filter(Job::STATE.eq(State::Running)).exec(&orm).await?;
        println!("{when}: {finished} jobs finished, {running} left behind");
    }
    let attempts: u32 = Job::find_many().select(Job::ATTEMPTS).exec(&orm).await?.into_iter().map(u32::from).sum();
    println!("60 jobs took {attempts} attempts");
    Ok(())
}
