//! The one error type of every driver, and the codes to match on.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::key::UniqueConstraint;
use crate::schema::ModelSchema;

/// What went wrong, in terms that do not depend on the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// Another record already holds this value of the id, of a unique field or of a compound unique key.
    UniqueConstraintViolation,
    /// The table of a model does not exist or is still being created, or it lacks an index of its model: `Orm::push_schema`
    /// creates both and waits. (An index that is still being filled is `Backend`, and retryable.)
    MissingTable,
    /// The model of a query is not part of the schema that the `Orm` was made with.
    MissingSchema,
    /// Other writers kept changing the same records for as long as it was retried.
    TransactionConflict,
    /// The store asked for fewer requests per second.
    Throttled,
    /// The driver cannot do what the model or the query asks for.
    Unsupported,
    /// The query contradicts itself, its model or a policy of the driver (it would scan where that is denied, for
    /// instance), or the schema contradicts itself.
    InvalidQuery,
    /// The text given as the cursor of a page is not a cursor, was changed, or belongs to another query. In a service
    /// this is a bad request rather than a fault of the program.
    InvalidCursor,
    /// A value, or the result of an increment, that the store or the field's type cannot hold: too many digits, too
    /// large, not a finite number, out of its range.
    InvalidValue,
    /// A stored value that does not fit the field's type.
    Decode,
    /// The credentials do not allow the operation.
    AccessDenied,
    /// No answer in time. A write may or may not have been applied.
    Timeout,
    /// The store could not be reached.
    Connection,
    /// Any other failure of the store.
    Backend,
}

