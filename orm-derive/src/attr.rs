//! Reads `#[orm(..)]` attributes: keys, their arguments, and what to say about those that are wrong.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Expr, ExprLit, ExprPath, Lit, LitStr, Meta, MetaList, MetaNameValue, Path, Token, Type, parenthesized,
    parse_quote, token,
};

use crate::case::Rule;
use crate::context::Context;

/// The keys that one place has.
pub(crate) struct Keys {
    /// What has them, with its article: "a field".
    pub(crate) of: &'static str,
    /// The keys.
    pub(crate) known: &'static [&'static str],
    /// The keys of the other places, and what has them.
    pub(crate) elsewhere: &'static [(&'static str, &'static [&'static str])],
}

impl Keys {
    /// The key that the user wrote or, with a report, the one that was probably meant.
    fn resolve(&self, word: &Ident, context: &Context) -> Option<(&'static str, bool)> {
        let name = word.unraw().to_string();
        if let Some(known) = self.known.iter().find(|known| **known == name) {
            return Some((known, true));
        }
        if let Some((of, _)) = self.elsewhere.iter().find(|(_, keys)| keys.contains(&name.as_str())) {
            context.error(word, format!("`{name}` is an attribute of {of}, not of {}", self.of));
            return None;
        }
        // The keys have no capitals: in capitals a key is a near miss.
        let lower = name.to_lowercase();
        let synonym = SYNONYMS.iter().find(|(other, key)| *other == lower && self.known.contains(key));
        let nearest = synonym.map(|(_, key)| *key).or_else(|| nearest(&lower, self.known));
        match nearest {
            Some(nearest) => {
                context.error(word, format!("unknown attribute `{name}`: did you mean `{nearest}`?"));
            }
            None => {
                context.error(word, format!("unknown attribute `{name}`: {} has {}", self.of, quoted(self.known)));
            }
        }
        nearest.map(|nearest| (nearest, false))
    }
}

/// What other libraries call our keys.
const SYNONYMS: &[(&str, &str)] = &[
    ("belongs_to_many", "many_to_many"),
    ("column_name", "column"),
    ("default_value", "default"),
    ("field", "column"),
    ("fk", "foreign_key"),
    ("has_and_belongs_to_many", "many_to_many"),
    ("limit", "take"),
    ("offset", "skip"),
    ("order", "order_by"),
    ("pk", "id"),
    ("primary_key", "id"),
    ("sort", "order_by"),
    ("table_name", "table"),
    ("tablename", "table"),
    ("unique_index", "unique"),
    ("where", "filter"),
];

