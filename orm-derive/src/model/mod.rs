//! `#[derive(Model)]`: parse, validate, expand.

mod checked;
mod expand;
mod parse;
mod relation;
mod validate;
mod validate_relation;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::context::Context;
use crate::fallback;

/// The code for the struct, and one error per mistake.
pub(crate) fn derive(input: &DeriveInput, has_prelude: bool) -> TokenStream {
    let read = |context: &Context| validate::validate(&parse::parse(input, context)?, has_prelude, context);
    Context::derive(read, expand::expand, || fallback::model(input))
}
