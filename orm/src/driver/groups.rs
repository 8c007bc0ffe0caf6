//! Records in groups: what a driver answers for several keys.

use std::ops::Range;

use crate::row::Row;

/// The records of several keys: one group for each key, in the order of the keys.
///
/// ```
/// use orm::driver::Groups;
/// use orm::{Row, Value};
///
/// let row = |id: i128| Row::new(vec![Value::Integer(id)]);
/// let groups: Groups = [vec![row(1), row(2)], vec![], vec![row(3)]].into_iter().collect();
/// let sizes: Vec<usize> = groups.iter().map(<[Row]>::len).collect();
/// assert_eq!(sizes, [2, 0, 1]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    rows: Vec<Row>,
    ends: Vec<usize>,
}

impl Groups {
    /// Adds the records of the next key.
    pub fn push(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.rows.extend(rows);
        self.ends.push(self.rows.len());
    }

    /// The records of each key.
    pub fn iter(&self) -> impl Iterator<Item = &[Row]> {
        (0..self.ends.len())
            .map(|group| range(&self.ends, group).and_then(|range| self.rows.get(range)).unwrap_or_default())
    }

    /// All records, group after group, and where each group ends among them.
    pub(crate) fn into_parts(self) -> (Vec<Row>, Vec<usize>) {
        (self.rows, self.ends)
    }
}

impl<G: IntoIterator<Item = Row>> FromIterator<G> for Groups {
    fn from_iter<T: IntoIterator<Item = G>>(groups: T) -> Self {
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
