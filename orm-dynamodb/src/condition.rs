//! The algebra of conditions: what is always or never so is folded away, and what is said of one field is merged.

use std::collections::HashSet;
use std::sync::Arc;

use orm::driver::Matcher;
use orm::{Comparison, Condition, Value};

/// Folds constants, so that what remains has an expression; [`Condition::always`] and [`Condition::never`] only
/// remain at the top. Negations move inwards, and equalities of one field under an `or` become one `In`.
pub(crate) fn simplify(condition: Condition) -> Condition {
    match condition {
        Condition::And(parts) => {
            let mut kept = Vec::with_capacity(parts.len());
            for part in parts.into_iter().map(simplify) {
                match part {
                    Condition::And(inner) => kept.extend(inner),
                    Condition::Or(any) if any.is_empty() => return Condition::never(),
                    part => kept.push(part),
                }
            }
            single(kept, Condition::And)
        }
        Condition::Or(parts) => {
            let mut kept = Vec::with_capacity(parts.len());
            for part in parts.into_iter().map(simplify) {
                match part {
                    Condition::Or(inner) => kept.extend(inner),
                    Condition::And(all) if all.is_empty() => return Condition::always(),
                    part => kept.push(part),
                }
            }
            single(with_lists(kept), Condition::Or)
        }
        Condition::Not(inner) => negate(simplify(*inner)),
        Condition::In(_, values) if values.is_empty() => Condition::never(),
        Condition::In(field, values) => one_of(field, values),
        // DynamoDB refuses to compare a field with itself.
        Condition::CompareFields(field, comparison, other) if field == other => match comparison {
            Comparison::Eq => Condition::always(),
            Comparison::Ne | Comparison::Gt | Comparison::Lt => Condition::never(),
            Comparison::Gte | Comparison::Lte => Condition::Not(Box::new(Condition::IsNull(field))),
        },
        // Every text contains the empty text; null is no text.
        Condition::Contains(field, part) | Condition::StartsWith(field, part) if part.is_empty() => {
            Condition::Not(Box::new(Condition::IsNull(field)))
        }
        other => other,
    }
}

/// The opposite of a simplified condition.
fn negate(condition: Condition) -> Condition {
    match condition {
        Condition::And(parts) => simplify(Condition::Or(parts.into_iter().map(negate).collect())),
        Condition::Or(parts) => simplify(Condition::And(parts.into_iter().map(negate).collect())),
        Condition::Not(inner) => *inner,
        Condition::Compare(field, Comparison::Eq, value) => Condition::Compare(field, Comparison::Ne, value),
        Condition::Compare(field, Comparison::Ne, value) => Condition::Compare(field, Comparison::Eq, value),
        Condition::CompareFields(field, Comparison::Eq, other) => {
            Condition::CompareFields(field, Comparison::Ne, other)
        }
        Condition::CompareFields(field, Comparison::Ne, other) => {
            Condition::CompareFields(field, Comparison::Eq, other)
        }
        other => Condition::Not(Box::new(other)),
    }
}

fn single(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            parts.push(last);
            join(parts)
        }
        (_, None) => join(parts),
    }
}

/// The field has one of these values, of which there is at least one.
pub(crate) fn one_of(field: usize, values: Arc<[Value]>) -> Condition {
    let values = distinct(values);
    match &*values {
        [one] => Condition::Compare(field, Comparison::Eq, one.clone()),
        _ => Condition::In(field, values),
    }
}

/// The list itself, unless a value is in it more than once.
fn distinct(values: Arc<[Value]>) -> Arc<[Value]> {
    let mut seen = HashSet::with_capacity(values.len());
    if !values.iter().all(|value| seen.insert(value)) {
        seen.clear();
        return values.iter().filter(|value| seen.insert(value)).cloned().collect();
    }
    drop(seen);
    values
}

/// The values that an equality or a list allows.
pub(crate) fn listed(condition: &Condition) -> Option<(usize, &[Value])> {
    match condition {
        Condition::Compare(field, Comparison::Eq, value) => Some((*field, std::slice::from_ref(value))),
        Condition::In(field, values) => Some((*field, values)),
        _ => None,
    }
}

/// The conditions all of which must hold.
pub(crate) fn parts(condition: &Condition) -> &[Condition] {
    if let Condition::And(parts) = condition { parts } else { std::slice::from_ref(condition) }
}

