//! What can be told of a type from how it is written: another name for it is another type here.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// Whether it is written `Option<_>`.
pub(super) fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_option(&group.elem),
        Type::Paren(paren) => is_option(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident == "Option"
                && matches!(&last.arguments, PathArguments::AngleBracketed(arguments)
                    if matches!(arguments.args.first(), Some(GenericArgument::Type(_))))
        }),
        _ => false,
    }
}

/// The last name of its path, without arguments.
pub(super) fn last_name(ty: &str) -> Option<&str> {
    ty.split('<').next()?.rsplit("::").next()
}

/// The type as people write it.
pub(super) fn as_written(ty: &impl ToTokens) -> String {
    let text = ty.to_token_stream().to_string();
    [(" <", "<"), ("< ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&"), (" ;", ";")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
