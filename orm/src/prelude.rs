//! What most programs need: `use orm::prelude::*;`

pub use crate::{Enumeration, Error, ErrorCode, Json, Model, Orm, Select, all, any, schema};
