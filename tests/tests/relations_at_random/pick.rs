//! What is asked of the records of a relation, and the same with a loop.

use std::cmp::Ordering;
use std::convert::identity;
use std::fmt::Debug;
use std::ops::Range;

use orm::prelude::*;
use orm::{Filter, IntoFilter, OrderBy};
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use uuid::Uuid;

use super::fleet::{Boat, Card, Cargo, LONG, Locker, Port, Sailor, uuid};

/// What can be asked of a model: filters, each with the same in Rust, and orders, those by the id first.
pub trait Asked: Model + Ord + Clone + Debug + 'static {
    const HOLDS: &[fn(&Self) -> bool];
    const COMPARE: &[fn(&Self, &Self) -> Ordering];
    fn filters() -> Vec<Filter<Self>>;
    fn orders() -> Vec<OrderBy<Self>>;
}

/// By each of these fields, which is compared with two values.
macro_rules! asked {
    ($($model:ident { $($field:ident $constant:ident $stored:ident $a:expr, $b:expr;)+ })+) => {$(
        impl Settle for $model {}
        impl Asked for $model {
            const HOLDS: &[fn(&Self) -> bool] = &[$(
                |record| record.$field.cmp(&$stored($a.into())).is_eq(),
                |record| record.$field.cmp(&$stored($a.into())).is_ne(),
                |record| record.$field.cmp(&$stored($a.into())).is_gt(),
                |record| [$stored($a.into()), $stored($b.into())].contains(&record.$field),
            )+];
            const COMPARE: &[fn(&Self, &Self) -> Ordering] =
                &[$(|a, b| a.$field.cmp(&b.$field), |a, b| b.$field.cmp(&a.$field)),+];
            fn filters() -> Vec<Filter<Self>> {
                let filters = [$([
                    Self::$constant.eq($a).into_filter(),
                    Self::$constant.ne($a),
                    Self::$constant.gt($a),
                    Self::$constant.is_in([$a, $b]),
                ]),+];
                filters.into_iter().flatten().collect()
            }
            fn orders() -> Vec<OrderBy<Self>> {
                vec![$(Self::$constant.asc(), Self::$constant.desc()),+]
            }
        }
    )+};
}

asked! {
    Port { name NAME identity "", LONG; name NAME identity "oslo", "riga"; size SIZE Some 1, 2; }
    Boat { number NUMBER identity 6, 12; home_port HOME_PORT Some "", LONG; home_port HOME_PORT Some "oslo", "kiel"; }
    Sailor {
        id ID identity uuid(1), uuid(3); name NAME identity "sailor 2", "sailor 3"; boat BOAT Some 6, 0;
        berth BERTH Some 5, 8; rank RANK Some 1, 3; mentor_id MENTOR_ID Some uuid(1), uuid(2);
    }
    Locker { number NUMBER identity 4, 9; owner OWNER Some uuid(2), uuid(5); }
    Cargo {
        number NUMBER identity 5, 7; port PORT Some "riga", ""; port PORT Some LONG, "oslo";
        weight WEIGHT identity 1, 3;
    }
}

/// Which records of a relation, as places in [`Asked`], and in which order; without one it is all of them.
#[derive(Clone, Debug)]
pub struct Pick {
    pub filters: Vec<usize>,
    pub any: bool,
    pub order: Option<Vec<usize>>,
    pub skip: usize,
    pub take: Option<usize>,
}

/// The records of a query or relation that a pick is about.
macro_rules! picked {
    ($pick:expr, $query:expr) => {{
        let some = $query.filter($pick.filter()).order_by($pick.order_by()).skip($pick.skip);
        match $pick.take {
            Some(take) => some.take(take),
            None => some,
        }
    }};
}

impl Pick {
    pub fn filter<M: Asked>(&self) -> Filter<M> {
        let filters = M::filters();
        let parts: Vec<_> = self.filters.iter().map(|place| filters[place % filters.len()].clone()).collect();
        if self.any { any(parts) } else { all(parts) }
    }

    fn holds<M: Asked>(&self, record: &M) -> bool {
        let mut parts = self.filters.iter().map(|place| M::HOLDS[place % M::HOLDS.len()](record));
        if self.any { parts.any(|holds| holds) } else { parts.all(|holds| holds) }
    }

    /// The places of its orders in [`Asked::orders`], the last of which is that of the id.
    fn places<M: Asked>(&self) -> impl Iterator<Item = usize> {
        let last = self.order.as_ref().map(|_| 0);
        self.order.iter().flatten().map(|place| place % M::COMPARE.len()).chain(last)
    }

    pub fn order_by<M: Asked>(&self) -> Vec<OrderBy<M>> {
        self.places::<M>().map(|place| M::orders()[place]).collect()
    }

    pub fn one<'a, M: Asked>(&self, mut records: impl Iterator<Item = &'a M>) -> Option<&'a M> {
        records.find(|record| self.holds(*record))
    }

    pub fn many<'a, M: Asked>(&self, records: impl Iterator<Item = &'a M>) -> impl Iterator<Item = &'a M> {
        let mut records: Vec<&M> = records.filter(|record| self.holds(*record)).collect();
        records.sort_by(|a, b| {
            self.places::<M>().map(|place| M::COMPARE[place](a, b)).fold(Ordering::Equal, Ordering::then)
        });
        records.into_iter().skip(self.skip).take(self.take.unwrap_or(usize::MAX))
    }

    /// A result in which lists without an order are sorted.
    pub fn settled<T: Settle>(&self, mut found: T) -> T {
        if self.order.is_none() {
            found.settle();
        }
        found
    }
}

/// So many places, and whether it is any of them that counts.
fn places(many: Range<usize>) -> impl Strategy<Value = (Vec<usize>, bool)> {
    (prop::collection::vec(0_usize..60, many), prop::bool::ANY)
}

/// Six of them: all with an order, or all without.
pub fn picks() -> impl Strategy<Value = [Pick; 6]> {
    let filters = prop_oneof![3 => Just((Vec::new(), false)), 4 => places(1..2), 3 => places(2..4)];
    let order = places(0..3).prop_map(|(places, _)| places);
    let take = prop_oneof![4 => Just(None), 3 => (0_usize..6).prop_map(Some), 1 => Just(Some(usize::MAX))];
    let skip = prop_oneof![2 => Just(0), 1 => 1_usize..4];
    let pick = (filters, order, skip, take);
    let pick =
        pick.prop_map(|((filters, any), order, skip, take)| Pick { filters, any, order: Some(order), skip, take });
    let plain = |pick| Pick { order: None, skip: 0, take: None, ..pick };
    let six = prop::array::uniform6(pick);
    (six, prop::bool::weighted(0.3)).prop_map(move |(six, all)| if all { six.map(plain) } else { six })
}

/// Sorts lists all the way down.
pub trait Settle {
    fn settle(&mut self) {}
}

impl<T: Settle> Settle for Option<T> {
    fn settle(&mut self) {
        self.iter_mut().for_each(T::settle);
    }
}

impl<T: Settle + Ord> Settle for Vec<T> {
    fn settle(&mut self) {
        self.iter_mut().for_each(T::settle);
        self.sort();
    }
}

macro_rules! settle {
    ($($plain:ident)+; $(($($name:ident $index:tt),+))+) => {
        $(impl Settle for $plain {})+
        $(impl<$($name: Settle),+> Settle for ($($name,)+) {
            fn settle(&mut self) {
                $(self.$index.settle();)+
            }
        })+
    };
}

settle! {
    String i64 Uuid Card;
    (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3)
}
