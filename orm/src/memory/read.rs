//! Reads.

use std::collections::HashMap;

use super::store::{Place, Stored, Table, UniqueValue, constraints};
use crate::driver::{Count, Find, FindGrouped, FindPart, Groups, Keyset, Matcher, Part, Position};
use crate::error::Error;
use crate::filter::{Comparison, Condition};
use crate::order::Order;
use crate::row::Rows;
use crate::schema::ModelSchema;
use crate::value::Value;

/// How many records a stream gets at once.
const STREAMED: usize = 1000;

impl Table {
    pub(super) fn find(&self, query: &Find) -> Rows {
        arrange(query, self.matching(query.model, &query.filter).map(|(_, record)| record).collect())
    }

    /// In order, and among equal records the older ones first.
    pub(super) fn find_part(&self, query: &FindPart) -> Result<Part, Error> {
        let FindPart { find, after, size, segment } = query;
        // There is nothing to be gained from parts: they all belong to the first.
        if segment.is_some_and(|segment| segment.index > 0) {
            return Ok(Part::default());
        }
        let after = after.as_ref().map(Keyset::parse).transpose()?;
        // Another driver's keys are no places.
        if after.as_ref().is_some_and(|after| after.key.parse::<Place>().is_err()) {
            return Err(Position::unreadable());
        }
        let keyset = |(place, record): (Place, &Stored)| Keyset {
            values: find.order.iter().map(|order| record.value(find.model, order.field).clone()).collect(),
            key: format!("{place:020}"),
        };
        let mut found: Vec<(Keyset, &Stored)> = self
            .matching(find.model, &find.filter)
            .map(|(place, record)| (keyset((place, record)), record))
            .filter(|(here, _)| after.as_ref().is_none_or(|after| here.compare(&find.order, after).is_gt()))
            .collect();
        found.sort_by(|(a, _), (b, _)| a.compare(&find.order, b));
        let size = size.unwrap_or(STREAMED);
        let more = found.len() > size;
        found.truncate(size);
        let next = found.last().filter(|_| more).map(|(last, _)| last.position());
        Ok(Part { rows: rows(find, found.into_iter().map(|(_, record)| record)), next })
    }

    pub(super) fn find_grouped(&self, query: &FindGrouped) -> Groups {
        let model = query.find.model;
        let filter = Matcher::new(&query.find.filter);
        let mut groups: Vec<Vec<&Stored>> = vec![Vec::new(); query.keys.len()];
        if constraints(model).any(|fields| fields == [query.by]) {
            for (key, group) in query.keys.iter().zip(&mut groups) {
                let unique = UniqueValue::new(model, [(query.by, key)]);
                let record = unique.and_then(|unique| self.holder(&unique)).map(|(_, record)| record);
                group.extend(record.filter(|record| holds(&filter, model, record)));
            }
        } else {
            let mut by_key: HashMap<&Value, &mut Vec<&Stored>> = query.keys.iter().zip(&mut groups).collect();
            for (_, record) in self.scan() {
                if let Some(group) = by_key.get_mut(record.value(model, query.by))
                    && holds(&filter, model, record)
                {
                    group.push(record);
                }
            }
        }
        groups.into_iter().map(|group| arrange(&query.find, group)).collect()
    }

    pub(super) fn count(&self, query: &Count) -> u64 {
        self.matching(query.model, &query.filter).map(|_| 1).sum()
    }

    /// The records for which the filter holds, oldest first.
    pub(super) fn matching<'a>(
        &'a self,
        model: &'static ModelSchema,
        filter: &'a Condition,
    ) -> Box<dyn Iterator<Item = (Place, &'a Stored)> + 'a> {
        let matcher = Matcher::new(filter);
        let holds = move |(_, record): &(Place, &Stored)| holds(&matcher, model, record);
        match unique_in(filter, model) {
            Some(unique) => Box::new(self.holder(&unique).into_iter().filter(holds)),
            None => Box::new(self.scan().filter(holds)),
        }
    }
}

fn holds(filter: &Matcher<'_>, model: &'static ModelSchema, record: &Stored) -> bool {
    filter.holds(&|field| record.value(model, field))
}

fn arrange(query: &Find, mut records: Vec<&Stored>) -> Rows {
    let model = query.model;
    if !query.order.is_empty() {
        records
            .sort_by(|a, b| Order::compare(&query.order, |field| a.value(model, field), |field| b.value(model, field)));
    }
    rows(query, records.into_iter().skip(query.skip).take(query.take.unwrap_or(usize::MAX)))
}

/// What the query asks for of these records.
fn rows<'a>(query: &Find, records: impl Iterator<Item = &'a Stored>) -> Rows {
    let mut rows = Rows::new(query.fields.len());
    records.for_each(|record| rows.push(record.values(query.model, &query.fields)));
    rows
}

/// The values that the filter demands for all fields of some constraint, so that at most one record can match.
fn unique_in(filter: &Condition, model: &'static ModelSchema) -> Option<UniqueValue> {
    let mut equalities = Vec::new();
    collect_equalities(filter, &mut equalities);
    if equalities.is_empty() {
        return None;
    }
    constraints(model).find_map(|fields| {
        let values: Option<Vec<(usize, &Value)>> =
            fields.iter().map(|field| equalities.iter().find(|(equal, _)| equal == field).copied()).collect();
        UniqueValue::new(model, values?)
    })
}

fn collect_equalities<'a>(filter: &'a Condition, equalities: &mut Vec<(usize, &'a Value)>) {
    match filter {
        Condition::And(parts) => parts.iter().for_each(|part| collect_equalities(part, equalities)),
        Condition::Compare(field, Comparison::Eq, value) => equalities.push((*field, value)),
        _ => {}
    }
}
