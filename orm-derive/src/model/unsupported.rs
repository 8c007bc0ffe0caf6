//! Types that people try and that no field can have: they and their wrappers belong to the standard library, so that
//! nobody can make field types of them. Said here, it is said once; other types have to wait for the compiler.

use syn::{GenericArgument, PathArguments, Type};

use super::written::{as_written, is_option};

/// What to do instead of a field of this type.
pub(super) fn advice(ty: &Type) -> Option<String> {
    let text = as_written(ty);
    match ty {
        Type::Group(group) => advice(&group.elem),
        Type::Paren(paren) => advice(&paren.elem),
        Type::Array(array) if is_byte(&array.elem) => Some(bytes(&text)),
        Type::Tuple(_) | Type::Array(_) => Some(document(&text)),
        Type::Reference(_) => Some(format!("`{text}` is not a field type: a record owns its values, use `String`")),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            let arguments = match &last.arguments {
                PathArguments::AngleBracketed(arguments) => &arguments.args,
                _ if path.path.segments.len() == 1 => return number(&name),
                _ => return None,
            };
            match (name.as_str(), arguments.first()) {
                ("Option", Some(GenericArgument::Type(inner))) if is_option(inner) => {
                    Some(format!("`{text}` is not a field type: there is one null, use `{}`", as_written(inner)))
                }
                ("Option", Some(GenericArgument::Type(inner))) => advice(inner),
                ("Vec", Some(GenericArgument::Type(inner))) if is_byte(inner) => Some(bytes(&text)),
                ("Vec" | "VecDeque" | "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet", Some(_)) => {
                    Some(document(&text))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn number(name: &str) -> Option<String> {
    let instead = match name {
        "f32" | "f64" => "decimal numbers are exact, use `rust_decimal::Decimal`",
        "usize" => "its size differs between machines, use `u64` or `u32`",
        "isize" => "its size differs between machines, use `i64` or `i32`",
        "char" => "use `String`",
        _ => return None,
    };
    Some(format!("`{name}` is not a field type: {instead}"))
}

fn is_byte(ty: &Type) -> bool {
    as_written(ty) == "u8"
}

/// As a document they would be a list with a number per byte.
fn bytes(text: &str) -> String {
    format!("`{text}` is not a field type: store bytes as text, in base64 say, with `#[orm(with = module)]`")
}

fn document(text: &str) -> String {
    format!("`{text}` is not a field type: store it as a document, `Json<{text}>`, or a model of its own")
}