impl fmt::Display for ErrorCode {
    /// Its name: `UniqueConstraintViolation`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The error of every operation, whatever the driver.
///
/// Match on [`code`](Error::code); show the [`Display`](fmt::Display) text to a person: it says what to do next.
/// The error of the AWS SDK (or of another client) is kept as [`source`](StdError::source) and can be downcast.
///
/// ```
/// # fn handle(error: orm::Error) {
/// use orm::ErrorCode;
///
/// match error.code() {
///     ErrorCode::UniqueConstraintViolation => println!("taken: {:?}", error.fields()),
///     _ if error.is_outcome_unknown() => println!("look first whether it was made"),
///     _ if error.is_retryable() => println!("later"),
///     _ => println!("{error}"),
/// }
/// # }
/// ```
#[derive(thiserror::Error)]
#[error(transparent)]
#[non_exhaustive]
pub struct Error(Box<Inner>);

#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Inner {
    code: ErrorCode,
    message: String,
    retryable: bool,
    backend: Option<&'static str>,
    model: Option<&'static str>,
    fields: Vec<&'static str>,
    index: Option<usize>,
    written: Option<u64>,
    outcome_unknown: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with this code and message. Drivers make these; applications read them.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            retryable: matches!(
                code,
                ErrorCode::TransactionConflict | ErrorCode::Throttled | ErrorCode::Timeout | ErrorCode::Connection
            ),
            backend: None,
            model: None,
            fields: Vec::new(),
            index: None,
            written: None,
            outcome_unknown: false,
            source: None,
        }))
    }

    /// A violated unique constraint of `model`: the id, a unique field or a compound key.
    pub fn unique_violation(model: &'static ModelSchema, fields: Vec<&'static str>) -> Self {
        let what = match fields.as_slice() {
            [one] => format!("`{one}`"),
            many => format!("({})", many.join(", ")),
        };
        Self::new(
            ErrorCode::UniqueConstraintViolation,
            format!(
                "another `{}` already has this value of {what}: choose another value, or update the existing record",
                model.name()
            ),
        )
        .with_model(model)
        .with_fields(fields)
    }

    pub(crate) fn invalid_query(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidQuery, message)
    }

    /// The same error, naming the model it is about.
    #[must_use]
    pub fn with_model(mut self, model: &'static ModelSchema) -> Self {
        self.0.model = Some(model.name());
        self
    }

    /// The same error, naming the fields it is about.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<&'static str>) -> Self {
        self.0.fields = fields;
        self
    }

    /// The same error, keeping the error it comes from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error, naming the driver it comes from ("dynamodb").
    #[must_use]
    pub fn with_backend(mut self, kind: &'static str) -> Self {
        self.0.backend = Some(kind);
        self
    }

    /// The same error, saying whether the same call may succeed later.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// The same error, saying which of many inputs failed and how many records were written in all.
    #[must_use]
    pub fn with_progress(mut self, index: Option<usize>, written: u64) -> Self {
        self.0.index = index;
        self.0.written = Some(written);
        self
    }

    /// The same error, saying whether the write may have been applied in spite of it.
    #[must_use]
    pub fn with_outcome_unknown(mut self, unknown: bool) -> Self {
        self.0.outcome_unknown = unknown;
        self
    }

    /// The same error, as one in reading the answer of a write that was made, of `written` records in all. Repeating it
    /// would be another write, so it is not retryable.
    #[must_use]
    pub fn after_write(mut self, written: u64) -> Self {
        self.0.message = format!("the write was made, but its answer could not be read: {}", self.0.message);
        self.0.retryable = false;
        self.0.written = Some(written);
        self
    }

    /// What went wrong.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Whether the same call may succeed later without a change: throttling, conflicts, lost connections, failures of the
    /// store, and most timeouts. It may have been applied all the same: see
    /// [`is_outcome_unknown`](Self::is_outcome_unknown).
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The driver that the error comes from, if it comes from one: "dynamodb", "memory".
    pub fn backend_kind(&self) -> Option<&'static str> {
        self.0.backend
    }

    /// The name of the model concerned.
    pub fn model(&self) -> Option<&'static str> {
        self.0.model
    }

    /// The names of the fields concerned: for a unique violation, those of the violated constraint, for which there is
    /// [`violates`](Self::violates) as well.
    pub fn fields(&self) -> &[&'static str] {
        &self.0.fields
    }

    /// Whether the error is a violation of this unique constraint: `error.violates(User::EMAIL)`.
    pub fn violates(&self, constraint: impl UniqueConstraint) -> bool {
        let model = constraint.model();
        let is_of_it = || constraint.places().map(|place| model.field(place).name()).eq(self.fields().iter().copied());
        self.code() == ErrorCode::UniqueConstraintViolation && self.model() == Some(model.name()) && is_of_it()
    }

    /// In a write of many records, the position of the input that failed or, if a whole request failed, that of the
    /// first input in it that is not known to be written.
    pub fn index(&self) -> Option<usize> {
        self.0.index
    }

    /// How many records were written in spite of the error; for a write of many records, or one whose answer could not
    /// be read. Several requests are under way at once, so some of the records may come after the one that failed.
    pub fn written(&self) -> Option<u64> {
        self.0.written
    }

    /// Whether a write may have been applied, as a whole or in part, in spite of the error: it was sent, and no answer
    /// says that it was refused.
    ///
    /// If so, look before doing it again: an increment would be made twice, and a create would find its own record.
    /// If not, nothing was applied but what [`written`](Self::written) counts.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }

    /// The error of the client below, if there is one and it is of this type.
    ///
    /// ```
    /// # fn f(error: &orm::Error) {
    /// let io: Option<&std::io::Error> = error.downcast_source();
    /// # }
    /// ```
    pub fn downcast_source<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.source.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("code", &self.0.code).field("message", &self.0.message);
        if let Some(backend) = self.0.backend {
            out.field("backend", &backend);
        }
        if let Some(model) = self.0.model {
            out.field("model", &model).field("fields", &self.0.fields);
        }
        if let Some(index) = self.0.index {
            out.field("index", &index);
        }
        if let Some(written) = self.0.written {
            out.field("written", &written);
        }
        if self.0.outcome_unknown {
            out.field("outcome_unknown", &true);
        }
        if let Some(source) = &self.0.source {
            out.field("source", &Causes(&**source));
        }
        out.finish()
    }
}

/// An error with its causes, as each of them says it to people. Their `Debug` would show what was sent and received: records,
/// also those of others.
struct Causes<'e>(&'e (dyn StdError + 'static));

impl fmt::Debug for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        let mut next = Some(self.0);
        while let Some(error) = next {
            list.entry(&error.to_string());
            next = error.source();
        }
        list.finish()
    }
}

/// Why a single value cannot be encoded or decoded. The runtime adds the model, the field and the record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(Cow<'static, str>);

impl ValueError {
    /// An error that says what is wrong with the value.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}
