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
    let context = Context::default();
    let code = match parse::parse(input, &context).and_then(|parsed| validate::validate(&parsed, has_prelude, &context))
    {
        Some(model) => expand::expand(&model),
        None => fallback::model(input),
    };
    let errors = context.into_errors();
    quote::quote!(#errors #code)
}
