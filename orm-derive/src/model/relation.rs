//! The relations of a struct as the user wrote them.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{LitBool, Token, Type};

use crate::attr::{self, Keys, Once};
use crate::context::Context;
use crate::tokens;
use crate::written::argument_of;

/// `has_many(sessions: Session, foreign_key = user_id)`.
pub(super) struct RelationInput {
    pub(super) name: Ident,
    /// The target, without `Self`.
    pub(super) target: TokenStream,
    pub(super) is_many: bool,
    /// How to get there; nothing when the attribute does not say, which is reported.
    pub(super) link: Option<Link>,
}

/// How a relation leads to its target.
pub(super) enum Link {
    HasOne { foreign_key: Ident },
    HasMany { foreign_key: Ident },
    BelongsTo { foreign_key: Ident, index: bool },
    ManyToMany { through: TokenStream, from: Ident, to: Ident },
}

const HAS: Keys =
    Keys { of: "this relation", known: &["foreign_key"], elsewhere: &[("`belongs_to`", &["index"]), MANY_ONLY] };
const BELONGS_TO: Keys = Keys { of: "this relation", known: &["foreign_key", "index"], elsewhere: &[MANY_ONLY] };
const MANY_TO_MANY: Keys = Keys {
    of: "this relation",
    known: &["through", "from", "to"],
    elsewhere: &[("the other relations", &["foreign_key"]), ("`belongs_to`", &["index"])],
};
const MANY_ONLY: (&str, &[&str]) = ("`many_to_many`", &["through", "from", "to"]);

/// Reads the arguments of the relation attribute `key`.
pub(super) fn parse(
    key: &str,
    word: &Ident,
    model: &Ident,
    input: ParseStream<'_>,
    context: &Context,
) -> syn::Result<RelationInput> {
    let (keys, example) = match key {
        "belongs_to" => (&BELONGS_TO, "belongs_to(user: User, foreign_key = user_id)".to_owned()),
        "many_to_many" => {
            (&MANY_TO_MANY, "many_to_many(groups: Group, through = Member, from = user_id, to = group_id)".to_owned())
        }
        _ => (&HAS, format!("{key}(name: Model, foreign_key = field_of_that_model)")),
    };
    attr::list(word, &example, input, |content| {
        let head = content.fork();
        if head.parse::<Ident>().and_then(|_| head.parse::<Token![:]>()).is_err() {
            return Err(syn::Error::new(content.span(), format!("expected a name and a model: `{example}`")));
        }
        let name: Ident = content.parse()?;
        content.parse::<Token![:]>()?;
        let target = tokens::without_self(target(key, &name, content, &example, context)?, model);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
        let mut fields = Fields::default();
        let mut complete = true;
        attr::arguments(content, keys, context, &mut |argument, word, input| {
            let read = fields.read(argument, word, model, input, context);
            complete &= read.is_ok();
            read
        })?;
        let link = fields.link(key);
        if link.is_none() && complete {
            context.error(word, format!("`{word}` needs {}: `{example}`", fields.missing(key)));
        }
        Ok(RelationInput { name, target, is_many: matches!(key, "has_many" | "many_to_many"), link })
    })
}

/// The model, without what its records come in.
fn target(key: &str, name: &Ident, input: ParseStream<'_>, example: &str, context: &Context) -> syn::Result<Type> {
    let written = attr::model(example, input, context)?;
    let element = match &written {
        Type::Slice(slice) => Some(&*slice.elem),
        ty => argument_of(ty, &["Vec", "Option"]),
    };
    let Some(model) = element.cloned() else {
        return Ok(written);
    };
    let instead = model.to_token_stream();
    context.error(
        &written,
        format!("name the model itself, and the relation says how many: `{key}({name}: {instead}, ..)`"),
    );
    Ok(model)
}

/// The arguments after the target.
#[derive(Default)]
struct Fields {
    foreign_key: Once<Ident>,
    index: Once<bool>,
    through: Once<TokenStream>,
    from: Once<Ident>,
    to: Once<Ident>,
}

impl Fields {
    fn read(
        &mut self,
        key: &str,
        word: &Ident,
        model: &Ident,
        input: ParseStream<'_>,
        context: &Context,
    ) -> syn::Result<()> {
        match key {
            "foreign_key" => self.foreign_key.set(word, attr::field(word, input, context)?, context),
            "from" => self.from.set(word, attr::field(word, input, context)?, context),
            "to" => self.to.set(word, attr::field(word, input, context)?, context),
            "through" => {
                let through: Type = attr::unquoted(word, "model", "through = Model", input, context)?;
                self.through.set(word, tokens::without_self(through, model), context);
            }
            _ => {
                let index: LitBool = attr::unquoted(word, "boolean", "index = false", input, context)?;
                self.index.set(word, index.value, context);
            }
        }
        Ok(())
    }

    fn link(&self, key: &str) -> Option<Link> {
        let foreign_key = self.foreign_key.value().cloned();
        match key {
            "has_one" => foreign_key.map(|foreign_key| Link::HasOne { foreign_key }),
            "has_many" => foreign_key.map(|foreign_key| Link::HasMany { foreign_key }),
            "belongs_to" => {
                let index = self.index.value().copied().unwrap_or(true);
                foreign_key.map(|foreign_key| Link::BelongsTo { foreign_key, index })
            }
            _ => Some(Link::ManyToMany {
                through: self.through.value()?.clone(),
                from: self.from.value()?.clone(),
                to: self.to.value()?.clone(),
            }),
        }
    }

    fn missing(&self, key: &str) -> String {
        if key != "many_to_many" {
            return "`foreign_key`".to_owned();
        }
        let missing = [
            ("through", self.through.value().is_none()),
            ("from", self.from.value().is_none()),
            ("to", self.to.value().is_none()),
        ];
        let missing: Vec<&str> = missing.iter().filter(|(_, missing)| *missing).map(|(key, _)| *key).collect();
        attr::quoted(&missing)
    }
}
