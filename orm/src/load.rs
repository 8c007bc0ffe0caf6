//! Loads relations for any driver: level by level, each level in batches, never record by record.

mod through;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::call::Call;
use crate::driver::{BoxFuture, Find, FindGrouped, Groups, Planned};
use crate::error::Error;
use crate::explain::{Explanation, Sorting, Step};
use crate::projection::{Projection, RelationLoad};
use crate::reader::{Links, Loaded, Members};
use crate::row::{Row, Rows};
use crate::value::Value;

/// Where a relation leads from one record, of which there is nothing but the value of the relation's field, at place 0.
pub(crate) async fn one(call: &Call, load: &RelationLoad, value: Value) -> Result<Links, Error> {
    links(call, &Row::new(vec![value]).into(), &[1], load).await
}

/// Where each relation of the projection leads from these rows, each of which will be read so many times. They do not
/// depend on each other, so that none waits for another.
pub(crate) fn relations<'a>(
    call: &'a Call,
    rows: &'a Rows,
    uses: &'a [usize],
    projection: &'a Projection,
) -> BoxFuture<'a, Vec<Links>> {
    Box::pin(try_join_all(projection.relations().iter().map(move |load| links(call, rows, uses, load))))
}

async fn links(call: &Call, parents: &Rows, uses: &[usize], load: &RelationLoad) -> Result<Links, Error> {
    let Keys { values, groups } = Keys::of(column(parents, load.local));
    let Found { rows, members } = fetch(call, load, values).await?;
    let mut uses_below = vec![0; rows.len()];
    for (group, uses) in groups.iter().zip(uses) {
        for member in members.of(*group) {
            if let Some(below) = uses_below.get_mut(*member) {
                *below += uses;
            }
        }
    }
    let relations = relations(call, &rows, &uses_below, &load.projection).await?;
    Ok(Links { groups, members, uses: uses_below, to: Loaded { rows, relations } })
}

/// The value in one slot of each row.
fn column(rows: &Rows, slot: usize) -> impl ExactSizeIterator<Item = &Value> {
    rows.iter().map(move |row| row.get(slot).unwrap_or(&Value::Null))
}

/// The distinct values to look up, and for each place which of them is its own.
struct Keys {
    values: Arc<[Value]>,
    groups: Vec<Option<usize>>,
}

impl Keys {
    fn of<'a>(found: impl ExactSizeIterator<Item = &'a Value>) -> Self {
        let mut places: HashMap<&'a Value, usize> = HashMap::with_capacity(found.len());
        let mut values = Vec::with_capacity(found.len());
        let groups = found
            .map(|value| {
                (!value.is_null()).then(|| {
                    *places.entry(value).or_insert_with(|| {
                        values.push(value.clone());
                        values.len() - 1
                    })
                })
            })
            .collect();
        Self { values: values.into(), groups }
    }
}

/// Distinct records, and which of them belong to each key.
#[derive(Default)]
struct Found {
    rows: Rows,
    members: Members,
}

impl From<Groups> for Found {
    fn from(groups: Groups) -> Self {
        let (rows, ends) = groups.into_parts();
        Self { rows, members: Members::in_order(ends) }
    }
}

async fn fetch(call: &Call, load: &RelationLoad, keys: Arc<[Value]>) -> Result<Found, Error> {
    call.require(load.relation.target())?;
    if keys.is_empty() || load.take == Some(0) {
        return Ok(Found::default());
    }
    if let Some(through) = load.relation.through() {
        return through::fetch(call, load, through, keys).await;
    }
    Ok(call.driver().find_grouped(call.context(), &related(load, keys)).await?.into())
}

/// The records that a relation leads to from these keys, without a model in between.
fn related(load: &RelationLoad, keys: Arc<[Value]>) -> FindGrouped {
    FindGrouped {
        find: Find {
            model: load.relation.target(),
            filter: load.filter.clone(),
            order: load.order.clone(),
            skip: load.skip,
            take: if load.relation.kind().is_many() { load.take } else { Some(1) },
            fields: load.projection.fields().to_vec(),
        },
        by: load.relation.foreign(),
        keys,
    }
}

/// How the relations of a projection will be loaded.
pub(crate) fn explain(call: &Call, projection: &Projection) -> Result<Vec<Explanation>, Error> {
    projection.relations().iter().map(|load| explain_one(call, load, Arc::default())).collect()
}

/// How one relation will be loaded, for these keys or, with none, for keys that are not known yet.
pub(crate) fn explain_one(call: &Call, load: &RelationLoad, keys: Arc<[Value]>) -> Result<Explanation, Error> {
    let step = |query: &FindGrouped| call.explain(Planned::Grouped(query));
    if load.take == Some(0) {
        return Ok(Explanation::new(load.relation.name(), vec![step(&related(load, keys))?]));
    }
    let steps = match load.relation.through() {
        None => vec![step(&related(load, keys))?],
        Some(through) => {
            let mut targets =
                Step { skip: load.skip, take: load.take, ..step(&through::targets(load, Arc::default()))? };
            if !load.order.is_empty() {
                targets.plan.sorting = Sorting::Here { kept: None };
            }
            vec![step(&through::connections(through, keys))?, targets]
        }
    };
    Ok(Explanation { of: load.relation.name(), steps, relations: explain(call, &load.projection)? })
}
