//! Writes of one record.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use uuid::Uuid;

use super::super::Failure;
use super::super::data::Note;
use super::{Hand, Item, PK, TARGET, conflict, items, key, lock, lock_key, record_key, text};
use crate::models::{Session, Tier, User};

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// The attributes in which a record remembers its last increments, so that one that is sent again is applied once.
const SLOTS: [(&str, &str); 9] = [
    ("#once", "__orm_once"),
    ("#once1", "__orm_once1"),
    ("#once2", "__orm_once2"),
    ("#once3", "__orm_once3"),
    ("#once4", "__orm_once4"),
    ("#once5", "__orm_once5"),
    ("#once6", "__orm_once6"),
    ("#once7", "__orm_once7"),
    ("#again", "__orm_again"),
];
const STAR: &str = "SET #writes = if_not_exists(#writes, :zero) + :one, #once = :token, \
    #once1 = if_not_exists(#once, :none), #once2 = if_not_exists(#once1, :none), \
    #once3 = if_not_exists(#once2, :none), #once4 = if_not_exists(#once3, :none), \
    #once5 = if_not_exists(#once4, :none), #once6 = if_not_exists(#once5, :none), \
    #once7 = if_not_exists(#once6, :none) ADD #stars :by";
const MAY_STAR: &str = "attribute_exists(#pk) AND (attribute_not_exists(#stars) OR #stars BETWEEN :low AND :high) AND \
    NOT (#once = :token OR #once1 = :token OR #once2 = :token OR #once3 = :token OR #once4 = :token OR \
    #once5 = :token OR #once6 = :token OR #once7 = :token OR #again = :token)";

const USER_COLUMNS: [(&str, &str, &str); 9] = [
    ("#id", "id", ":id"),
    ("#email", "email", ":email"),
    ("#name", "name", ":name"),
    ("#verified", "email_verified", ":verified"),
    ("#logins", "login_count", ":logins"),
    ("#tier", "tier", ":tier"),
    ("#quota", "quota", ":quota"),
    ("#created", "created_at", ":created"),
    ("#updated", "updated_at", ":updated"),
];
const UNCHANGED_USER: &str = "attribute_exists(#pk) AND #id = :id AND #email = :email AND #name = :name AND \
    #verified = :verified AND #logins = :logins AND #tier = :tier AND #quota = :quota AND #created = :created AND \
    #updated = :updated";

pub(super) fn new_user(email: &str, name: &str) -> User {
    let now = items::now();
    User {
        id: Uuid::new_v4().to_string(),
        email: email.to_owned(),
        name: name.to_owned(),
        email_verified: false,
        login_count: 0,
        tier: Tier::Free,
        quota: 0,
        created_at: now,
        updated_at: now,
    }
}

pub(super) fn new_note(author: &str, words: &str) -> Note {
    Note {
        id: Uuid::new_v4().to_string(),
        author: author.to_owned(),
        text: words.to_owned(),
        stars: 0,
        written_at: items::now(),
    }
}

/// Stores an item that must not exist yet.
pub(super) fn put(table: &str, item: Item) -> Result<TransactWriteItem, Failure> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(#pk)")
        .expression_attribute_names("#pk", PK)
        .return_values_on_condition_check_failure(ALL_OLD);
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

/// Frees a lock that belongs to this record.
fn free(table: &str, lock: String, record: &str) -> Result<TransactWriteItem, Failure> {
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key(lock)))
        .condition_expression("attribute_not_exists(#pk) OR #target = :record")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#target", TARGET)
        .expression_attribute_values(":record", text(record))
        .return_values_on_condition_check_failure(ALL_OLD);
    Ok(TransactWriteItem::builder().delete(delete.build()?).build())
}

