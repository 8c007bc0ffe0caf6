//! DynamoDB's limits, each from the page on [quotas] or from the reference of its operation.
//!
//! [quotas]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

use std::ops::RangeInclusive;

/// Of an item with the names of its attributes, in bytes.
pub(crate) const MAX_ITEM_BYTES: usize = 400 * 1024;
/// Of a partition key, in bytes.
pub(crate) const MAX_KEY_BYTES: usize = 2048;
/// Of a sort key, in bytes.
pub(crate) const MAX_SORT_KEY_BYTES: usize = 1024;
/// Of the global secondary indexes of a table: a quota that can be raised.
pub(crate) const MAX_INDEXES: usize = 20;
/// The length of the names of tables and indexes, in bytes.
pub(crate) const NAME_BYTES: RangeInclusive<usize> = 3..=255;

/// Of the keys of a BatchGetItem.
pub(crate) const MAX_BATCH_GET: usize = 100;
/// Of the requests of a BatchWriteItem.
pub(crate) const MAX_BATCH_WRITE: usize = 25;
/// Of the actions of a TransactWriteItems.
pub(crate) const MAX_ACTIONS: usize = 100;
/// The size of a TransactWriteItems' items, in bytes.
pub(crate) const MAX_TRANSACTION_BYTES: usize = 4_000_000;
/// The size of a request, in DynamoDB's JSON, in bytes: stated for BatchWriteItem. DynamoDB Local refuses any that is larger.
pub(crate) const MAX_REQUEST_BYTES: usize = 16_000_000;

/// The greatest whole number: of 38 digits.
pub(crate) const MAX_WHOLE: i128 = 10_i128.pow(38) - 1;
/// Of an expression, in bytes.
pub(crate) const MAX_EXPRESSION_BYTES: usize = 4096;
/// Of the operators and functions of an expression.
pub(crate) const MAX_OPERATORS: usize = 300;
/// Of the values of an `IN`: it has at most 100 operands, and DynamoDB Local counts the one before it as well.
pub(crate) const MAX_IN_VALUES: usize = 99;
