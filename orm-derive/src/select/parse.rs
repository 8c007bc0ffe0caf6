//! Reads the struct and its attributes.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Data, DeriveInput, Expr, Field, Fields, LitStr, Token, Type};

use super::{Part, Select};
use crate::attr::{self, CratePath, Keys, Once};
use crate::case;
use crate::context::Context;

const STRUCT_KEYS: &[&str] = &["model", "crate"];
const FIELD_KEYS: &[&str] = &["rename", "filter", "order_by", "skip", "take"];
const STRUCT: Keys =
    Keys { of: "a struct with `#[derive(Select)]`", known: STRUCT_KEYS, elsewhere: &[("a field", FIELD_KEYS)] };
const FIELD: Keys = Keys {
    of: "a field of a selection",
    known: FIELD_KEYS,
    elsewhere: &[("the struct", STRUCT_KEYS), ("a model's field", MODEL_KEYS)],
};
const MODEL_KEYS: &[&str] = &["id", "unique", "index", "column", "default", "with"];

/// Reads the struct. Nothing when it is not one that could be a selection.
pub(super) fn parse(input: &DeriveInput, context: &Context) -> Option<Select> {
    let mut krate = CratePath::default();
    let mut model = Once::<Type>::new();
    attr::read(&input.attrs, &STRUCT, context, |key, word, input| {
        match key {
            "crate" => krate.read(word, input, context)?,
            _ => model.set(word, attr::unquoted(word, "model", "model = User", input, context)?, context),
        }
        Ok(())
    });
    let fields = named_fields(input, context)?;
    if model.get().is_none() && !mentions_model(input) {
        context.error(&input.ident, "the selection has no model: add `#[orm(model = ..)]`");
    }
    let parts = fields.into_iter().filter_map(|field| part(field, &input.ident, context)).collect();
    Some(Select {
        krate: krate.to_token_stream(),
        ident: input.ident.clone(),
        model: model.value()?.to_token_stream(),
        allow_deprecated: attr::allow_deprecated(&input.attrs),
        parts,
    })
}

/// Whether there is a `model` that could not be read, which is reported already.
fn mentions_model(input: &DeriveInput) -> bool {
    input.attrs.iter().filter(|attribute| attribute.path().is_ident("orm")).any(|attribute| {
        attribute.meta.require_list().is_ok_and(|list| {
            list.tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "model"))
        })
    })
}

fn named_fields<'i>(input: &'i DeriveInput, context: &Context) -> Option<impl IntoIterator<Item = &'i Field>> {
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            context.error(data.enum_token, "a selection is a struct, whose fields are those of the model");
            return None;
        }
        Data::Union(data) => {
            context.error(data.union_token, "a selection is a struct, not a union");
            return None;
        }
    };
    if !input.generics.params.is_empty() {
        context.error(
            &input.generics.params,
            "a selection cannot be generic: it owns what it reads, and its model says the types",
        );
        return None;
    }
    match fields {
        Fields::Named(fields) if !fields.named.is_empty() => Some(&fields.named),
        Fields::Unnamed(fields) => {
            context.error(fields, "a selection needs named fields, whose names are those of the model's fields");
            None
        }
        _ => {
            context.error(&input.ident, "a selection needs fields: name those of the model that it reads");
            None
        }
    }
}

fn part(field: &Field, this: &Ident, context: &Context) -> Option<Part> {
    let ident = field.ident.clone()?;
    let mut rename = Once::<Ident>::new();
    let mut arguments: Vec<(Ident, TokenStream)> = Vec::new();
    let before = context.count();
    attr::read(&field.attrs, &FIELD, context, |key, word, input| {
        let example = match key {
            "rename" => {
                rename.set(word, renamed(word, input, context)?, context);
                return Ok(());
            }
            "filter" => "filter = Session::TOKEN.ne(\"\")",
            "order_by" => "order_by = Session::TOKEN.asc()",
            "skip" => "skip = 10",
            _ => "take = 10",
        };
        let value: Expr = attr::value(word, example, input)?;
        if arguments.iter().any(|(other, _)| other == word) {
            context.error(word, format!("`{word}` is given twice: remove one"));
        } else {
            arguments.push((word.clone(), value.to_token_stream()));
        }
        Ok(())
    });
    if mentions(&field.ty.to_token_stream(), this) {
        let message = format!("`{this}` cannot contain itself, it would have no end: select into another struct here");
        context.error(&field.ty, message);
    }
    let name = rename.value().unwrap_or(&ident);
    let constant = Ident::new(&case::constant(&name.unraw().to_string()), name.span());
    Some(Part { constant, ty: field.ty.to_token_stream(), ident, arguments, is_wrong: context.count() > before })
}

/// `rename = "name"` or `rename = name`.
fn renamed(word: &Ident, input: ParseStream<'_>, context: &Context) -> syn::Result<Ident> {
    if !(input.peek(Token![=]) && input.peek2(LitStr)) {
        return attr::field(word, input, context);
    }
    let name = attr::text(word, input)?;
    name.parse_with(Ident::parse_any).map_err(|_| {
        let message = format!("`{}` is not the name of a field or relation: write it as in the model", name.value());
        syn::Error::new(name.span(), message)
    })
}

/// Whether the struct is among the types, by its own name or as `Self`. As part of a path it may be another of that name; one
/// that is itself all the same has no end when it is read, which is an error then.
fn mentions(tokens: &TokenStream, this: &Ident) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_punct = |place: Option<usize>, signs: &[char]| {
        let token = place.and_then(|place| tokens.get(place));
        matches!(token, Some(TokenTree::Punct(punct)) if signs.contains(&punct.as_char()))
    };
    tokens.iter().enumerate().any(|(place, token)| match token {
        TokenTree::Ident(word) if *word == "Self" || word.unraw() == this.unraw() => {
            !is_punct(place.checked_sub(1), &[':', '\'']) && !is_punct(Some(place + 1), &[':'])
        }
        TokenTree::Group(group) => mentions(&group.stream(), this),
        _ => false,
    })
}
