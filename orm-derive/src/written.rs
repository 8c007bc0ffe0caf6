//! What can be told of a type from how it is written: another name for it is another type here.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// Whether it is written `Option<_>`.
pub(crate) fn is_option(ty: &Type) -> bool {
    argument_of(ty, &["Option"]).is_some()
}

/// The type between the brackets, of a type that is written with one of these names: `T` of `Option<T>`.
pub(crate) fn argument_of<'t>(ty: &'t Type, names: &[&str]) -> Option<&'t Type> {
    match ty {
        Type::Group(group) => argument_of(&group.elem, names),
        Type::Paren(paren) => argument_of(&paren.elem, names),
        Type::Path(path) => {
            let last = path.path.segments.last().filter(|last| names.iter().any(|name| last.ident == name))?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// The last name of its path, without arguments.
pub(crate) fn last_name(ty: &str) -> Option<&str> {
    ty.split('<').next()?.rsplit("::").next()
}

/// The type as people write it.
pub(crate) fn as_written(ty: &impl ToTokens) -> String {
    let text = ty.to_token_stream().to_string();
    let text = text.strip_prefix(":: ").map_or_else(|| text.clone(), |text| format!("::{text}"));
    [(" <", "<"), ("< ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&"), (" ;", ";")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
