//! Loads relations for any driver: level by level, each level in batches, never record by record.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::call::Call;
use crate::driver::{BoxFuture, Find, FindGrouped, Groups, Planned, range};
use crate::error::Error;
use crate::explain::{Explanation, Sorting, Step};
use crate::filter::Condition;
use crate::order::Order;
use crate::projection::{Projection, RelationLoad};
use crate::reader::{Links, Loaded, Members};
use crate::row::{Row, Rows};
use crate::schema::Through;
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
        return fetch_through(call, load, through, keys).await;
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

/// The connecting records of a many-to-many relation, for these keys.
fn connections(through: Through, keys: Arc<[Value]>) -> FindGrouped {
    FindGrouped {
        find: Find {
            model: (through.model)(),
            filter: Condition::always(),
            order: Vec::new(),
            skip: 0,
            take: None,
            fields: vec![through.to],
        },
        by: through.from,
        keys,
    }
}

/// The records that the connecting ones lead to. Order and limits come later: they are those of each parent.
fn targets(load: &RelationLoad, ids: Arc<[Value]>) -> FindGrouped {
    let model = load.relation.target();
    FindGrouped {
        find: Find {
            model,
            filter: load.filter.clone(),
            order: Vec::new(),
            skip: 0,
            take: Some(1),
            fields: load.projection.fields().to_vec(),
        },
        by: model.id(),
        keys: ids,
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
            let mut targets = Step { skip: load.skip, take: load.take, ..step(&targets(load, Arc::default()))? };
            if !load.order.is_empty() {
                targets.plan.sorting = Sorting::Here { kept: None };
            }
            vec![step(&connections(through, keys))?, targets]
        }
    };
    Ok(Explanation { of: load.relation.name(), steps, relations: explain(call, &load.projection)? })
}

/// Of a many-to-many relation: the connecting records of all keys, then the targets of all of those.
async fn fetch_through(call: &Call, load: &RelationLoad, through: Through, keys: Arc<[Value]>) -> Result<Found, Error> {
    call.require((through.model)())?;
    let (links, ends) = call.driver().find_grouped(call.context(), &connections(through, keys)).await?.into_parts();
    let ids = Keys::of(column(&links, 0));
    if ids.values.is_empty() {
        return Ok(Found::default());
    }
    let targets = call.driver().find_grouped(call.context(), &targets(load, ids.values)).await?;
    let Found { rows, members: of_id } = targets.into();

    let mut members = Members::default();
    for key in 0..ends.len() {
        let ids = range(&ends, key).and_then(|links| ids.groups.get(links)).unwrap_or_default();
        let mut targets: Vec<usize> = ids.iter().filter_map(|id| of_id.of(*id).first().copied()).collect();
        arrange(&mut targets, &rows, load);
        members.push(targets);
    }
    Ok(keep_used(rows, members))
}

/// Order, skip and take for the records of one parent. Two connecting records to one target show it once.
fn arrange(members: &mut Vec<usize>, rows: &Rows, load: &RelationLoad) {
    let mut seen = HashSet::with_capacity(members.len());
    members.retain(|member| seen.insert(*member));
    if !load.order.is_empty() {
        members.sort_by(|a, b| {
            Order::compare(
                &load.order,
                |field| load.projection.value_of(rows.get(*a), field),
                |field| load.projection.value_of(rows.get(*b), field),
            )
        });
    }
    members.drain(..load.skip.min(members.len()));
    members.truncate(load.take.unwrap_or(usize::MAX));
}

/// Drops the records that no parent shows, so that nothing is loaded below them.
fn keep_used(mut rows: Rows, mut members: Members) -> Found {
    let mut is_used = vec![false; rows.len()];
    for member in &members.places {
        if let Some(is_used) = is_used.get_mut(*member) {
            *is_used = true;
        }
    }
    let used: Vec<usize> = (0..rows.len()).filter(|row| is_used.get(*row) == Some(&true)).collect();
    if used.len() < rows.len() {
        let mut place = vec![0; rows.len()];
        for (new, old) in used.iter().enumerate() {
            if let Some(place) = place.get_mut(*old) {
                *place = new;
            }
        }
        for member in &mut members.places {
            *member = place.get(*member).copied().unwrap_or(*member);
        }
        rows.arrange(&used);
    }
    Found { rows, members }
}
