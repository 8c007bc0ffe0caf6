//! The attributes of a struct and its fields as the user wrote them.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Expr, ExprPath, Field, Fields, LitStr, Path, Token, Visibility, token};

use super::relation::RelationInput;
use crate::attr::{self, CratePath, Keys, Once};
use crate::case::Rule;
use crate::context::Context;
use crate::tokens;
use crate::unsupported;
use crate::written::is_option;

/// A struct with its attributes.
pub(super) struct ModelInput {
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) docs: Option<String>,
    pub(super) levels: Vec<Attribute>,
    pub(super) allow_deprecated: Option<Attribute>,
    pub(super) krate: CratePath,
    pub(super) table: Once<LitStr>,
    pub(super) schema: Once<LitStr>,
    pub(super) name: Once<LitStr>,
    pub(super) rename_all: Once<Rule>,
    pub(super) no_implicit_prelude: Once<()>,
    pub(super) builder: Once<Ident>,
    pub(super) uniques: Vec<FieldSet>,
    pub(super) indexes: Vec<FieldSet>,
    pub(super) relations: Vec<RelationInput>,
    pub(super) fields: Vec<FieldInput>,
}

/// The fields that `unique(..)` or `index(..)` names.
pub(super) struct FieldSet {
    pub(super) word: Ident,
    pub(super) fields: Vec<Ident>,
}

/// A field with its attributes.
pub(super) struct FieldInput {
    pub(super) ident: Ident,
    /// The type, without `Self`.
    pub(super) ty: TokenStream,
    pub(super) optional: bool,
    /// What to do instead, when it is a type that no field can have.
    pub(super) unsupported: Option<String>,
    /// Whether such a type cannot even be named in code about it.
    pub(super) unnameable: bool,
    pub(super) docs: Option<String>,
    pub(super) id: Once<IdInput>,
    pub(super) unique: Once<()>,
    pub(super) index: Once<()>,
    pub(super) rename: Once<LitStr>,
    pub(super) column: Once<LitStr>,
    pub(super) default: Option<(Ident, DefaultInput)>,
    pub(super) references: Once<Path>,
    pub(super) with: Once<Path>,
}

/// Who makes up an id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IdInput {
    /// `id`: the caller, or else this library where the kind of the id allows that.
    Plain,
    /// `id(given)`: the caller.
    Given,
    /// `id(generated)`: the database.
    Generated,
}

/// What a create stores in a field that it is not given.
pub(super) enum DefaultInput {
    Value(Box<Expr>),
    Call(ExprPath),
    Now,
}

const STRUCT: Keys = Keys { of: "the struct", known: STRUCT_KEYS, elsewhere: &[("a field", FIELD_KEYS)] };
const STRUCT_KEYS: &[&str] = &[
    "table",
    "name",
    "rename_all",
    "unique",
    "index",
    "has_one",
    "has_many",
    "belongs_to",
    "many_to_many",
    "schema",
    "builder",
    "crate",
    "no_implicit_prelude",
];
const FIELD: Keys = Keys { of: "a field", known: FIELD_KEYS, elsewhere: &[("the struct", STRUCT_KEYS)] };
const FIELD_KEYS: &[&str] =
    &["id", "unique", "index", "rename", "column", "default", "default_with", "default_now", "references", "with"];

/// Reads the struct. Nothing when it is not one that could be a model.
pub(super) fn parse(input: &DeriveInput, context: &Context) -> Option<ModelInput> {
    let fields = named_fields(input, context)?;
    let mut model = ModelInput {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        docs: attr::description(&input.attrs),
        levels: attr::deprecated_levels(&input.attrs),
        allow_deprecated: attr::allow_deprecated(&input.attrs),
        krate: CratePath::default(),
        table: Once::new(),
        schema: Once::new(),
        name: Once::new(),
        rename_all: Once::new(),
        no_implicit_prelude: Once::new(),
        builder: Once::new(),
        uniques: Vec::new(),
        indexes: Vec::new(),
        relations: Vec::new(),
        fields: Vec::new(),
    };
    attr::read(&input.attrs, &STRUCT, context, |key, word, input| {
        match key {
            "table" => {
                let table = attr::text(word, input);
                // After a mistake in it, that there is no table is not a second one.
                let known = table.as_ref().map_or_else(|_| LitStr::new("?", word.span()), LitStr::clone);
                model.table.set(word, known, context);
                table?;
            }
            "schema" => model.schema.set(word, attr::text(word, input)?, context),
            "name" => model.name.set(word, attr::text(word, input)?, context),
            "rename_all" => model.rename_all.set(word, attr::rule(word, input)?, context),
            "crate" => model.krate.read(word, input, context)?,
            "builder" => {
                let builder: Ident = attr::unquoted(word, "name", "builder = Name", input, context)?;
                if input.peek(Token![::]) {
                    return Err(syn::Error::new(builder.span(), "expected a name, not a path: `builder = Name`"));
                }
                if builder == model.ident {
                    return Err(syn::Error::new(builder.span(), "this is the name of the struct: choose another"));
                }
                model.builder.set(word, builder, context);
            }
            "no_implicit_prelude" => {
                attr::flag(word, "it is there or not", input)?;
                model.no_implicit_prelude.set(word, (), context);
            }
            "unique" => model.uniques.push(field_set(word, "unique(a, b)", input, context)?),
            "index" => model.indexes.push(field_set(word, "index(hash, range)", input, context)?),
            _ => {
                let relation = super::relation::parse(key, word, &model.ident, input, context)?;
                model.relations.push(relation);
            }
        }
        Ok(())
    });
    model.fields = fields.into_iter().filter_map(|field| parse_field(field, &input.ident, context)).collect();
    Some(model)
}

