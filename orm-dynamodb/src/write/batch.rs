//! Writes of many records without locks in batches. They have no conditions, which is half the write units of a
//! transaction: for new records whose ids nobody else can have, and for deletes.

use std::collections::HashSet;
use std::ops::Range;

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};
use futures_util::stream::{self, StreamExt};
use orm::Error;

use super::create::NewRecord;
use super::weight::{Weight, groups};
use crate::expression::Expressions;
use crate::in_doubt::Doubt;
use crate::item;
use crate::key::PARTITION_KEY;
use crate::operation::WRITES_AT_ONCE;
use crate::retry::Tries;
use crate::table::{Batched, Table, key, written_key};
use crate::tally::Tally;

/// What is written, each to an item of its own.
#[derive(Clone, Copy)]
pub(super) enum Batches<'b> {
    /// New records, under ids that were generated here.
    New(&'b [NewRecord<'b>]),
    /// The end of the records with these keys.
    Delete(&'b [String]),
}

impl<'b> Batches<'b> {
    const fn len(self) -> usize {
        match self {
            Self::New(records) => records.len(),
            Self::Delete(keys) => keys.len(),
        }
    }

    fn key(self, place: usize) -> &'b str {
        let key = match self {
            Self::New(records) => records.get(place).map(NewRecord::key),
            Self::Delete(keys) => keys.get(place).map(String::as_str),
        };
        key.unwrap_or_default()
    }

    fn weight(self, table: &Table<'_>, place: usize) -> Weight {
        let new = match self {
            Self::New(records) => records.get(place),
            Self::Delete(_) => None,
        };
        new.map_or_else(Weight::of_action, |record| record.weight(table))
    }

    fn request(self, table: &Table<'_>, place: usize) -> Result<WriteRequest, Error> {
        let request = WriteRequest::builder();
        let unbuildable = |error| table.unbuildable(error);
        Ok(match self {
            Self::New(records) => {
                let item = records.get(place).map(|record| record.item(table, None));
                request.put_request(PutRequest::builder().set_item(item).build().map_err(unbuildable)?)
            }
            Self::Delete(_) => {
                let key = key(self.key(place));
                request.delete_request(DeleteRequest::builder().set_key(Some(key)).build().map_err(unbuildable)?)
            }
        }
        .build())
    }

    /// Writes them, several batches at once. After an error what is under way is finished, and nothing more begun.
    ///
    /// # Errors
    /// With [`Error::written`], and [`Error::index`]: of the batch that failed first, the first that is not known to be
    /// written.
    pub(super) async fn write(self, table: &Table<'_>) -> Result<(), Error> {
        let tally = Tally::default();
        let batches = groups((0..self.len()).map(|place| self.weight(table, place)), Weight::BATCH);
        let outcomes =
            stream::iter(batches).take_while(|_| tally.goes_on()).map(|places| self.write_batch(table, places));
        tally.total(outcomes.buffer_unordered(WRITES_AT_ONCE)).await.map(|_| ())
    }

    /// One batch; how many of it are written.
    async fn write_batch(self, table: &Table<'_>, places: Range<usize>) -> (u64, Result<(), Error>) {
        let of = places.len();
        let mut left: Vec<usize> = places.collect();
        let outcome = self.write_all(table, &mut left).await;
        let written = (of - left.len()) as u64;
        (written, outcome.map_err(|error| error.with_progress(left.first().copied(), written)))
    }

    /// Until nothing is `left`.
    ///
    /// What is new is not sent again by the SDK: as soon as it is stored, others may change it, and putting it once more would
    /// undo that. So the driver looks first which of it is stored.
    async fn write_all(self, table: &Table<'_>, left: &mut Vec<usize>) -> Result<(), Error> {
        let are_new = matches!(self, Self::New(_));
        let mut doubt = Doubt::new(&table.operation.sent);
        let mut tries = table.tries();
        while !left.is_empty() {
            let requests = left.iter().map(|place| self.request(table, *place)).collect::<Result<_, Error>>()?;
            match table.batch_write(requests, are_new).await {
                Ok(Batched { unprocessed, in_doubt }) => {
                    if in_doubt {
                        table.operation.sent.lose_one();
                        doubt.open();
                    }
                    let asked = left.len();
                    let unprocessed: HashSet<&str> = unprocessed.iter().filter_map(written_key).collect();
                    left.retain(|place| unprocessed.contains(self.key(*place)));
                    if left.len() == asked {
                        if !tries.again().await {
                            return Err(table.throttled());
                        }
                    } else if !left.is_empty() {
                        tries.after_progress().await;
                    }
                }
                Err(error) if are_new && error.is_retryable() => {
                    let is_lost = error.is_outcome_unknown();
                    if is_lost {
                        doubt.open();
                    }
                    if !tries.again().await {
                        return Err(error);
                    }
                    if is_lost {
                        self.look_for(table, left, error, &mut tries).await?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        doubt.settle();
        Ok(())
    }

    /// After a request that got no answer: what is stored is no longer `left`.
    async fn look_for(
        self,
        table: &Table<'_>,
        left: &mut Vec<usize>,
        lost: Error,
        tries: &mut Tries,
    ) -> Result<(), Error> {
        let mut expressions = Expressions::new(table.model);
        let projection = expressions.partition_key();
        let keys = || left.iter().map(|place| self.key(*place).to_owned()).collect();
        let stored = loop {
            match table.batch_get(keys(), &expressions, Some(projection)).await {
                Ok(stored) => break stored,
                Err(error) if error.is_retryable() && tries.again().await => {}
                Err(_) => return Err(lost),
            }
        };
        let stored: HashSet<&str> = stored.iter().filter_map(|item| item::text(item, PARTITION_KEY)).collect();
        left.retain(|place| !stored.contains(self.key(*place)));
        Ok(())
    }
}
