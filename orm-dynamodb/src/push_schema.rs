//! `push_schema`: the table of a model, with one partition key and the model's indexes. What is missing is created, nothing
//! else is changed.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::update_table::UpdateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription, GlobalSecondaryIndexUpdate, IndexStatus, KeySchemaElement, KeyType,
    MultiRegionConsistency, Projection, ProjectionType, ProvisionedThroughput, ScalarAttributeType, TableDescription,
    TableStatus,
};
use orm::schema::{FieldSchema, IndexSchema, ModelSchema, SchemaEvent};
use orm::{Error, ErrorCode, FieldKind};
use tokio::time::Instant;

use crate::error::{about, classify};
use crate::index_name::index_name;
use crate::key::PARTITION_KEY;
use crate::table::Table;

/// Tables are usable within seconds, but an index of a large table takes its time.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// A new table may not be seen at once.
const SEEN_WITHIN: Duration = Duration::from_secs(30);
/// How long a table waits for its turn while as many as DynamoDB takes at once are being made.
const TURN_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks at a table that is not active yet.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Creates the table if there is none, and the indexes that it lacks, and waits until all of them can be used.
pub(crate) async fn push(table: &Table<'_>, progress: &(dyn Fn(SchemaEvent) + Send + Sync)) -> Result<(), Error> {
    let name = || table.name.to_owned();
    let (mut tries, mut is_new) = (table.tries(), false);
    loop {
        let Some(description) = wait_until(table, progress, is_new, |now| is_ready(table.model, now)).await? else {
            if is_new && !tries.again().await {
                let message = format!(
                    "the table `{}` was created, but is still not visible: run `push_schema` again",
                    table.name
                );
                return Err(about(table.model, ErrorCode::Timeout, message));
            }
            progress(SchemaEvent::CreatingTable { table: name() });
            create_in_turn(table, progress).await?;
            is_new = true;
            continue;
        };
        is_new = false;
        check_key(table, &description)?;
        check_indexes(table, &description)?;
        let Some(index) = missing_index(table.model, &description) else {
            for index in unknown_indexes(table.model, &description) {
                tracing::warn!(table = table.name, index, "no model declares this index: it is left alone");
                progress(SchemaEvent::UnknownIndex { table: name(), index });
            }
            if let Some(why) = caution(table, &description) {
                tracing::warn!(table = table.name, "the table {why}");
                progress(SchemaEvent::Caution { table: name(), why: why.to_owned() });
            }
            progress(SchemaEvent::Ready { table: name() });
            return Ok(());
        };
        // DynamoDB makes one index at a time, from what is in the table.
        let index_name = index_name(table.model, index);
        progress(SchemaEvent::AddingIndex { table: name(), index: index_name.clone() });
        match add_index(table, index, &description).await? {
            Adding::Begun => {
                let begun = Instant::now();
                let lists = |now: &TableDescription| existing_indexes(now).any(|listed| listed == index_name);
                // A look at the table just afterwards may still be answered from before. Later on, somebody has removed it.
                let is_decided = |now: &TableDescription| match lists(now) {
                    true => is_active(table.model, now),
                    false => begun.elapsed() > SEEN_WITHIN,
                };
                if wait_until(table, progress, false, is_decided).await?.is_some_and(|now| lists(&now)) {
                    tries = table.tries();
                } else if !tries.again().await {
                    let message = format!(
                        "the table `{}` does not list the index `{index_name}`, which was added: run `push_schema` again",
                        table.name
                    );
                    return Err(about(table.model, ErrorCode::Timeout, message));
                }
            }
            Adding::Busy(error) => {
                // Its turn comes.
                if !tries.again().await {
                    return Err(error);
                }
            }
            Adding::Ignored => {
                return Err(about(
                    table.model,
                    ErrorCode::Unsupported,
                    format!(
                        "the table `{}` lacks the index `{index_name}`, and this engine does not add indexes to a table: \
                         recreate the table",
                        table.name
                    ),
                ));
            }
        }
    }
}

fn existing_indexes(description: &TableDescription) -> impl Iterator<Item = &str> {
    description.global_secondary_indexes().iter().filter_map(|index| index.index_name())
}

