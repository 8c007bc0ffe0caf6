//! Types that people try and that no field can have: they and their wrappers belong to the standard library, so that
//! nobody can make field types of them. Said here, it is said once; other types have to wait for the compiler.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

use crate::written::{argument_of, as_written, is_option};

/// What to do instead of a field of this type.
pub(crate) fn advice(ty: &Type) -> Option<String> {
    let text = as_written(ty);
    match ty {
        Type::Group(group) => advice(&group.elem),
        Type::Paren(paren) => advice(&paren.elem),
        Type::Array(array) if is_byte(&array.elem) => None,
        Type::Slice(slice) if is_byte(&slice.elem) => Some(owned(&text, "Vec<u8>")),
        Type::Slice(slice) => {
            let list = format!("Vec<{}>", as_written(&slice.elem));
            Some(format!("`{text}` is not a field type: store it as a document, `Json<{list}>`, or a model of its own"))
        }
        Type::Tuple(_) | Type::Array(_) => Some(document(&text)),
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(_) => advice(&reference.elem),
            elem => Some(owned(&text, &as_written(elem))),
        },
        Type::TraitObject(_) => Some(format!("`{text}` is not a field type: a column has one type, name it")),
        Type::Path(_) => {
            if let Some(inner) = argument_of(ty, &["Option"]) {
                return if is_option(inner) {
                    let once = as_written(innermost_option(inner));
                    Some(format!("`{text}` is not a field type: there is one null, use `{once}`"))
                } else {
                    advice(inner)
                };
            }
            if argument_of(ty, &["Vec"]).is_some_and(is_byte) {
                return None;
            }
            if argument_of(ty, &["Vec", "VecDeque", "HashMap", "BTreeMap", "HashSet", "BTreeSet"]).is_some() {
                return Some(document(&text));
            }
            match argument_of(ty, &["Box", "Rc", "Arc", "Cow"]) {
                Some(inner @ (Type::Slice(_) | Type::TraitObject(_))) => advice(inner),
                // Of a `Box` of a type of their own, people can make a field type.
                Some(inner) if argument_of(ty, &["Box"]).is_none() || as_written(inner) == "str" => {
                    Some(owned(&text, &as_written(inner)))
                }
                Some(_) => None,
                None => primitive(&text),
            }
        }
        _ => None,
    }
}

/// Whether a type borrows or has no size, so that rustc would find more fault with code that names it.
pub(crate) fn is_unnameable(ty: &Type) -> bool {
    fn borrows(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Punct(punct) => punct.as_char() == '&',
            TokenTree::Ident(word) => word == "dyn" || word == "str",
            TokenTree::Group(group) => borrows(group.stream()),
            TokenTree::Literal(_) => false,
        })
    }
    matches!(ty, Type::Slice(_)) || borrows(ty.to_token_stream())
}

/// Of `Option`s in `Option`s, the one that holds a value.
fn innermost_option(ty: &Type) -> &Type {
    match argument_of(ty, &["Option"]) {
        Some(inner) if is_option(inner) => innermost_option(inner),
        _ => ty,
    }
}

fn primitive(name: &str) -> Option<String> {
    let instead = match name {
        "f32" | "f64" => "decimal numbers are exact, use `rust_decimal::Decimal`",
        "usize" => "its size differs between machines, use `u64` or `u32`",
        "isize" => "its size differs between machines, use `i64` or `i32`",
        "char" | "str" => "use `String`",
        _ => return None,
    };
    Some(format!("`{name}` is not a field type: {instead}"))
}

fn is_byte(ty: &Type) -> bool {
    as_written(ty) == "u8"
}

fn owned(text: &str, inner: &str) -> String {
    let instead = if inner == "str" { "String" } else { inner };
    format!("`{text}` is not a field type: a record owns its values, use `{instead}`")
}

fn document(text: &str) -> String {
    format!("`{text}` is not a field type: store it as a document, `Json<{text}>`, or a model of its own")
}
