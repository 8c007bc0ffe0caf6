//! The derives of `orm`.

mod attr;
mod case;
mod context;
mod enumeration;
mod fallback;
mod model;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Model.
#[proc_macro_derive(Model, attributes(orm))]
pub fn model(input: TokenStream) -> TokenStream {
    model::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Enumeration.
#[proc_macro_derive(Enumeration, attributes(orm))]
pub fn enumeration(input: TokenStream) -> TokenStream {
    enumeration::derive(&parse_macro_input!(input as DeriveInput)).into()
}
