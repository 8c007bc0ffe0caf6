//! `#[derive(FieldType)]`: a struct around one value, stored as that value.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, Fields, Type};

use crate::attr::{self, CratePath, Keys};
use crate::context::Context;
use crate::fallback;
use crate::tokens;
use crate::unsupported;
use crate::written::is_option;

const STRUCT: Keys = Keys { of: "the struct", known: &["crate"], elsewhere: &[] };

/// The code for the struct, and one error per mistake.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    Context::derive(|context| parse(input, context), expand, || fallback::field_type(input))
}

struct Wrapper<'i> {
    krate: CratePath,
    ident: &'i Ident,
    /// `#[allow(deprecated)]`, where it is to be.
    allow_deprecated: Option<Attribute>,
    /// The type of the one value.
    inner: &'i Type,
    /// Its name, if it has one.
    name: Option<&'i Ident>,
}

fn parse<'i>(input: &'i DeriveInput, context: &Context) -> Option<Wrapper<'i>> {
    let mut krate = CratePath::default();
    attr::read(&input.attrs, &STRUCT, context, |_, word, input| krate.read(word, input, context));
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            context.error(
                data.enum_token,
                "a field type is a struct around one value: use `#[derive(Enumeration)]` on an enum",
            );
            return None;
        }
        Data::Union(data) => {
            context.error(data.union_token, "a field type is a struct around one value, not a union");
            return None;
        }
    };
    if !input.generics.params.is_empty() {
        context.error(&input.generics.params, "this struct cannot be generic: implement `orm::FieldType` by hand");
        return None;
    }
    let mut all = fields.iter();
    let (Some(field), None) = (all.next(), all.next()) else {
        const MESSAGE: &str = "a field type is a struct around one value: `struct UserId(String);`; for another, implement \
                               `orm::FieldType`, or use `Json<T>`";
        match fields {
            Fields::Unit => context.error(&input.ident, MESSAGE),
            fields => context.error(fields, MESSAGE),
        }
        return None;
    };
    if let Some(attribute) = field.attrs.iter().find(|attribute| attribute.path().is_ident("orm")) {
        context.error(attribute, "the value has no attributes: they are for the fields of models that have this type");
    }
    if is_option(&field.ty) {
        let message = format!(
            "a value is never null: wrap what is in the `Option`, and give fields the type `Option<{}>`",
            input.ident
        );
        context.error(&field.ty, message);
        return None;
    }
    if let Some(advice) = unsupported::advice(&field.ty) {
        context.error(&field.ty, advice);
        return None;
    }
    let allow_deprecated = attr::allow_deprecated(&input.attrs);
    Some(Wrapper { krate, ident: &input.ident, allow_deprecated, inner: &field.ty, name: field.ident.as_ref() })
}

fn expand(wrapper: &Wrapper<'_>) -> TokenStream {
    let Wrapper { krate, ident, allow_deprecated, inner, name } = wrapper;
    let (take, make) = match name {
        Some(name) => (quote!(self.#name), quote!(|value| Self { #name: value })),
        None => (quote!(self.0), quote!(Self)),
    };
    // Once it is known to be a field type: rustc says once if it is none.
    let (inner, krate) = (inner.to_token_stream(), krate.to_token_stream());
    let inner = tokens::known(&inner, &krate, &tokens::demand(&inner, &krate, "Column", "FACTS", None));
    let of_inner = quote!(<#inner as #krate::FieldType>);
    quote! {
        #[automatically_derived]
        #allow_deprecated
        impl #krate::FieldType for #ident {
            type Kind = #of_inner::Kind;
            const VARIANTS: &'static [&'static ::core::primitive::str] = #of_inner::VARIANTS;
            const RANGE: ::core::option::Option<(::core::primitive::i128, ::core::primitive::i128)> = #of_inner::RANGE;
            const ROUND_TRIPS: ::core::primitive::bool = #of_inner::ROUND_TRIPS;

            fn into_value(self) -> ::core::result::Result<#krate::Value, #krate::ValueError> {
                #of_inner::into_value(#take)
            }

            fn from_value(value: #krate::Value) -> ::core::result::Result<Self, #krate::ValueError> {
                ::core::result::Result::map(#of_inner::from_value(value), #make)
            }
        }
    }
}
