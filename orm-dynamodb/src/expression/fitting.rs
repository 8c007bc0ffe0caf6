//! What fits into an expression.

use orm::schema::ModelSchema;
use orm::{Condition, Error, ErrorCode, FieldKind, Value};

use super::conditions::{alternatives, forms};
use crate::error::about;
use crate::limits::{MAX_EXPRESSION_BYTES, MAX_OPERATORS};

/// DynamoDB's limit of all values of a request is 2 MB, of which keys and updates need some.
const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// The cost of a condition in an expression: its operators, and an upper bound of its text.
fn cost(condition: &Condition, kind: &impl Fn(usize) -> FieldKind) -> (usize, usize) {
    /// Placeholders, a function's name and the joints around them.
    const TERM_BYTES: usize = 80;
    /// `:v1234, `.
    const OPERAND_BYTES: usize = 8;
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts
            .iter()
            .map(|part| cost(part, kind))
            .fold((parts.len(), 2 + 5 * parts.len()), |(a, b), (c, d)| (a + c, b + d)),
        Condition::Not(inner) => {
            let (operators, bytes) = cost(inner, kind);
            (operators + 1, bytes + 6)
        }
        Condition::In(field, values) => {
            let kind = kind(*field);
            let alternatives = alternatives(kind, values);
            (
                2 * alternatives + 3 * (forms(kind) - 1),
                TERM_BYTES * alternatives + OPERAND_BYTES * values.len() * forms(kind),
            )
        }
        Condition::IsNull(_) => (3, TERM_BYTES),
        // With what a write asks of how it is stored.
        Condition::Compare(field, ..) if forms(kind(*field)) > 1 => (7, 2 * TERM_BYTES),
        Condition::CompareFields(field, _, other) => {
            let either = forms(kind(*field)).max(forms(kind(*other))) > 1;
            if either { (20, 5 * TERM_BYTES) } else { (10, 3 * TERM_BYTES) }
        }
        _ => (2, TERM_BYTES),
    }
}

/// How much of an expression is for other conditions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reserved {
    pub(crate) bytes: usize,
    pub(crate) operators: usize,
}

impl Reserved {
    /// For the kind of an item.
    pub(crate) const FOR_A_READ: Self = Self { bytes: 200, operators: 0 };
}

/// Splits conditions, all of which must hold, into those that go into one expression and the others: what is too
/// large, and comparisons of whole documents, which not every engine makes.
pub(crate) fn fitting(
    model: &'static ModelSchema,
    conditions: Vec<Condition>,
    reserved: Reserved,
) -> (Vec<Condition>, Vec<Condition>) {
    let (mut operators, mut bytes, mut value_bytes) = (reserved.operators, reserved.bytes, 0);
    conditions.into_iter().partition(|condition| {
        let (more_operators, more_bytes) = cost(condition, &|field| model.field(field).kind());
        let more_value_bytes = size_of_values(condition);
        let fits = operators + more_operators < MAX_OPERATORS
            && bytes + more_bytes <= MAX_EXPRESSION_BYTES
            && value_bytes + more_value_bytes <= MAX_VALUE_BYTES
            && !compares_documents(condition);
        if fits {
            operators += more_operators + 1;
            bytes += more_bytes;
            value_bytes += more_value_bytes;
        }
        fits
    })
}

/// The size of the texts and bytes in a condition; other values are small.
fn size_of_values(condition: &Condition) -> usize {
    let size = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().map(size_of_values).sum(),
        Condition::Not(inner) => size_of_values(inner),
        Condition::Compare(_, _, value) => size(value),
        Condition::In(_, values) => values.iter().map(size).sum(),
        Condition::Contains(_, text) | Condition::StartsWith(_, text) => text.len(),
        _ => 0,
    }
}

fn compares_documents(condition: &Condition) -> bool {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(compares_documents),
        Condition::Not(inner) => compares_documents(inner),
        Condition::Compare(_, _, value) => matches!(value, Value::Json(_)),
        Condition::In(_, values) => values.iter().any(|value| matches!(value, Value::Json(_))),
        _ => false,
    }
}

