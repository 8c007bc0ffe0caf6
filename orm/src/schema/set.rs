//! The models that belong together: the schema of an application.

use super::{ModelSchema, foreign_keys};
use crate::error::{Error, ErrorCode};

/// The models of an application or library. Made by [`schema!`](crate::schema!).
#[derive(Clone, Debug, Default)]
pub struct Schema {
    models: Vec<&'static ModelSchema>,
}

/// Lists the models of an [`Orm`](crate::Orm).
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Model)]
/// #[orm(table = "notes")]
/// struct Note {
///     #[orm(id)]
///     id: String,
///     text: String,
/// }
///
/// let schema = schema![Note];
/// assert_eq!(schema.models()[0].table(), "notes");
/// ```
#[macro_export]
macro_rules! schema {
    ($($model:ty),* $(,)?) => {
        $crate::schema::Schema::new([$(<$model as $crate::Model>::schema()),*])
    };
    ($($other:tt)*) => {
        ::core::compile_error!("name the structs of the models: `schema![User, Session]`")
    };
}

impl Schema {
    /// The schema of these models. A model named twice counts once.
    pub fn new(models: impl IntoIterator<Item = &'static ModelSchema>) -> Self {
        let mut schema = Self::default();
        for model in models {
            if !schema.contains(model) {
                schema.models.push(model);
            }
        }
        schema
    }

    /// This schema and the models of another: a library's with the application's own.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self::new(self.models.into_iter().chain(other.models))
    }

    /// The models, in the order they were named.
    pub fn models(&self) -> &[&'static ModelSchema] {
        &self.models
    }

    /// Whether the model is part of it.
    pub fn contains(&self, model: &'static ModelSchema) -> bool {
        self.models.contains(&model)
    }

    /// # Errors
    /// `MissingSchema` when the model is not part of it.
    pub(crate) fn require(&self, model: &'static ModelSchema) -> Result<(), Error> {
        if self.contains(model) {
            return Ok(());
        }
        let known: Vec<&str> = self.models.iter().map(|model| model.name()).collect();
        Err(Error::new(
            ErrorCode::MissingSchema,
            format!(
                "the model `{}` is not part of this Orm's schema, which has {}: add it to `schema![..]`",
                model.name(),
                if known.is_empty() { "no models".to_owned() } else { known.join(", ") }
            ),
        )
        .with_model(model))
    }

    /// What no driver could make sense of.
    ///
    /// # Errors
    /// `InvalidQuery` when two models have one name, or two models one table, a model's id can be null, or a relation goes by
    /// a foreign key of another model.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (place, model) in self.models.iter().enumerate() {
            if model.id_field().is_nullable() {
                let text = " is optional, and every record has an id: give it a type without `Option`";
                return Err(model.field_error(ErrorCode::InvalidQuery, model.id(), text));
            }
            foreign_keys::check(model)?;
            for other in self.models.iter().take(place) {
                let (what, both) = if other.name() == model.name() {
                    ("name", model.name())
                } else if other.table() == model.table() && other.database_schema() == model.database_schema() {
                    ("table", model.table())
                } else {
                    continue;
                };
                return Err(Error::invalid_query(format!(
                    "two models of the schema have the {what} `{both}`: give one of them another with \
                     `#[orm({what} = \"..\")]`"
                ))
                .with_model(model));
            }
        }
        Ok(())
    }
}
