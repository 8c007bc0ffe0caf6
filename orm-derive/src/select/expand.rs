//! `impl Select`: what is read, and reading it. Both go through the same constants in the same order.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Part, Select};

pub(super) fn expand(select: &Select) -> TokenStream {
    let Select { krate, ident, model, parts } = select;
    let idents = parts.iter().map(|part| &part.ident);
    let described = parts.iter().map(|part| described(select, part));
    let selections = parts.iter().map(|part| {
        let (selection, into) = (constant(select, part), into(part));
        quote!(#selection #into)
    });
    quote! {
        #[automatically_derived]
        impl #krate::Select<#model> for #ident {
            fn describe_selection(
                projection: &mut #krate::__private::Projection,
            ) -> ::core::result::Result<(), #krate::Error> {
                #(#described.describe(projection)?;)*
                ::core::result::Result::Ok(())
            }

            fn from_selection(row: &mut #krate::__private::RowReader<'_>) -> ::core::result::Result<Self, #krate::Error> {
                ::core::result::Result::Ok(Self { #(#idents: #selections.read(row)?),* })
            }
        }
    }
}

/// A part with the arguments of its relation.
fn described(select: &Select, part: &Part) -> TokenStream {
    let krate = &select.krate;
    let (constant, into) = (constant(select, part), into(part));
    let Some((word, _)) = part.arguments.first() else {
        return quote!(#constant #into);
    };
    let at = Span::call_site().located_at(word.span());
    let relation = quote_spanned!(at=> #krate::__private::relation(#constant));
    let arguments = part.arguments.iter().map(|(word, value)| quote!(.#word(#value)));
    quote!(#relation #into #(#arguments)*)
}

/// The model's constant, at the user's word for it.
fn constant(select: &Select, part: &Part) -> TokenStream {
    let (model, constant) = (&select.model, &part.constant);
    quote!(<#model>::#constant)
}

/// As the type of the field, at the user's word for that.
fn into(part: &Part) -> TokenStream {
    let ty = &part.ty;
    let at = Span::call_site().located_at(ty.span());
    quote_spanned!(at=> .select_into::<#ty>())
}
