//! Evaluates a condition on many records.

use std::collections::HashSet;

use super::Condition;
use crate::value::Value;

/// A [`Condition`] that is evaluated on many records: values are looked up in long lists, not compared one by one.
#[derive(Clone, Debug)]
pub struct Matcher<'c>(Node<'c>);

#[derive(Clone, Debug)]
enum Node<'c> {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    OneOf(usize, HashSet<&'c Value>),
    /// Without long lists.
    Short(&'c Condition),
}

/// So many values are gone through faster than they are hashed.
const SHORT_LIST: usize = 16;

impl<'c> Matcher<'c> {
    /// Prepares a condition.
    pub fn new(condition: &'c Condition) -> Self {
        Self(Node::new(condition))
    }

    /// Whether the condition holds for a record whose fields `value` gives, by their place in the model.
    pub fn holds<'a>(&self, value: &impl Fn(usize) -> &'a Value) -> bool {
        self.0.holds(value)
    }
}

impl<'c> Node<'c> {
    fn new(condition: &'c Condition) -> Self {
        match condition {
            _ if !has_long_list(condition) => Self::Short(condition),
            Condition::And(parts) => Self::And(parts.iter().map(Self::new).collect()),
            Condition::Or(parts) => Self::Or(parts.iter().map(Self::new).collect()),
            Condition::Not(inner) => Self::Not(Box::new(Self::new(inner))),
            Condition::In(field, values) => Self::OneOf(*field, values.iter().collect()),
            other => Self::Short(other),
        }
    }

    fn holds<'a>(&self, value: &impl Fn(usize) -> &'a Value) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(value)),
            Self::Not(inner) => !inner.holds(value),
            Self::OneOf(field, values) => values.contains(value(*field)),
            Self::Short(condition) => condition.holds(value),
        }
    }
}

fn has_long_list(condition: &Condition) -> bool {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(has_long_list),
        Condition::Not(inner) => has_long_list(inner),
        Condition::In(_, values) => values.len() > SHORT_LIST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Comparison;

    #[test]
    fn it_holds_where_the_condition_does() {
        let list = |values: std::ops::Range<i128>| Condition::In(0, values.map(Value::Integer).collect());
        let not = |condition| Condition::Not(Box::new(condition));
        let above = Condition::Compare(0, Comparison::Gt, Value::Integer(70));
        for condition in [
            list(0..5),
            list(0..50),
            not(list(0..50)),
            Condition::Or(vec![above.clone(), list(10..40)]),
            Condition::And(vec![not(Condition::Or(vec![above.clone(), list(10..40)])), list(0..60)]),
            not(not(above)),
            Condition::always(),
            Condition::never(),
        ] {
            let matcher = Matcher::new(&condition);
            for value in (0..100).map(Value::Integer).chain([Value::Null]) {
                assert_eq!(matcher.holds(&|_| &value), condition.holds(&|_| &value), "{condition:?} of {value:?}");
            }
        }
    }
}
