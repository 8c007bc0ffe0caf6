//! Global secondary indexes: their names.

use orm::schema::{IndexSchema, ModelSchema};

const SUFFIX: &str = "-index";

/// The name of an index: its columns, as far as DynamoDB allows their characters in a name.
pub(crate) fn index_name(model: &ModelSchema, index: &IndexSchema) -> String {
    let (hash, range) = (model.field(index.hash()).column(), index.range().map(|range| model.field(range).column()));
    let mut name = String::with_capacity(hash.len() + range.map_or(0, |range| range.len() + 1) + SUFFIX.len());
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    name.extend(hash.chars().map(allowed));
    if let Some(range) = range {
        name.push('-');
        name.extend(range.chars().map(allowed));
    }
    name.push_str(SUFFIX);
    name
}
