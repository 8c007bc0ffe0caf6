//! What happens when a query can only be answered by reading the whole table.

use orm::schema::ModelSchema;
use orm::{Condition, Error, ErrorCode, Order};

use crate::config::ScanPolicy;
use crate::plan::Plan;
use crate::store::Table;

/// Applies the policy to a scan. Reading all records, in any order, is what a query without a filter asks for and
/// needs no permission.
pub(crate) fn check(table: &Table<'_>, plan: &Plan, order: &[Order]) -> Result<(), Error> {
    if plan.is_exact() && order.is_empty() {
        return Ok(());
    }
    match table.config.scan_policy {
        ScanPolicy::Allow => Ok(()),
        ScanPolicy::Warn => {
            tracing::warn!(model = table.model.name(), table = table.name, "{}", message(table.model, plan, order));
            Ok(())
        }
        ScanPolicy::Deny => Err(Error::new(ErrorCode::InvalidQuery, message(table.model, plan, order))
            .with_backend(crate::DRIVER_KIND)
            .with_model(table.model)),
    }
}

fn message(model: &'static ModelSchema, plan: &Plan, order: &[Order]) -> String {
    let conditions = || plan.filter.iter().chain(&plan.residual);
    let equal = conditions().find_map(|condition| match condition {
        Condition::Compare(field, orm::Comparison::Eq, _) | Condition::In(field, _) => Some(*field),
        _ => None,
    });
    let range = conditions()
        .flat_map(Condition::fields)
        .chain(order.iter().map(|order| order.field))
        .find(|field| Some(*field) != equal);
    let advice = match (equal, range) {
        (Some(hash), Some(range)) => format!(
            "`#[orm(index({}, {}))]` on the model avoids it",
            model.field(hash).name(),
            model.field(range).name()
        ),
        (Some(hash), None) => format!("`#[orm(index({}))]` on the model avoids it", model.field(hash).name()),
        (None, _) => {
            "an index needs an equality in the filter: `#[orm(index(..))]` on such a field avoids it".to_owned()
        }
    };
    format!("this query of `{}` reads the whole table: its filter names no key and no index; {advice}", model.name())
}
