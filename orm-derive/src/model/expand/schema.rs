//! The model as data.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::super::checked::{Field, FieldDefault, Index, Link, Model, Reference, Relation, Role};
use crate::tokens;

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, name, table, .. } = model;
    let id = super::place(model.id.place);
    let fields = model.fields.iter().map(|field| field_schema(model, field));
    let database_schema = model.database_schema.iter().map(|name| quote!(.in_database_schema(#name)));
    let description = model.docs.iter().map(|text| quote!(.describe(#text)));
    let uniques = list(
        quote!(unique),
        model.uniques.iter().map(|places| {
            let places = places.iter().map(|place| super::place(*place));
            quote!(#krate::__private::UniqueSchema::new(&[#(#places),*]))
        }),
    );
    let indexes = indexes(model);
    let relations =
        list(quote!(relate), model.relations.iter().filter_map(|relation| relation_schema(model, relation)));
    quote! {
        #krate::__private::ModelSchema::new(#name, #table, #id, &[#(#fields),*])
            #(#database_schema)* #(#description)* #uniques #indexes #relations
    }
}

/// The indexes. Where it depends on the types of fields whether there is one, that is found out as the schema is made.
fn indexes(model: &Model) -> Option<TokenStream> {
    let krate = &model.krate;
    let index = |index: &Index| {
        let (hash, range) = (super::place(index.hash), option(index.range));
        quote!(#krate::__private::IndexSchema::new(#hash, #range))
    };
    if model.indexes.iter().all(|index| index.unless.is_empty()) {
        return list(quote!(index), model.indexes.iter().map(index));
    }
    let indexes = model.indexes.iter().map(|each| {
        let others = each.unless.iter().filter_map(|place| model.fields.get(*place));
        let nullable = others.map(|field| {
            let facts = model.column(field, "FACTS");
            quote!(#facts.is_nullable())
        });
        let (index, nullable) = (index(each), nullable.collect::<Vec<_>>());
        if nullable.is_empty() { quote!((#index, true)) } else { quote!((#index, #(#nullable)&&*)) }
    });
    Some(quote!(.index(const { &#krate::__private::Indexes::new([#(#indexes),*]) }.list())))
}

/// Calls what is deprecated for the kinds that have no index, at the user's word, and as if the user had written it:
/// rustc says nothing about what is deprecated inside of a derive.
pub(super) fn index_warnings(model: &Model) -> Option<TokenStream> {
    let Model { krate, levels, .. } = model;
    let calls = model.indexed.iter().map(|(word, field)| {
        let column = model.column_type(field);
        let index = Ident::new("index", word.span());
        quote!(#krate::__private::Indexed::<#column>::new().kind().#index();)
    });
    (!model.indexed.is_empty()).then(|| {
        quote! {
            #(#levels)*
            const _: fn() = || {
                // Of a crate that a macro names by `$crate`, rustc says that it is not used.
                #[allow(unused_imports)]
                use #krate::__private::AnyKind as _;
                #(#calls)*
            };
        }
    })
}

fn list(method: TokenStream, items: impl Iterator<Item = TokenStream>) -> Option<TokenStream> {
    let items: Vec<TokenStream> = items.collect();
    (!items.is_empty()).then(|| quote!(.#method(&[#(#items),*])))
}

fn option(place: Option<usize>) -> TokenStream {
    match place {
        Some(place) => {
            let place = super::place(place);
            quote!(::core::option::Option::Some(#place))
        }
        None => quote!(::core::option::Option::None),
    }
}

fn field_schema(model: &Model, field: &Field) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { name, column, .. } = field;
    let in_struct = field.ident.to_string();
    let in_struct = (in_struct != *name).then(|| quote!(.named_in_struct(#in_struct)));
    let facts = model.column(field, "FACTS");
    let default = default(model, field).map(|default| quote!(.default(#krate::__private::FieldDefault::#default)));
    let role = match field.role {
        Role::Id if field.is_generated() => Some(quote!(.id())),
        Role::Unique => Some(quote!(.unique())),
        Role::Id | Role::Plain => None,
    };
    let own = model.column_type(field);
    let references = field.references.as_ref().map(|Reference { model: other, constant }| {
        let schema = model.model(other, "schema");
        let other = tokens::known_model(other, krate);
        let place = quote_spanned!(constant.span()=> <#other>::#constant.referenced_by::<#own>());
        quote!(.references(#schema, #place))
    });
    let description = field.docs.iter().map(|text| quote!(.describe(#text)));
    quote!(#krate::__private::FieldSchema::new(#name, #column, #facts) #in_struct #default #role #references #(#description)*)
}

fn default(model: &Model, field: &Field) -> Option<TokenStream> {
    let value = match &field.default {
        Some(FieldDefault::Database) => return Some(quote!(Database)),
        Some(FieldDefault::Now) => {
            let now = model.column(field, "encode_now");
            return Some(quote!(Now(#now)));
        }
        Some(FieldDefault::Value(value)) => value.clone(),
        // The module says how nothing is stored.
        None if field.optional && field.with.is_some() => quote!(::core::option::Option::None),
        None => return None,
    };
    let encode = model.call(field, "encode_to_store", value);
    Some(quote!(Value(|| #encode)))
}

fn relation_schema(model: &Model, relation: &Relation) -> Option<TokenStream> {
    let Model { krate, ident, .. } = model;
    let Relation { name, target, .. } = relation;
    let model_schema = |other: &TokenStream| model.model(other, "schema");
    let leads_to = model_schema(target);
    // On the user's word for the foreign key, so that a type that does not fit is an error there.
    let foreign_key = |to: &TokenStream, owner: &TokenStream, constant: &Ident| {
        let krate = model.krate_at(constant.span());
        let id = model.model(to, "Id");
        let owner = tokens::known_model(owner, &model.krate);
        quote_spanned!(constant.span()=> #krate::__private::RelationSchema::foreign_key::<#id, _, _, _>(<#owner>::#constant))
    };
    let this = ident.to_token_stream();
    Some(match &relation.link {
        Link::HasOne { foreign_key: constant } => {
            let key = foreign_key(&this, target, constant);
            quote!(#krate::__private::RelationSchema::has_one(#name, #leads_to, #key))
        }
        Link::HasMany { foreign_key: constant } => {
            let key = foreign_key(&this, target, constant);
            quote!(#krate::__private::RelationSchema::has_many(#name, #leads_to, #key))
        }
        Link::BelongsTo { foreign_key: field } => {
            let key = foreign_key(target, &this, &field.constant);
            quote!(#krate::__private::RelationSchema::belongs_to(#name, #leads_to, #key))
        }
        Link::ManyToMany { through, from, to } => {
            let from = foreign_key(&this, through, from);
            let to = foreign_key(target, through, to);
            let between = model_schema(through);
            quote!(#krate::__private::RelationSchema::many_to_many(#name, #leads_to, #between, #from, #to))
        }
        Link::Unknown => return None,
    })
}
