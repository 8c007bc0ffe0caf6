//! Loads relations for any driver: level by level, each level in batches, never record by record.

use std::collections::{HashMap, HashSet};

use crate::call::Call;
use crate::driver::{BoxFuture, Find, FindGrouped, Planned};
use crate::error::Error;
use crate::explain::{Explanation, Sorting, Step};
use crate::filter::Condition;
use crate::order::Order;
use crate::row::{Projection, RelationLoad, Row};
use crate::schema::Through;
use crate::value::Value;

/// The related records of one record, whose value of the relation's field this is.
pub(crate) async fn one(call: &Call, load: &RelationLoad, value: Value) -> Result<Vec<Row>, Error> {
    let mut parents = [Row::new(vec![value])];
    let load = RelationLoad { local: 0, ..load.clone() };
    attach(call, &mut parents, &load).await?;
    let [mut parent] = parents;
    Ok(parent.take_related())
}

/// Adds to each row the records of each relation of the projection, and to those the relations below.
pub(crate) fn relations<'a>(call: &'a Call, rows: &'a mut [Row], projection: &'a Projection) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        for load in projection.relations() {
            attach(call, rows, load).await?;
        }
        Ok(())
    })
}

async fn attach(call: &Call, parents: &mut [Row], load: &RelationLoad) -> Result<(), Error> {
    let Keys { values, groups } = Keys::of(parents, load.local);
    let mut found = fetch(call, load, values).await?;
    relations(call, &mut found.rows, &load.projection).await?;

    // A record that several parents share is copied for all of them but the last.
    let mut uses = vec![0_usize; found.rows.len()];
    for row in groups.iter().flatten().filter_map(|group| found.groups.get(*group)).flatten() {
        if let Some(uses) = uses.get_mut(*row) {
            *uses += 1;
        }
    }
    for (parent, group) in parents.iter_mut().zip(&groups) {
        let members = group.and_then(|group| found.groups.get(group)).map_or(&[][..], Vec::as_slice);
        let mut related = Vec::with_capacity(members.len());
        for member in members {
            let (Some(row), Some(uses)) = (found.rows.get_mut(*member), uses.get_mut(*member)) else { continue };
            *uses -= 1;
            related.push(if *uses == 0 { std::mem::take(row) } else { row.clone() });
        }
        parent.relate(related);
    }
    Ok(())
}

/// The distinct values to look up, and for each parent which of them is its own.
struct Keys {
    values: Vec<Value>,
    groups: Vec<Option<usize>>,
}

impl Keys {
    fn of(parents: &[Row], slot: usize) -> Self {
        Self::distinct(parents.iter().map(|parent| parent.value(slot)))
    }

    fn distinct<'a>(found: impl Iterator<Item = &'a Value>) -> Self {
        let mut places: HashMap<&'a Value, usize> = HashMap::new();
        let mut values = Vec::new();
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
        Self { values, groups }
    }
}

/// Distinct records, and for each key which of them are its own.
#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    groups: Vec<Vec<usize>>,
}

impl Found {
    fn new(groups: Vec<Vec<Row>>) -> Self {
        let mut found = Self::default();
        for group in groups {
            let start = found.rows.len();
            found.rows.extend(group);
            found.groups.push((start..found.rows.len()).collect());
        }
        found
    }
}

async fn fetch(call: &Call, load: &RelationLoad, keys: Vec<Value>) -> Result<Found, Error> {
    call.require(load.relation.target())?;
    if keys.is_empty() || load.take == Some(0) {
        return Ok(Found::default());
    }
    if let Some(through) = load.relation.through() {
        return fetch_through(call, load, through, keys).await;
    }
    let groups = call.driver().find_grouped(call.context(), &related(load, keys)).await?;
    Ok(Found::new(groups))
}

/// The records that a relation leads to from these keys, without a model in between.
fn related(load: &RelationLoad, keys: Vec<Value>) -> FindGrouped {
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
fn links(through: Through, keys: Vec<Value>) -> FindGrouped {
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
fn targets(load: &RelationLoad, ids: Vec<Value>) -> FindGrouped {
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
    projection.relations().iter().map(|load| explain_one(call, load, Vec::new())).collect()
}

/// How one relation will be loaded, for these keys or, with none, for keys that are not known yet.
pub(crate) fn explain_one(call: &Call, load: &RelationLoad, keys: Vec<Value>) -> Result<Explanation, Error> {
    let step = |query: &FindGrouped| {
        call.require(query.find.model)?;
        let mut plan = call.driver().explain(call.context(), Planned::Grouped(query))?;
        if load.relation.through().is_some() && query.by == query.find.model.id() && !load.order.is_empty() {
            plan.sorting = Sorting::Here { kept: None };
        }
        Ok(Step::new(query.find.model.name(), plan, query.find.skip, query.find.take))
    };
    let steps = match load.relation.through() {
        None => vec![step(&related(load, keys))?],
        Some(through) => {
            let targets = Step { skip: load.skip, take: load.take, ..step(&targets(load, Vec::new()))? };
            vec![step(&links(through, keys))?, targets]
        }
    };
    Ok(Explanation { of: load.relation.name(), steps, relations: explain(call, &load.projection)? })
}

/// Of a many-to-many relation: the connecting records of all keys, then the targets of all of those.
async fn fetch_through(call: &Call, load: &RelationLoad, through: Through, keys: Vec<Value>) -> Result<Found, Error> {
    call.require((through.model)())?;
    let links = call.driver().find_grouped(call.context(), &links(through, keys)).await?;
    let ids = Keys::distinct(links.iter().flatten().map(|link| link.value(0)));
    if ids.values.is_empty() {
        return Ok(Found::default());
    }
    let records = call.driver().find_grouped(call.context(), &targets(load, ids.values)).await?;
    let records = Found::new(records);

    let mut target_of_link = ids.groups.into_iter();
    let mut groups = Vec::with_capacity(links.len());
    for links in &links {
        let mut members: Vec<usize> = target_of_link
            .by_ref()
            .take(links.len())
            .flatten()
            .filter_map(|target| records.groups.get(target)?.first().copied())
            .collect();
        arrange(&mut members, &records.rows, load);
        groups.push(members);
    }
    Ok(keep_used(records.rows, groups))
}

/// Order, skip and take for the records of one parent. Two connecting records to one target show it once.
fn arrange(members: &mut Vec<usize>, rows: &[Row], load: &RelationLoad) {
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
fn keep_used(rows: Vec<Row>, mut groups: Vec<Vec<usize>>) -> Found {
    let mut place = vec![None; rows.len()];
    for member in groups.iter().flatten() {
        if let Some(place) = place.get_mut(*member) {
            *place = Some(0);
        }
    }
    let mut kept = Vec::new();
    for (row, place) in rows.into_iter().zip(&mut place) {
        if place.is_some() {
            *place = Some(kept.len());
            kept.push(row);
        }
    }
    for member in groups.iter_mut().flatten() {
        if let Some(Some(place)) = place.get(*member) {
            *member = *place;
        }
    }
    Found { rows: kept, groups }
}
