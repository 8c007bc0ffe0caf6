//! From what the user wrote to a model without contradictions. What is wrong is reported and left out, so that the
//! rest still expands and one mistake gives one error.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::checked::{CompoundKey, Field, FieldDefault, Model, Reference, Role};
use super::parse::{DefaultInput, FieldInput, FieldSet, IdInput, ModelInput};
use super::validate_relation;
use crate::attr;
use crate::case;
use crate::context::Context;
use crate::fallback;
use crate::tokens;

/// The identifier with the user's place in the source, but as a word of the derive's own.
pub(super) fn ident_at(name: &str, at: Span) -> Ident {
    Ident::new(name, Span::call_site().located_at(at))
}

/// Checks all there is to check within one struct. Nothing when it has no fields.
pub(super) fn validate(input: &ModelInput, has_prelude: bool, context: &Context) -> Option<Model> {
    let mut fields: Vec<Field> =
        input.fields.iter().enumerate().map(|(place, field)| checked_field(place, field, input, context)).collect();
    let id = choose_id(input, &mut fields, context)?;
    distinct_names(input, &fields, context);
    distinct_constants(&mut fields, context);
    let sets = checked_sets(&input.uniques, &fields, context);
    let keys = compound_keys(&sets, &mut fields, context);
    let uniques = fields
        .iter()
        .filter(|field| field.role == Role::Unique)
        .map(|field| vec![field.place])
        .chain(keys.iter().map(|key| key.fields.iter().map(|field| field.place).collect()))
        .collect();
    let relations = validate_relation::relations(input, &fields, &keys, context);
    let indexes = validate_relation::indexes(input, &fields, &relations, context);
    let (table, database_schema) = table(input, context);
    let builder = input.builder.value().cloned();
    let builder = builder.unwrap_or_else(|| ident_at(&format!("{}Create", input.ident.unraw()), input.ident.span()));
    Some(Model {
        krate: input.krate.to_token_stream(),
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        docs: input.docs.clone(),
        name: name(input, context),
        table,
        database_schema,
        id,
        diagnostics: has_prelude && input.no_implicit_prelude.get().is_none(),
        taken: taken(input, &builder),
        builder,
        indexed: validate_relation::indexed(input, &fields),
        fields,
        uniques,
        keys,
        indexes,
        levels: input.levels.clone(),
        allow_deprecated: input.allow_deprecated.clone(),
        relations,
    })
}

