//! What stands in for the part that is wrong, so that its uses elsewhere are not errors as well.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

/// The field that was probably meant to be the id.
pub(crate) fn id(mut fields: impl Iterator<Item = String>) -> Option<usize> {
    fields.position(|field| field == "id")
}

/// The model that something is which cannot be one.
pub(crate) fn model(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (parameters, arguments, bounds) = input.generics.split_for_impl();
    if input.generics.params.iter().any(|parameter| !matches!(parameter, syn::GenericParam::Const(_))) {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl #parameters ::orm::Model for #ident #arguments #bounds {
            type Id = ::std::string::String;
            fn schema() -> &'static ::orm::schema::ModelSchema {
                static SCHEMA: ::orm::__private::ModelSchema = ::orm::__private::ModelSchema::new("", "", 0, &[]);
                &SCHEMA
            }
            fn from_row(_: &mut ::orm::__private::RowReader<'_>) -> ::core::result::Result<Self, ::orm::Error> {
                loop {}
            }
            fn into_draft(self, _: &mut ::orm::__private::Draft) {}
        }
    }
}

/// The selection that something is which cannot be one: from any model.
pub(crate) fn select(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl<M: ::orm::Model> ::orm::Select<M> for #ident {
            fn describe_selection(_: &mut ::orm::__private::Projection) -> ::core::result::Result<(), ::orm::Error> {
                loop {}
            }
            fn from_selection(_: &mut ::orm::__private::RowReader<'_>) -> ::core::result::Result<Self, ::orm::Error> {
                loop {}
            }
        }
    }
}

/// The enumeration that something is which cannot be one.
pub(crate) fn enumeration(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl ::orm::Enumeration for #ident {
            const NAMES: &'static [&'static str] = &[];
            fn name(&self) -> &'static str {
                ""
            }
            fn from_name(_: &str) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }
        }
    }
}
