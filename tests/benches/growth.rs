//! What operations cost on tables of 1,000, 10,000 and 100,000 users, and of what belongs to them: requests and units,
//! which have to be the same, and the time in the engine inside this process. `cargo bench -p tests --bench growth`.

use std::time::Duration;

use orm::prelude::*;
use orm::{Cost, Meter};
use orm_dynamodb::Embedded;
use tests::beside::Failure;
use tests::beside::data::{Size, fill, schema};
use tests::beside::measure::{Effort, median, micros, timed};
use tests::beside::operations::{Class, Operation, operations};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// How long and how often each operation is measured.
const EFFORT: Effort = Effort { limit: Duration::from_millis(400), fewest: 11, most: 500 };

struct Figures {
    cost: Cost,
    time: Duration,
}

async fn filled(users: usize) -> Result<Orm, Error> {
    let orm = Orm::bootstrap(schema(), Embedded::in_memory()?).await?;
    // One in fifty has sessions, memberships and notes, and no fewer than the relation loads need.
    fill(&orm, Size { users, active: (users / 50).max(Size::USUAL.active) }).await?;
    Ok(orm)
}

async fn measured(orm: &Orm, operation: &Operation, next: &mut usize) -> Result<Figures, Failure> {
    let mut number = || {
        *next += 1;
        *next
    };
    let prepare = async |n| match operation.prepare {
        Some(prepare) => prepare(orm, n).await.map(|_| ()),
        None => Ok(()),
    };
    let n = number();
    prepare(n).await?;
    let meter = Meter::new();
    (operation.ours)(&orm.metered(&meter), n).await?;
    let mut times = Vec::new();
    for _ in EFFORT.rounds() {
        let n = number();
        prepare(n).await?;
        times.push(timed((operation.ours)(orm, n)).await?);
    }
    Ok(Figures { cost: meter.take(), time: median(&mut times) })
}

/// "2 GetItem", and the units.
fn shown(cost: &Cost) -> (String, String) {
    let requests: Vec<String> = cost.requests.iter().map(|(operation, count)| format!("{count} {operation}")).collect();
    let units = [(cost.read_units, "read"), (cost.write_units, "write")];
    let units: Vec<String> =
        units.iter().filter(|(units, _)| *units > 0.0).map(|(units, name)| format!("{units} {name}")).collect();
    (requests.join(" + "), units.join(", "))
}

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let operations: Vec<Operation> =
            operations().into_iter().filter(|operation| operation.class != Class::Bulk).collect();
        let mut figures: Vec<Vec<Figures>> = operations.iter().map(|_| Vec::new()).collect();
        let mut next = 0;
        for users in SIZES {
            let orm = filled(users).await?;
            for (operation, figures) in operations.iter().zip(&mut figures) {
                figures.push(measured(&orm, operation, &mut next).await?);
            }
        }
        println!("| operation | requests | units | 1,000: µs | 10,000: µs | 100,000: µs |");
        println!("| --- | --- | --- | ---: | ---: | ---: |");
        for (operation, figures) in operations.iter().zip(&figures) {
            let mut costs: Vec<(String, String)> = figures.iter().map(|figures| shown(&figures.cost)).collect();
            costs.dedup();
            let requests: Vec<&str> = costs.iter().map(|(requests, _)| requests.as_str()).collect();
            let units: Vec<&str> = costs.iter().map(|(_, units)| units.as_str()).collect();
            let times: Vec<String> = figures.iter().map(|figures| micros(figures.time)).collect();
            // Where they differ, which would be a defect, all of them are shown.
            let (requests, units) = (requests.join("; "), units.join("; "));
            println!("| {} | {requests} | {units} | {} |", operation.name, times.join(" | "));
        }
        Ok(())
    })
}
