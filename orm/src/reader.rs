//! Records with what they are related to, and how a selection reads them.

use crate::driver::range;
use crate::error::{Error, ValueError};
use crate::projection::{ID_SLOT, Projection, RelationLoad};
use crate::row::{Rows, take};
use crate::select::{Prepared, Selection};
use crate::value::Value;

/// The rows of a query and, for each relation of its projection, where it leads.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) rows: Rows,
    pub(crate) relations: Vec<Links>,
}

impl Loaded {
    /// What the selection makes of each row.
    pub(crate) fn decode<M, S: Selection<M>>(
        self,
        prepared: &Prepared<S>,
    ) -> impl ExactSizeIterator<Item = Result<S::Output, Error>> {
        let Self { mut rows, mut relations } = self;
        (0..rows.len()).map(move |place| {
            let row = rows.get_mut(place).unwrap_or_default();
            prepared.selection.decode(&mut RowReader::new(&prepared.projection, row, true, place, &mut relations))
        })
    }
}

/// Where one relation leads from the rows of a level. Rows that look up the same value share a group, and several
/// groups may share a row.
#[derive(Debug)]
pub(crate) struct Links {
    /// Of each row of the level above, its group.
    pub(crate) groups: Vec<Option<usize>>,
    pub(crate) members: Members,
    /// How often each row is still to be read: the last time it is taken, before that it is copied.
    pub(crate) uses: Vec<usize>,
    pub(crate) to: Loaded,
}

/// Which rows belong to each group: places, group after group.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) places: Vec<usize>,
    ends: Vec<usize>,
}

impl Members {
    /// Of rows that are in the order of their groups, which end at these places.
    pub(crate) fn in_order(ends: Vec<usize>) -> Self {
        Self { places: (0..ends.last().copied().unwrap_or(0)).collect(), ends }
    }

    /// Adds a group.
    pub(crate) fn push(&mut self, places: impl IntoIterator<Item = usize>) {
        self.places.extend(places);
        self.ends.push(self.places.len());
    }

    pub(crate) fn of(&self, group: Option<usize>) -> &[usize] {
        group.and_then(|group| self.places.get(range(&self.ends, group)?)).unwrap_or_default()
    }
}

impl Links {
    /// The related rows of the row at this place, to be read once.
    pub(crate) fn of<'a>(&'a mut self, place: usize, projection: &'a Projection) -> RelatedRows<'a> {
        let group = self.groups.get(place).copied().flatten();
        RelatedRows { places: self.members.of(group).iter(), uses: &mut self.uses, to: &mut self.to, projection }
    }
}

/// The rows that a relation leads to from one row.
#[derive(Debug)]
pub(crate) struct RelatedRows<'a> {
    places: std::slice::Iter<'a, usize>,
    uses: &'a mut [usize],
    to: &'a mut Loaded,
    projection: &'a Projection,
}

impl RelatedRows<'_> {
    /// What a selection makes of each.
    pub(crate) fn decode<T>(
        self,
        mut decode: impl FnMut(&mut RowReader<'_>) -> Result<T, Error>,
    ) -> impl ExactSizeIterator<Item = Result<T, Error>> {
        let Self { places, uses, to, projection } = self;
        places.map(move |place| {
            // There is one: places come from the same answer.
            let row = to.rows.get_mut(*place).unwrap_or_default();
            let is_last = match uses.get_mut(*place) {
                Some(uses) if *uses > 1 => {
                    *uses -= 1;
                    false
                }
                _ => true,
            };
            decode(&mut RowReader::new(projection, row, is_last, *place, &mut to.relations))
        })
    }
}

/// All results, unless one of them is an error.
pub(crate) fn all<T>(results: impl ExactSizeIterator<Item = Result<T, Error>>) -> Result<Vec<T>, Error> {
    let mut all = Vec::with_capacity(results.len());
    for result in results {
        all.push(result?);
    }
    Ok(all)
}

/// Reads one row in the order in which its projection was described.
#[derive(Debug)]
pub struct RowReader<'a> {
    projection: &'a Projection,
    row: &'a mut [Value],
    /// Whether nobody reads the row after this, so that its values can be taken out of it.
    is_last: bool,
    /// Where the row is among those of its level.
    place: usize,
    reads: std::slice::Iter<'a, usize>,
    relations: std::slice::Iter<'a, RelationLoad>,
    links: std::slice::IterMut<'a, Links>,
}

impl<'a> RowReader<'a> {
    fn new(
        projection: &'a Projection,
        row: &'a mut [Value],
        is_last: bool,
        place: usize,
        links: &'a mut [Links],
    ) -> Self {
        Self {
            projection,
            row,
            is_last,
            place,
            reads: projection.reads().iter(),
            relations: projection.relations().iter(),
            links: links.iter_mut(),
        }
    }

    /// The value of the field that the projection reads next, which is the one at this place.
    ///
    /// # Errors
    /// `Decode` when the stored value does not fit, naming model, field, column and id.
    pub(crate) fn read_next<T>(
        &mut self,
        field: usize,
        decode: fn(Value) -> Result<T, ValueError>,
    ) -> Result<T, Error> {
        let slot = self.reads.next().copied().unwrap_or(ID_SLOT);
        let rest = self.reads.as_slice();
        let needed_for_messages = slot == ID_SLOT && !rest.is_empty();
        let value = if self.is_last && !needed_for_messages && !self.projection.reads_again(slot, rest) {
            take(self.row, slot)
        } else {
            self.row.get(slot).cloned().unwrap_or(Value::Null)
        };
        decode(value).map_err(|error| {
            // When it is the id itself that does not fit, the message quotes it already.
            let id = match self.row.get(ID_SLOT) {
                None | Some(Value::Null) => "that was read".to_owned(),
                Some(Value::Text(id)) => id.clone(),
                Some(Value::Integer(id)) => id.to_string(),
                Some(id) => id.describe(),
            };
            self.projection.model().decode_error(field, &id, &error)
        })
    }

    /// The rows of the relation that the projection reads next.
    pub(crate) fn related(&mut self) -> Option<RelatedRows<'a>> {
        let (load, links) = self.relations.next().zip(self.links.next())?;
        Some(links.of(self.place, &load.projection))
    }
}