/// Refuses a write whose expressions are more than DynamoDB takes. Names and values in them are behind placeholders.
pub(crate) fn check_expressions(model: &'static ModelSchema, update: &str, condition: &str) -> Result<(), Error> {
    let longest = update.len().max(condition.len());
    // An operator takes at least four bytes, with what stands beside it.
    let operators = if condition.len() > 4 * MAX_OPERATORS { operators(condition) } else { 0 };
    let too_much = if longest > MAX_EXPRESSION_BYTES {
        format!("an expression of {longest} bytes, more than the {MAX_EXPRESSION_BYTES}")
    } else if operators > MAX_OPERATORS {
        format!("a condition of {operators} operators, more than the {MAX_OPERATORS}")
    } else {
        return Ok(());
    };
    let message = format!(
        "this write of one `{}` needs {too_much} of DynamoDB: change, select and filter by fewer fields at once",
        model.name()
    );
    Err(about(model, ErrorCode::Unsupported, message))
}

/// The operators and functions of a condition. A `BETWEEN` is one with its `AND`.
fn operators(condition: &str) -> usize {
    let words = condition.split([' ', '(']).map(|word| match word {
        "=" | "<>" | "<" | "<=" | ">" | ">=" | "AND" | "OR" | "NOT" | "IN" => 1,
        "contains" | "begins_with" | "size" => 1,
        word if word.starts_with("attribute_") => 1,
        _ => 0,
    });
    words.sum()
}

#[cfg(test)]
mod tests {
    use orm::Comparison;
    use orm::prelude::*;

    use super::*;
    use crate::expression::Expressions;

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(id)]
        id: String,
        size: i64,
    }

    #[test]
    fn what_does_not_fit_is_left_over() {
        let differs = |n| Condition::Compare(1, Comparison::Ne, Value::Integer(n));
        let (fitting, left_over) = fitting(Thing::schema(), (0..200).map(differs).collect(), Reserved::FOR_A_READ);
        assert!(!fitting.is_empty() && !left_over.is_empty());
        let mut text = String::new();
        Expressions::new(Thing::schema()).condition(&Condition::And(fitting), &mut text);
        assert!(text.len() <= 4096, "{}", text.len());
    }

    #[test]
    fn values_of_up_to_1_mb_are_sent() {
        let contains = |n: usize| Condition::Contains(0, "x".repeat(n));
        let left_over = |conditions| fitting(Thing::schema(), conditions, Reserved::FOR_A_READ).1.len();
        assert_eq!(left_over(vec![contains(MAX_VALUE_BYTES / 2), contains(MAX_VALUE_BYTES / 2)]), 0);
        assert_eq!(left_over(vec![contains(MAX_VALUE_BYTES / 2), contains(MAX_VALUE_BYTES / 2 + 1)]), 1);
    }

    #[test]
    fn expressions_of_up_to_4_kb_are_sent() {
        let (fits, over) = ("x".repeat(4096), "x".repeat(4097));
        assert!(check_expressions(Thing::schema(), &fits, &fits).is_ok());
        for (update, condition) in [(over.as_str(), ""), ("", over.as_str())] {
            let error = check_expressions(Thing::schema(), update, condition).expect_err("it is over the limit");
            assert_eq!((error.code(), error.model()), (ErrorCode::Unsupported, Some("thing")));
            assert!(error.to_string().contains("4097 bytes"), "{error}");
        }
    }

    #[test]
    fn conditions_of_up_to_300_operators_are_sent() {
        let equal = |many: usize| vec!["#f100 = :v100"; many].join(" AND ");
        let (fits, over) = (equal(150), format!("attribute_exists(#pk) AND {}", equal(150)));
        assert!(check_expressions(Thing::schema(), "", &fits).is_ok());
        let error = check_expressions(Thing::schema(), "", &over).expect_err("it is over the limit");
        assert!(error.to_string().contains("301 operators"), "{error}");
        // Each kind of them counts as one.
        let kinds = "attribute_not_exists(#a) OR NOT (begins_with(#a, :a) AND #a BETWEEN :a AND :b) OR #a IN (:a, :b)";
        let many = vec![kinds; 20].join(" OR ");
        assert_eq!(operators(&many), 20 * 8 + 19);
    }
}