fn named_fields<'i>(input: &'i DeriveInput, context: &Context) -> Option<impl IntoIterator<Item = &'i Field>> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unnamed(fields) => {
                context.error(fields, "a model needs named fields: `struct Name { .. }`");
                return None;
            }
            Fields::Unit => {
                context.error(&input.ident, "a model needs fields, one of them `#[orm(id)]`");
                return None;
            }
        },
        Data::Enum(data) => {
            context.error(data.enum_token, "a model is a struct: use `#[derive(Enumeration)]` on an enum");
            return None;
        }
        Data::Union(data) => {
            context.error(data.union_token, "a model is a struct, not a union");
            return None;
        }
    };
    if !input.generics.params.is_empty() {
        let borrows = input.generics.type_params().count() + input.generics.const_params().count() == 0;
        let why = if borrows {
            "a model cannot borrow: a record owns its values, use `String` for `&str`"
        } else {
            "a model cannot be generic: its table has one type per column"
        };
        context.error(&input.generics.params, why);
        return None;
    }
    if fields.is_empty() {
        context.error(&input.ident, "a model needs fields, one of them `#[orm(id)]`");
        return None;
    }
    Some(fields)
}

fn field_set(word: &Ident, example: &str, input: ParseStream<'_>, context: &Context) -> syn::Result<FieldSet> {
    let fields = attr::list(word, example, input, |content| attr::fields(example, content, context))?;
    if fields.is_empty() {
        return Err(syn::Error::new(word.span(), format!("`{word}` names no field: `{example}`")));
    }
    Ok(FieldSet { word: word.clone(), fields })
}

fn parse_field(field: &Field, model: &Ident, context: &Context) -> Option<FieldInput> {
    let mut parsed = FieldInput {
        ident: field.ident.clone()?,
        ty: tokens::without_self(&field.ty, model),
        optional: is_option(&field.ty),
        unsupported: unsupported::advice(&field.ty),
        unnameable: unsupported::is_unnameable(&field.ty),
        docs: attr::description(&field.attrs),
        id: Once::new(),
        unique: Once::new(),
        index: Once::new(),
        rename: Once::new(),
        column: Once::new(),
        default: None,
        references: Once::new(),
        with: Once::new(),
    };
    attr::read(&field.attrs, &FIELD, context, |key, word, input| {
        match key {
            "id" => {
                let id = id(word, input);
                parsed.id.set(word, *id.as_ref().unwrap_or(&IdInput::Plain), context);
                id?;
            }
            "unique" => {
                attr::flag(word, "a unique constraint over several fields belongs on the struct", input)?;
                parsed.unique.set(word, (), context);
            }
            "index" => {
                attr::flag(word, "an index over several fields belongs on the struct", input)?;
                parsed.index.set(word, (), context);
            }
            "rename" => parsed.rename.set(word, attr::text(word, input)?, context),
            "column" => parsed.column.set(word, attr::text(word, input)?, context),
            "references" => parsed.references.set(word, references(word, input, context)?, context),
            "with" => parsed.with.set(word, attr::path(word, "with = module", input, context)?, context),
            _ => {
                let default = default(key, word, input, context)?;
                match &parsed.default {
                    None => parsed.default = Some((word.clone(), default)),
                    Some((first, _)) if first == word => {
                        context.error(word, format!("`{word}` is given twice: remove one"));
                    }
                    Some((first, _)) => {
                        context.error(word, format!("`{word}` contradicts `{first}`: a field has one default"));
                    }
                }
            }
        }
        Ok(())
    });
    Some(parsed)
}

fn id(word: &Ident, input: ParseStream<'_>) -> syn::Result<IdInput> {
    if !input.peek(token::Paren) {
        attr::flag(word, "`id`, `id(given)` or `id(generated)`", input)?;
        return Ok(IdInput::Plain);
    }
    attr::list(word, "id(given)", input, |content| {
        let arguments: TokenStream = content.parse()?;
        match arguments.to_string().as_str() {
            "given" => Ok(IdInput::Given),
            "generated" => Ok(IdInput::Generated),
            "" => Err(syn::Error::new(word.span(), "expected `id`, `id(given)` or `id(generated)`")),
            other => {
                let message = format!("`id` has no argument `{other}`: write `id`, `id(given)` or `id(generated)`");
                Err(syn::Error::new_spanned(arguments, message))
            }
        }
    })
}

fn default(key: &str, word: &Ident, input: ParseStream<'_>, context: &Context) -> syn::Result<DefaultInput> {
    Ok(match key {
        "default" => DefaultInput::Value(attr::value(word, "default = expression", input)?),
        "default_with" => {
            let example = "default_with = function";
            let function: ExprPath = attr::unquoted(word, "path", example, input, context)?;
            if input.peek(token::Paren) {
                let message = format!("name the function without calling it: `{example}`");
                return Err(syn::Error::new_spanned(function, message));
            }
            DefaultInput::Call(function)
        }
        _ => {
            attr::flag(word, "its value is the time of the create", input)?;
            DefaultInput::Now
        }
    })
}

fn references(word: &Ident, input: ParseStream<'_>, context: &Context) -> syn::Result<Path> {
    let path = attr::path(word, "references = User::ID", input, context)?;
    if path.segments.len() < 2 {
        let message = "expected a field's constant: `references = User::ID`";
        return Err(syn::Error::new_spanned(path, message));
    }
    Ok(path)
}
