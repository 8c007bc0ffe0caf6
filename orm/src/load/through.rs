//! Relations by way of a model in between: the connecting records of all keys, then the targets of those.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Found, Keys, column};
use crate::call::Call;
use crate::driver::{Find, FindGrouped, range};
use crate::error::Error;
use crate::filter::Condition;
use crate::order::Order;
use crate::projection::RelationLoad;
use crate::reader::Members;
use crate::row::Rows;
use crate::schema::Through;
use crate::value::Value;

/// The connecting records of a many-to-many relation, for these keys.
pub(super) fn connections(through: Through, keys: Arc<[Value]>) -> FindGrouped {
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
pub(super) fn targets(load: &RelationLoad, ids: Arc<[Value]>) -> FindGrouped {
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

/// The records that a relation leads to from these keys, by way of the model in between.
pub(super) async fn fetch(
    call: &Call,
    load: &RelationLoad,
    through: Through,
    keys: Arc<[Value]>,
) -> Result<Found, Error> {
    call.require((through.model)())?;
    let (links, ends) = call.driver().find_grouped(call.context(), &connections(through, keys)).await?.into_parts();
    let ids = Keys::of(column(&links, 0));
    let of_key = |key: usize| {
        let groups = range(&ends, key).and_then(|links| ids.groups.get(links)).unwrap_or_default();
        // Two connecting records to one target show it once.
        let mut seen = HashSet::with_capacity(groups.len());
        groups.iter().flatten().copied().filter(|id| seen.insert(*id)).collect()
    };
    let wanted: Vec<Vec<usize>> = (0..ends.len()).map(of_key).collect();
    let (rows, row_of) = look_up(call, load, &ids.values, &wanted).await?;
    let mut members = Members::default();
    for ids in wanted {
        let mut targets: Vec<usize> = ids.into_iter().filter_map(|id| row_of.get(id).copied().flatten()?).collect();
        arrange(&mut targets, &rows, load);
        members.push(targets);
    }
    Ok(keep_used(rows, members))
}

/// The rows of the targets that are wanted for each key, all or no more than it takes, and by the places of the ids the row
/// of each: nothing where it was not asked for, and no row where there is none that fulfils the filter.
async fn look_up(
    call: &Call,
    load: &RelationLoad,
    ids: &Arc<[Value]>,
    wanted: &[Vec<usize>],
) -> Result<(Rows, Vec<Option<Option<usize>>>), Error> {
    let enough = load.take.filter(|_| load.order.is_empty()).map(|take| load.skip.saturating_add(take));
    let (mut rows, mut row_of) = (Rows::default(), vec![None; ids.len()]);
    // Some lead nowhere: what is missing after that is asked for more generously each time.
    let mut times = 1_usize;
    loop {
        let mut asked: Vec<usize> = Vec::new();
        for of_key in wanted {
            let row = |id: &&usize| row_of.get(**id).copied().flatten();
            let found = of_key.iter().filter(|id| matches!(row(id), Some(Some(_)))).count();
            let lacking = enough.map_or(usize::MAX, |enough| enough.saturating_sub(found).saturating_mul(times));
            asked.extend(of_key.iter().filter(|id| row(id).is_none()).take(lacking));
        }
        asked.sort_unstable();
        asked.dedup();
        if asked.is_empty() {
            return Ok((rows, row_of));
        }
        // Mostly it is all of them.
        let keys = if asked.len() == ids.len() {
            Arc::clone(ids)
        } else {
            asked.iter().filter_map(|id| ids.get(*id)).cloned().collect()
        };
        let (more, ends) = call.driver().find_grouped(call.context(), &targets(load, keys)).await?.into_parts();
        for (place, id) in asked.into_iter().enumerate() {
            let found = range(&ends, place).filter(|found| !found.is_empty());
            if let Some(row) = row_of.get_mut(id) {
                *row = Some(found.map(|found| rows.len() + found.start));
            }
        }
        rows.append(more);
        times = times.saturating_mul(4);
    }
}

/// Order, skip and take for the records of one parent.
fn arrange(members: &mut Vec<usize>, rows: &Rows, load: &RelationLoad) {
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
    let (mut places, mut used) = (vec![None; rows.len()], Vec::with_capacity(rows.len()));
    for member in &mut members.places {
        let Some(place) = places.get_mut(*member) else { continue };
        let row = *member;
        *member = *place.get_or_insert_with(|| {
            used.push(row);
            used.len() - 1
        });
    }
    rows.arrange(&used);
    Found { rows, members }
}
