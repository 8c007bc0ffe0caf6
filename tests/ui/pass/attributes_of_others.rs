//! Items, fields and variants that are deprecated or there under a condition, with attributes of other macros.
#![deny(warnings)]

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[cfg_attr(all(), orm(table = "old", unique(name, kind), index(name)))]
#[orm(belongs_to(parent: Old, foreign_key = parent_id), has_many(children: Old, foreign_key = parent_id))]
#[deprecated(note = "use New")]
#[deny(deprecated, dead_code)]
#[non_exhaustive]
#[doc(alias = "former")]
pub struct Old {
    #[orm(id)]
    pub id: String,
    #[deprecated]
    pub name: String,
    #[orm(with = kinds)]
    pub kind: i64,
    pub parent_id: Option<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "new", belongs_to(old: Old, foreign_key = old_id))]
#[allow(deprecated)]
pub struct New {
    #[orm(id)]
    pub id: String,
    #[deprecated]
    #[orm(unique, index, default = "none")]
    pub name: String,
    pub old_id: Option<String>,
    #[cfg(all())]
    #[doc(hidden)]
    pub here: i64,
    #[cfg(any())]
    pub elsewhere: NoSuchType,
    #[cfg_attr(all(), orm(default = Kind::A))]
    #[doc = concat!("The kind", " of this")]
    pub kind: Kind,
}

#[derive(Enumeration, Clone, Copy, Debug)]
#[deprecated]
#[allow(deprecated)]
pub enum Former {
    A,
}

#[derive(Enumeration, Clone, Copy, Debug)]
pub enum Kind {
    A,
    #[deprecated]
    B,
    #[cfg(any())]
    C,
}

#[derive(Select, Clone, Debug)]
#[orm(model = Old)]
#[deprecated]
pub struct OldCard {
    pub id: String,
}

#[derive(Select, Clone, Debug)]
#[orm(model = New)]
#[allow(deprecated)]
pub struct NewCard {
    pub old: Option<OldCard>,
    #[cfg(any())]
    pub elsewhere: NoSuchType,
}

mod kinds {
    pub fn encode(kind: &i64) -> i64 {
        *kind
    }

    pub fn decode(kind: i64) -> Result<i64, std::convert::Infallible> {
        Ok(kind)
    }
}

fn main() {
    drop(New::create().here(1).select_as::<NewCard>());
    assert_eq!(Kind::NAMES, ["A", "B"]);
    assert!(New::schema().fields().iter().all(|field| field.name() != "elsewhere"));
}
