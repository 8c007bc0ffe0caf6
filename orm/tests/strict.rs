//! The derives' code where the strictest lints are errors, and where nothing has the name it usually has.

#![deny(
    warnings,
    missing_docs,
    unused,
    unreachable_pub,
    missing_debug_implementations,
    missing_copy_implementations,
    unused_qualifications,
    single_use_lifetimes,
    trivial_casts,
    clippy::pedantic,
    clippy::nursery
)]

mod shadowed {
    //! Names that the derives' code must not depend on.
    #![allow(dead_code, clippy::redundant_pub_crate, reason = "that they are there is what matters")]

    use ::orm::{Enumeration, Model};

    struct Result;
    struct Option;
    struct Vec;
    struct Box;
    struct Default;
    struct Some;
    struct Ok;
    struct NeedsName;
    struct NameGiven;
    mod core {}
    mod std {}

    #[derive(Enumeration, Clone, Copy)]
    pub(super) enum Kind {
        A,
        B,
    }

    #[derive(Model)]
    #[orm(table = "things")]
    #[orm(unique(name, kind), index(name))]
    #[orm(has_many(children: Thing, foreign_key = parent), belongs_to(owner: Thing, foreign_key = parent))]
    pub(super) struct Thing {
        #[orm(id)]
        pub(super) id: ::std::string::String,
        pub(super) name: ::std::string::String,
        #[orm(default = Kind::A)]
        kind: Kind,
        parent: ::std::option::Option<::std::string::String>,
    }
}

/// Models that are public.
pub mod public {
    use orm::{Enumeration, Model};

    /// A note.
    #[derive(Model, Clone, Debug)]
    #[orm(table = "notes", crate = renamed::path)]
    #[orm(belongs_to(author: Note, foreign_key = author_id))]
    pub struct Note {
        /// The id.
        #[orm(id)]
        pub id: String,
        /// What it says.
        pub text: String,
        /// Who says it.
        pub author_id: String,
        /// A number of type [`u8`].
        #[orm(default = 3)]
        pub number: u8,
        /// Private.
        #[orm(default = Hidden::A)]
        hidden: Hidden,
        /// Private, with an encoding of its own.
        #[orm(with = tags, default = Vec::new(), index)]
        tags: Vec<Tag>,
    }

    #[derive(Clone, Debug)]
    struct Tag(String);

    mod tags {
        use super::Tag;

        pub(super) fn encode(tags: &[Tag]) -> String {
            tags.iter().map(|tag| tag.0.as_str()).collect()
        }

        pub(super) fn decode(tags: String) -> Result<Vec<Tag>, &'static str> {
            if tags.is_empty() { Err("there is no tag") } else { Ok(vec![Tag(tags)]) }
        }
    }

    mod renamed {
        pub(super) use orm as path;
    }

    #[derive(Enumeration, Clone, Copy, Debug)]
    #[orm(crate = renamed::path)]
    enum Hidden {
        A,
    }

    impl Note {
        /// Uses the field.
        #[must_use]
        pub const fn is_hidden(&self) -> bool {
            matches!(self.hidden, Hidden::A) && self.tags.is_empty()
        }
    }

    #[derive(Model)]
    #[orm(table = "unused")]
    struct Unused {
        #[orm(id)]
        id: String,
        name: Option<String>,
        _2fa_secret: String,
    }

    #[derive(Model)]
    #[orm(table = "lower")]
    #[allow(non_camel_case_types, reason = "the derive's builder has such a name too")]
    struct lower {
        #[orm(id)]
        id: String,
    }
}

#[test]
fn shadowed_names() {
    use orm::Model;
    let thing = shadowed::Thing::create().name("a").parent(None);
    drop(thing.select(shadowed::Thing::NAME));
    assert_eq!(shadowed::Thing::schema().indexes().len(), 2);
}
