//! Derives.
#[proc_macro_derive(Model, attributes(orm))]
pub fn model(_: proc_macro::TokenStream) -> proc_macro::TokenStream { proc_macro::TokenStream::new() }
/// Derives.
#[proc_macro_derive(Enumeration, attributes(orm))]
pub fn enumeration(_: proc_macro::TokenStream) -> proc_macro::TokenStream { proc_macro::TokenStream::new() }
