#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The derives name this crate `::orm`; so do its own documentation and tests.
extern crate self as orm;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod call;
pub mod capabilities;
mod clock;
mod cost;
pub mod driver;
mod error;
pub mod explain;
mod field;
mod filter;
mod input;
mod key;
pub mod kind;
mod load;
mod memory;
mod model;
mod order;
mod orm_handle;
mod page;
pub mod prelude;
mod projection;
pub mod query;
mod reader;
mod record;
mod relation;
mod row;
pub mod schema;
mod select;
mod types;
mod value;

pub use capabilities::Capabilities;
#[doc(hidden)]
pub use clock::Now;
pub use cost::{Cost, Meter};
pub use driver::{Driver, IntoDriver, Upserted};
pub use error::{Error, ErrorCode, ValueError};
pub use explain::Explanation;
pub use field::{Field, Nullable};
pub use filter::{Comparison, Condition, Filter, IntoFilter, IntoFilters, all, any};
pub use input::Input;
pub use key::{CompoundKey, Id, IntoKey, Key, Plain, Unique, UniqueConstraint, UniqueKey, Uniqueness};
pub use kind::FieldKind;
pub use memory::MemoryDriver;
pub use model::Model;
pub use order::{IntoOrder, Order, OrderBy};
pub use orm_derive::{Enumeration, FieldType, Model, Select};
pub use orm_handle::{DriverRef, Orm};
pub use page::{Cursor, IntoCursor, Page};
pub use record::Record;
pub use relation::{Cardinality, Many, One, Related, Relation, RelationSelect, ToMany};
pub use row::{Row, Rows};
pub use schema::Schema;
pub use select::{All, As, Select, Selection};
#[doc(hidden)]
pub use select::{FieldResult, Filtered, Limited, ManyResult, OneResult, Ordered, Part, Reads};
#[doc(hidden)]
pub use types::{Coding, Encodes, Encoding, Facts, Functions};
pub use types::{Column, Enumeration, FieldType, Json, RelationKey, With};
pub use value::Value;
