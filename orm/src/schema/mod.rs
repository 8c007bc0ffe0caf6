//! What a model is, as data: fields, unique constraints, indexes and relations. Made by the derive, read by drivers.

mod event;
mod field;
mod foreign_keys;
mod portable;
mod relation;
mod set;

pub use event::SchemaEvent;
pub use field::{FieldDefault, FieldSchema, Reference};
#[doc(hidden)]
pub use relation::ForeignKeyTo;
pub use relation::{RelationKind, RelationSchema, Through};
pub use set::Schema;

use std::fmt::Display;

use crate::error::{Error, ErrorCode, ValueError};
use crate::kind::FieldKind;

/// A model: one table, its columns and constraints.
#[derive(Debug)]
pub struct ModelSchema {
    name: &'static str,
    table: &'static str,
    database_schema: Option<&'static str>,
    description: &'static str,
    id: usize,
    fields: &'static [FieldSchema],
    uniques: &'static [UniqueSchema],
    indexes: &'static [IndexSchema],
    relations: &'static [RelationSchema],
}

/// A unique constraint other than the id: no two records have the same values of its fields.
///
/// A record in which one of the fields is null is not constrained.
#[derive(Debug, PartialEq, Eq)]
pub struct UniqueSchema {
    fields: &'static [usize],
}

impl UniqueSchema {
    #[doc(hidden)]
    pub const fn new(fields: &'static [usize]) -> Self {
        Self { fields }
    }

    /// The places of its fields, in the order they were declared.
    pub const fn fields(&self) -> &'static [usize] {
        self.fields
    }
}

/// An index: records can be found by `hash`, and by `hash` in the order of `range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexSchema {
    hash: usize,
    range: Option<usize>,
}

impl IndexSchema {
    #[doc(hidden)]
    pub const fn new(hash: usize, range: Option<usize>) -> Self {
        Self { hash, range }
    }

    /// The place of the field that is looked up by equality.
    pub const fn hash(&self) -> usize {
        self.hash
    }

    /// The place of the field that orders the records of one hash.
    pub const fn range(&self) -> Option<usize> {
        self.range
    }
}

/// At most `N` indexes, each with whether the model has it: for that of a foreign key, the types of other fields tell, which
/// the derive does not know.
#[doc(hidden)]
#[derive(Debug)]
pub struct Indexes<const N: usize> {
    /// The indexes that the model has, and after those what is left of the array.
    all: [IndexSchema; N],
    len: usize,
}

impl<const N: usize> Indexes<N> {
    pub const fn new(indexes: [(IndexSchema, bool); N]) -> Self {
        let (mut all, mut len) = ([IndexSchema::new(0, None); N], 0);
        let (mut given, mut free) = (indexes.as_slice(), all.as_mut_slice());
        while let Some(((index, is_there), others)) = given.split_first() {
            given = others;
            if *is_there {
                let Some((place, others)) = free.split_first_mut() else { break };
                *place = *index;
                free = others;
                len += 1;
            }
        }
        Self { all, len }
    }

    /// Those that the model has.
    pub const fn list(&self) -> &[IndexSchema] {
        match self.all.split_at_checked(self.len) {
            Some((list, _)) => list,
            None => &[],
        }
    }
}

/// The derive's way of writing a schema down.
#[doc(hidden)]
impl ModelSchema {
    pub const fn new(name: &'static str, table: &'static str, id: usize, fields: &'static [FieldSchema]) -> Self {
        Self {
            name,
            table,
            database_schema: None,
            description: "",
            id,
            fields,
            uniques: &[],
            indexes: &[],
            relations: &[],
        }
    }

    pub const fn in_database_schema(mut self, database_schema: &'static str) -> Self {
        self.database_schema = Some(database_schema);
        self
    }

    pub const fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    pub const fn unique(mut self, uniques: &'static [UniqueSchema]) -> Self {
        self.uniques = uniques;
        self
    }

    pub const fn index(mut self, indexes: &'static [IndexSchema]) -> Self {
        self.indexes = indexes;
        self
    }

    pub const fn relate(mut self, relations: &'static [RelationSchema]) -> Self {
        self.relations = relations;
        self
    }
}

