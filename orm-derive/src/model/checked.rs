//! A model without contradictions: all that the expansion needs, so that it cannot fail.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Attribute, Path, Visibility};

use crate::tokens;

/// A model.
pub(super) struct Model {
    /// The path of `orm`.
    pub(super) krate: TokenStream,
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) docs: Option<String>,
    pub(super) name: String,
    pub(super) table: String,
    pub(super) database_schema: Option<String>,
    pub(super) id: Field,
    /// All fields, the id among them.
    pub(super) fields: Vec<Field>,
    /// The places of the fields of each unique constraint.
    pub(super) uniques: Vec<Vec<usize>>,
    pub(super) keys: Vec<CompoundKey>,
    pub(super) indexes: Vec<Index>,
    /// The user's words for fields of indexes, and those fields.
    pub(super) indexed: Vec<(Ident, Field)>,
    /// `#[allow(deprecated)]` and the like, for what is said about indexes.
    pub(super) levels: Vec<Attribute>,
    /// `#[allow(deprecated)]` for all items, where it is to be.
    pub(super) allow_deprecated: Option<Attribute>,
    pub(super) relations: Vec<Relation>,
    /// The name of the create builder.
    pub(super) builder: Ident,
    /// Whether the module knows the `#[diagnostic]` attributes, which are part of the prelude.
    pub(super) diagnostics: bool,
    /// Identifiers that the generated code must not use for its own items.
    pub(super) taken: Vec<String>,
}

impl Model {
    /// The path of `orm`, placed at the user's words that it has to do with: rustc points there.
    pub(super) fn krate_at(&self, at: Span) -> TokenStream {
        tokens::located(self.krate.clone(), at)
    }

    /// What the column type of the field has as a `Column`.
    pub(super) fn column(&self, field: &Field, item: &str) -> TokenStream {
        tokens::demand(&self.column_type(field), &self.krate, "Column", item, None)
    }

    /// A call of a function that the column type of the field has as a `Column`.
    pub(super) fn call(&self, field: &Field, function: &str, arguments: TokenStream) -> TokenStream {
        tokens::demand(&self.column_type(field), &self.krate, "Column", function, Some(arguments))
    }

    /// What another model has as a `Model`.
    pub(super) fn model(&self, model: &TokenStream, item: &str) -> TokenStream {
        tokens::demand(model, &self.krate, "Model", item, None)
    }

    /// The column type of the field.
    pub(super) fn column_type(&self, field: &Field) -> TokenStream {
        let Field { ty, place, .. } = field;
        let (krate, ident, place) = (self.krate_at(field.span()), &self.ident, Literal::usize_unsuffixed(*place));
        match &field.with {
            Some(_) => quote_spanned!(field.span()=> #krate::With<#ty, #ident, #place>),
            None => ty.clone(),
        }
    }

    /// An identifier that nothing else in the generated code has.
    pub(super) fn fresh(&self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while self.taken.contains(&name) {
            name.push('_');
        }
        Ident::new(&name, Span::call_site())
    }
}

/// A field.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) place: usize,
    pub(super) ident: Ident,
    pub(super) constant: Ident,
    pub(super) ty: TokenStream,
    /// Whether its type stands in for the one that the user wrote, about which there is an error.
    pub(super) stands_in: bool,
    pub(super) optional: bool,
    pub(super) name: String,
    pub(super) column: String,
    pub(super) docs: Option<String>,
    pub(super) role: Role,
    pub(super) default: Option<FieldDefault>,
    /// Whether it is an id that every create has to give.
    pub(super) is_given: bool,
    pub(super) references: Option<Reference>,
    /// The module with `encode` and `decode`.
    pub(super) with: Option<Path>,
}

impl Field {
    /// Whether it is an id that is generated when a create is not given it, if its type allows that. What a custom encoding
    /// makes of one is not for the derive to know.
    pub(super) fn is_generated(&self) -> bool {
        self.role == Role::Id && !self.is_given && self.default.is_none() && self.with.is_none()
    }

    /// The place of its type in the source, for code that demands something of the type.
    pub(super) fn span(&self) -> Span {
        Span::call_site().located_at(self.ty.span())
    }
}

/// What an equality on the field finds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Unique,
    Plain,
}

/// What a create stores when it is not given the field.
#[derive(Clone)]
pub(super) enum FieldDefault {
    /// An expression.
    Value(TokenStream),
    Now,
    /// The database makes it up.
    Database,
}

/// The field that a foreign key refers to.
#[derive(Clone)]
pub(super) struct Reference {
    pub(super) model: TokenStream,
    pub(super) constant: Ident,
}

/// A unique constraint over several fields.
pub(super) struct CompoundKey {
    pub(super) constant: Ident,
    pub(super) fields: Vec<Field>,
}

/// An index.
pub(super) struct Index {
    pub(super) hash: usize,
    pub(super) range: Option<usize>,
    /// The ranges of other indexes of this hash. This index exists only if each of them is nullable: an index has no records
    /// whose range is null. Without others it always exists.
    pub(super) unless: Vec<usize>,
}

/// A relation.
pub(super) struct Relation {
    pub(super) ident: Ident,
    pub(super) constant: Ident,
    pub(super) name: String,
    pub(super) target: TokenStream,
    pub(super) is_many: bool,
    pub(super) link: Link,
}

/// How a relation leads to its target. Constants of other models have the span of the user's word.
pub(super) enum Link {
    HasOne {
        foreign_key: Ident,
    },
    HasMany {
        foreign_key: Ident,
    },
    BelongsTo {
        foreign_key: Box<Field>,
    },
    ManyToMany {
        through: TokenStream,
        from: Ident,
        to: Ident,
    },
    /// There is an error about it already.
    Unknown,
}