/// The same of one that is no longer needed.
pub(crate) fn into_parts(condition: Condition) -> Vec<Condition> {
    match condition {
        Condition::And(parts) => parts,
        one => vec![one],
    }
}

/// How many conditions on fields it is made of.
pub(crate) fn leaves(condition: &Condition) -> usize {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().map(leaves).sum(),
        Condition::Not(inner) => leaves(inner),
        _ => 1,
    }
}

/// The values that a field must have one of.
pub(crate) fn allowed(conditions: &[Condition], field: usize) -> Option<&[Value]> {
    conditions.iter().filter_map(listed).find(|(of, _)| *of == field).map(|(_, values)| values)
}

/// The same as a list to keep.
pub(crate) fn allowed_list(conditions: &[Condition], field: usize) -> Option<Arc<[Value]>> {
    conditions.iter().find_map(|condition| match condition {
        Condition::Compare(index, orm::Comparison::Eq, value) if *index == field => Some([value.clone()].into()),
        Condition::In(index, values) if *index == field => Some(Arc::clone(values)),
        _ => None,
    })
}

/// Of alternatives, the equalities of one field as one list.
fn with_lists(parts: Vec<Condition>) -> Vec<Condition> {
    let mut kept: Vec<Condition> = Vec::with_capacity(parts.len());
    // The field of a list, its place, and what other lists have.
    let mut lists: Vec<(usize, usize, Vec<Value>)> = Vec::new();
    for part in parts {
        match listed(&part) {
            Some((field, values)) => match lists.iter_mut().find(|(of, ..)| *of == field) {
                Some((.., more)) => more.extend_from_slice(values),
                None => {
                    lists.push((field, kept.len(), Vec::new()));
                    kept.push(part);
                }
            },
            None => kept.push(part),
        }
    }
    for (field, place, more) in lists.into_iter().filter(|(.., more)| !more.is_empty()) {
        if let Some(part) = kept.get_mut(place)
            && let Some((_, values)) = listed(part)
        {
            *part = one_of(field, values.iter().cloned().chain(more).collect());
        }
    }
    kept
}

/// Merges conditions, all of which must hold and none of which is an `And`, as far as they are about one field each:
/// lists of values are intersected and checked against what else is said of their field, bounds are narrowed.
/// `None` when no record can match.
pub(crate) fn merge(parts: Vec<Condition>) -> Option<Vec<Condition>> {
    if parts.iter().any(|part| matches!(part, Condition::Or(any) if any.is_empty())) {
        return None;
    }
    let of_one_field: Vec<Option<usize>> = parts.iter().map(only_field).collect();
    let says_more_of = |place: usize, field: &Option<usize>| of_one_field.iter().skip(place + 1).any(|of| of == field);
    if !of_one_field.iter().enumerate().any(|(place, field)| says_more_of(place, field)) {
        // As it mostly is, there is nothing to merge.
        return Some(parts);
    }
    let mut merged: Vec<Condition> = Vec::with_capacity(parts.len());
    // The fields that are done, and what is about several. Filters may be long: nothing is looked for in all that came before.
    let (mut done, mut seen): (Vec<usize>, HashSet<&Condition>) = Default::default();
    for (place, (part, of)) in parts.iter().zip(&of_one_field).enumerate() {
        match *of {
            Some(field) if done.contains(&field) => {}
            Some(field) if says_more_of(place, of) => {
                done.push(field);
                let about = parts.iter().zip(&of_one_field).filter(|(_, other)| *other == of);
                merged.extend(merge_field(field, &about.map(|(part, _)| part).collect::<Vec<_>>())?);
            }
            None if !seen.insert(part) => {}
            _ => merged.push(part.clone()),
        }
    }
    Some(merged)
}

/// The field of a condition that is about one alone.
pub(crate) fn only_field(condition: &Condition) -> Option<usize> {
    let mut only = None;
    let has_others = condition.any_field(&mut |field| *only.get_or_insert(field) != field);
    only.filter(|_| !has_others)
}

