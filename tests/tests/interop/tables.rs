//! Tables as the TypeScript package wrote them, the models of them, and what they contain.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Document;
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users", rename_all = "camelCase")]
pub struct User {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub email: String,
    pub name: Option<String>,
    #[orm(column = "email_verified")]
    pub email_verified: bool,
    #[orm(column = "login_count")]
    pub login_count: i64,
    pub tier: Tier,
    #[orm(column = "quota_bigint")]
    pub quota: i128,
    #[orm(column = "created_at")]
    pub created_at: DateTime<Utc>,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(rename_all = "lowercase")]
pub enum Tier {
    Free,
    Pro,
    Enterprise,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "accounts", rename_all = "camelCase")]
#[orm(unique(provider, account_id))]
pub struct Account {
    #[orm(id)]
    pub id: String,
    #[orm(column = "user_id")]
    pub user_id: String,
    pub provider: String,
    #[orm(column = "account_id")]
    pub account_id: String,
    pub balance: Decimal,
    pub metadata: Option<Json<Metadata>>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Metadata {
    pub plan: String,
    pub scopes: Vec<String>,
    pub flags: BTreeMap<String, bool>,
    pub n: f64,
    pub none: Option<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "events", rename_all = "camelCase")]
pub struct Event {
    #[orm(id)]
    pub id: i64,
    #[orm(unique)]
    pub revision: i64,
    #[orm(unique, column = "occurred_at")]
    pub occurred_at: DateTime<Utc>,
    pub active: bool,
    #[orm(unique)]
    pub big: i128,
    #[orm(unique)]
    pub price: Decimal,
    #[orm(unique)]
    pub tier: EventTier,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTier {
    #[orm(rename = "a b")]
    Ab,
    #[orm(rename = "c/d")]
    CdSlash,
}

pub fn schema() -> orm::Schema {
    schema![User, Account, Event]
}

pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
pub type Item = HashMap<String, AttributeValue>;
/// The items of a table by their partition key.
pub type Items = BTreeMap<String, Item>;

pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn users() -> [User; 2] {
    [
        User {
            id: "u1".into(),
            email: "ada@farminglabs.dev".into(),
            name: Some("Ada".into()),
            email_verified: true,
            login_count: 3,
            tier: Tier::Pro,
            quota: 9_007_199_254_740_993,
            created_at: time("2026-01-02T03:04:05.006Z"),
        },
        User {
            id: "ü#2/ %".into(),
            email: "weird #+\"é'()*!~/%@x.dev".into(),
            name: None,
            email_verified: false,
            login_count: 0,
            tier: Tier::Free,
            quota: 0,
            created_at: time("2026-01-01T00:00:00Z"),
        },
    ]
}

pub fn accounts() -> [Account; 2] {
    let metadata = Metadata {
        plan: "oss".into(),
        scopes: vec!["repo:read".into()],
        flags: BTreeMap::from([("sync".into(), true)]),
        n: 1.5,
        none: None,
    };
    [
        Account {
            id: "a1".into(),
            user_id: "u1".into(),
            provider: "github".into(),
            account_id: "gh_ada".into(),
            balance: decimal("12.5"),
            metadata: Some(Json(metadata)),
        },
        Account {
            id: "a2".into(),
            user_id: "u1".into(),
            provider: "git#hub".into(),
            account_id: "x+y#z".into(),
            balance: decimal("-0.1"),
            metadata: None,
        },
    ]
}

pub fn events() -> [Event; 2] {
    [
        Event {
            id: 7,
            revision: 7,
            occurred_at: time("2026-03-31T00:00:00Z"),
            active: true,
            big: -12_345_678_901_234_567_890,
            price: decimal("100"),
            tier: EventTier::Ab,
        },
        Event {
            id: 8,
            revision: -1,
            occurred_at: time("1969-12-31T23:59:59.999Z"),
            active: false,
            big: 0,
            price: decimal("0.001"),
            tier: EventTier::CdSlash,
        },
    ]
}

/// An attribute from DynamoDB's JSON: `{"S": ".."}`.
pub fn attribute(json: &Document) -> AttributeValue {
    let (kind, value) = json.as_object().and_then(|object| object.iter().next()).expect("an attribute");
    match (kind.as_str(), value) {
        ("S", Document::String(text)) => AttributeValue::S(text.clone()),
        ("N", Document::String(text)) => AttributeValue::N(text.clone()),
        ("BOOL", Document::Bool(value)) => AttributeValue::Bool(*value),
        ("NULL", _) => AttributeValue::Null(true),
        ("L", Document::Array(items)) => AttributeValue::L(items.iter().map(attribute).collect()),
        ("M", Document::Object(_)) => AttributeValue::M(item(value)),
        other => panic!("{other:?}"),
    }
}

pub fn item(json: &Document) -> Item {
    let attributes = json.as_object().expect("an item");
    attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

pub fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub fn by_key(items: impl IntoIterator<Item = Item>) -> Items {
    items.into_iter().map(|item| (text(&item, "__orm_pk").expect("a key").to_owned(), item)).collect()
}

/// What TypeScript wrote, by table.
pub fn golden() -> BTreeMap<String, Items> {
    let golden: BTreeMap<String, Vec<Document>> =
        serde_json::from_str(include_str!("../../data/golden.json")).expect("JSON");
    golden.into_iter().map(|(table, items)| (table, by_key(items.iter().map(item)))).collect()
}

pub async fn stored(client: &Client, table: &str) -> Fallible<Items> {
    Ok(by_key(client.scan().table_name(table).send().await?.items.unwrap_or_default()))
}

/// A table that is shared with TypeScript.
pub struct Bed {
    pub client: Client,
    pub orm: Orm,
}

impl Bed {
    pub async fn empty() -> Fallible<Self> {
        let client = Embedded::in_memory()?.client();
        let orm = Orm::bootstrap(schema(), DynamoDb::builder(client.clone()).id_locks(true).build()).await?;
        Ok(Self { client, orm })
    }

    /// With what TypeScript wrote.
    pub async fn golden() -> Fallible<Self> {
        let bed = Self::empty().await?;
        for (table, items) in golden() {
            for item in items.into_values() {
                bed.client.put_item().table_name(&table).set_item(Some(item)).send().await?;
            }
        }
        Ok(bed)
    }

    /// The keys of what is stored.
    pub async fn keys(&self, table: &str) -> Fallible<Vec<String>> {
        Ok(stored(&self.client, table).await?.into_keys().collect())
    }

    /// One attribute of a record.
    pub async fn column(&self, table: &str, key: &str, column: &str) -> Fallible<Option<AttributeValue>> {
        Ok(stored(&self.client, table).await?.remove(key).and_then(|mut item| item.remove(column)))
    }

    /// Overwrites one attribute of a record, as another service does.
    pub async fn overwrite(&self, table: &str, key: &str, column: &str, value: AttributeValue) -> Outcome {
        self.client
            .update_item()
            .table_name(table)
            .key("__orm_pk", AttributeValue::S(key.to_owned()))
            .update_expression("SET #column = :value")
            .expression_attribute_names("#column", column)
            .expression_attribute_values(":value", value)
            .send()
            .await?;
        Ok(())
    }
}

pub fn sorted<T>(mut records: Vec<T>, id: impl Fn(&T) -> String) -> Vec<T> {
    records.sort_by_key(id);
    records
}
