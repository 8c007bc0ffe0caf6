//! Records in groups: what a driver answers for several keys.

use std::ops::Range;

use crate::row::Rows;
use crate::value::Value;

/// The records of several keys: one group for each key, in the order of the keys.
///
/// ```
/// use orm::driver::Groups;
/// use orm::{Row, Rows, Value};
///
/// let one = |id: i128| Rows::from(Row::new(vec![Value::Integer(id)]));
/// let groups: Groups = [one(1), Rows::default(), one(3)].into_iter().collect();
/// let sizes: Vec<usize> = groups.iter().map(|rows| rows.count()).collect();
/// assert_eq!(sizes, [1, 0, 1]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Groups {
    rows: Rows,
    ends: Vec<usize>,
}

impl Groups {
    /// Groups of records that stand group after group; each group ends at one of these places.
    pub fn new(rows: Rows, ends: Vec<usize>) -> Self {
        Self { rows, ends }
    }

    /// Adds the records of the next key.
    pub fn push(&mut self, rows: Rows) {
        self.rows.append(rows);
        self.ends.push(self.rows.len());
    }

    /// The records of each key, each record as its values.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = &[Value]>> {
        let range = |group| range(&self.ends, group).unwrap_or_default();
        (0..self.ends.len()).map(move |group| range(group).filter_map(|row| self.rows.get(row)))
    }

    /// The records of each key, in a list of their own.
    pub fn into_rows(self) -> impl Iterator<Item = Rows> {
        self.rows.split(self.ends)
    }

    /// All records, group after group, and where each group ends among them.
    pub(crate) fn into_parts(self) -> (Rows, Vec<usize>) {
        (self.rows, self.ends)
    }
}

impl FromIterator<Rows> for Groups {
    fn from_iter<T: IntoIterator<Item = Rows>>(groups: T) -> Self {
        let mut all = Self::default();
        groups.into_iter().for_each(|group| all.push(group));
        all
    }
}

/// Which part of a list a group is, when the groups are one after the other and end at these places.
pub(crate) fn range(ends: &[usize], group: usize) -> Option<Range<usize>> {
    let start = match group.checked_sub(1) {
        Some(before) => *ends.get(before)?,
        None => 0,
    };
    Some(start..*ends.get(group)?)
}
