//! The conditions of queries as text.

use aws_sdk_dynamodb::types::AttributeValue;
use orm::schema::ModelSchema;
use orm::{Comparison, Condition, FieldKind, Value};

use super::{Expressions, Placeholder, list, put};
use crate::attribute::to_attribute;
use crate::limits::MAX_IN_VALUES;

impl Expressions {
    /// The field has this value, which may be null.
    ///
    /// The TypeScript package stores bigints and decimals as text, so that both forms are the same value.
    pub(crate) fn equals(&mut self, field: usize, value: &Value, out: &mut String) {
        let Some(attribute) = to_attribute(value) else {
            out.push('(');
            self.is_null(field, out);
            return out.push(')');
        };
        let name = self.field(field);
        match (self.model.field(field).kind(), attribute) {
            (FieldKind::BigInt | FieldKind::Decimal, AttributeValue::N(text)) => {
                let stored_as_text = self.text(&text);
                let number = self.value(AttributeValue::N(text));
                put(out, format_args!("{name} IN ({number}, {stored_as_text})"));
            }
            (_, attribute) => put(out, format_args!("{name} = {}", self.value(attribute))),
        }
    }

    fn is_null(&mut self, field: usize, out: &mut String) {
        let name = self.field(field);
        let null = self.text("NULL");
        put(out, format_args!("attribute_not_exists({name}) OR attribute_type({name}, {null})"));
    }

    /// The field is absent, or a number, but none that is stored as text.
    pub(crate) fn is_no_text(&mut self, field: usize, out: &mut String) {
        let name = self.field(field);
        put(out, format_args!("NOT attribute_type({name}, {})", self.text("S")));
    }

    /// A condition as a part of a larger one. DynamoDB refuses parentheses that are not needed.
    pub(crate) fn operand(&mut self, condition: &Condition, out: &mut String) {
        let is_compound = match condition {
            Condition::And(_) | Condition::Or(_) | Condition::IsNull(_) => true,
            Condition::In(field, values) => alternatives(self.model.field(*field).kind(), values) > 1,
            Condition::Compare(field, comparison, _) => is_of_number_or_text(self.model, *field, *comparison),
            Condition::CompareFields(_, Comparison::Ne, _) => false,
            Condition::CompareFields(field, comparison, other) => {
                self.tells_nulls(*field, *comparison, *other) || finds_more(self.model, condition)
            }
            _ => false,
        };
        if is_compound {
            out.push('(');
        }
        self.condition(condition, out);
        if is_compound {
            out.push(')');
        }
    }

    /// The text of a condition without empty `In`, `And` and `Or`, which [`simplify`](crate::condition::simplify) folds
    /// away. It holds for all records for which the condition does, and for others if it [finds more](finds_more).
    pub(crate) fn condition(&mut self, condition: &Condition, out: &mut String) {
        match condition {
            Condition::And(parts) => self.join(parts, " AND ", out),
            Condition::Or(parts) => self.join(parts, " OR ", out),
            Condition::Not(inner) => {
                out.push_str("NOT ");
                match &**inner {
                    // Of text, no such comparison is true: it is found as it has to be, see below.
                    Condition::Compare(field, comparison, value) => self.compare(*field, *comparison, value, out),
                    Condition::CompareFields(field, comparison, other) => {
                        self.compare_fields_alone(*field, *comparison, *other, out);
                    }
                    inner => self.operand(inner, out),
                }
            }
            Condition::Compare(field, Comparison::Eq, value) => self.equals(*field, value, out),
            Condition::Compare(field, Comparison::Ne, value) => {
                // True for an absent attribute as well, as it has to be.
                out.push_str("NOT ");
                self.equals(*field, value, out);
            }
            Condition::Compare(field, comparison, value) => {
                self.compare(*field, *comparison, value, out);
                if is_of_number_or_text(self.model, *field, *comparison) {
                    let name = self.field(*field);
                    put(out, format_args!(" OR attribute_type({name}, {})", self.text("S")));
                }
            }
            Condition::CompareFields(field, Comparison::Ne, other) => {
                out.push_str("NOT ");
                self.compare_fields_alone(*field, Comparison::Eq, *other, out);
            }
            Condition::CompareFields(field, comparison, other) => {
                self.compare_fields(*field, *comparison, *other, out);
                for field in numbers_or_texts(self.model, condition) {
                    let name = self.field(field);
                    put(out, format_args!(" OR attribute_type({name}, {})", self.text("S")));
                }
            }
            Condition::In(field, values) => self.is_in(*field, values, out),
            Condition::Contains(field, part) => {
                let name = self.field(*field);
                put(out, format_args!("contains({name}, {})", self.text(part)));
            }
            Condition::StartsWith(field, prefix) => self.starts_with(*field, prefix, out),
            Condition::IsNull(field) => self.is_null(*field, out),
        }
    }