impl Hand {
    pub async fn create_note(&self, author: &str, words: &str) -> Result<Note, Failure> {
        let note = new_note(author, words);
        self.client
            .put_item()
            .table_name("notes")
            .set_item(Some(items::note_item(&note)))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PK)
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await?;
        Ok(note)
    }

    pub async fn create_user(&self, email: &str, name: &str) -> Result<User, Failure> {
        let user = new_user(email, name);
        let email_lock = lock(lock_key("user", "email", email), &record_key(&user.id));
        self.client
            .transact_write_items()
            .transact_items(put("users", items::user_item(&user))?)
            .transact_items(put("users", email_lock)?)
            .send()
            .await?;
        Ok(user)
    }

    pub async fn rename_user(&self, id: &str, name: &str) -> Result<Option<User>, Failure> {
        let request = self
            .client
            .update_item()
            .table_name("users")
            .key(PK, text(record_key(id)))
            .update_expression("SET #name = :name")
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#name", "name")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":name", text(name))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD);
        match request.send().await {
            Ok(output) => output.attributes.map(items::user).transpose(),
            Err(error) => match error.into_service_error() {
                UpdateItemError::ConditionalCheckFailedException(_) => Ok(None),
                error => Err(error.into()),
            },
        }
    }

    pub async fn rename_user_by_email(&self, email: &str, name: &str) -> Result<Option<User>, Failure> {
        let Some(pk) = self.target("users", lock_key("user", "email", email)).await? else { return Ok(None) };
        let request = self
            .client
            .update_item()
            .table_name("users")
            .key(PK, text(pk))
            .update_expression("SET #name = :name")
            .condition_expression("attribute_exists(#pk) AND #email = :email")
            .expression_attribute_names("#name", "name")
            .expression_attribute_names("#email", "email")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":name", text(name))
            .expression_attribute_values(":email", text(email))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD);
        match request.send().await {
            Ok(output) => output.attributes.map(items::user).transpose(),
            Err(error) => match error.into_service_error() {
                UpdateItemError::ConditionalCheckFailedException(_) => Err(conflict("the user")),
                error => Err(error.into()),
            },
        }
    }

    /// A change of the name, or a new user.
    pub async fn upsert_user(&self, email: &str, name: &str) -> Result<User, Failure> {
        match self.rename_user_by_email(email, name).await? {
            Some(user) => Ok(user),
            None => self.create_user(email, name).await,
        }
    }

    pub async fn move_user(&self, id: &str, email: &str) -> Result<Option<User>, Failure> {
        let pk = record_key(id);
        let Some(item) = self.get("users", pk.clone()).await? else { return Ok(None) };
        let before = items::user(item.clone())?;
        let update = Update::builder()
            .table_name("users")
            .set_key(Some(key(&pk)))
            .update_expression("SET #email = :new")
            .condition_expression(UNCHANGED_USER)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":new", text(email))
            .return_values_on_condition_check_failure(ALL_OLD);
        // The change is made of the record that was read, and that record is answered: so it must still be that one.
        let update = USER_COLUMNS
            .into_iter()
            .fold(update, |update, (placeholder, column, value)| {
                let update = update.expression_attribute_names(placeholder, column);
                match item.get(column) {
                    Some(stored) => update.expression_attribute_values(value, stored.clone()),
                    None => update,
                }
            })
            .build()?;
        self.client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().update(update).build())
            .transact_items(put("users", lock(lock_key("user", "email", email), &pk))?)
            .transact_items(free("users", lock_key("user", "email", &before.email), &pk)?)
            .send()
            .await?;
        Ok(Some(User { email: email.to_owned(), ..before }))
    }

    pub async fn star_note(&self, id: &str) -> Result<Option<Note>, Failure> {
        let token = format!("{}-{:08x}", items::now().timestamp_millis(), fastrand::u32(..));
        let number = |number: &str| AttributeValue::N(number.to_owned());
        let request = self
            .client
            .update_item()
            .table_name("notes")
            .key(PK, text(record_key(id)))
            .update_expression(STAR)
            .condition_expression(MAY_STAR)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#stars", "stars")
            .expression_attribute_names("#writes", "__orm_writes")
            .expression_attribute_values(":zero", number("0"))
            .expression_attribute_values(":one", number("1"))
            .expression_attribute_values(":by", number("1"))
            .expression_attribute_values(":low", number("-9223372036854775809"))
            .expression_attribute_values(":high", number("9223372036854775806"))
            .expression_attribute_values(":none", text("-"))
            .expression_attribute_values(":token", text(token))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD);
        let request = SLOTS
            .iter()
            .fold(request, |request, (placeholder, name)| request.expression_attribute_names(*placeholder, *name));
        match request.send().await {
            Ok(output) => output.attributes.map(items::note).transpose(),
            Err(error) => match error.into_service_error() {
                UpdateItemError::ConditionalCheckFailedException(_) => Ok(None),
                error => Err(error.into()),
            },
        }
    }

    /// How many were deleted.
    pub async fn delete_note(&self, id: &str) -> Result<u64, Failure> {
        let request = self.client.delete_item().table_name("notes").key(PK, text(record_key(id)));
        let request = request.condition_expression("attribute_exists(#pk)").expression_attribute_names("#pk", PK);
        match request.return_values(ReturnValue::AllOld).send().await {
            Ok(_) => Ok(1),
            Err(error) => match error.into_service_error() {
                DeleteItemError::ConditionalCheckFailedException(_) => Ok(0),
                error => Err(error.into()),
            },
        }
    }

    /// How many were deleted.
    pub async fn delete_user_by_email(&self, email: &str) -> Result<u64, Failure> {
        let email_lock = lock_key("user", "email", email);
        let Some(pk) = self.target("users", email_lock.clone()).await? else { return Ok(0) };
        let delete = Delete::builder()
            .table_name("users")
            .set_key(Some(key(&pk)))
            .condition_expression("attribute_exists(#pk) AND #email = :email")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#email", "email")
            .expression_attribute_values(":email", text(email))
            .return_values_on_condition_check_failure(ALL_OLD);
        self.client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().delete(delete.build()?).build())
            .transact_items(free("users", email_lock, &pk)?)
            .send()
            .await?;
        Ok(1)
    }

    /// The session with this token, which nobody else gets then.
    pub async fn consume_session(&self, token: &str) -> Result<Option<Session>, Failure> {
        let token_lock = lock_key("session", "token", token);
        let Some(pk) = self.target("sessions", token_lock.clone()).await? else { return Ok(None) };
        let columns = [("#id", "id"), ("#user", "user_id"), ("#token", "token"), ("#expires", "expires_at")];
        let request = self.client.get_item().table_name("sessions").key(PK, text(&pk)).consistent_read(true);
        let request = request.projection_expression("#id, #user, #token, #expires");
        let request = columns
            .iter()
            .fold(request, |request, (placeholder, name)| request.expression_attribute_names(*placeholder, *name));
        let Some(item) = request.send().await?.item else { return Ok(None) };
        let session = items::session(item)?;
        if session.token != token {
            return Ok(None);
        }
        let delete = Delete::builder()
            .table_name("sessions")
            .set_key(Some(key(&pk)))
            .condition_expression(
                "attribute_exists(#pk) AND #id = :id AND #user = :user AND #token = :token AND #expires = :expires",
            )
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":token", text(token))
            .expression_attribute_values(":id", text(&session.id))
            .expression_attribute_values(":user", text(&session.user_id))
            .expression_attribute_values(":expires", text(items::time(session.expires_at)))
            .return_values_on_condition_check_failure(ALL_OLD);
        let delete = columns
            .iter()
            .fold(delete, |delete, (placeholder, name)| delete.expression_attribute_names(*placeholder, *name));
        self.client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().delete(delete.build()?).build())
            .transact_items(free("sessions", token_lock, &pk)?)
            .send()
            .await?;
        Ok(Some(session))
    }
}
