//! The typed constants of fields, keys and relations, and the accessors: `User::EMAIL`, `ada.sessions()`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::checked::{CompoundKey, Default, Field, Link, Model, Relation, Role};
use super::create;

pub(super) fn expand(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let lints = super::lints();
    let fields = model.fields.iter().map(|field| field_constant(model, field));
    let keys = model.keys.iter().map(|key| key_constant(model, key));
    let relations = model.relations.iter().enumerate().map(|(place, relation)| relation_items(model, place, relation));
    let create = create::start(model);
    quote! {
        #lints
        impl #ident {
            #(#fields)*
            #(#keys)*
            #(#relations)*
            #create
        }
    }
}

/// The column type of the handle.
pub(super) fn column_type(model: &Model, field: &Field) -> TokenStream {
    let ty = &field.ty;
    let krate = model.krate_at(field.span());
    match &field.with {
        Some(_) => quote_spanned!(field.span()=> #krate::With<#ty>),
        None => ty.clone(),
    }
}

fn field_constant(model: &Model, field: &Field) -> TokenStream {
    let vis = &model.vis;
    let krate = model.krate_at(field.span());
    let Field { constant, docs, ty, .. } = field;
    let place = super::place(field.place);
    let column = column_type(model, field);
    let role = match field.role {
        Role::Id => quote!(Id),
        Role::Unique => quote!(Unique),
        Role::Plain => quote!(Plain),
    };
    let facts = facts(field);
    let between = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    let handle = match &field.with {
        // All of it at the user's word for the module: a function of another type is an error there.
        Some(with) => quote_spanned! {with.span()=>
            #krate::Field::custom(
                #place,
                |value: #ty| #krate::__private::encode_with(#with::encode(&value)),
                |value| #krate::__private::decode_with(#with::decode, value),
            )
        },
        None => quote_spanned!(field.span()=> #krate::Field::new(#place)),
    };
    let constant = quote_spanned! {field.span()=>
        const #constant: #krate::Field<Self, #column, #krate::#role> = #handle;
    };
    quote! {
        #(#docs)*
        #between
        #[doc = #facts]
        #vis #constant
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
        Some(Default::Value(value)) => facts.push(format!("default `{}`", super::text(value))),
        Some(Default::Now) => facts.push("default the time of the create".to_owned()),
        Some(Default::Database) => facts.push("made up by the database".to_owned()),
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
    let types = fields.iter().map(|field| column_type(model, field));
    let constants = fields.iter().map(|field| &field.constant);
    let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    let doc = format!("The unique key of {}.", names.join(", "));
    quote! {
        #[doc = #doc]
        #vis const #constant: #krate::CompoundKey<Self, (#(#types),*)> =
            #krate::CompoundKey::new((#(Self::#constants.slot()),*));
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
    let (field, value) = (&local.constant, &local.ident);
    let at = proc_macro2::Span::call_site().located_at(target.span());
    let spanned_krate = model.krate_at(at);
    let mut located = constant.clone();
    located.set_span(at);
    let relation_handle = quote_spanned!(at=> Self::#located);
    let of = quote_spanned!(at=> #spanned_krate::Relation::of);
    let what = format!("The relation `{name}`: {}.", described(relation));
    let accessor = format!("Loads `{name}` of this record.");
    quote! {
        #[doc = #what]
        #vis const #constant: #krate::Relation<Self, #target, #krate::#cardinality> = #krate::Relation::new(#place);

        #[doc = #accessor]
        #vis fn #ident(&self) -> #krate::Related<Self, #target, #krate::#cardinality> {
            #of(#relation_handle, Self::#field, &self.#value)
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
