//! Writes. Each record is changed as a whole or not at all: what can fail comes before the first change.

use std::collections::HashSet;

use super::store::{Place, Stored, Table, UniqueValue};
use crate::driver::{Change, ChangeOperation, Create, Delete, DeleteMany, Update, UpdateMany, Upsert, Upserted};
use crate::error::Error;
use crate::key::UniqueKey;
use crate::row::Row;
use crate::schema::ModelSchema;

impl Table {
    pub(super) fn create(&mut self, query: &Create) -> Result<(), Error> {
        let model = query.model;
        let several = query.records.len() > 1;
        for (index, record) in query.records.iter().enumerate() {
            model
                .check_portable_record(record)
                .map_err(|error| if several { error.with_progress(Some(index), 0) } else { error })?;
        }
        let records: Vec<Stored> = query.records.iter().map(|record| Stored::new(model, record)).collect();
        check_among(model, &records)?;
        records.into_iter().enumerate().try_for_each(|(index, record)| {
            let added = self.add(model, record);
            added.map_err(|error| if several { error.with_progress(Some(index), index as u64) } else { error })
        })
    }

    pub(super) fn update(&mut self, query: &Update) -> Result<Option<Row>, Error> {
        query.model.check_portable_changes(&query.changes)?;
        let found = self.by_key(query.model, &query.key);
        let Some((place, record)) = found.filter(|(_, record)| record.passes(query.model, &query.filter)) else {
            return Ok(None);
        };
        let record = record.clone();
        self.change(query.model, place, record, &query.changes, &query.fields).map(Some)
    }

    pub(super) fn update_many(&mut self, query: &UpdateMany) -> Result<u64, Error> {
        query.model.check_portable_changes(&query.changes)?;
        let found: Vec<(Place, Stored)> =
            self.matching(query.model, &query.filter).map(|(place, record)| (place, record.clone())).collect();
        let mut written = 0;
        for (place, record) in found {
            self.change(query.model, place, record, &query.changes, &[])
                .map_err(|error| error.with_progress(None, written))?;
            written += 1;
        }
        Ok(written)
    }

    pub(super) fn upsert(&mut self, query: &Upsert) -> Result<Upserted, Error> {
        let model = query.model;
        model.check_portable_changes(&query.changes)?;
        model.check_portable_record(&query.create)?;
        if let Some((place, record)) = self.by_key(model, &query.key) {
            let record = record.clone();
            return self.change(model, place, record, &query.changes, &query.fields).map(Upserted::Updated);
        }
        let record = Stored::new(model, &query.create);
        let row = record.row(model, &query.fields);
        self.add(model, record)?;
        Ok(Upserted::Created(row))
    }

    pub(super) fn delete(&mut self, query: &Delete) -> Option<Row> {
        let found = self.by_key(query.model, &query.key);
        let (place, _) = found.filter(|(_, record)| record.passes(query.model, &query.filter))?;
        let record = self.remove(query.model, place)?;
        Some(record.row(query.model, &query.fields))
    }

    pub(super) fn delete_many(&mut self, query: &DeleteMany) -> u64 {
        let found: Vec<Place> = self.matching(query.model, &query.filter).map(|(place, _)| place).collect();
        found.into_iter().filter_map(|place| self.remove(query.model, place)).map(|_| 1).sum()
    }

    fn by_key(&self, model: &'static ModelSchema, key: &UniqueKey) -> Option<(Place, &Stored)> {
        let unique = UniqueValue::new(model, key.values().iter().map(|(field, value)| (*field, value)))?;
        self.holder(&unique)
    }

    /// Changes the record at a place; these fields of it as they are afterwards.
    fn change(
        &mut self,
        model: &'static ModelSchema,
        place: Place,
        mut record: Stored,
        changes: &[Change],
        fields: &[usize],
    ) -> Result<Row, Error> {
        for Change { field, operation } in changes {
            let value = match operation {
                ChangeOperation::Set(value) => value.clone(),
                ChangeOperation::Increment(by) => model
                    .field(*field)
                    .sum(record.value(model, *field), by)
                    .map_err(|error| model.invalid_value(*field, &error))?,
            };
            record.set(model, *field, value);
        }
        let row = record.row(model, fields);
        self.put(model, place, record)?;
        Ok(row)
    }
}

/// New records that share a unique value are refused before the first of them is stored.
fn check_among(model: &'static ModelSchema, records: &[Stored]) -> Result<(), Error> {
    let mut seen: HashSet<UniqueValue> = HashSet::new();
    for (index, record) in records.iter().enumerate() {
        for (fields, unique) in record.uniques(model) {
            if !seen.insert(unique) {
                let names = model.field_names(&fields);
                return Err(Error::unique_violation(model, names).with_progress(Some(index), 0));
            }
        }
    }
    Ok(())
}