/// The known word that is most like this one, if one is.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), *known))
        .filter(|(distance, known)| *distance <= known.chars().count().div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// "`a`, `b`, `c`".
pub(crate) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Hands every key of the `#[orm(..)]` attributes to `each`, which reads its arguments.
pub(crate) fn read(
    attributes: &[Attribute],
    keys: &Keys,
    context: &Context,
    mut each: impl FnMut(&'static str, &Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("orm")) {
        let Meta::List(list) = &attribute.meta else {
            context.error(&attribute.meta, "`orm` needs arguments: `#[orm(..)]`");
            continue;
        };
        context.ok(list.parse_args_with(|input: ParseStream<'_>| arguments(input, keys, context, &mut each)));
    }
}

/// Reads `key`, `key = value` and `key(..)` up to the end, going on after a mistake.
pub(crate) fn arguments(
    input: ParseStream<'_>,
    keys: &Keys,
    context: &Context,
    each: &mut dyn FnMut(&'static str, &Ident, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        let word = input.call(Ident::parse_any).map_err(|error| {
            let message = format!("expected the name of an attribute: {} has {}", keys.of, quoted(keys.known));
            syn::Error::new(error.span(), message)
        })?;
        match keys.resolve(&word, context) {
            Some((key, true)) => {
                let read = context.ok(each(key, &word, input));
                if read.is_some() && !input.is_empty() && !input.peek(Token![,]) {
                    context.push(input.error(format!("expected `,` after `{word}`")));
                }
            }
            // The word is reported already: its arguments are read as if it had been right, without a second report.
            Some((key, false)) => {
                let before = context.count();
                drop(each(key, &word, input));
                context.truncate(before);
            }
            None => {}
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<TokenTree>()?;
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// Reads `= value`.
pub(crate) fn value<T: Parse>(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<T> {
    equals(word, example, input)?;
    input.parse()
}

/// Reads the `=` before a value.
fn equals(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(word.span(), format!("`{word}` needs a value: `{example}`")));
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(word.span(), format!("`{word}` needs a value: `{example}`")));
    }
    Ok(())
}

/// Reads `= "text"`, which may not be empty.
pub(crate) fn text(word: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let example = format!("{word} = \"..\"");
    if input.peek(Token![=]) && !input.peek2(LitStr) && !input.peek2(Token![,]) {
        input.parse::<Token![=]>()?;
        if !input.is_empty() {
            return Err(input.error(format!("`{word}` is a text in quotes: `{example}`")));
        }
        return Err(syn::Error::new(word.span(), format!("`{word}` needs a value: `{example}`")));
    }
    let text: LitStr = value(word, &example, input)?;
    if text.value().is_empty() {
        return Err(syn::Error::new(text.span(), format!("`{word}` is empty")));
    }
    Ok(text)
}

/// Reads `= value` where the value is code. In quotes it is a mistake, but understood all the same, so that what it is
/// for is no second one.
pub(crate) fn unquoted<T: Parse>(
    word: &Ident,
    what: &str,
    example: &str,
    input: ParseStream<'_>,
    context: &Context,
) -> syn::Result<T> {
    equals(word, example, input)?;
    if input.peek(LitStr) {
        let quoted: LitStr = input.parse()?;
        return without_quotes(&quoted, what, &format!("{word} = {}", quoted.value()), example, context);
    }
    input.parse().map_err(|error| syn::Error::new(error.span(), format!("expected a {what}: `{example}`")))
}

/// What is in the quotes, with a report that says how to write it.
fn without_quotes<T: Parse>(
    quoted: &LitStr,
    what: &str,
    instead: &str,
    example: &str,
    context: &Context,
) -> syn::Result<T> {
    let wrong = |_| syn::Error::new(quoted.span(), format!("expected a {what}, without quotes: `{example}`"));
    let value = quoted.parse().map_err(wrong)?;
    context.error(quoted, format!("write the {what} without quotes: `{instead}`"));
    Ok(value)
}

/// Reads `= path`.
pub(crate) fn path(word: &Ident, example: &str, input: ParseStream<'_>, context: &Context) -> syn::Result<Path> {
    let path: ExprPath = unquoted(word, "path", example, input, context)?;
    match path.qself {
        None => Ok(path.path),
        Some(_) => Err(syn::Error::new_spanned(path, format!("expected names joined by `::`: `{example}`"))),
    }
}

/// Reads `= field`.
pub(crate) fn field(word: &Ident, input: ParseStream<'_>, context: &Context) -> syn::Result<Ident> {
    let example = format!("{word} = field");
    if input.peek(Token![=]) && input.peek2(LitStr) {
        return unquoted(word, "field's name", &example, input, context);
    }
    equals(word, &example, input)?;
    name(&example, input, context)
}

/// Reads a field's name. One that is a keyword is written as in the struct; otherwise it is a mistake, but understood all the
/// same.
fn name(example: &str, input: ParseStream<'_>, context: &Context) -> syn::Result<Ident> {
    let wrong = |span: Span| syn::Error::new(span, format!("expected a field's name: `{example}`"));
    if input.peek(syn::Ident) {
        let name: Ident = input.parse()?;
        no_path(&name, example, input)?;
        return Ok(name);
    }
    let word = input.call(Ident::parse_any).map_err(|error| wrong(error.span()))?;
    let text = word.to_string();
    if matches!(text.as_str(), "_" | "self" | "Self" | "super" | "crate") {
        return Err(wrong(word.span()));
    }
    context.error(&word, format!("`{text}` is a keyword: a field of that name is `r#{text}`, here as in the struct"));
    Ok(Ident::new_raw(&text, word.span()))
}

/// Demands that what follows the field's name does not make it a path, as that of its constant would be.
fn no_path(field: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![::]) {
        return Err(syn::Error::new(field.span(), format!("expected a field's name, not a path: `{example}`")));
    }
    Ok(())
}

/// Reads the model that a relation leads to.
pub(crate) fn model(example: &str, input: ParseStream<'_>, context: &Context) -> syn::Result<Type> {
    if input.peek(LitStr) {
        let quoted: LitStr = input.parse()?;
        return without_quotes(&quoted, "model", &quoted.value(), example, context);
    }
    input.parse().map_err(|error| syn::Error::new(error.span(), format!("expected a model: `{example}`")))
}

/// Reads `a, b, ..` up to the end.
pub(crate) fn fields(example: &str, input: ParseStream<'_>, context: &Context) -> syn::Result<Vec<Ident>> {
    let mut fields = Vec::new();
    while !input.is_empty() {
        fields.push(if input.peek(LitStr) {
            let quoted: LitStr = input.parse()?;
            without_quotes(&quoted, "field's name", &quoted.value(), example, context)?
        } else {
            name(example, input, context)?
        });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(fields)
}

/// Where `orm` is: the attribute `crate = path`, which all derives have.
#[derive(Default)]
pub(crate) struct CratePath(Once<Path>);

impl CratePath {
    /// Reads `= path`.
    pub(crate) fn read(&mut self, word: &Ident, input: ParseStream<'_>, context: &Context) -> syn::Result<()> {
        self.0.set(word, path(word, "crate = path", input, context)?, context);
        Ok(())
    }

    /// The path of an item that cannot be what it derives, from attributes that are not read otherwise or are wrong too.
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let (mut path, unheard) = (Self::default(), Context::default());
        let keys = Keys { of: "", known: &["crate"], elsewhere: &[] };
        read(attributes, &keys, &unheard, |_, word, input| path.read(word, input, &unheard));
        path
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self.0.value() {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::orm)),
        }
    }
}

