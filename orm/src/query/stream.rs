//! Reads of results that need not be in memory at once.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use futures_util::stream::{self, BoxStream, StreamExt};

use super::Criteria;
use crate::call::Call;
use crate::driver::{Find, FindPart, Part, Position, Segment};
use crate::error::Error;
use crate::model::Model;
use crate::orm_handle::Orm;
use crate::reader::Loaded;
use crate::select::{Prepared, Selection};

/// The records of a query, one after the other. Made by [`FindMany::stream`](super::FindMany::stream).
///
/// It holds what one request brought and asks for the next while that is being used. It is a
/// [`Stream`](futures_util::Stream), for `StreamExt` of `futures` or `tokio-stream`, and has a
/// [`next`](RecordStream::next) of its own:
///
/// ```
/// # use orm::prelude::*;
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, name: String }
/// # async fn f(orm: Orm) -> Result<(), Error> {
/// let mut users = User::find_many().stream(&orm);
/// while let Some(user) = users.next().await {
///     println!("{}", user?.name);
/// }
/// # Ok(()) }
/// ```
///
/// It ends after an error. A driver's timeout also runs for the request that is ahead: if using the records takes
/// longer than the timeout, take them out of the stream first.
#[must_use = "streams do nothing until they are polled"]
pub struct RecordStream<T> {
    /// Until it has ended.
    records: Option<BoxStream<'static, Result<T, Error>>>,
}

impl<T> fmt::Debug for RecordStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordStream")
    }
}

impl<T> Stream for RecordStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(records) = &mut self.records else { return Poll::Ready(None) };
        let next = ready!(records.poll_next_unpin(context));
        if !matches!(next, Some(Ok(_))) {
            // Other segments may have more: it is not waited for.
            self.records = None;
        }
        Poll::Ready(next)
    }
}

impl<T: Send + 'static> RecordStream<T> {
    /// The next record; `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        StreamExt::next(self).await
    }

    pub(super) fn new<M, S>(criteria: Criteria<M>, selection: S, orm: &Orm) -> Self
    where
        M: Model,
        S: Selection<M, Output = T> + 'static,
    {
        let records = match Reading::new(criteria, selection, orm) {
            Ok(reading) if reading.skip.saturating_add(reading.take) <= FEW => reading.few(),
            Ok(reading) => reading.many(),
            Err(error) => stream::iter([Err(error)]).boxed(),
        };
        Self { records: Some(records) }
    }
}

/// A `take` of at most so many records is read by one query, in any order, instead of in parts.
const FEW: usize = 1000;
/// How many segments of a table are read at once, however many there are.
const SEGMENTS_AT_ONCE: usize = 16;

/// What all parts of one stream share.
struct Reading<S> {
    call: Call,
    prepared: Prepared<S>,
    query: FindPart,
    skip: usize,
    take: usize,
    segments: usize,
}

impl<S> Reading<S> {
    fn new<M: Model>(criteria: Criteria<M>, selection: S, orm: &Orm) -> Result<Arc<Self>, Error>
    where
        S: Selection<M>,
    {
        let call = criteria.call(orm, "stream");
        let segments = call.context().segments();
        let prepared = Prepared::new(selection)?;
        let mut find = criteria.find(prepared.projection.fields())?;
        call.require(find.model)?;
        let (skip, take) = (std::mem::take(&mut find.skip), find.take.take().unwrap_or(usize::MAX));
        let query = FindPart { find, after: None, size: None, segment: None };
        Ok(Arc::new(Self { call, prepared, query, skip, take, segments }))
    }

