//! Conditions that are being built, with the levels that they have.

use super::Condition;
use crate::error::{Error, ValueError};
use crate::schema::ModelSchema;

/// How many levels a filter may have: what is made of data without a bound is an error, and not the end of the stack.
///
/// They are counted while it is built, because to look at a deeper one, or to drop it, needs as much stack as it is deep.
const MAX_LEVELS: usize = 100;

/// A condition of at most [`MAX_LEVELS`] levels, and how many it has.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    condition: Condition,
    levels: usize,
}

/// Why there is no condition.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The value for the field at this place cannot be stored.
    Value(usize, ValueError),
    /// It would have more than [`MAX_LEVELS`] levels.
    Levels,
}

impl Fault {
    pub(super) fn of_model(&self, model: &'static ModelSchema) -> Error {
        match self {
            Self::Value(field, error) => model.invalid_value(*field, error),
            Self::Levels => Error::invalid_query(format!(
                "a filter of `{}` has more than {MAX_LEVELS} levels: `any` and `all` take lists of conditions, which are \
                 one level",
                model.name()
            ))
            .with_model(model),
        }
    }
}

impl Measured {
    pub(super) fn new(condition: Condition) -> Result<Self, Fault> {
        let levels = levels(&condition, MAX_LEVELS)?;
        Ok(Self { condition, levels })
    }

    /// `condition`, made of others of which none has more than the most that there may be.
    fn of(condition: Condition, levels: usize) -> Result<Self, Fault> {
        if levels > MAX_LEVELS { Err(Fault::Levels) } else { Ok(Self { condition, levels }) }
    }

    pub(super) fn get(self) -> Condition {
        self.condition
    }

    pub(super) const fn as_condition(&self) -> &Condition {
        &self.condition
    }

    pub(super) fn and(self, other: Self) -> Result<Self, Fault> {
        // What is joined already is not a further level.
        let inner = self.levels_within_and().max(other.levels_within_and());
        let condition = self.condition.and(other.condition);
        let outer = usize::from(matches!(condition, Condition::And(_)));
        Self::of(condition, inner + outer)
    }

    fn levels_within_and(&self) -> usize {
        self.levels - usize::from(matches!(self.condition, Condition::And(_)))
    }

    pub(super) fn or(self, other: Self) -> Result<Self, Fault> {
        let (mut any, inner) = match self.condition {
            Condition::Or(any) if !any.is_empty() => (any, self.levels - 1),
            one => (vec![one], self.levels),
        };
        any.push(other.condition);
        Self::of(Condition::Or(any), inner.max(other.levels) + 1)
    }

    pub(super) fn not(self) -> Result<Self, Fault> {
        match self.condition {
            Condition::Not(inner) => Self::of(*inner, self.levels - 1),
            other => Self::of(Condition::Not(Box::new(other)), self.levels + 1),
        }
    }

    pub(super) fn list(parts: Vec<Self>, join: fn(Vec<Condition>) -> Condition) -> Result<Self, Fault> {
        let inner = parts.iter().map(|part| part.levels).max().unwrap_or_default();
        Self::of(join(parts.into_iter().map(Self::get).collect()), inner + 1)
    }
}

/// How many levels of conditions are within each other, if not more than `most`.
fn levels(condition: &Condition, most: usize) -> Result<usize, Fault> {
    let inner = match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.as_slice(),
        Condition::Not(inner) => std::slice::from_ref(&**inner),
        _ => return Ok(0),
    };
    let most = most.checked_sub(1).ok_or(Fault::Levels)?;
    inner.iter().try_fold(1, |deepest, part| Ok(deepest.max(levels(part, most)? + 1)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Filter, IntoFilter as _, Model};

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(id)]
        id: String,
        #[allow(dead_code, reason = "a field to ask for")]
        size: i64,
    }

    type Step = fn(usize, Filter<Thing>, Filter<Thing>) -> Filter<Thing>;

    fn leaf() -> Measured {
        Measured::new(Condition::IsNull(0)).unwrap()
    }

    fn filters() -> impl Strategy<Value = Measured> {
        let start = prop_oneof![
            Just(leaf()),
            Just(Measured::new(Condition::always()).unwrap()),
            Just(Measured::new(Condition::never()).unwrap()),
        ];
        start.prop_recursive(12, 60, 3, |inner| {
            let two = (inner.clone(), inner.clone());
            prop_oneof![
                two.clone().prop_map(|(a, b)| a.and(b).unwrap()),
                two.prop_map(|(a, b)| a.or(b).unwrap()),
                inner.clone().prop_map(|one| one.not().unwrap()),
                prop::collection::vec(inner.clone(), 0..3)
                    .prop_map(|parts| Measured::list(parts, Condition::And).unwrap()),
                prop::collection::vec(inner, 0..3).prop_map(|parts| Measured::list(parts, Condition::Or).unwrap()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_counted_is_what_there_is(filter in filters()) {
            prop_assert_eq!(levels(&filter.condition, MAX_LEVELS).ok(), Some(filter.levels), "{:?}", filter.condition);
        }
    }

    #[test]
    fn as_many_levels_as_there_may_be() {
        let nested = |n| (0..n).try_fold(leaf(), |one, n| if n % 2 == 0 { one.or(leaf()) } else { one.and(leaf()) });
        assert_eq!(nested(MAX_LEVELS).unwrap().levels, MAX_LEVELS);
        assert!(matches!(nested(MAX_LEVELS + 1), Err(Fault::Levels)));
        assert!(nested(MAX_LEVELS).unwrap().and(leaf()).is_ok(), "no further level");
        assert!(matches!(nested(MAX_LEVELS).unwrap().not(), Err(Fault::Levels)));
        let deepest = nested(MAX_LEVELS).unwrap();
        assert!(matches!(Measured::new(Condition::Not(Box::new(deepest.get()))), Err(Fault::Levels)));
    }

    #[test]
    fn a_filter_that_is_made_of_data_without_a_bound_does_not_end_the_stack() {
        let term = || Thing::SIZE.eq(1);
        let steps: [Step; 5] = [
            |n, all, term| if n % 2 == 0 { all.or(term) } else { all.and(term) },
            |n, all, term| if n % 2 == 0 { term.or(all) } else { term.and(all) },
            |_, all, term| term.or(all),
            |n, all, term| if n % 2 == 0 { all.or(term) } else { !all },
            |n, all, term| if n % 2 == 0 { crate::any([term, all]) } else { crate::all([all]) },
        ];
        let flat: [Step; 2] = [|_, all, term| all.or(term), |_, all, term| all.and(term)];
        let run = move || {
            let build = |step: Step| (0..200_000).fold(Thing::ID.eq("a").into_filter(), |all, n| step(n, all, term()));
            for step in steps {
                let error = build(step).into_condition().unwrap_err();
                assert!(error.to_string().contains("`thing` has more than 100 levels"), "{error}");
                drop(build(step));
            }
            for step in flat {
                assert!(build(step).into_condition().is_ok());
            }
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
    }
}
