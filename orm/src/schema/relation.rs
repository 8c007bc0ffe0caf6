//! One relation of a model, as data.

use super::ModelSchema;
use crate::field::Field;
use crate::types::Column;

/// How two models are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelationKind {
    /// At most one record of the target has this record's id in its foreign key.
    HasOne,
    /// Any number of records of the target have this record's id in their foreign key.
    HasMany,
    /// This record's foreign key holds the target's id.
    BelongsTo,
    /// Records of a third model connect the two.
    ManyToMany,
}

impl RelationKind {
    /// Whether it leads to any number of records, rather than to one or none.
    pub const fn is_many(self) -> bool {
        matches!(self, Self::HasMany | Self::ManyToMany)
    }
}

/// A relation: from `local` of its own model to `foreign` of the target, by way of [`Through`] or not.
#[derive(Debug)]
pub struct RelationSchema {
    name: &'static str,
    kind: RelationKind,
    target: fn() -> &'static ModelSchema,
    local: Option<usize>,
    foreign: Option<usize>,
    through: Option<Through>,
}

/// The model whose records connect the two sides of a many-to-many relation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Through {
    /// The model in between.
    pub model: fn() -> &'static ModelSchema,
    /// The place of its field that holds the id of the relation's own model.
    pub from: usize,
    /// The place of its field that holds the id of the target.
    pub to: usize,
}

/// A type of field that can hold an id of type `I`: the same type, or an `Option` of it. The kinds `K` of the field and `L` of
/// the id tell an encoding of its own from none.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{Self}` cannot hold an id of type `{I}`",
    label = "expected `{I}` or `Option<{I}>`, with `#[orm(with = ..)]` if the id has it",
    note = "a foreign key has the type of the id or an `Option` of it, and `#[orm(with = ..)]` where the id has it, and only there"
)]
#[doc(hidden)]
pub trait ForeignKeyTo<I, K, L> {}

#[diagnostic::do_not_recommend]
impl<I, K> ForeignKeyTo<I, K, K> for I {}
#[diagnostic::do_not_recommend]
impl<I, K> ForeignKeyTo<I, K, K> for Option<I> {}

/// The derive's way of writing a relation down.
#[doc(hidden)]
impl RelationSchema {
    /// Demands that the foreign key `F` of a relation can hold an id of type `I`.
    pub const fn foreign_key<I: Column, O, F: Column, U>(field: Field<O, F, U>) -> usize
    where
        F::Rust: ForeignKeyTo<I::Rust, F::Kind, I::Kind>,
    {
        field.index()
    }

    pub const fn has_one(name: &'static str, target: fn() -> &'static ModelSchema, foreign_key: usize) -> Self {
        Self { name, kind: RelationKind::HasOne, target, local: None, foreign: Some(foreign_key), through: None }
    }

    pub const fn has_many(name: &'static str, target: fn() -> &'static ModelSchema, foreign_key: usize) -> Self {
        Self { name, kind: RelationKind::HasMany, target, local: None, foreign: Some(foreign_key), through: None }
    }

    pub const fn belongs_to(name: &'static str, target: fn() -> &'static ModelSchema, foreign_key: usize) -> Self {
        Self { name, kind: RelationKind::BelongsTo, target, local: Some(foreign_key), foreign: None, through: None }
    }

    pub const fn many_to_many(
        name: &'static str,
        target: fn() -> &'static ModelSchema,
        through: fn() -> &'static ModelSchema,
        from: usize,
        to: usize,
    ) -> Self {
        Self {
            name,
            kind: RelationKind::ManyToMany,
            target,
            local: None,
            foreign: None,
            through: Some(Through { model: through, from, to }),
        }
    }
}

impl RelationSchema {
    /// The name in queries and results.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How the two models are related.
    pub const fn kind(&self) -> RelationKind {
        self.kind
    }

    /// The model that it leads to.
    pub fn target(&self) -> &'static ModelSchema {
        (self.target)()
    }

    /// The place, in the relation's own `model`, of the field whose value is looked up: the foreign key of a
    /// `belongs_to`, otherwise the id.
    pub fn local(&self, model: &ModelSchema) -> usize {
        self.local.unwrap_or(model.id())
    }

    /// The place, in the target, of the field that holds the value: the foreign key of a `has_one` or `has_many`,
    /// otherwise the id.
    pub fn foreign(&self) -> usize {
        self.foreign.unwrap_or_else(|| self.target().id())
    }

    /// The model in between, of a `many_to_many`.
    pub const fn through(&self) -> Option<Through> {
        self.through
    }
}