    /// Also a key condition.
    pub(crate) fn starts_with(&mut self, field: usize, prefix: &str, out: &mut String) {
        let name = self.field(field);
        put(out, format_args!("begins_with({name}, {})", self.text(prefix)));
    }

    /// An ordered comparison, also as a key condition.
    pub(crate) fn compare(&mut self, field: usize, comparison: Comparison, value: &Value, out: &mut String) {
        put(out, format_args!("{} {} {}", self.field(field), operator(comparison), self.operand_of(value)));
    }

    /// A comparison of two fields, but not `<>`.
    fn compare_fields(&mut self, field: usize, comparison: Comparison, other: usize, out: &mut String) {
        put(out, format_args!("{} {} {}", self.field(field), operator(comparison), self.field(other)));
        if !self.tells_nulls(field, comparison, other) {
            return;
        }
        if comparison == Comparison::Eq {
            out.push_str(" OR ((");
            self.is_null(field, out);
            out.push_str(") AND (");
            self.is_null(other, out);
            out.push_str("))");
        } else {
            // To Dynalite, which is JavaScript, two absent attributes are equal.
            out.push_str(" AND NOT (");
            self.is_null(field, out);
            out.push(')');
        }
    }

    /// The same as an operand.
    fn compare_fields_alone(&mut self, field: usize, comparison: Comparison, other: usize, out: &mut String) {
        let is_compound = self.tells_nulls(field, comparison, other);
        out.push_str(if is_compound { "(" } else { "" });
        self.compare_fields(field, comparison, other, out);
        out.push_str(if is_compound { ")" } else { "" });
    }

    /// Whether both fields may be null, and that has to be said because a comparison holds for equal values.
    fn tells_nulls(&self, field: usize, comparison: Comparison, other: usize) -> bool {
        let is_nullable = |field| self.model.field(field).is_nullable();
        let holds_for_equals = matches!(comparison, Comparison::Eq | Comparison::Gte | Comparison::Lte);
        holds_for_equals && is_nullable(field) && is_nullable(other)
    }

    /// Both bounds belong to it. Also a key condition.
    pub(crate) fn between(&mut self, field: usize, low: &Value, high: &Value, out: &mut String) {
        let (name, low, high) = (self.field(field), self.operand_of(low), self.operand_of(high));
        put(out, format_args!("{name} BETWEEN {low} AND {high}"));
    }

    fn operand_of(&mut self, value: &Value) -> Placeholder {
        self.value(to_attribute(value).unwrap_or(AttributeValue::Null(true)))
    }

    fn is_in(&mut self, field: usize, values: &[Value], out: &mut String) {
        let name = self.field(field);
        let both_forms = forms(self.model.field(field).kind()) == 2;
        let mut operands = Vec::with_capacity(values.len());
        let mut joint = "";
        for value in values {
            let Some(attribute) = to_attribute(value) else { continue };
            if is_falsy(value) {
                put(out, format_args!("{joint}{name} = {}", self.value(attribute)));
                joint = " OR ";
                continue;
            }
            if let (true, AttributeValue::N(text)) = (both_forms, &attribute) {
                operands.push(self.text(text));
            }
            operands.push(self.value(attribute));
        }
        for operands in operands.chunks(MAX_IN_VALUES) {
            put(out, format_args!("{joint}{name} IN ("));
            list(operands.iter().copied(), out);
            out.push(')');
            joint = " OR ";
        }
    }

    fn join(&mut self, parts: &[Condition], joint: &str, out: &mut String) {
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                out.push_str(joint);
            }
            self.operand(part, out);
        }
    }
}

const fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "=",
        Comparison::Ne => "<>",
        Comparison::Gt => ">",
        Comparison::Gte => ">=",
        Comparison::Lt => "<",
        Comparison::Lte => "<=",
    }
}

/// How many alternatives an `In` with these values is written as.
pub(super) fn alternatives(kind: FieldKind, values: &[Value]) -> usize {
    let alone = values.iter().filter(|value| is_falsy(value)).count();
    alone + (forms(kind) * (values.len() - alone)).div_ceil(MAX_IN_VALUES)
}

/// Dynalite, which is JavaScript, does not find these among the operands of `IN`.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

/// Whether the text of a condition holds for more records than the condition does. No expression compares the numbers that
/// the TypeScript package stores as text, so that these have to be found, and compared here.
pub(crate) fn finds_more(model: &ModelSchema, condition: &Condition) -> bool {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(|part| finds_more(model, part)),
        // To DynamoDB, the text of a decimal in another notation is another value: `1.50` is not `1.5`.
        Condition::Not(inner) if matches!(**inner, Condition::In(field, _) if is_decimal(model, field)) => true,
        Condition::Compare(field, Comparison::Ne, _) => is_decimal(model, *field),
        Condition::Not(inner) => finds_more(model, inner),
        Condition::Compare(field, comparison, _) => is_of_number_or_text(model, *field, *comparison),
        Condition::CompareFields(..) => !numbers_or_texts(model, condition).is_empty(),
        _ => false,
    }
}

fn is_decimal(model: &ModelSchema, field: usize) -> bool {
    model.field(field).kind() == FieldKind::Decimal
}

/// The fields that it compares whose numbers may be stored as text. For those that [are not](Expressions::is_no_text), the text
/// of a condition says what the condition says; for others it may find more, and does not find another notation of a number.
pub(crate) fn numbers_or_texts(model: &ModelSchema, condition: &Condition) -> Vec<usize> {
    let has_both = |field: &usize| forms(model.field(*field).kind()) > 1;
    match condition {
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter().flat_map(|part| numbers_or_texts(model, part)).collect()
        }
        Condition::Not(inner) => numbers_or_texts(model, inner),
        Condition::Compare(field, ..) | Condition::In(field, _) if has_both(field) => vec![*field],
        Condition::CompareFields(field, _, other) => [*field, *other].into_iter().filter(has_both).collect(),
        _ => Vec::new(),
    }
}

/// An ordered comparison of a field whose numbers may be stored as text.
pub(super) fn is_of_number_or_text(model: &ModelSchema, field: usize, comparison: Comparison) -> bool {
    forms(model.field(field).kind()) > 1 && !matches!(comparison, Comparison::Eq | Comparison::Ne)
}

