//! The code of a model, one file per part.

mod create;
mod handles;
mod implementation;
mod schema;

use proc_macro2::TokenStream;
use quote::quote;

use super::checked::Model;

/// All that the derive adds to the struct.
pub(super) fn expand(model: &Model) -> TokenStream {
    let handles = handles::expand(model);
    let builder = create::expand(model);
    let implementation = implementation::expand(model);
    quote!(#handles #builder #implementation)
}

/// Lints that what the derive makes cannot satisfy: it does not know what is used, nor how private a type is.
fn lints() -> TokenStream {
    quote!(#[allow(dead_code, private_bounds, private_interfaces, unreachable_pub, clippy::all)])
}

/// Code as text, for docs.
fn text(tokens: &TokenStream) -> String {
    tokens.to_string().replace(" :: ", "::").replace(" (", "(").replace(" . ", ".").replace(" ! (", "!(")
}
