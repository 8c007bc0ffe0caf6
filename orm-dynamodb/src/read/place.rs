//! Places in what is read as it is stored, where a later part goes on.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orm::FieldKind;
use orm::driver::Position;
use orm::schema::ModelSchema;
use serde_json::{Map, Value as Json, json};

use crate::attribute::{from_attribute, is_number};
use crate::index_name::index_name;
use crate::item;
use crate::key::PARTITION_KEY;
use crate::plan::{Access, Branch, Plan};
use crate::table::{Item, Table};

/// A place in a branch that is read as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) branch: usize,
    pub(super) at: At,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum At {
    /// Of a branch of keys, so many of them are done.
    Key(usize),
    /// Of an index or a table, after the item with this key; `None` at the beginning.
    Item(Option<Item>),
}

impl Place {
    pub(super) fn beginning(plan: &Plan, branch: usize) -> Option<Self> {
        let at = match plan.branches.get(branch)?.access {
            Access::Ids(_) | Access::Locks(..) => At::Key(0),
            Access::Index(_) | Access::Scan => At::Item(None),
        };
        Some(Self { branch, at })
    }

    pub(super) fn position(&self, plan: &Plan, table: &Table<'_>) -> Position {
        let mut document = Map::new();
        document.insert("b".into(), self.branch.into());
        document.insert("i".into(), source_name(plan, self.branch, table).into());
        match &self.at {
            At::Key(done) => {
                document.insert("k".into(), (*done).into());
            }
            At::Item(key) => {
                document.insert("s".into(), key.as_ref().map_or(Json::Null, key_to_json));
            }
        }
        Position::new(Json::Object(document).to_string())
    }

    pub(super) fn parse(position: &Position, plan: &Plan, table: &Table<'_>) -> Option<Self> {
        let document: Json = serde_json::from_str(position.as_str()).ok()?;
        let branch = usize::try_from(document.get("b")?.as_u64()?).ok()?;
        let start = Self::beginning(plan, branch)?;
        if document.get("i")?.as_str()? != source_name(plan, branch, table) {
            return None;
        }
        let at = match start.at {
            At::Key(_) => At::Key(usize::try_from(document.get("k")?.as_u64()?).ok()?),
            At::Item(_) => match document.get("s")? {
                Json::Null => At::Item(None),
                key => At::Item(Some(key_from_json(key, plan.branches.get(branch)?, table.model)?)),
            },
        };
        Some(Self { branch, at })
    }
}

/// What a place belongs to: it is of no use in another index, nor among other keys.
fn source_name(plan: &Plan, branch: usize, table: &Table<'_>) -> String {
    let Some(access) = plan.branches.get(branch).map(|branch| &branch.access) else { return String::new() };
    match access {
        Access::Index(access) => index_name(table.model, access.index),
        Access::Ids(_) | Access::Locks(..) => {
            let fields = access.keys(table.model).map_or(&[][..], |(fields, _)| fields);
            fields.iter().map(|field| table.model.field(*field).column()).collect::<Vec<_>>().join("+")
        }
        Access::Scan => String::new(),
    }
}

/// The attributes of keys are texts, numbers and bytes.
fn key_to_json(key: &Item) -> Json {
    let attributes = key.iter().filter_map(|(name, attribute)| match attribute {
        AttributeValue::S(text) => Some((name.clone(), json!({ "S": text }))),
        AttributeValue::N(number) => Some((name.clone(), json!({ "N": number }))),
        AttributeValue::B(bytes) => Some((name.clone(), json!({ "B": URL_SAFE_NO_PAD.encode(bytes) }))),
        _ => None,
    });
    Json::Object(attributes.collect())
}

