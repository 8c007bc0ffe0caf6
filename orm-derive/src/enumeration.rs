//! `#[derive(Enumeration)]`: the names of a fieldless enum's variants.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr};

use crate::attr::{self, CratePath, Keys, Once};
use crate::case::Rule;
use crate::context::Context;
use crate::fallback;

const ENUM: Keys = Keys { of: "the enum", known: &["rename_all", "crate"], elsewhere: &[("a variant", &["rename"])] };
const VARIANT: Keys =
    Keys { of: "a variant", known: &["rename"], elsewhere: &[("the enum", &["rename_all", "crate"])] };

/// The code for the enum, and one error per mistake.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    Context::derive(|context| parse(input, context), expand, || fallback::enumeration(input))
}

struct Enumeration {
    krate: CratePath,
    ident: Ident,
    /// `#[allow(deprecated)]`, where it is to be.
    allow_deprecated: Option<Attribute>,
    /// Each variant and its name.
    variants: Vec<(Ident, String)>,
}

fn parse(input: &DeriveInput, context: &Context) -> Option<Enumeration> {
    let mut krate = CratePath::default();
    let mut rename_all = Once::<Rule>::new();
    attr::read(&input.attrs, &ENUM, context, |key, word, input| {
        match key {
            "crate" => krate.read(word, input, context)?,
            _ => rename_all.set(word, attr::rule(word, input)?, context),
        }
        Ok(())
    });
    let Data::Enum(data) = &input.data else {
        context.error(&input.ident, "an enumeration is an enum: use `#[derive(Model)]` on a struct");
        return None;
    };
    if !input.generics.params.is_empty() {
        context.error(&input.generics.params, "an enumeration cannot be generic: its variants are names");
        return None;
    }
    if data.variants.is_empty() {
        context.error(&input.ident, "an enumeration needs at least one variant");
        return None;
    }
    let mut variants: Vec<(Ident, String)> = Vec::new();
    let mut fieldless = true;
    for variant in &data.variants {
        let mut rename = Once::<LitStr>::new();
        attr::read(&variant.attrs, &VARIANT, context, |_, word, input| {
            rename.set(word, attr::text(word, input)?, context);
            Ok(())
        });
        if !matches!(variant.fields, Fields::Unit) {
            let message = format!("an enumeration's variants are names: `{}` cannot hold data", variant.ident);
            context.error(&variant.fields, message);
            fieldless = false;
        }
        let plain = variant.ident.unraw().to_string();
        let name = match (rename.value(), rename_all.value()) {
            (Some(rename), _) => rename.value(),
            (None, Some(rule)) => rule.variant(&plain),
            (None, None) => plain,
        };
        if let Some((other, _)) = variants.iter().find(|(_, other)| *other == name) {
            let message = format!("`{other}` is named `{name}` already: give one of them `#[orm(rename = \"..\")]`");
            match rename.value() {
                Some(rename) => context.error(rename, message),
                None => context.error(&variant.ident, message),
            }
            // A stand-in: the code beside the error has no other mistakes.
            variants.push((variant.ident.clone(), format!("{name} {}", variant.ident)));
        } else {
            variants.push((variant.ident.clone(), name));
        }
    }
    if !fieldless {
        return None;
    }
    let allow_deprecated = attr::allow_deprecated(&input.attrs);
    Some(Enumeration { krate, allow_deprecated, ident: input.ident.clone(), variants })
}

fn expand(enumeration: &Enumeration) -> TokenStream {
    let Enumeration { krate, ident, allow_deprecated, variants } = enumeration;
    let idents: Vec<&Ident> = variants.iter().map(|(ident, _)| ident).collect();
    let names: Vec<&String> = variants.iter().map(|(_, name)| name).collect();
    quote! {
        #[automatically_derived]
        #allow_deprecated
        impl #krate::Enumeration for #ident {
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];

            fn name(&self) -> &'static ::core::primitive::str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }

            fn from_name(name: &::core::primitive::str) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(match name {
                    #(#names => Self::#idents,)*
                    _ => return ::core::option::Option::None,
                })
            }
        }
    }
}