/// The TypeScript package stores bigints and decimals as text.
pub(super) const fn forms(kind: FieldKind) -> usize {
    if matches!(kind, FieldKind::BigInt | FieldKind::Decimal) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use orm::prelude::*;

    use super::*;
    use crate::condition::simplify;

    #[derive(Model)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(id)]
        id: String,
        name: Option<String>,
        size: i64,
        big: i128,
        note: Option<String>,
    }

    fn text(condition: Condition) -> (String, Expressions) {
        let mut expressions = Expressions::new(Thing::schema());
        let mut text = String::new();
        expressions.condition(&simplify(condition), &mut text);
        (text, expressions)
    }

    fn compare(field: usize, comparison: Comparison, value: i128) -> Condition {
        Condition::Compare(field, comparison, Value::Integer(value))
    }

    #[test]
    fn names_and_values_are_behind_placeholders() {
        let condition = Condition::And(vec![
            compare(2, Comparison::Gt, 5),
            Condition::Or(vec![Condition::Contains(1, "a".into()), Condition::IsNull(1)]),
        ]);
        let (text, expressions) = text(condition);
        assert_eq!(
            text,
            "#f2 > :v0 AND (contains(#f1, :v1) OR (attribute_not_exists(#f1) OR attribute_type(#f1, :v2)))"
        );
        assert_eq!(expressions.names().unwrap()["#f1"], "name");
        assert_eq!(expressions.values().unwrap()[":v0"], AttributeValue::N("5".into()));
    }

    #[test]
    fn a_bigint_equals_its_text() {
        let (text, _) = text(compare(3, Comparison::Ne, 7));
        assert_eq!(text, "NOT #f3 IN (:v1, :v0)");
    }

    #[test]
    fn a_bigint_stored_as_text_is_found_to_be_compared() {
        let more = || compare(3, Comparison::Gt, 7);
        assert_eq!(text(more()).0, "#f3 > :v0 OR attribute_type(#f3, :v1)");
        assert_eq!(text(Condition::Not(Box::new(more()))).0, "NOT #f3 > :v0");
        let both = Condition::And(vec![more(), compare(2, Comparison::Gt, 7)]);
        assert_eq!(text(both.clone()).0, "(#f3 > :v0 OR attribute_type(#f3, :v1)) AND #f2 > :v2");
        let model = Thing::schema();
        assert!(finds_more(model, &both) && finds_more(model, &Condition::Not(Box::new(both))));
        assert!(
            !finds_more(model, &compare(2, Comparison::Gt, 7)) && !finds_more(model, &compare(3, Comparison::Ne, 7))
        );
    }

    #[test]
    fn fields_are_compared_with_one_another() {
        let fields = |field, comparison, other| Condition::CompareFields(field, comparison, other);
        assert_eq!(text(fields(1, Comparison::Eq, 0)).0, "#f1 = #f0");
        assert_eq!(text(fields(1, Comparison::Ne, 0)).0, "NOT #f1 = #f0");
        let less = || fields(2, Comparison::Lt, 3);
        assert_eq!(text(less()).0, "#f2 < #f3 OR attribute_type(#f3, :v0)");
        assert_eq!(text(Condition::Not(Box::new(less()))).0, "NOT #f2 < #f3");
        assert!(finds_more(Thing::schema(), &less()) && !finds_more(Thing::schema(), &fields(1, Comparison::Lt, 0)));
        // Only null equals null.
        let both = |comparison| Condition::And(vec![fields(1, comparison, 4), compare(2, Comparison::Gt, 1)]);
        let equal = "(#f1 = #f4 OR ((attribute_not_exists(#f1) OR attribute_type(#f1, :v0)) AND \
            (attribute_not_exists(#f4) OR attribute_type(#f4, :v1)))) AND #f2 > :v2";
        assert_eq!(text(both(Comparison::Eq)).0, equal);
        assert_eq!(text(both(Comparison::Ne)).0, format!("NOT {equal}"));
        assert_eq!(text(both(Comparison::Lt)).0, "#f1 < #f4 AND #f2 > :v0");
        let at_most = "#f1 <= #f4 AND NOT (attribute_not_exists(#f1) OR attribute_type(#f1, :v0))";
        assert_eq!(text(both(Comparison::Lte)).0, format!("({at_most}) AND #f2 > :v1"));
        assert_eq!(text(Condition::Not(Box::new(fields(1, Comparison::Lte, 4)))).0, format!("NOT ({at_most})"));
    }

    #[test]
    fn more_values_than_one_in_takes_are_split() {
        let (text, _) = text(Condition::In(2, (0..298).map(Value::Integer).collect()));
        assert_eq!(text.matches(" IN (").count(), 4);
        assert_eq!(text.matches(" OR ").count(), 3);
    }

    #[test]
    fn there_are_no_needless_parentheses() {
        let not = |condition: Condition| Condition::Not(Box::new(condition));
        let or = Condition::Or(vec![compare(2, Comparison::Gt, 1), Condition::StartsWith(1, "a".into())]);
        assert_eq!(text(not(or.clone())).0, "NOT #f2 > :v0 AND NOT begins_with(#f1, :v1)");
        assert_eq!(text(not(Condition::IsNull(1))).0, "NOT (attribute_not_exists(#f1) OR attribute_type(#f1, :v0))");
        assert_eq!(
            text(Condition::And(vec![or, compare(2, Comparison::Lt, 9)])).0,
            "(#f2 > :v0 OR begins_with(#f1, :v1)) AND #f2 < :v2"
        );
    }
}