/// What is said of one field.
fn merge_field(field: usize, parts: &[&Condition]) -> Option<Vec<Condition>> {
    let lists = parts.iter().enumerate().filter_map(|(place, part)| listed(part).map(|(_, values)| (place, values)));
    if let Some((place, shortest)) = lists.min_by_key(|(_, values)| values.len()) {
        // Every condition of this field is decided by the value, so that the list says it all.
        let others = parts.iter().enumerate().filter(|(other, _)| *other != place);
        let others: Vec<Matcher<'_>> = others.map(|(_, part)| Matcher::new(part)).collect();
        let allowed: Arc<[Value]> =
            shortest.iter().filter(|value| others.iter().all(|other| other.holds(&|_| *value))).cloned().collect();
        return if allowed.is_empty() { None } else { Some(vec![one_of(field, allowed)]) };
    }
    if parts.iter().any(|part| matches!(part, Condition::IsNull(_))) {
        let null = parts.iter().all(|part| part.holds(&|_| &Value::Null));
        return null.then(|| vec![Condition::IsNull(field)]);
    }
    let mut rest: Vec<Condition> = Vec::with_capacity(parts.len());
    let mut seen = HashSet::new();
    let (mut low, mut high): (Option<(Comparison, &Value)>, Option<(Comparison, &Value)>) = (None, None);
    for part in parts {
        match part {
            Condition::Compare(_, comparison @ (Comparison::Gt | Comparison::Gte), value) => {
                low = Some(narrower(low, (*comparison, value), std::cmp::Ordering::Greater));
            }
            Condition::Compare(_, comparison @ (Comparison::Lt | Comparison::Lte), value) => {
                high = Some(narrower(high, (*comparison, value), std::cmp::Ordering::Less));
            }
            part if !seen.insert(part) => {}
            part => rest.push((*part).clone()),
        }
    }
    if let (Some((at_least, low)), Some((at_most, high))) = (low, high) {
        match low.compare(high) {
            Some(std::cmp::Ordering::Greater) => return None,
            Some(std::cmp::Ordering::Equal) if at_least != Comparison::Gte || at_most != Comparison::Lte => {
                return None;
            }
            // A decimal may be stored as a text in another notation, which bounds find and an equality does not.
            Some(std::cmp::Ordering::Equal) if !matches!(low, Value::Decimal(_)) => {
                // Both bounds allow this one value and no other.
                let value = low.clone();
                return rest
                    .iter()
                    .all(|part| part.holds(&|_| &value))
                    .then(|| vec![Condition::Compare(field, Comparison::Eq, value.clone())]);
            }
            _ => {}
        }
    }
    let bounds = [low, high]
        .into_iter()
        .flatten()
        .map(|(comparison, value)| Condition::Compare(field, comparison, value.clone()));
    Some(bounds.chain(rest).collect())
}

