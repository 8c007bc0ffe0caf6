//! Collects the mistakes of one input, so that all of them are reported at once.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Context {
    errors: RefCell<Vec<syn::Error>>,
}

impl Context {
    /// The code for what was read, or what stands in for it; and before it one error per mistake.
    pub(crate) fn derive<T>(
        read: impl FnOnce(&Self) -> Option<T>,
        expand: impl FnOnce(&T) -> TokenStream,
        stand_in: impl FnOnce() -> TokenStream,
    ) -> TokenStream {
        let context = Self::default();
        let code = read(&context).as_ref().map_or_else(stand_in, expand);
        let errors = context.into_errors();
        quote!(#errors #code)
    }

    /// Reports a mistake on the user's own words.
    pub(crate) fn error(&self, words: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(words, message));
    }

    /// Reports a mistake that a parser found.
    pub(crate) fn push(&self, error: syn::Error) {
        self.errors.borrow_mut().push(error);
    }

    /// The value, or nothing and a report.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// How many mistakes there are so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// Forgets all mistakes but the first `count`: those after them follow from these.
    pub(crate) fn truncate(&self, count: usize) {
        self.errors.borrow_mut().truncate(count);
    }

    /// One `compile_error!` per mistake.
    fn into_errors(self) -> TokenStream {
        self.errors.into_inner().iter().map(syn::Error::to_compile_error).collect()
    }
}
