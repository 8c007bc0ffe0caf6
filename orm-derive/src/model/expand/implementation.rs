//! `impl Model`: the schema, reading a record, and giving all of its values.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::checked::{Field, Model};
use super::schema;
use crate::tokens;
use crate::written::last_name;

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, ident, id, allow_deprecated, .. } = model;
    // At the user's type: rustc says there that the id of a model is as visible as the model.
    let id_column = model.column_type(id);
    let id_type = quote_spanned!(id.span()=> type Id = #id_column;);
    let id_rust = model.column(id, "Rust");
    let (id_place, id_field) = (super::place(id.place), &id.ident);
    let id_value = if id.stands_in { quote!(loop {}) } else { quote!(&record.#id_field) };
    // As if the user had written it there: when the type is no field type, that is said already.
    let id_of = quote_spanned!(id.ty.span()=> fn id_of(record: &Self) -> &#id_rust { #id_value });
    let schema = schema::expand(model);
    let others = model.fields.iter().filter(|field| field.place != id.place);
    // The id last: it is there for the messages about the others.
    let reads = others.chain([id]).map(|field| {
        let (ident, place) = (&field.ident, super::place(field.place));
        let read = model.call(field, "read", quote!(row, #place));
        quote!(#ident: #read?)
    });
    let record = if model.fields.iter().any(|field| field.stands_in) {
        quote!(loop {
            let _ = &row;
        })
    } else {
        quote!(::core::result::Result::Ok(Self { #(#reads),* }))
    };
    let sets = model.fields.iter().filter(|field| !field.stands_in).map(|field| {
        let (ident, place) = (&field.ident, super::place(field.place));
        let set = model.call(field, "set", quote!(draft, #place, self.#ident));
        quote!(#set;)
    });
    let encodings = model.fields.iter().filter_map(|field| encoding(model, field));
    quote! {
        #[automatically_derived]
        #allow_deprecated
        impl #krate::Model for #ident {
            #id_type
            const ID: #krate::Field<Self, #id_column, #krate::Id> = #krate::Field::new(#id_place);

            #id_of

            fn schema() -> &'static #krate::schema::ModelSchema {
                static __ORM_SCHEMA: #krate::__private::ModelSchema = #schema;
                &__ORM_SCHEMA
            }

            fn from_row(row: &mut #krate::__private::RowReader<'_>) -> ::core::result::Result<Self, #krate::Error> {
                #record
            }

            fn into_draft(self, draft: &mut #krate::__private::Draft) {
                #(#sets)*
            }
        }

        #(#encodings)*
    }
}

/// The functions of the field's module, named here and nowhere else: of the wrong type, they are one error.
fn encoding(model: &Model, field: &Field) -> Option<TokenStream> {
    let Model { krate, ident, allow_deprecated, .. } = model;
    let Field { ty, with, .. } = field;
    let (with, place) = (with.as_ref()?, super::place(field.place));
    let at = Span::call_site().located_at(with.span());
    let located = model.krate_at(at);
    let (encode, coded) = if is_dereferenced(field) {
        // In two steps, because rustc would find fault with the type of `decode` as well.
        let known = tokens::known(ty, krate, &quote_spanned!(at=> |value: &#ty| #with::encode(value)));
        (quote_spanned!(at=> |value: &#known| #with::encode(value)), known)
    } else {
        (quote_spanned!(at=> #with::encode), ty.clone())
    };
    let coding = quote_spanned!(at=> #located::__private::Functions(#encode, #with::decode).coding::<#coded>());
    Some(quote! {
        #allow_deprecated
        impl #krate::__private::Encoding<#place, #ty> for #ident {
            const CODING: #krate::__private::Coding<#ty> = #coding;
        }
    })
}

/// Whether the `encode` of its module may have a slice or the like as its parameter: rustc sees to that in a call.
fn is_dereferenced(field: &Field) -> bool {
    let written = field.ty.to_string().replace(' ', "");
    let known = ["String", "Vec", "Box", "Arc", "Rc", "Cow", "PathBuf", "OsString"];
    last_name(&written).is_some_and(|name| known.contains(&name))
}
