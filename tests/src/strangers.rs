//! Models unlike the six: other ids, relations to themselves, custom types, and names that get in the way.

use orm::prelude::*;
use orm::{FieldType, Value, ValueError, kind};
use uuid::Uuid;

/// An integer id, which the application gives.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "companies")]
#[orm(has_many(departments: Department, foreign_key = company))]
pub struct Company {
    #[orm(id)]
    pub number: i64,
    pub name: String,
}

/// A uuid id, which is made up when none is given.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "departments")]
#[orm(belongs_to(owner: Company, foreign_key = company))]
#[orm(has_many(employees: Employee, foreign_key = department_id))]
pub struct Department {
    #[orm(id)]
    pub id: Uuid,
    pub company: i64,
    pub name: String,
}

/// Two unique fields, one of which may be null, and a relation to itself.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "employees")]
#[orm(belongs_to(department: Department, foreign_key = department_id))]
#[orm(belongs_to(manager: Employee, foreign_key = manager_number))]
#[orm(has_many(reports: Employee, foreign_key = manager_number))]
#[orm(has_many(tasks: Task, foreign_key = assignee))]
pub struct Employee {
    #[orm(id)]
    pub number: i64,
    #[orm(unique)]
    pub badge: String,
    #[orm(unique)]
    pub nickname: Option<String>,
    pub department_id: Option<Uuid>,
    pub manager_number: Option<i64>,
}

impl Employee {
    /// Someone without a department.
    pub fn new(number: i64, badge: &str, manager_number: Option<i64>) -> Self {
        Self { number, badge: badge.to_owned(), nickname: None, department_id: None, manager_number }
    }
}

/// Words that Rust and DynamoDB reserve, columns with other names, custom types.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "tasks", rename_all = "camelCase")]
#[orm(index(status, size))]
#[orm(belongs_to(person: Employee, foreign_key = assignee))]
pub struct Task {
    #[orm(id)]
    pub task_id: Slug,
    pub assignee: Option<i64>,
    pub r#type: String,
    pub name: String,
    pub status: String,
    #[orm(default = 1)]
    pub size: i64,
    pub comment: Option<String>,
    #[orm(column = "order")]
    pub place: Option<i64>,
    #[orm(column = "meta.key")]
    pub dotted: Option<String>,
    #[orm(column = "due-date: #1")]
    pub due: Option<String>,
    #[orm(unique)]
    pub shortcut: Option<Slug>,
    #[orm(with = cents, default = Cents(0))]
    pub price: Cents,
    #[orm(with = comma_separated)]
    pub labels: Option<Vec<String>>,
}

/// A scalar type of the application's own, stored as a string.
#[derive(Clone, Debug, PartialEq)]
pub struct Slug(pub String);

impl From<&str> for Slug {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl FieldType for Slug {
    type Kind = kind::String;

    fn into_value(self) -> Result<Value, ValueError> {
        if self.0.contains(' ') {
            return Err(ValueError::new("a slug has no spaces"));
        }
        self.0.into_value()
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        String::from_value(value).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cents(pub i64);

/// How [`Cents`] are stored: as a number.
pub mod cents {
    use super::Cents;

    pub const fn encode(cents: &Cents) -> i64 {
        cents.0
    }

    pub fn decode(cents: i64) -> Result<Cents, std::convert::Infallible> {
        Ok(Cents(cents))
    }
}

/// How a list of words is stored: as text or, if there is none, not at all.
pub mod comma_separated {
    pub fn encode(words: &Option<Vec<String>>) -> Option<String> {
        words.as_ref().map(|words| words.join(","))
    }

    pub fn decode(text: Option<String>) -> Result<Option<Vec<String>>, std::convert::Infallible> {
        Ok(text.map(|text| text.split(',').map(str::to_owned).collect()))
    }
}

/// Connected with [`Tag`]s, with a uuid on this side ..
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "articles")]
#[orm(many_to_many(tags: Tag, through = Tagging, from = article_id, to = tag_id))]
#[orm(has_many(taggings: Tagging, foreign_key = article_id))]
pub struct Article {
    #[orm(id)]
    pub id: Uuid,
    pub title: String,
}

/// .. and an integer on the other.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "tags")]
#[orm(many_to_many(articles: Article, through = Tagging, from = tag_id, to = article_id))]
pub struct Tag {
    #[orm(id)]
    pub id: i64,
    #[orm(unique)]
    pub label: String,
    pub weight: Option<i64>,
}

/// Not unique: one article can have a tag twice.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "taggings")]
#[orm(belongs_to(article: Article, foreign_key = article_id))]
#[orm(belongs_to(tag: Tag, foreign_key = tag_id, index = false))]
pub struct Tagging {
    #[orm(id)]
    pub id: String,
    pub article_id: Uuid,
    pub tag_id: i64,
}

/// A model whose name and fields are much like those of [`CatName`].
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "cat")]
pub struct Cat {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub name: String,
}

/// See [`Cat`].
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "cat_name")]
pub struct CatName {
    #[orm(id)]
    pub id: String,
    #[orm(unique)]
    pub name: String,
}

/// All of them.
pub fn schema() -> orm::Schema {
    schema![Company, Department, Employee, Task, Article, Tag, Tagging, Cat, CatName]
}
