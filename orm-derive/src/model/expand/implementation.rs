//! `impl Model`: the schema, reading a record, and giving all of its values.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::super::checked::Model;
use super::{handles, schema};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, ident, id, .. } = model;
    let id_type = handles::column_type(model, id);
    let schema = schema::expand(model);
    let others = model.fields.iter().filter(|field| field.place != id.place);
    // The id last: it is there for the messages about the others.
    let reads = others
        .chain([id])
        .map(|field| (&field.ident, field.handle(), field.span()))
        .map(|(field, constant, at)| quote_spanned!(at=> #field: row.read(Self::#constant)?));
    let sets = model
        .fields
        .iter()
        .map(|field| (&field.ident, field.handle(), field.span()))
        .map(|(field, constant, at)| quote_spanned!(at=> draft.set(Self::#constant, self.#field);));
    quote! {
        #[automatically_derived]
        impl #krate::Model for #ident {
            type Id = #id_type;

            fn schema() -> &'static #krate::schema::ModelSchema {
                static SCHEMA: #krate::__private::ModelSchema = #schema;
                &SCHEMA
            }

            fn from_row(row: &mut #krate::__private::RowReader<'_>) -> ::core::result::Result<Self, #krate::Error> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }

            fn into_draft(self, draft: &mut #krate::__private::Draft) {
                #(#sets)*
            }
        }
    }
}