fn checked_field(place: usize, input: &FieldInput, model: &ModelInput, context: &Context) -> Field {
    let plain = input.ident.unraw().to_string();
    let by_rule = || model.rename_all.value().map_or_else(|| plain.clone(), |rule| rule.field(&plain));
    let name = input.rename.value().map_or_else(by_rule, syn::LitStr::value);
    if let Some(rename) = input.rename.value().filter(|name| separates_parts(name)) {
        context.error(rename, "a field's name is part of its lock keys, where `#` and `+` separate parts");
    }
    let column = input.column.value().map_or_else(|| name.clone(), syn::LitStr::value);
    let contradicted = match input.id.value() {
        Some(IdInput::Given) => Some("`id(given)`: every create has to give this id"),
        Some(IdInput::Generated) => Some("`id(generated)`: the database makes up this id"),
        Some(IdInput::Plain) | None => None,
    };
    if let (Some((word, _)), Some(contradicted)) = (&input.default, contradicted) {
        context.error(word, format!("`{word}` contradicts {contradicted}"));
    }
    if let (Some(id), Some(word)) = (input.id.word(), input.unique.word().or(input.index.word())) {
        context.error(
            word,
            format!("`{word}` on the `{id}`: an id is unique and found by its key already, remove `{word}`"),
        );
    }
    let mut default = match &input.default {
        _ if input.id.value() == Some(&IdInput::Generated) => Some(FieldDefault::Database),
        None => None,
        Some((_, DefaultInput::Value(value))) => Some(FieldDefault::Value(tokens::without_self(value, &model.ident))),
        Some((_, DefaultInput::Call(path))) => {
            Some(FieldDefault::Value(tokens::without_self(quote_spanned!(path.span()=> #path()), &model.ident)))
        }
        Some((_, DefaultInput::Now)) => Some(FieldDefault::Now),
    };
    let mut with = input.with.value().cloned();
    let (mut ty, mut stands_in) = (input.ty.clone(), false);
    if let (None, Some(advice), true) = (&with, &input.unsupported, input.unnameable) {
        context.error(&input.ty, advice);
        let text = quote_spanned!(Span::call_site().located_at(ty.span())=> ::std::string::String);
        ty = if input.optional { quote_spanned!(text.span()=> ::core::option::Option<#text>) } else { text };
        stands_in = true;
    } else if let (None, Some(advice)) = (&with, &input.unsupported) {
        context.error(&input.ty, advice);
        let krate = &model.krate;
        with = Some(syn::parse_quote!(#krate::__private::unsupported));
        // Left out of creates and in them, without a word about what it stands for.
        default = default.or_else(|| input.optional.then_some(FieldDefault::Database));
    }
    Field {
        place,
        constant: ident_at(&case::constant(&plain), input.ident.span()),
        ident: input.ident.clone(),
        ty,
        stands_in,
        optional: input.optional,
        name,
        column,
        docs: input.docs.clone(),
        role: match (input.id.get(), input.unique.get()) {
            (Some(_), _) => Role::Id,
            (None, Some(_)) => Role::Unique,
            (None, None) => Role::Plain,
        },
        is_given: input.id.value() == Some(&IdInput::Given),
        default,
        references: input.references.value().and_then(|path| reference(path, &model.ident)),
        with,
    }
}

fn reference(path: &Path, this: &Ident) -> Option<Reference> {
    let mut model = path.clone();
    let constant = model.segments.pop()?.ident;
    model.segments.pop_punct();
    Some(Reference { model: tokens::without_self(model, this), constant })
}

/// The only id or, with a report, what comes nearest to one.
fn choose_id(input: &ModelInput, fields: &mut [Field], context: &Context) -> Option<Field> {
    let mut ids = input.fields.iter().zip(fields.iter_mut()).filter(|(_, field)| field.role == Role::Id);
    if let Some((chosen, id)) = ids.next() {
        if chosen.optional {
            context.error(&chosen.ty, "an id cannot be `Option`: every record has one");
        }
        let id = id.clone();
        for (other, field) in ids {
            let message = format!("`{}` is the id already: a model has one, use `unique` here", id.ident);
            context.error(other.id.word(), message);
            field.role = Role::Unique;
        }
        return Some(id);
    }
    let place = fallback::id(input.fields.iter().map(|field| field.ident.to_string()));
    let message = match place {
        Some(place) => format!("the model has no id: add `#[orm(id)]` to `{}`", fields.get(place)?.ident),
        None => "the model has no id: add `#[orm(id)]` to the field that names its records".to_owned(),
    };
    context.error(&input.ident, message);
    let id = fields.get_mut(place.unwrap_or(0))?;
    id.role = Role::Id;
    Some(id.clone())
}

/// No two fields may have one name or one column, and none may be called what the derive uses itself.
fn distinct_names(input: &ModelInput, fields: &[Field], context: &Context) {
    for (place, field) in fields.iter().enumerate() {
        let written = input.fields.get(place);
        let rename = written.and_then(|field| field.rename.value());
        let column = written.and_then(|field| field.column.value()).or(rename);
        // At the name that was given, or else at the field.
        let at = |given: Option<&syn::LitStr>| {
            given.map_or_else(|| field.ident.to_token_stream(), |name| name.to_token_stream())
        };
        if field.constant == "ALL" {
            let message = format!(
                "a field named `{}` would hide `{}::ALL`: call it something else, and keep its name with `#[orm(rename = \"..\")]`",
                field.ident, input.ident
            );
            context.error(&field.ident, message);
        }
        if field.column.starts_with("__orm_") {
            let advice = if column.is_some() {
                "choose another"
            } else {
                "rename the field, or choose another with `#[orm(column = \"..\")]`"
            };
            context.error(at(column), format!("columns that start with `__orm_` are reserved: {advice}"));
        }
        for other in fields.iter().take(place) {
            if other.column == field.column {
                context.error(at(column), format!("`{}` has the column `{}` already", other.ident, field.column));
            } else if other.name == field.name {
                context.error(at(rename), format!("`{}` is named `{}` already", other.ident, field.name));
            }
        }
    }
}

/// No two fields may have one constant. The second gets another, beside the report.
fn distinct_constants(fields: &mut [Field], context: &Context) {
    let mut known: Vec<(Ident, Ident)> = Vec::new();
    for field in fields {
        if let Some((other, _)) = known.iter().find(|(_, constant)| *constant == field.constant) {
            let Field { ident, constant, .. } = field;
            context
                .error(&*ident, format!("`{other}` and `{ident}` both become the constant `{constant}`: rename one"));
            field.constant = ident_at(&format!("{constant}__{}", field.place), ident.span());
        }
        known.push((field.ident.clone(), field.constant.clone()));
    }
}

/// The field that the user named in an attribute of the struct.
pub(super) fn find<'f>(word: &Ident, fields: &'f [Field], context: &Context) -> Option<&'f Field> {
    let found = fields.iter().find(|field| field.ident.unraw() == word.unraw());
    if found.is_none() {
        let names: Vec<String> = fields.iter().map(|field| field.ident.unraw().to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // In capitals it is the field's constant.
        let lower = word.unraw().to_string().to_lowercase();
        let same = names.iter().find(|name| name.to_lowercase() == lower).copied();
        let message = match same.or_else(|| attr::nearest(&lower, &names)) {
            Some(nearest) => format!("there is no field `{word}`: did you mean `{nearest}`?"),
            None => format!("there is no field `{word}`: the model has {}", attr::quoted(&names)),
        };
        context.error(word, message);
    }
    found
}

/// The fields of a set, when all of them exist and none is named twice.
pub(super) fn find_all(set: &FieldSet, fields: &[Field], context: &Context) -> Option<Vec<Field>> {
    let mut found: Vec<Field> = Vec::new();
    let mut complete = true;
    for word in &set.fields {
        match find(word, fields, context) {
            Some(field) if found.iter().any(|other| other.place == field.place) => {
                context.error(word, format!("`{word}` is named twice: remove one"));
                complete = false;
            }
            Some(field) => found.push(field.clone()),
            None => complete = false,
        }
    }
    complete.then_some(found)
}

/// The unique constraints of the struct, without those that are there already.
fn checked_sets<'s>(sets: &'s [FieldSet], fields: &[Field], context: &Context) -> Vec<(&'s FieldSet, Vec<Field>)> {
    let mut checked: Vec<(&FieldSet, Vec<Field>)> = Vec::new();
    for set in sets {
        let Some(found) = find_all(set, fields, context) else { continue };
        let mut places: Vec<usize> = found.iter().map(|field| field.place).collect();
        places.sort_unstable();
        let same = |(_, other): &(&FieldSet, Vec<Field>)| {
            other.len() == found.len() && other.iter().all(|field| places.contains(&field.place))
        };
        let alone = match found.as_slice() {
            [field] => (field.role != Role::Plain).then(|| field.ident.clone()),
            _ => None,
        };
        if let Some(field) = alone {
            context.error(&set.word, format!("`{field}` is unique already: remove this"));
        } else if let Some(id) = found.iter().find(|field| field.role == Role::Id) {
            let message = format!("`{}` is the id and unique by itself: remove this, or leave it out", id.ident);
            context.error(&set.word, message);
        } else if checked.iter().any(same) {
            context
                .error(&set.word, "this unique constraint is there already: the order of its fields does not matter");
        } else {
            checked.push((set, found));
        }
    }
    checked
}

/// Constraints over one field make it unique; the others get a key.
fn compound_keys(sets: &[(&FieldSet, Vec<Field>)], fields: &mut [Field], context: &Context) -> Vec<CompoundKey> {
    let mut keys: Vec<CompoundKey> = Vec::new();
    for (set, found) in sets {
        if let [only] = found.as_slice() {
            if let Some(field) = fields.get_mut(only.place) {
                field.role = Role::Unique;
            }
            continue;
        }
        let constant = found.iter().map(|field| field.constant.to_string()).collect::<Vec<_>>().join("_");
        if found.len() > 8 {
            context.error(&set.word, "a unique constraint has at most eight fields");
        } else if fields.iter().any(|field| field.constant == constant)
            || keys.iter().any(|key| key.constant == constant)
        {
            context.error(&set.word, format!("the constant `{constant}` is taken: name the fields in another order"));
        } else {
            keys.push(CompoundKey { constant: ident_at(&constant, set.word.span()), fields: found.clone() });
        }
    }
    keys
}

fn name(input: &ModelInput, context: &Context) -> String {
    let Some(name) = input.name.value() else {
        return case::snake(&input.ident.unraw().to_string());
    };
    if separates_parts(name) {
        context.error(name, "a model's name is part of its lock keys, where `#` and `+` separate parts");
    }
    name.value()
}

fn separates_parts(name: &syn::LitStr) -> bool {
    name.value().contains(['#', '+'])
}

fn table(input: &ModelInput, context: &Context) -> (String, Option<String>) {
    let Some(table) = input.table.value() else {
        if input.table.get().is_none() {
            context.error(&input.ident, "the model has no table: add `#[orm(table = \"..\")]`");
        }
        return (String::new(), None);
    };
    let text = table.value();
    let Some((database_schema, name)) = text.split_once('.') else {
        return (text, input.schema.value().map(syn::LitStr::value));
    };
    if name.is_empty() || database_schema.is_empty() || name.contains('.') {
        context.error(table, "expected `table` or `schema.table`");
    }
    if let Some(word) = input.schema.word() {
        context.error(word, format!("`schema` contradicts the table `{text}`, which names one: remove either"));
    }
    (name.to_owned(), Some(database_schema.to_owned()))
}

/// The words of the struct, which generated items must not hide.
fn taken(input: &ModelInput, builder: &Ident) -> Vec<String> {
    fn words(tokens: proc_macro2::TokenStream, into: &mut Vec<String>) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Ident(word) => into.push(word.to_string()),
                proc_macro2::TokenTree::Group(group) => words(group.stream(), into),
                _ => {}
            }
        }
    }
    let mut taken = vec![input.ident.to_string(), builder.to_string()];
    for field in &input.fields {
        words(field.ty.clone(), &mut taken);
        words(field.with.value().to_token_stream(), &mut taken);
    }
    words(input.krate.to_token_stream(), &mut taken);
    taken
}