    fn many<M: Model, T: Send + 'static>(self: Arc<Self>) -> BoxStream<'static, Result<T, Error>>
    where
        S: Selection<M, Output = T> + 'static,
    {
        let (mut skip, take) = (self.skip, self.take);
        let whole = (self.segments > 1).then_some(self.segments);
        let reading = self;
        let segments = stream::iter(0..whole.unwrap_or(1)).map(move |index| {
            let segment = whole.map(|total| Segment { index, total });
            Arc::clone(&reading).segment(segment)
        });
        // Of several segments at once whichever has something; of one alone, in order.
        segments
            .flatten_unordered(SEGMENTS_AT_ONCE)
            // An error is not one of the records that are skipped.
            .filter(move |record| {
                let keep = skip == 0 || record.is_err();
                skip -= usize::from(!keep);
                std::future::ready(keep)
            })
            .take(take)
            .boxed()
    }

    /// A few records are read in one part of just that size: in any order, and without reading more.
    fn few<M: Model, T: Send + 'static>(self: Arc<Self>) -> BoxStream<'static, Result<T, Error>>
    where
        S: Selection<M, Output = T> + 'static,
    {
        let read = async move {
            let records: Vec<Result<T, Error>> = match self.find().await {
                Ok(loaded) => loaded.decode::<M, S>(&self.prepared).collect(),
                Err(error) => vec![Err(error)],
            };
            stream::iter(records)
        };
        stream::once(read).flatten().boxed()
    }

    async fn find(&self) -> Result<Loaded, Error> {
        let find = Find { skip: self.skip, take: Some(self.take), ..self.query.find.clone() };
        let loaded = self.call.run(self.call.find(find, &self.prepared.projection)).await;
        self.call.report();
        loaded
    }

    fn segment<M: Model, T: Send + 'static>(
        self: Arc<Self>,
        segment: Option<Segment>,
    ) -> BoxStream<'static, Result<T, Error>>
    where
        S: Selection<M, Output = T> + 'static,
    {
        let query = FindPart { segment, ..self.query.clone() };
        let parts = stream::unfold(Some((Arc::clone(&self), query)), |state| async move {
            let (reading, mut query) = state?;
            match reading.part(&query).await {
                Ok((loaded, next)) => {
                    let records: Vec<Result<T, Error>> = loaded.decode::<M, S>(&reading.prepared).collect();
                    let more = next.map(|next| {
                        query.after = Some(next);
                        (reading, query)
                    });
                    Some((records, more))
                }
                Err(error) => Some((vec![Err(error)], None)),
            }
        });
        Ahead { parts: parts.boxed(), next: Next::UnderWay, records: Vec::new().into_iter() }.boxed()
    }

    async fn part(&self, query: &FindPart) -> Result<(Loaded, Option<Position>), Error> {
        let call = self.call.part();
        let work = async {
            let Part { rows, next } = call.driver().find_part(call.context(), query).await?;
            Ok((call.with_relations(rows, &self.prepared.projection).await?, next))
        };
        let part = call.run(work).await;
        self.call.report();
        part
    }
}

/// The records of parts, of which the next is under way while one is being used.
struct Ahead<T> {
    /// Ends after an error.
    parts: BoxStream<'static, Vec<Result<T, Error>>>,
    next: Next<T>,
    records: std::vec::IntoIter<Result<T, Error>>,
}

/// What comes after the part that is being used.
enum Next<T> {
    UnderWay,
    Part(Vec<Result<T, Error>>),
    End,
}

// Nothing in it is pinned.
impl<T> Unpin for Ahead<T> {}

impl<T> Stream for Ahead<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if matches!(self.next, Next::UnderWay)
                && let Poll::Ready(part) = self.parts.poll_next_unpin(context)
            {
                self.next = part.map_or(Next::End, Next::Part);
            }
            if let Some(record) = self.records.next() {
                return Poll::Ready(Some(record));
            }
            match std::mem::replace(&mut self.next, Next::UnderWay) {
                Next::UnderWay => return Poll::Pending,
                Next::Part(records) => self.records = records.into_iter(),
                Next::End => {
                    // An ended stream is not polled again.
                    self.next = Next::End;
                    return Poll::Ready(None);
                }
            }
        }
    }
}
