//! What no table can be, found before any request: by `Orm::new` and `from_runtime`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use orm::schema::{ModelSchema, Schema};
use orm::{Error, ErrorCode};

use crate::DRIVER_KIND;
use crate::error::about;
use crate::index_name::index_name;
use crate::limits::{MAX_ACTIONS, MAX_INDEXES, NAME_BYTES};

/// One transaction writes the record, its locks, and perhaps one for its id.
const MAX_UNIQUES: usize = MAX_ACTIONS - 2;

/// Refuses what no table can be.
pub(crate) fn check_models(schema: &Schema) -> Result<(), Error> {
    schema.check_portable().map_err(|error| error.with_backend(DRIVER_KIND))?;
    for model in schema.models() {
        if model.uniques().len() > MAX_UNIQUES {
            return Err(about(
                model,
                ErrorCode::Unsupported,
                format!(
                    "`{}` has {} unique constraints, more than the {MAX_UNIQUES} that a DynamoDB transaction can keep: make \
                     fewer fields unique, or move some to a model of their own",
                    model.name(),
                    model.uniques().len()
                ),
            ));
        }
        if model.indexes().len() > MAX_INDEXES {
            return Err(about(
                model,
                ErrorCode::Unsupported,
                format!(
                    "`{}` has {} indexes, more than the {MAX_INDEXES} of a DynamoDB table: say `index = false` on \
                     relations that are not read from the other side",
                    model.name(),
                    model.indexes().len()
                ),
            ));
        }
    }
    Ok(())
}

/// Whether DynamoDB takes the name of a table or of an index. A table may also be given as its ARN.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    name.starts_with("arn:") || NAME_BYTES.contains(&name.len()) && name.chars().all(allowed)
}

/// Refuses a name that is none, two models on one table, where each would take the other's records for its own, and two
/// indexes of one name.
pub(crate) fn check_names<'a>(schema: &Schema, table: impl Fn(&ModelSchema) -> Cow<'a, str>) -> Result<(), Error> {
    let refuse = |model: &'static ModelSchema, message: String| Err(about(model, ErrorCode::InvalidQuery, message));
    let mut tables = BTreeMap::new();
    for model in schema.models() {
        let name = table(model);
        if !is_name(&name) {
            let message = format!(
                "`{name}` is not a valid name for the table of `{}`: DynamoDB takes 3 to 255 letters, digits, `_`, `-` and `.`",
                model.name()
            );
            return refuse(model, message);
        }
        if let Some(other) = tables.insert(name.clone(), model.name()) {
            return refuse(
                model,
                format!(
                    "the models `{other}` and `{}` are both stored in the table `{name}`: give one of them another, with \
                     `#[orm(table = \"..\")]` or `DynamoDb::builder(client).table::<Model>(\"..\")`",
                    model.name()
                ),
            );
        }
        let mut indexes = BTreeMap::new();
        for index in model.indexes() {
            let name = index_name(model, index);
            if !is_name(&name) {
                let message = format!(
                    "the index `{name}` of `{}` has a longer name than DynamoDB takes: shorten a column, with \
                     `#[orm(column = \"..\")]`",
                    model.name()
                );
                return refuse(model, message);
            }
            if indexes.insert(name.clone(), index).is_some() {
                let message = format!(
                    "two indexes of `{}` have the name `{name}`: rename a column, with `#[orm(column = \"..\")]`",
                    model.name()
                );
                return refuse(model, message);
            }
        }
    }
    Ok(())
}
