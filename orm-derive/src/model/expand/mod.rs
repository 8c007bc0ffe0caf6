//! The code of a model, one file per part.

mod create;
mod handles;
mod implementation;
mod schema;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::checked::Model;

/// All that the derive adds to the struct.
pub(super) fn expand(model: &Model) -> TokenStream {
    let handles = handles::expand(model);
    let builder = create::expand(model);
    let implementation = implementation::expand(model);
    let warnings = schema::index_warnings(model);
    quote!(#handles #builder #implementation #warnings)
}

/// Lints that generated items cannot satisfy: the derive does not know what is used, nor how private a type is.
fn lints() -> TokenStream {
    quote!(#[allow(dead_code, private_interfaces, unreachable_pub)])
}

/// A place as an index: without a suffix, as people write it.
fn place(place: usize) -> Literal {
    Literal::usize_unsuffixed(place)
}

/// Code as text, for docs.
fn text(tokens: &TokenStream) -> String {
    tokens.to_string().replace(" :: ", "::").replace(" (", "(").replace(" . ", ".").replace(" ! (", "!(")
}
