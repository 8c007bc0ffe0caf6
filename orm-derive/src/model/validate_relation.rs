//! Checks relations, and decides which indexes a model has.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

use super::checked::{CompoundKey, Field, Index, Link, Relation, Role};
use super::parse::ModelInput;
use super::relation::{self, RelationInput};
use super::validate::{find, find_all, ident_at};
use crate::case;
use crate::context::Context;

/// The functions that every model has: an accessor of the same name would hide them.
const FUNCTIONS: [&str; 17] = [
    "create",
    "create_many",
    "insert",
    "find_unique",
    "find_first",
    "find_many",
    "count",
    "update",
    "update_many",
    "upsert",
    "delete",
    "delete_many",
    "consume",
    "schema",
    "id_of",
    "from_row",
    "into_draft",
];

/// The relations with their foreign keys found.
pub(super) fn relations(
    input: &ModelInput,
    fields: &[Field],
    keys: &[CompoundKey],
    context: &Context,
) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    for relation in &input.relations {
        let plain = relation.name.unraw().to_string();
        let constant = case::constant(&plain);
        let link = link(relation, fields, context);
        if let Some(message) = clash(&plain, &constant, input, fields, keys, &relations) {
            context.error(&relation.name, message);
            continue;
        }
        relations.push(Relation {
            ident: relation.name.clone(),
            constant: ident_at(&constant, relation.name.span()),
            name: plain,
            target: relation.target.clone(),
            is_many: relation.is_many,
            link,
        });
    }
    relations
}

/// What is wrong with the name of a relation.
fn clash(
    name: &str,
    constant: &str,
    input: &ModelInput,
    fields: &[Field],
    keys: &[CompoundKey],
    before: &[Relation],
) -> Option<String> {
    let model = &input.ident;
    if before.iter().any(|other| other.constant == constant) {
        Some(format!("there is a relation `{name}` already: name one of them otherwise"))
    } else if fields.iter().any(|field| field.constant == constant) {
        Some(format!("there is a field `{name}` already: name the relation otherwise"))
    } else if keys.iter().any(|key| key.constant == constant) {
        Some(format!("`{constant}` is a unique constraint's constant already: name the relation otherwise"))
    } else if name == constant {
        Some(format!("the constant and the accessor of this relation would both be `{name}`: give it a small letter"))
    } else if FUNCTIONS.contains(&name) {
        Some(format!("a relation named `{name}` would hide `{model}::{name}`: name it otherwise"))
    } else if constant == "ALL" {
        Some(format!("a relation named `{name}` would hide `{model}::ALL`: name it otherwise"))
    } else {
        None
    }
}

fn link(relation: &RelationInput, fields: &[Field], context: &Context) -> Link {
    // A constant of another model: when there is none, rustc says so on the user's word.
    let constant = |word: &Ident| Ident::new(&case::constant(&word.unraw().to_string()), word.span());
    match &relation.link {
        None => Link::Unknown,
        Some(relation::Link::HasOne { foreign_key }) => Link::HasOne { foreign_key: constant(foreign_key) },
        Some(relation::Link::HasMany { foreign_key }) => Link::HasMany { foreign_key: constant(foreign_key) },
        Some(relation::Link::BelongsTo { foreign_key, .. }) => match find(foreign_key, fields, context) {
            Some(field) => {
                let mut field = field.clone();
                field.constant.set_span(Span::call_site().located_at(foreign_key.span()));
                Link::BelongsTo { foreign_key: Box::new(field) }
            }
            None => Link::Unknown,
        },
        Some(relation::Link::ManyToMany { through, from, to }) => {
            if from.unraw() == to.unraw() {
                context.error(to, "`from` and `to` are two foreign keys: this is the same one");
            }
            Link::ManyToMany { through: through.clone(), from: constant(from), to: constant(to) }
        }
    }
}

/// The declared indexes, then those of foreign keys that can be found in no other way.
pub(super) fn indexes(input: &ModelInput, fields: &[Field], relations: &[Relation], context: &Context) -> Vec<Index> {
    let declared = |hash: usize, range: Option<usize>| Index { hash, range, unless: Vec::new() };
    let mut indexes: Vec<Index> = Vec::new();
    for (parsed, field) in input.fields.iter().zip(fields) {
        if parsed.index.get().is_some() && field.role != Role::Id {
            indexes.push(declared(field.place, None));
        }
    }
    for set in &input.indexes {
        if let Some(third) = set.fields.get(2) {
            context.error(third, "an index has a hash and a range: `index(hash, range)`");
            continue;
        }
        let Some(found) = find_all(set, fields, context) else { continue };
        let index = match found.as_slice() {
            [hash, ..] if hash.role == Role::Id => {
                let message =
                    format!("`{}` is the id, by which a record is found without an index: remove this", hash.ident);
                context.error(&set.word, message);
                continue;
            }
            [hash] => declared(hash.place, None),
            [hash, range] => declared(hash.place, Some(range.place)),
            _ => continue,
        };
        if indexes.iter().any(|other| (other.hash, other.range) == (index.hash, index.range)) {
            context.error(&set.word, "this index is there already: remove one");
        } else {
            indexes.push(index);
        }
    }
    for relation in &input.relations {
        let Some(relation::Link::BelongsTo { index: true, .. }) = &relation.link else { continue };
        let known = relations.iter().find(|known| known.ident == relation.name);
        let Some(Relation { link: Link::BelongsTo { foreign_key: field }, .. }) = known else {
            continue;
        };
        let of_the_key = || indexes.iter().filter(|index| index.hash == field.place);
        if field.role == Role::Plain && of_the_key().all(|index| index.range.is_some()) {
            // An index whose range may be null lacks records: it does not serve the relation. Whether it may be, only the type
            // of the range knows, whatever it is called.
            let unless = of_the_key().filter_map(|index| index.range).collect();
            indexes.push(Index { hash: field.place, range: None, unless });
        }
    }
    indexes
}

/// The words that put a field into an index, and that field.
pub(super) fn indexed(input: &ModelInput, fields: &[Field]) -> Vec<(Ident, Field)> {
    let of_fields = input.fields.iter().zip(fields).filter(|(_, field)| field.role != Role::Id);
    let of_fields = of_fields.filter_map(|(parsed, field)| Some((parsed.index.word()?, field)));
    let of_sets = input.indexes.iter().flat_map(|set| &set.fields);
    let of_sets =
        of_sets.filter_map(|word| Some((word, fields.iter().find(|field| field.ident.unraw() == word.unraw())?)));
    of_fields.chain(of_sets).map(|(word, field)| (word.clone(), field.clone())).collect()
}
