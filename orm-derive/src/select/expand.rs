//! `impl Select`: what is read, and reading it. Both go through the same constants in the same order.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Part, Select};
use crate::tokens;

pub(super) fn expand(select: &Select) -> TokenStream {
    let Select { krate, ident, model, allow_deprecated, parts } = select;
    let projection = projection();
    let described = parts.iter().filter(|part| !part.is_wrong).map(described);
    let read = parts.iter().map(read);
    let is_model = tokens::demand(model, krate, "Model", "schema", None);
    let wrong = parts.iter().any(|part| part.is_wrong).then(|| quote!(#[allow(unreachable_code)]));
    let known = tokens::known_model(model, krate);
    quote! {
        #allow_deprecated
        const _: () = {
            #[allow(dead_code)]
            type __Model = #known;

            #[automatically_derived]
            #wrong
            impl #krate::Select<#model> for #ident {
                type Itself = Self;

                fn describe_selection(
                    #projection: &mut #krate::__private::Projection,
                ) -> ::core::result::Result<(), #krate::Error> {
                    let _ = #is_model;
                    #(#described)*
                    ::core::result::Result::Ok(())
                }

                fn from_selection(
                    row: &mut #krate::__private::RowReader<'_>,
                ) -> ::core::result::Result<Self, #krate::Error> {
                    ::core::result::Result::Ok(Self { #(#read),* })
                }
            }
        };
    }
}

fn read(part: &Part) -> TokenStream {
    let (ident, constant, into) = (&part.ident, constant(part), into(part));
    if part.is_wrong {
        return quote!(#ident: loop {});
    }
    quote!(#ident: #constant #into.read(row)?)
}

/// Describes a part with the arguments of its relation. Each is a step of its own, whose receiver stands at the user's word
/// for it: of a chain, rustc would point at the whole, and so at the derive.
fn described(part: &Part) -> TokenStream {
    let (constant, into) = (constant(part), into(part));
    let start = quote!(#constant #into);
    let described = part.arguments.iter().fold(start, |before, (word, value)| {
        let receiver = Ident::new("__part", word.span());
        quote!({ let #receiver = #before; #receiver.#word(#value) })
    });
    let projection = projection();
    quote!(#described.describe(#projection)?;)
}

/// A name that the user's expressions, which stand beside it, do not see.
fn projection() -> Ident {
    Ident::new("projection", Span::mixed_site())
}

/// The model's constant, at the user's word for it.
fn constant(part: &Part) -> TokenStream {
    let constant = &part.constant;
    quote_spanned!(constant.span()=> __Model::#constant)
}

/// As the type of the field, at the user's word for that.
fn into(part: &Part) -> TokenStream {
    let ty = &part.ty;
    quote_spanned!(ty.span()=> .select_into::<#ty>())
}