impl ModelSchema {
    /// The model's name in errors and lock keys: snake_case of the struct, or `#[orm(name = "..")]`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The table, without prefixes that a driver adds.
    pub const fn table(&self) -> &'static str {
        self.table
    }

    /// The database schema that the table is in, for stores that have such a thing.
    pub const fn database_schema(&self) -> Option<&'static str> {
        self.database_schema
    }

    /// The struct's doc comment.
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// The place of the id field.
    pub const fn id(&self) -> usize {
        self.id
    }

    /// The id as a constraint: the places of its one field.
    pub const fn id_constraint(&'static self) -> &'static [usize] {
        std::slice::from_ref(&self.id)
    }

    /// The id field.
    pub fn id_field(&self) -> &'static FieldSchema {
        self.field(self.id)
    }

    /// All fields, in the order of the struct.
    pub const fn fields(&self) -> &'static [FieldSchema] {
        self.fields
    }

    /// The field at a place. Places come from this schema, so there always is a field; for any other place it is one
    /// without a name.
    pub fn field(&self, index: usize) -> &'static FieldSchema {
        self.fields.get(index).unwrap_or(&FieldSchema::UNKNOWN)
    }

    /// The unique constraints other than the id: first the unique fields, then the compound keys.
    pub const fn uniques(&self) -> &'static [UniqueSchema] {
        self.uniques
    }

    /// The indexes, those of foreign keys among them.
    pub const fn indexes(&self) -> &'static [IndexSchema] {
        self.indexes
    }

    /// The relations, in the order they were declared.
    pub const fn relations(&self) -> &'static [RelationSchema] {
        self.relations
    }

    /// The names of the fields at these places.
    pub fn field_names(&self, fields: &[usize]) -> Vec<&'static str> {
        fields.iter().map(|index| self.field(*index).name()).collect()
    }

    /// An error about one field: its message begins with the field's name.
    pub(crate) fn field_error(&'static self, code: ErrorCode, field: usize, text: impl Display) -> Error {
        let name = self.field(field).name();
        Error::new(code, format!("`{}.{name}`{text}", self.name)).with_model(self).with_fields(vec![name])
    }

    /// The error for a value that cannot be stored in a field of this model.
    pub fn invalid_value(&'static self, field: usize, error: &ValueError) -> Error {
        self.field_error(ErrorCode::InvalidValue, field, format_args!(": {error}"))
    }

    /// What to call the record with this id in a message. A text that every create is given may be a secret, as the token of a
    /// session, and is not shown.
    pub fn record_name(&self, id: &str) -> impl Display {
        let field = self.id_field();
        let is_given = matches!(field.default_value(), FieldDefault::None);
        if is_given && matches!(field.kind(), FieldKind::String | FieldKind::Uuid) {
            "a record (its id is not shown, as it may be a secret)".to_owned()
        } else {
            format!("the record with id {id}")
        }
    }

    /// The error for a stored value that the field's type cannot be read from.
    pub fn decode_error(&'static self, field: usize, id: &str, error: &ValueError) -> Error {
        let schema = self.field(field);
        let column = match schema.column() {
            column if column == schema.name() => String::new(),
            column => format!(" (column `{column}`)"),
        };
        let text = format_args!("{column} of {} cannot be read: {error}", self.record_name(id));
        self.field_error(ErrorCode::Decode, field, text)
    }

    pub(crate) fn require_ordered(&'static self, field: usize) -> Result<(), Error> {
        let kind = self.field(field).kind();
        let text =
            "cannot be ordered or compared with `gt`, `lt` and the like: let `encode` return text, a number or a time";
        self.require(field, text, kind.is_ordered())
    }

    pub(crate) fn require_comparable(&'static self, field: usize, other: usize) -> Result<(), Error> {
        let other = self.field(other);
        let (name, kind) = (other.name(), other.kind());
        let text = format_args!(
            "cannot be compared with `{name}`, which is encoded as {kind}: both need the same kind, which is not json"
        );
        self.require(field, text, self.field(field).kind().compares_with(kind))
    }

    pub(crate) fn require_nullable(&'static self, field: usize) -> Result<(), Error> {
        let schema = self.field(field);
        // A document may be null by itself.
        let may_be_null = schema.is_nullable() || schema.kind() == FieldKind::Json;
        let text = "is never null: leave `is_null` and `is_not_null` out, or let `encode` return an `Option`";
        self.require(field, text, may_be_null)
    }

    pub(crate) fn require_text(&'static self, field: usize) -> Result<(), Error> {
        let kind = self.field(field).kind();
        self.require(field, "cannot be searched: let `encode` return a `String`", kind.is_text())
    }

    pub(crate) fn require_number(&'static self, field: usize) -> Result<(), Error> {
        let kind = self.field(field).kind();
        self.require(field, "cannot be incremented: let `encode` return a number", kind.is_number())
    }

    /// What an operator asks of a field whose kind is that of what its `with = module` encodes it as.
    fn require(&'static self, field: usize, otherwise: impl Display, holds: bool) -> Result<(), Error> {
        if holds {
            return Ok(());
        }
        let text = format_args!(" is encoded as {}, and {otherwise}", self.field(field).kind());
        Err(self.field_error(ErrorCode::InvalidQuery, field, text))
    }
}

impl PartialEq for ModelSchema {
    /// Two models are the same when they are one and the same schema.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
