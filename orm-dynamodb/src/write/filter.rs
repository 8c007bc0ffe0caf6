//! What a write asks of its record besides the key: a filter, as conditions of the request and what is left of it.

use orm::schema::ModelSchema;
use orm::{Condition, Error};

use super::change;
use crate::condition::{only_field, simplify};
use crate::expression::{Conjunction, Expressions, bounded_numbers, fitting};
use crate::table::{Item, Table};
use crate::values::{Values, distinct};

/// A filter, for a write of one record.
pub(super) struct WriteFilter<'q> {
    whole: &'q Condition,
    /// The fields that it is about.
    fields: Vec<usize>,
    /// Whether it holds for no record.
    is_never: bool,
    /// The parts of it that DynamoDB can check with the write.
    checked: Vec<Condition>,
    /// The fields with bounds among these. Where the number is stored as text, as the TypeScript package does, no condition
    /// compares it: then the record is judged by what was read.
    bounded: Vec<usize>,
    /// Whether there are other parts, and their fields but for the id, which is always the same.
    is_checked: bool,
    left_over: Vec<usize>,
}

impl<'q> WriteFilter<'q> {
    /// For a record that is named by its key.
    pub(super) fn new(model: &'static ModelSchema, filter: &'q Condition) -> Self {
        Self::of(model, filter, |_| true)
    }

    /// For a record that was found by the filter: what it says of the id alone is so for as long as there is the record.
    pub(super) fn of_found(model: &'static ModelSchema, filter: &'q Condition) -> Self {
        Self::of(model, filter, |part| only_field(part) != Some(model.id()))
    }

    fn of(model: &'static ModelSchema, whole: &'q Condition, is_asked: impl Fn(&Condition) -> bool) -> Self {
        let simple = simplify(whole.clone());
        let is_never = simple == Condition::never();
        let mut parts = match simple {
            Condition::And(parts) => parts,
            one => vec![one],
        };
        parts.retain(is_asked);
        let (checked, left_over) = fitting(model, parts);
        let bounded = distinct(checked.iter().flat_map(|part| bounded_numbers(model, part)));
        let is_checked = left_over.is_empty();
        let left_over = left_over.iter().flat_map(Condition::fields).filter(|field| *field != model.id());
        let left_over = distinct(left_over);
        Self { whole, fields: whole.fields(), is_never, checked, bounded, is_checked, left_over }
    }

    /// The fields that it is about.
    pub(super) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// Whether it holds for no record, so that there is nothing to ask for.
    pub(super) const fn is_never(&self) -> bool {
        self.is_never
    }

    /// Whether it holds for a record as it was read.
    pub(super) fn holds_for(&self, model: &'static ModelSchema, item: &Item) -> Result<bool, Error> {
        Ok(self.holds(&Values::of_fields(model, &self.fields, item.clone())?))
    }

    /// Whether it holds for a record with these values.
    pub(super) fn holds(&self, values: &Values) -> bool {
        values.pass(self.whole)
    }

    /// Whether the conditions of the write say all that the filter does, if the record is stored as this library does.
    pub(super) const fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// The fields that have to be read before the write, and must be the same then.
    pub(super) fn left_over(&self) -> &[usize] {
        &self.left_over
    }

    /// Whether a condition asks how a number is stored.
    pub(super) const fn has_bounds(&self) -> bool {
        !self.bounded.is_empty()
    }

    /// Whether a condition may have refused this item for how a number is stored, rather than for the number.
    pub(super) fn may_hold_for_text(&self, model: &ModelSchema, item: &Item) -> bool {
        self.bounded.iter().any(|field| is_text(model, *field, item))
    }

    /// Adds the conditions. Of a record that was read, what they do not say must be as it was, and these fields too.
    pub(super) fn ask(
        &self,
        table: &Table<'_>,
        seen: Option<&Item>,
        also: &[usize],
        expressions: &mut Expressions,
        all: &mut Conjunction,
    ) {
        self.checked.iter().for_each(|part| expressions.operand(part, all.and()));
        let is_seen_as_text = |field: &&usize| seen.is_some_and(|item| is_text(table.model, **field, item));
        let (texts, numbers): (Vec<&usize>, Vec<&usize>) = self.bounded.iter().partition(is_seen_as_text);
        for field in numbers {
            expressions.is_no_text(*field, all.and());
        }
        if let Some(item) = seen {
            let fields = distinct(self.left_over.iter().chain(texts).chain(also).copied());
            change::unchanged_item(table, &fields, item, expressions, all);
        }
    }

    /// A write of a record that was read was made under the conditions: if they are about documents, this engine can tell.
    pub(super) fn was_held(&self, table: &Table<'_>, seen: Option<&Item>) {
        if seen.is_some() && self.compares_documents(table) {
            table.engine.note_document_conditions();
        }
    }

    /// The conditions refused a record that is as it was read: if they are about documents, this engine cannot tell.
    pub(super) fn was_refused_as_read(&self, table: &Table<'_>) {
        if self.compares_documents(table) {
            table.engine.note_no_document_conditions();
        }
    }

    fn compares_documents(&self, table: &Table<'_>) -> bool {
        table.engine.compares_documents() && self.left_over.iter().any(|field| change::is_document(table.model, *field))
    }
}

fn is_text(model: &ModelSchema, field: usize, item: &Item) -> bool {
    item.get(model.field(field).column()).is_some_and(|attribute| attribute.is_s())
}
