//! `#[derive(Select)]`: a struct that names what is read of each record of a model.

mod expand;
mod parse;

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, DeriveInput};

use crate::context::Context;
use crate::fallback;

/// The code for the struct, and one error per mistake.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    Context::derive(|context| parse::parse(input, context), expand::expand, || fallback::select(input))
}

/// A struct whose fields are parts of a model. Whether a part is a field or a relation, the model's constants know.
struct Select {
    /// The path of `orm`.
    krate: TokenStream,
    ident: Ident,
    model: TokenStream,
    /// `#[allow(deprecated)]`, where it is to be.
    allow_deprecated: Option<Attribute>,
    parts: Vec<Part>,
}

/// A field of the struct.
struct Part {
    ident: Ident,
    /// The model's constant, with the place of the user's word for it.
    constant: Ident,
    ty: TokenStream,
    /// `filter`, `order_by`, `skip`, `take`: methods of a relation, with their arguments.
    arguments: Vec<(Ident, TokenStream)>,
    /// There is an error about it already.
    is_wrong: bool,
}