/// Of two bounds on the same side, the one that allows less.
fn narrower<'v>(
    before: Option<(Comparison, &'v Value)>,
    next: (Comparison, &'v Value),
    narrower: std::cmp::Ordering,
) -> (Comparison, &'v Value) {
    let Some(before) = before else { return next };
    match next.1.compare(before.1) {
        Some(ordering) if ordering == narrower => next,
        // Of equal ones, the one that leaves the bound itself out.
        Some(std::cmp::Ordering::Equal) if matches!(next.0, Comparison::Gt | Comparison::Lt) => next,
        _ => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(field: usize, comparison: Comparison, value: i128) -> Condition {
        Condition::Compare(field, comparison, Value::Integer(value))
    }

    fn list(field: usize, values: &[i128]) -> Condition {
        Condition::In(field, values.iter().copied().map(Value::Integer).collect())
    }

    fn not(condition: Condition) -> Condition {
        Condition::Not(Box::new(condition))
    }

    #[test]
    fn constants_are_folded() {
        let one = || compare(2, Comparison::Eq, 1);
        assert_eq!(simplify(Condition::And(vec![one(), Condition::In(1, Arc::default())])), Condition::never());
        assert_eq!(simplify(Condition::Or(vec![Condition::always(), one()])), Condition::always());
        assert_eq!(simplify(not(Condition::never())), Condition::always());
        assert_eq!(simplify(Condition::Contains(1, String::new())), not(Condition::IsNull(1)));
        let with_itself = |comparison| simplify(Condition::CompareFields(1, comparison, 1));
        assert_eq!(with_itself(Comparison::Eq), Condition::always());
        assert_eq!(with_itself(Comparison::Lt), Condition::never());
        assert_eq!(with_itself(Comparison::Gte), not(Condition::IsNull(1)));
    }

    #[test]
    fn alternatives_of_one_field_are_a_list() {
        let any = Condition::Or(vec![compare(1, Comparison::Eq, 1), Condition::IsNull(2), list(1, &[2, 1])]);
        assert_eq!(simplify(any), Condition::Or(vec![list(1, &[1, 2]), Condition::IsNull(2)]));
        assert_eq!(simplify(Condition::Or(vec![compare(1, Comparison::Eq, 1); 2])), compare(1, Comparison::Eq, 1));
    }

    #[test]
    fn negations_move_inwards() {
        let any = Condition::Or(vec![compare(1, Comparison::Ne, 1), compare(2, Comparison::Gt, 1)]);
        let all = Condition::And(vec![compare(1, Comparison::Eq, 1), not(compare(2, Comparison::Gt, 1))]);
        assert_eq!(simplify(not(any)), all);
    }

    #[test]
    fn lists_are_intersected_and_checked() {
        let parts = vec![
            list(1, &[1, 2, 3, 4]),
            compare(2, Comparison::Gt, 0),
            list(1, &[2, 3, 9]),
            compare(1, Comparison::Lt, 3),
        ];
        assert_eq!(merge(parts), Some(vec![compare(1, Comparison::Eq, 2), compare(2, Comparison::Gt, 0)]));
        assert_eq!(merge(vec![compare(1, Comparison::Eq, 1), compare(1, Comparison::Eq, 2)]), None);
        assert_eq!(merge(vec![compare(1, Comparison::Eq, 1), compare(1, Comparison::Ne, 1)]), None);
    }

    #[test]
    fn bounds_are_narrowed() {
        let parts = vec![
            compare(1, Comparison::Gt, 1),
            compare(1, Comparison::Gte, 1),
            compare(1, Comparison::Lt, 9),
            compare(1, Comparison::Lt, 7),
        ];
        assert_eq!(merge(parts), Some(vec![compare(1, Comparison::Gt, 1), compare(1, Comparison::Lt, 7)]));
        // Of equal bounds the one that leaves the value itself out, whichever comes first.
        let equal = vec![
            compare(1, Comparison::Gte, 5),
            compare(1, Comparison::Gt, 5),
            compare(1, Comparison::Lte, 7),
            compare(1, Comparison::Lt, 7),
        ];
        assert_eq!(merge(equal), Some(vec![compare(1, Comparison::Gt, 5), compare(1, Comparison::Lt, 7)]));
        assert_eq!(merge(vec![compare(1, Comparison::Gt, 5), compare(1, Comparison::Lt, 5)]), None);
        assert_eq!(merge(vec![compare(1, Comparison::Gt, 7), compare(1, Comparison::Lt, 5)]), None);
        assert_eq!(merge(vec![compare(1, Comparison::Gt, 5), compare(1, Comparison::Lte, 5)]), None);
        assert_eq!(merge(vec![compare(1, Comparison::Gte, 5), compare(1, Comparison::Lt, 5)]), None);
        let point = vec![compare(1, Comparison::Gte, 5), compare(1, Comparison::Lte, 5)];
        assert_eq!(merge(point), Some(vec![compare(1, Comparison::Eq, 5)]));
    }

    /// Were each compared with all others, this would take minutes.
    #[test]
    fn many_conditions_are_merged() {
        let contains = |field: usize, n: usize| Condition::Contains(field, format!("word {n:07}"));
        let several = |n: usize| Condition::Or(vec![contains(1, n), contains(2, n)]);
        let each = |n: usize| [several(n), contains(3, n), several(n), contains(3, n)];
        assert_eq!(merge((0..50_000).flat_map(each).collect()).map(|merged| merged.len()), Some(100_000));
    }

    #[test]
    fn null_has_no_other_value() {
        assert_eq!(merge(vec![Condition::IsNull(1), compare(1, Comparison::Gt, 1)]), None);
        assert_eq!(merge(vec![Condition::IsNull(1), not(Condition::IsNull(1))]), None);
        assert_eq!(merge(vec![Condition::IsNull(1), compare(1, Comparison::Ne, 1)]), Some(vec![Condition::IsNull(1)]));
    }
}