/// Reads `= "camelCase"`.
pub(crate) fn rule(word: &Ident, input: ParseStream<'_>) -> syn::Result<Rule> {
    let text = text(word, input)?;
    let name = text.value();
    let known = Rule::ALL.map(|(known, _)| known);
    Rule::ALL.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule).ok_or_else(|| {
        let message = match nearest(&name, &known) {
            Some(nearest) => format!("unknown case `{name}`: did you mean `{nearest}`?"),
            None => format!("unknown case `{name}`: there are {}", quoted(&known)),
        };
        syn::Error::new(text.span(), message)
    })
}

/// Reads `(..)`. After a mistake the rest of it is skipped, so that it is not a second one.
pub(crate) fn list<T>(
    word: &Ident,
    example: &str,
    input: ParseStream<'_>,
    read: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(word.span(), format!("`{word}` needs arguments: `{example}`")));
    }
    let content;
    parenthesized!(content in input);
    let result = read(&content);
    if result.is_err() {
        content.parse::<TokenStream>()?;
    }
    result
}

/// Demands that the key stands alone.
pub(crate) fn flag(word: &Ident, advice: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        return Err(syn::Error::new(word.span(), format!("`{word}` stands alone here: {advice}")));
    }
    Ok(())
}

/// An attribute that may be given once, with the word it was given by.
pub(crate) struct Once<T>(Option<(Ident, T)>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Once<T> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    pub(crate) fn set(&mut self, word: &Ident, value: T, context: &Context) {
        match &self.0 {
            Some(_) => context.error(word, format!("`{word}` is given twice: remove one")),
            None => self.0 = Some((word.clone(), value)),
        }
    }

    pub(crate) const fn get(&self) -> Option<&(Ident, T)> {
        self.0.as_ref()
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.get().map(|(_, value)| value)
    }

    pub(crate) fn word(&self) -> Option<&Ident> {
        self.get().map(|(word, _)| word)
    }
}

/// The levels that the attributes set for the lint `deprecated`: rustc does not hand them on to what a derive adds. An
/// item that is deprecated itself may be named there.
pub(crate) fn deprecated_levels(attributes: &[Attribute]) -> Vec<Attribute> {
    let levels = ["allow", "warn", "deny", "forbid"];
    let is_deprecated = attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    let names_it = |list: &MetaList| {
        list.tokens
            .clone()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "deprecated" || word == "warnings"))
    };
    attributes
        .iter()
        .filter(|attribute| levels.iter().any(|level| attribute.path().is_ident(level)))
        .filter(|attribute| attribute.meta.require_list().is_ok_and(names_it))
        .cloned()
        .chain(is_deprecated.then(|| parse_quote!(#[allow(deprecated)])))
        .collect()
}

/// `#[allow(deprecated)]` for all that a derive adds to an item that is deprecated or has it. Levels that the user sets are
/// not handed on as they are: they may be about other lints too, which are not for generated code to satisfy.
pub(crate) fn allow_deprecated(attributes: &[Attribute]) -> Option<Attribute> {
    let is_allowed = deprecated_levels(attributes).iter().any(|level| level.path().is_ident("allow"));
    is_allowed.then(|| parse_quote!(#[allow(deprecated)]))
}

/// The text of the doc comments among the attributes, without what all of its lines are indented by.
pub(crate) fn description(attributes: &[Attribute]) -> Option<String> {
    let text = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. }) => {
            path.is_ident("doc").then(|| text.value())
        }
        _ => None,
    };
    let text = attributes.iter().filter_map(text).collect::<Vec<_>>().join("\n");
    let written = || text.lines().filter(|line| !line.trim().is_empty());
    let indent = written().map(|line| line.len() - line.trim_start().len()).min()?;
    let lines: Vec<&str> = text.lines().map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
    Some(lines.join("\n").trim().to_owned())
}
