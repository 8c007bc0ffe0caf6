//! The typed constants of fields, keys and relations, and the accessors: `User::EMAIL`, `ada.sessions()`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;

use super::super::checked::{CompoundKey, Field, FieldDefault, Link, Model, Relation, Role};
use super::create;

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { ident, allow_deprecated, .. } = model;
    let lints = super::lints();
    let fields = model.fields.iter().map(|field| field_constant(model, field));
    let keys = model.keys.iter().map(|key| key_constant(model, key));
    let relations = model.relations.iter().enumerate().map(|(place, relation)| relation_items(model, place, relation));
    let create = create::start(model);
    quote! {
        #lints
        #allow_deprecated
        impl #ident {
            #(#fields)*
            #(#keys)*
            #(#relations)*
            #create
        }
    }
}

fn field_constant(model: &Model, field: &Field) -> TokenStream {
    let Model { krate, vis, .. } = model;
    let Field { constant, docs, .. } = field;
    let place = super::place(field.place);
    let column = model.column_type(field);
    let role = match field.role {
        Role::Id => quote!(Id),
        Role::Unique => quote!(Unique),
        Role::Plain => quote!(Plain),
    };
    let facts = facts(field);
    let between = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    quote! {
        #(#docs)*
        #between
        #[doc = #facts]
        #vis const #constant: #krate::Field<Self, #column, #krate::#role> = #krate::Field::new(#place);
    }
}

fn facts(field: &Field) -> String {
    let name = &field.name;
    let mut facts: Vec<String> = kind(field).into_iter().collect();
    facts.push(format!("column `{}`", field.column));
    match field.role {
        Role::Id => facts.push("the model's id".to_owned()),
        Role::Unique => facts.push("unique".to_owned()),
        Role::Plain => {}
    }
    match &field.default {
        Some(FieldDefault::Value(value)) => facts.push(format!("default `{}`", super::text(value))),
        Some(FieldDefault::Now) => facts.push("default the time of the create".to_owned()),
        Some(FieldDefault::Database) => facts.push("made up by the database".to_owned()),
        None => {}
    }
    format!("The field `{name}`: {}.", facts.join(", "))
}

/// The kind of a type that is written as everybody writes it; of others only the compiler knows it.
fn kind(field: &Field) -> Option<String> {
    let written = field.ty.to_string().replace(' ', "");
    let inner = if field.optional { written.split_once('<')?.1.strip_suffix('>')? } else { &written };
    let kind = match inner.split('<').next()?.rsplit("::").next()? {
        _ if field.with.is_some() => "custom encoding",
        "String" => "string",
        "bool" => "boolean",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" => "integer",
        "u64" | "i128" | "u128" => "bigint",
        "Decimal" => "decimal",
        "DateTime" | "Timestamp" => "datetime",
        "Uuid" => "uuid",
        "Json" | "Value" => "json",
        _ => return field.optional.then(|| "nullable".to_owned()),
    };
    Some(if field.optional { format!("nullable {kind}") } else { kind.to_owned() })
}

fn key_constant(model: &Model, key: &CompoundKey) -> TokenStream {
    let Model { krate, vis, .. } = model;
    let CompoundKey { constant, fields } = key;
    let types = fields.iter().map(|field| model.column_type(field));
    let places = fields.iter().map(|field| super::place(field.place));
    let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    let doc = format!("The unique key of {}.", names.join(", "));
    quote! {
        #[doc = #doc]
        #vis const #constant: #krate::CompoundKey<Self, (#(#types),*)> =
            #krate::CompoundKey::new(&[#(#places),*]);
    }
}

fn relation_items(model: &Model, place: usize, relation: &Relation) -> TokenStream {
    let Model { krate, vis, .. } = model;
    let Relation { ident, constant, target, name, .. } = relation;
    let place = super::place(place);
    let cardinality = if relation.is_many { quote!(Many) } else { quote!(One) };
    let local = match &relation.link {
        Link::BelongsTo { foreign_key } => foreign_key.as_ref(),
        _ => &model.id,
    };
    let (field, value) = (super::place(local.place), &local.ident);
    // A word at the field's type: rustc points at it when the type cannot be cloned.
    let word = Ident::new("__value", local.ty.span());
    let relate = model.call(local, "relate", quote!(Self::#constant, #field, #word));
    let what = format!("The relation `{name}`: {}.", described(relation));
    let accessor = format!("Loads `{name}` of this record.");
    quote! {
        #[doc = #what]
        #vis const #constant: #krate::Relation<Self, #target, #krate::#cardinality> = #krate::Relation::new(#place);

        #[doc = #accessor]
        #vis fn #ident(&self) -> #krate::Related<Self, #target, #krate::#cardinality> {
            let #word = &self.#value;
            #relate
        }
    }
}

fn described(relation: &Relation) -> String {
    let target = super::text(&relation.target);
    match &relation.link {
        Link::HasOne { foreign_key } => format!("the `{target}` whose `{foreign_key}` is this record's id"),
        Link::HasMany { foreign_key } => format!("every `{target}` whose `{foreign_key}` is this record's id"),
        Link::BelongsTo { foreign_key } => format!("the `{target}` that `{}` names", foreign_key.name),
        Link::ManyToMany { through, .. } => format!("every `{target}` that a `{}` connects", super::text(through)),
        Link::Unknown => format!("to `{target}`"),
    }
}
