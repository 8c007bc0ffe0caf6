//! What stands in for the part that is wrong, so that its uses elsewhere are not errors as well.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::DeriveInput;

use crate::attr::CratePath;

/// The field that was probably meant to be the id.
pub(crate) fn id(mut fields: impl Iterator<Item = String>) -> Option<usize> {
    fields.position(|field| field == "id")
}

/// The model that something is which cannot be one.
pub(crate) fn model(input: &DeriveInput) -> TokenStream {
    let (ident, krate) = (&input.ident, CratePath::of(&input.attrs));
    let (parameters, arguments, bounds) = input.generics.split_for_impl();
    if input.generics.params.iter().any(|parameter| !matches!(parameter, syn::GenericParam::Const(_))) {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl #parameters #krate::Model for #ident #arguments #bounds {
            type Id = ::std::string::String;
            const ID: #krate::Field<Self, ::std::string::String, #krate::Id> = #krate::Field::new(0);
            fn id_of(_: &Self) -> &::std::string::String {
                loop {}
            }
            fn schema() -> &'static #krate::schema::ModelSchema {
                static SCHEMA: #krate::__private::ModelSchema = #krate::__private::ModelSchema::new("", "", 0, &[]);
                &SCHEMA
            }
            fn from_row(_: &mut #krate::__private::RowReader<'_>) -> ::core::result::Result<Self, #krate::Error> {
                loop {}
            }
            fn into_draft(self, _: &mut #krate::__private::Draft) {}
        }
    }
}

/// The selection that something is which cannot be one: from any model.
pub(crate) fn select(input: &DeriveInput) -> TokenStream {
    of_no_generic(input, |ident, krate| {
        quote! {
            #[automatically_derived]
            impl<AnyModel: #krate::Model> #krate::Select<AnyModel> for #ident {
                type Itself = Self;
                fn describe_selection(_: &mut #krate::__private::Projection) -> ::core::result::Result<(), #krate::Error> {
                    loop {}
                }
                fn from_selection(_: &mut #krate::__private::RowReader<'_>) -> ::core::result::Result<Self, #krate::Error> {
                    loop {}
                }
            }
        }
    })
}

/// The field type that something is which cannot be one.
pub(crate) fn field_type(input: &DeriveInput) -> TokenStream {
    of_no_generic(input, |ident, krate| {
        quote! {
            #[automatically_derived]
            impl #krate::FieldType for #ident {
                type Kind = #krate::kind::String;
                fn into_value(self) -> ::core::result::Result<#krate::Value, #krate::ValueError> {
                    loop {}
                }
                fn from_value(_: #krate::Value) -> ::core::result::Result<Self, #krate::ValueError> {
                    loop {}
                }
            }
        }
    })
}

/// The enumeration that something is which cannot be one.
pub(crate) fn enumeration(input: &DeriveInput) -> TokenStream {
    of_no_generic(input, |ident, krate| {
        quote! {
            #[automatically_derived]
            impl #krate::Enumeration for #ident {
                const NAMES: &'static [&'static ::core::primitive::str] = &[];
                fn name(&self) -> &'static ::core::primitive::str {
                    ""
                }
                fn from_name(_: &::core::primitive::str) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
            }
        }
    })
}

/// What stands in for an item, unless it is generic: then it is no use to anybody.
fn of_no_generic(input: &DeriveInput, code: impl FnOnce(&Ident, CratePath) -> TokenStream) -> TokenStream {
    if input.generics.params.is_empty() { code(&input.ident, CratePath::of(&input.attrs)) } else { TokenStream::new() }
}
