//! What a driver can do, readable at run time.

/// Who assigns numeric ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumericIds {
    /// The caller gives each.
    Manual,
    /// The store can generate them. [`Driver::create`](crate::Driver::create) cannot ask for that yet, so an
    /// `id(generated)` still has to be given.
    Generated,
}

/// How an upsert is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpsertSupport {
    /// By one statement of the store.
    Native,
    /// By a lookup and a conditional write, tried again after a lost race.
    Emulated,
}

/// What a kind of write can return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Returning {
    /// Nothing but a count.
    None,
    /// The record.
    Record,
}

/// What each write can return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReturningSupport {
    /// Of a create.
    pub create: Returning,
    /// Of an update.
    pub update: Returning,
    /// Of a delete.
    pub delete: Returning,
}

/// Which relations the store itself loads, rather than the fallback of this crate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelationLoading {
    /// Chains of `has_one` and `belongs_to`.
    pub singular_chains: bool,
    /// `has_many`.
    pub has_many: bool,
    /// `many_to_many`.
    pub many_to_many: bool,
    /// With a filter.
    pub filtered: bool,
    /// In an order.
    pub ordered: bool,
    /// With `skip` and `take`.
    pub paginated: bool,
}

impl RelationLoading {
    /// None of it: every relation is loaded by the fallback, in batches.
    pub const NONE: Self = Self {
        singular_chains: false,
        has_many: false,
        many_to_many: false,
        filtered: false,
        ordered: false,
        paginated: false,
    };

    /// Whether the store loads no relations at all.
    pub const fn is_none(&self) -> bool {
        !(self.singular_chains || self.has_many || self.many_to_many || self.filtered || self.ordered || self.paginated)
    }
}

/// Whether comparisons of text tell `a` from `A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextCase {
    /// They do.
    Sensitive,
    /// They do not.
    Insensitive,
}

/// How text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextComparison {
    /// By `eq`, `ne`, `is_in` and unique constraints.
    pub equality: TextCase,
    /// By `contains` and `starts_with`.
    pub contains: TextCase,
    /// By `gt`, `lt`, `order_by` and the like.
    pub ordering: TextCase,
}

/// What a driver can do: `orm.driver().capabilities()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Who assigns ids that are numbers.
    pub numeric_ids: NumericIds,
    /// Whether JSON is stored as documents.
    pub supports_json: bool,
    /// Whether datetimes are stored.
    pub supports_dates: bool,
    /// Whether booleans are stored as such.
    pub supports_booleans: bool,
    /// Whether `orm.transaction(..)` is a database transaction.
    pub supports_transactions: bool,
    /// Whether tables can be in a named schema.
    pub supports_schema_namespaces: bool,
    /// Whether tables can be changed in a transaction.
    pub supports_transactional_ddl: bool,
    /// Whether the store joins.
    pub supports_joins: bool,
    /// Which relations the store itself loads.
    pub native_relation_loading: RelationLoading,
    /// How text is compared.
    pub text: TextComparison,
    /// How an upsert is done.
    pub upsert: UpsertSupport,
    /// What each write can return.
    pub returning: ReturningSupport,
}

impl Capabilities {
    /// What a store of documents without transactions, joins and schemas can do: the least that a driver needs.
    pub const fn document_store() -> Self {
        Self {
            numeric_ids: NumericIds::Manual,
            supports_json: true,
            supports_dates: true,
            supports_booleans: true,
            supports_transactions: false,
            supports_schema_namespaces: false,
            supports_transactional_ddl: false,
            supports_joins: false,
            native_relation_loading: RelationLoading::NONE,
            text: TextComparison {
                equality: TextCase::Sensitive,
                contains: TextCase::Sensitive,
                ordering: TextCase::Sensitive,
            },
            upsert: UpsertSupport::Emulated,
            returning: ReturningSupport {
                create: Returning::Record,
                update: Returning::Record,
                delete: Returning::None,
            },
        }
    }
}
