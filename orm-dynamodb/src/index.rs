//! Global secondary indexes: their names.

use orm::schema::{IndexSchema, ModelSchema};

/// The name of an index: its columns, as far as DynamoDB allows their characters in a name.
pub(crate) fn index_name(model: &ModelSchema, index: &IndexSchema) -> String {
    let mut name = model.field(index.hash()).column().to_owned();
    if let Some(range) = index.range() {
        name.push('-');
        name.push_str(model.field(range).column());
    }
    name.push_str("-index");
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' }).collect()
}
