//! What a write asks of its record besides the key: a filter, as conditions of the request and what is left of it.

use orm::schema::ModelSchema;
use orm::{Condition, Error};

use super::change;
use crate::condition::{into_parts, merge, only_field, simplify};
use crate::expression::{Conjunction, Expressions, Reserved, fitting, numbers_or_texts};
use crate::item;
use crate::table::{Item, Table};
use crate::values::{Values, distinct};

/// How much of an expression is kept for what a write asks besides its filter: keys, what was read, ranges, tokens.
const FOR_THE_WRITE: Reserved = Reserved { bytes: 1600, operators: 100 };

/// A filter, for a write of one record.
pub(super) struct WriteFilter<'q> {
    whole: &'q Condition,
    /// The fields that it is about.
    fields: Vec<usize>,
    /// Whether it is known to hold for no record.
    is_never: bool,
    /// The parts of it that DynamoDB can check with the write.
    checked: Vec<Part>,
    /// Whether there are no other parts: the conditions of the write say the whole filter.
    is_checked: bool,
    /// The fields of the other parts, but for the id, which never changes.
    left_over: Vec<usize>,
}

/// A part of a filter that all records have to meet.
struct Part {
    condition: Condition,
    /// The fields among its own whose numbers others may have stored as text. No condition compares such a number, nor finds
    /// it in another notation: then the record is judged by what was read.
    numbers: Vec<usize>,
}

impl Part {
    fn is_of_text(&self, model: &ModelSchema, item: &Item) -> bool {
        let is_text = |field: &usize| item.get(model.field(*field).column()).is_some_and(|attribute| attribute.is_s());
        self.numbers.iter().any(is_text)
    }
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
        let mut parts = into_parts(simplify(whole.clone()));
        let is_never = merge(parts.clone()).is_none();
        parts.retain(is_asked);
        let (checked, left_over) = fitting(model, parts, FOR_THE_WRITE);
        let part = |condition| Part { numbers: distinct(numbers_or_texts(model, &condition)), condition };
        let checked = checked.into_iter().map(part).collect();
        let is_checked = left_over.is_empty();
        let left_over = left_over.iter().flat_map(Condition::fields).filter(|field| *field != model.id());
        let left_over = distinct(left_over);
        Self { whole, fields: whole.fields(), is_never, checked, is_checked, left_over }
    }

    /// The fields that it is about.
    pub(super) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// Whether it is known to hold for no record, so that there is nothing to ask for.
    pub(super) const fn is_never(&self) -> bool {
        self.is_never
    }

    /// Refuses a record with a value in a form that no condition finds. Numbers are compared in any.
    ///
    /// # Errors
    /// `Decode`, naming the field.
    pub(super) fn check_form(&self, model: &'static ModelSchema, item: &Item) -> Result<(), Error> {
        let is_number = |field: &usize| self.checked.iter().any(|part| part.numbers.contains(field));
        let fields = self.checked.iter().flat_map(|part| part.condition.fields());
        item::check_form(model, fields.filter(|field| !is_number(field)), item)
    }

    /// Whether it holds for a record as it was read.
    ///
    /// # Errors
    /// Those of [`check_form`](Self::check_form), and what cannot be read.
    pub(super) fn holds_for(&self, model: &'static ModelSchema, item: &Item) -> Result<bool, Error> {
        self.check_form(model, item)?;
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
    pub(super) fn has_numbers(&self) -> bool {
        self.checked.iter().any(|part| !part.numbers.is_empty())
    }

    /// Whether a condition may have refused this item for how a number is stored, rather than for the number.
    pub(super) fn may_hold_for_text(&self, model: &ModelSchema, item: &Item) -> bool {
        self.checked.iter().any(|part| part.is_of_text(model, item))
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
        let mut unchanged: Vec<usize> = self.left_over.iter().chain(also).copied().collect();
        for part in &self.checked {
            if seen.is_some_and(|item| part.is_of_text(table.model, item)) {
                unchanged.extend(part.condition.fields());
                continue;
            }
            expressions.operand(&part.condition, all.and());
            for field in &part.numbers {
                expressions.is_no_text(*field, all.and());
            }
        }
        if let Some(item) = seen {
            change::unchanged_item(table, &distinct(unchanged), item, expressions, all);
        }
    }

    /// A write of a record that was read was made under the conditions: if they are about documents, this engine can tell.
    pub(super) fn note_held(&self, table: &Table<'_>, seen: Option<&Item>) {
        if seen.is_some() && self.compares_documents(table) {
            table.engine.note_document_conditions();
        }
    }

    /// The conditions refused a record that is as it was read, for which the filter holds: if they are about documents, this
    /// engine cannot tell.
    pub(super) fn note_refused_as_read(&self, table: &Table<'_>) {
        if self.compares_documents(table) {
            table.engine.note_no_document_conditions();
        }
    }

    fn compares_documents(&self, table: &Table<'_>) -> bool {
        table.engine.compares_documents() && self.left_over.iter().any(|field| change::is_document(table.model, *field))
    }
}
