//! Tokens of the user's, and tokens that rustc takes for the user's, in what the derives write.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// The tokens, placed at the user's words that they have to do with: rustc points there.
pub(crate) fn located(tokens: TokenStream, at: Span) -> TokenStream {
    let located = |mut token: TokenTree| {
        token.set_span(token.span().located_at(at));
        token
    };
    tokens.into_iter().map(located).collect()
}

/// `<ty as krate::name>::item`, and `(arguments)` when there are some. To rustc it is where the user wrote the type, from
/// its first word to its last, and nowhere else: what is to be said about the type more than once is said once then.
pub(crate) fn demand(
    ty: &TokenStream,
    krate: &TokenStream,
    name: &str,
    item: &str,
    arguments: Option<TokenStream>,
) -> TokenStream {
    let mut spans = ty.clone().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    let last = spans.last().unwrap_or(first);
    let (name, item) = (Ident::new(name, Span::call_site()), Ident::new(item, last));
    let open = quote_spanned!(first=> <);
    let close = quote_spanned!(last=> >::#item);
    let arguments = arguments.map(|arguments| {
        let mut call = Group::new(Delimiter::Parenthesis, arguments);
        call.set_span(last);
        call
    });
    quote!(#open #ty as #krate::#name #close #arguments)
}

/// The type itself, once it is known to be a model. rustc looks names up before it asks about traits: without this, each
/// constant of what is no model would be an error of its own.
pub(crate) fn known_model(model: &TokenStream, krate: &TokenStream) -> TokenStream {
    known(model, krate, &demand(model, krate, "Model", "schema", None))
}

/// The type itself, unless there is an error in `check`.
pub(crate) fn known(ty: &TokenStream, krate: &TokenStream, check: &TokenStream) -> TokenStream {
    quote!(<#krate::__private::Checked<#ty, { let _ = #check; true }> as #krate::__private::Known>::Type)
}

/// The tokens with `Self` spelt out, for places where it would be something else.
pub(crate) fn without_self(tokens: impl ToTokens, this: &Ident) -> TokenStream {
    tokens
        .into_token_stream()
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => {
                let mut this = this.clone();
                this.set_span(word.span());
                TokenTree::Ident(this)
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_self(group.stream(), this));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        })
        .collect()
}