fn missing_index(model: &'static ModelSchema, description: &TableDescription) -> Option<&'static IndexSchema> {
    let existing: Vec<&str> = existing_indexes(description).collect();
    model.indexes().iter().find(|index| !existing.contains(&index_name(model, index).as_str()))
}

fn unknown_indexes(model: &'static ModelSchema, description: &TableDescription) -> Vec<String> {
    let known: Vec<String> = model.indexes().iter().map(|index| index_name(model, index)).collect();
    existing_indexes(description).map(str::to_owned).filter(|index| !known.contains(index)).collect()
}

/// What to say of a global table: DynamoDB checks conditions within one Region.
fn caution(table: &Table<'_>, description: &TableDescription) -> Option<&'static str> {
    if description.replicas().is_empty() {
        return None;
    }
    match description.multi_region_consistency() {
        // A model without locks needs them, too: for records that are created together under ids that were given.
        Some(MultiRegionConsistency::Strong) if table.engine.has_transactions() => Some(
            "is strongly consistent between Regions, where DynamoDB refuses transactions: say \
             `DynamoDb::builder(client).transactions(false)`",
        ),
        Some(MultiRegionConsistency::Strong) => None,
        _ => Some(
            "has replicas in other Regions: what is promised of writes holds as long as all of them go to one Region",
        ),
    }
}

/// What an engine makes of the request for an index.
enum Adding {
    Begun,
    /// Somebody else is changing the table at the same time, or has added the index.
    Busy(Error),
    /// It answers that all is well, and has not listed it.
    Ignored,
}

async fn add_index(
    table: &Table<'_>,
    index: &'static IndexSchema,
    description: &TableDescription,
) -> Result<Adding, Error> {
    let unbuildable = |error| table.unbuildable(error);
    let definition = definition(table.model, index).map_err(unbuildable)?;
    let action = CreateGlobalSecondaryIndexAction::builder()
        .index_name(definition.index_name())
        .set_key_schema(Some(definition.key_schema().to_vec()))
        .set_projection(definition.projection().cloned())
        .set_provisioned_throughput(throughput(description).map_err(unbuildable)?)
        .build()
        .map_err(unbuildable)?;
    let fields = std::iter::once(index.hash()).chain(index.range());
    let attributes = attribute_definitions(key_attributes(table.model, fields)).map_err(unbuildable)?;
    let output = table
        .client
        .update_table()
        .table_name(table.name)
        .set_attribute_definitions(Some(attributes))
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(action).build())
        .send()
        .await;
    match output {
        Ok(output) => {
            let name = index_name(table.model, index);
            let description = output.table_description;
            let listed = description.is_some_and(|description| existing_indexes(&description).any(|one| one == name));
            Ok(if listed { Adding::Begun } else { Adding::Ignored })
        }
        // Both are said of a table whose other index is under way.
        Err(SdkError::ServiceError(service))
            if matches!(
                service.err(),
                UpdateTableError::ResourceInUseException(_) | UpdateTableError::LimitExceededException(_)
            ) =>
        {
            Ok(Adding::Busy(classify(SdkError::ServiceError(service), table.model, table.name)))
        }
        // The answer to the request before may have been lost: the next look tells.
        Err(SdkError::ServiceError(service))
            if service.err().message().is_some_and(|text| text.contains("already exists")) =>
        {
            Ok(Adding::Busy(classify(SdkError::ServiceError(service), table.model, table.name)))
        }
        Err(error) => Err(classify(error, table.model, table.name)),
    }
}

/// What an index of a table in provisioned mode gets: as much as the table has. Others must not say any.
fn throughput(table: &TableDescription) -> Result<Option<ProvisionedThroughput>, BuildError> {
    let units = table.provisioned_throughput().and_then(|units| {
        Some((units.read_capacity_units?, units.write_capacity_units?)).filter(|(read, write)| *read > 0 && *write > 0)
    });
    let on_demand = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    let Some((read, write)) = units.filter(|_| on_demand != Some(&BillingMode::PayPerRequest)) else {
        return Ok(None);
    };
    ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build().map(Some)
}

/// The table once it is ready; `None` if there is none, which of a new one is believed only after a time.
async fn wait_until(
    table: &Table<'_>,
    progress: &(dyn Fn(SchemaEvent) + Send + Sync),
    is_new: bool,
    is_ready: impl Fn(&TableDescription) -> bool,
) -> Result<Option<TableDescription>, Error> {
    let mut pause = FIRST_PAUSE;
    let mut waited = Duration::ZERO;
    loop {
        match table.describe().await? {
            Some(description) if is_ready(&description) => return Ok(Some(description)),
            Some(description) => check_status(table, &description)?,
            None if is_new && waited < SEEN_WITHIN => {}
            None => return Ok(None),
        }
        if waited > LONGEST_WAIT {
            return Err(about(
                table.model,
                ErrorCode::Timeout,
                format!(
                    "the table `{}` is still not active after {} s: look what its status is, and call `push_schema` again",
                    table.name,
                    waited.as_secs()
                ),
            ));
        }
        progress(SchemaEvent::Waiting { table: table.name.to_owned(), waited });
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the table and the model's indexes that it has can be used, and those that it lacks be added.
fn is_ready(model: &'static ModelSchema, table: &TableDescription) -> bool {
    if missing_index(model, table).is_none() {
        return is_active(model, table);
    }
    // One index at a time is made or removed, whoever's it is, and none while the table is changed.
    table.table_status == Some(TableStatus::Active) && table.global_secondary_indexes().iter().all(is_settled)
}

/// Refuses a table that stays as it is, however long one waits.
fn check_status(table: &Table<'_>, description: &TableDescription) -> Result<(), Error> {
    match &description.table_status {
        Some(
            status @ (TableStatus::Archived
            | TableStatus::Archiving
            | TableStatus::InaccessibleEncryptionCredentials
            | TableStatus::ReplicationNotAuthorized),
        ) => {
            let message = format!(
                "the table `{}` cannot be used, because its status is {}: restore it, or name another table",
                table.name,
                status.as_str()
            );
            Err(about(table.model, ErrorCode::Backend, message))
        }
        _ => Ok(()),
    }
}

/// Whether the table and the model's indexes can be used. Others' are none of its business: filling one takes hours.
fn is_active(model: &'static ModelSchema, table: &TableDescription) -> bool {
    let table_active = matches!(table.table_status, Some(TableStatus::Active | TableStatus::Updating));
    let unknown = unknown_indexes(model, table);
    let is_unknown = |name: Option<&str>| name.is_some_and(|name| unknown.iter().any(|other| other == name));
    let indexes = table.global_secondary_indexes();
    table_active && indexes.iter().all(|index| is_settled(index) || is_unknown(index.index_name()))
}

/// Whether an index can be used. An engine that leaves its status out has it ready.
fn is_settled(index: &GlobalSecondaryIndexDescription) -> bool {
    matches!(index.index_status, None | Some(IndexStatus::Active | IndexStatus::Updating))
}

/// Creates the table, once few enough others are being made.
async fn create_in_turn(table: &Table<'_>, progress: &(dyn Fn(SchemaEvent) + Send + Sync)) -> Result<(), Error> {
    let mut waited = Duration::ZERO;
    while let Creating::Later(error) = create(table).await? {
        if waited >= TURN_WITHIN {
            return Err(error);
        }
        progress(SchemaEvent::Waiting { table: table.name.to_owned(), waited });
        tokio::time::sleep(LONGEST_PAUSE).await;
        waited += LONGEST_PAUSE;
    }
    Ok(())
}

/// What an engine makes of the request for a table.
enum Creating {
    Begun,
    /// It makes as many tables as it does at once.
    Later(Error),
}

async fn create(table: &Table<'_>) -> Result<Creating, Error> {
    let model = table.model;
    let unbuildable = |error| table.unbuildable(error);
    let fields = model.indexes().iter().flat_map(|index| std::iter::once(index.hash()).chain(index.range()));
    let mut attributes = key_attributes(model, fields);
    attributes.insert(PARTITION_KEY, ScalarAttributeType::S);
    let attributes = attribute_definitions(attributes).map_err(unbuildable)?;
    let indexes: Vec<_> =
        model.indexes().iter().map(|index| definition(model, index)).collect::<Result<_, _>>().map_err(unbuildable)?;
    let output = table
        .client
        .create_table()
        .table_name(table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes))
        .key_schema(key_element(PARTITION_KEY, KeyType::Hash).map_err(unbuildable)?)
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .send()
        .await;
    match output {
        Ok(_) => Ok(Creating::Begun),
        Err(SdkError::ServiceError(service)) => match service.err() {
            // Somebody else is creating it at the same time: there is only one to wait for.
            CreateTableError::ResourceInUseException(_) => Ok(Creating::Begun),
            CreateTableError::LimitExceededException(limit) => {
                let said = limit.message().unwrap_or_default().to_owned();
                let error = SdkError::ServiceError(service);
                if said.contains("simultaneous") {
                    return Ok(Creating::Later(classify(error, model, table.name)));
                }
                let message = format!(
                    "DynamoDB refuses to create the table `{}` because of a limit of the account: delete tables, or ask AWS for a \
                     higher quota ({said})",
                    table.name
                );
                Err(about(model, ErrorCode::Backend, message).with_source(error))
            }
            _ => Err(classify(SdkError::ServiceError(service), model, table.name)),
        },
        Err(error) => Err(classify(error, model, table.name)),
    }
}

/// What a field is stored as, where an index has it as a key.
fn key_type(field: &FieldSchema) -> ScalarAttributeType {
    match field.kind() {
        FieldKind::Bytes => ScalarAttributeType::B,
        kind if kind.is_number() => ScalarAttributeType::N,
        _ => ScalarAttributeType::S,
    }
}

/// The attributes of an index, or of a table and all of its indexes: each once.
type KeyAttributes = BTreeMap<&'static str, ScalarAttributeType>;

fn key_attributes(model: &ModelSchema, fields: impl Iterator<Item = usize>) -> KeyAttributes {
    fields.map(|field| model.field(field)).map(|field| (field.column(), key_type(field))).collect()
}

fn attribute_definitions(attributes: KeyAttributes) -> Result<Vec<AttributeDefinition>, BuildError> {
    let definition = |(name, kind)| AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build();
    attributes.into_iter().map(definition).collect()
}

fn key_element(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}

fn definition(model: &ModelSchema, index: &IndexSchema) -> Result<GlobalSecondaryIndex, BuildError> {
    let mut definition = GlobalSecondaryIndex::builder()
        .index_name(index_name(model, index))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .key_schema(key_element(model.field(index.hash()).column(), KeyType::Hash)?);
    if let Some(range) = index.range() {
        definition = definition.key_schema(key_element(model.field(range).column(), KeyType::Range)?);
    }
    definition.build()
}

/// A table that was there before must be one of ours.
fn check_key(table: &Table<'_>, description: &TableDescription) -> Result<(), Error> {
    let keys = description.key_schema();
    let is_ours = matches!(keys, [one] if one.attribute_name() == PARTITION_KEY && *one.key_type() == KeyType::Hash);
    if is_ours {
        return Ok(());
    }
    let names: Vec<&str> = keys.iter().map(KeySchemaElement::attribute_name).collect();
    Err(about(
        table.model,
        ErrorCode::Unsupported,
        format!(
            "the table `{}` exists with the key ({}), and records need the key ({PARTITION_KEY}): name another table \
             with `#[orm(table = \"..\")]`, `DynamoDb::builder(client).table::<Model>(\"..\")` or a table prefix",
            table.name,
            names.join(", ")
        ),
    ))
}

/// So must an index of one of our names: with other keys a query would be refused, with keys of another type every write,
/// with fewer attributes it would leave columns out.
fn check_indexes(table: &Table<'_>, description: &TableDescription) -> Result<(), Error> {
    let type_of = |column: &str| {
        let mut attributes = description.attribute_definitions().iter();
        attributes.find(|attribute| attribute.attribute_name() == column).map(|attribute| attribute.attribute_type())
    };
    for index in table.model.indexes() {
        let name = index_name(table.model, index);
        let existing = description.global_secondary_indexes().iter();
        let Some(found) = existing.into_iter().find(|found| found.index_name() == Some(name.as_str())) else {
            continue;
        };
        let fields = || std::iter::once(index.hash()).chain(index.range()).map(|field| table.model.field(field));
        let keys = found.key_schema().iter().map(KeySchemaElement::attribute_name);
        let has_keys = keys.eq(fields().map(FieldSchema::column));
        let has_types = fields().all(|field| type_of(field.column()).is_none_or(|found| *found == key_type(field)));
        // An engine that leaves the projection out has everything in it.
        let projection = found.projection().and_then(|projection| projection.projection_type());
        let has_all = projection.is_none_or(|projection| *projection == ProjectionType::All);
        if !(has_keys && has_types && has_all) {
            return Err(about(
                table.model,
                ErrorCode::Unsupported,
                format!(
                    "the table `{}` has an index `{name}` with other keys, keys of another type or fewer attributes than the \
                     model's: delete it, and `push_schema` recreates it",
                    table.name
                ),
            ));
        }
    }
    // Nor can an index of others be on a column that holds what it cannot: every write would be refused.
    for field in table.model.fields() {
        let of_column = |key: &KeySchemaElement| key.attribute_name() == field.column();
        let mut indexes = description.global_secondary_indexes().iter();
        if type_of(field.column()).is_some_and(|found| !field.kind().can_be_indexed() || *found != key_type(field))
            && let Some(index) = indexes.find(|index| index.key_schema().iter().any(of_column))
        {
            return Err(about(
                table.model,
                ErrorCode::Unsupported,
                format!(
                    "the table `{}` has an index `{}` on `{}`, with values of another type than the model's, so that DynamoDB \
                     would refuse to store it: delete the index",
                    table.name,
                    index.index_name().unwrap_or_default(),
                    field.column()
                ),
            ));
        }
    }
    Ok(())
}