/// A key that [`key_to_json`] wrote, of an item that the branch may find: it comes from outside, and may be made up.
fn key_from_json(key: &Json, branch: &Branch, model: &'static ModelSchema) -> Option<Item> {
    let attribute = |value: &Json| {
        let (kind, value) = value.as_object()?.iter().next()?;
        let text = value.as_str()?.to_owned();
        match kind.as_str() {
            "S" => Some(AttributeValue::S(text)),
            "N" => Some(AttributeValue::N(text)),
            "B" => Some(AttributeValue::B(Blob::new(URL_SAFE_NO_PAD.decode(text).ok()?))),
            _ => None,
        }
    };
    let key: Item =
        key.as_object()?.iter().map(|(name, value)| Some((name.clone(), attribute(value)?))).collect::<Option<_>>()?;
    let fits = |field: usize| {
        let kind = model.field(field).kind();
        match key.get(model.field(field).column()) {
            // Not all that others have stored can be read.
            Some(AttributeValue::N(text)) => kind.is_number() && is_number(text),
            // Other writers have bigints and decimals as texts.
            Some(AttributeValue::S(text)) => !text.is_empty() && !matches!(kind, FieldKind::Integer | FieldKind::Bytes),
            Some(AttributeValue::B(bytes)) => !bytes.as_ref().is_empty() && kind == FieldKind::Bytes,
            _ => false,
        }
    };
    // An index is read for one value of its first field.
    let is_of_branch = match &branch.access {
        Access::Index(access) => {
            let field = model.field(access.index.hash());
            let value = key.get(field.column()).and_then(|value| from_attribute(field.kind(), value.clone()).ok());
            value.as_ref() == Some(&access.hash)
        }
        _ => true,
    };
    let fields: Vec<usize> = key_fields(branch).collect();
    let is_whole = item::text(&key, PARTITION_KEY).is_some_and(|key| !key.is_empty()) && key.len() == 1 + fields.len();
    (is_whole && is_of_branch && fields.into_iter().all(fits)).then_some(key)
}

/// The fields whose columns are in the keys of what a branch reads, besides the keys of the items.
fn key_fields(branch: &Branch) -> impl Iterator<Item = usize> {
    let index = if let Access::Index(access) = &branch.access { Some(access.index) } else { None };
    index.into_iter().flat_map(|index| std::iter::once(index.hash()).chain(index.range()))
}

/// The key of an item in the index or table that it was found in.
pub(super) fn key_of(branch: &Branch, model: &'static ModelSchema, item: &Item) -> Item {
    let columns = key_fields(branch).map(|field| model.field(field).column());
    let names = std::iter::once(PARTITION_KEY).chain(columns);
    names.filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;
    use orm::{Comparison, Condition};

    use super::*;

    #[derive(Model)]
    #[orm(table = "scores")]
    #[orm(index(player, points))]
    struct Score {
        #[orm(id)]
        id: String,
        player: String,
        points: i64,
    }

    #[test]
    fn a_made_up_key_is_none() {
        let model = Score::schema();
        let of = |condition| Plan::new(model, condition, &[]);
        let player = of(Condition::Compare(1, Comparison::Eq, orm::Value::Text("ada".to_owned())));
        let scan = of(Condition::always());
        let pk = json!({ "S": "record#1" });
        let own = json!({ "__orm_pk": pk, "player": { "S": "ada" }, "points": { "N": "7" } });
        let item = key_from_json(&own, &player.branches[0], model).unwrap();
        assert_eq!(key_to_json(&item), own);
        assert!(key_from_json(&json!({ "__orm_pk": pk }), &scan.branches[0], model).is_some());
        assert!(key_from_json(&own, &scan.branches[0], model).is_none());
        for other in [
            json!({ "__orm_pk": pk }),
            json!({ "__orm_pk": pk, "player": { "S": "ada" }, "points": { "S": "7" } }),
            json!({ "__orm_pk": pk, "player": { "S": "ada" }, "points": { "N": "seven" } }),
            json!({ "__orm_pk": pk, "player": { "S": "" }, "points": { "N": "7" } }),
            json!({ "__orm_pk": pk, "player": { "S": "eve" }, "points": { "N": "7" } }),
            json!({ "__orm_pk": pk, "player": { "S": "ada" }, "points": { "N": "1e200" } }),
            json!({ "__orm_pk": pk, "player": { "N": "1" }, "points": { "N": "7" } }),
            json!({ "__orm_pk": pk, "player": { "S": "ada" }, "pionts": { "N": "7" } }),
            json!({ "__orm_pk": { "S": "" }, "player": { "S": "ada" }, "points": { "N": "7" } }),
            json!({ "player": { "S": "ada" }, "points": { "N": "7" }, "id": { "S": "1" } }),
        ] {
            assert!(key_from_json(&other, &player.branches[0], model).is_none(), "{other}");
        }
    }
}
