//! What most programs need: `use orm::prelude::*;`

pub use crate::{Cursor, Enumeration, Error, ErrorCode, Json, Model, Orm, Page, Select, all, any, schema};
