//! Requests in a form in which two that ask the same are equal: names and values stand in the expressions themselves,
//! and what is made up for each request is left out.

use serde_json::{Map, Value};

use super::wire::Exchange;

/// The requests of one operation, in an order that does not depend on which of those side by side came first, and
/// what they ask for or write in batches, however these are cut.
pub fn requests(exchanges: &[Exchange]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut requests: Vec<String> = exchanges
        .iter()
        .map(|exchange| {
            let mut body = canonical(serde_json::from_str(&exchange.request).unwrap_or(Value::Null));
            if exchange.operation.starts_with("Batch") {
                let tables = body.get_mut("RequestItems").and_then(Value::as_object_mut);
                for (table, asked) in tables.into_iter().flatten() {
                    let asked = if asked.is_array() { Some(asked) } else { asked.get_mut("Keys") };
                    let Some(Value::Array(asked)) = asked else { continue };
                    parts.extend(asked.drain(..).map(|part| format!("{table} {part}")));
                }
            }
            format!("{} {body}", exchange.operation)
        })
        .collect();
    requests.append(&mut parts);
    requests.sort_unstable();
    requests
}

fn canonical(value: Value) -> Value {
    match value {
        Value::Object(mut entries) => {
            entries.remove("ClientRequestToken");
            let names = texts(entries.remove("ExpressionAttributeNames"));
            let values = texts(entries.remove("ExpressionAttributeValues"));
            let entries = entries.into_iter().map(|(key, value)| {
                let value = match value {
                    Value::String(text) if key.ends_with("Expression") => {
                        Value::String(expression(&key, &text, &names, &values))
                    }
                    value => canonical(value),
                };
                (key, value)
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::String(text) if is_made_up(&text) => Value::String("*".to_owned()),
        other => other,
    }
}

/// Placeholders with what stands for them, the longest first.
fn texts(placeholders: Option<Value>) -> Vec<(String, String)> {
    let Some(Value::Object(entries)) = placeholders else { return Vec::new() };
    let mut texts: Vec<(String, String)> = entries
        .into_iter()
        .map(|(placeholder, value)| {
            let text = match value {
                Value::String(name) => name,
                value => canonical(value).to_string(),
            };
            (placeholder, text)
        })
        .collect();
    texts.sort_by_key(|(placeholder, _)| std::cmp::Reverse(placeholder.len()));
    texts
}

fn expression(key: &str, text: &str, names: &[(String, String)], values: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (placeholder, with) in names.iter().chain(values) {
        text = text.replace(placeholder.as_str(), with);
    }
    if key == "ProjectionExpression" {
        let mut columns: Vec<&str> = text.split(", ").collect();
        columns.sort_unstable();
        return columns.join(", ");
    }
    text
}

/// Ids, the tokens that make a write one that is applied once, and the time.
fn is_made_up(text: &str) -> bool {
    let plain = text.strip_prefix("record#").unwrap_or(text);
    let is_uuid = plain.len() == 36 && plain.bytes().filter(|byte| *byte == b'-').count() == 4;
    let is_token = text.split_once('-').is_some_and(|(time, random)| {
        time.len() == 13 && random.len() == 8 && time.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_uuid || is_token || is_now(text)
}

fn is_now(text: &str) -> bool {
    let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) else { return false };
    (chrono::Utc::now() - time.to_utc()).abs() < chrono::Duration::hours(1)
}

/// An answer as text, without what is made up for it.
pub fn answer(answer: &impl std::fmt::Debug) -> String {
    let text = format!("{answer:?}");
    let words = text.split_inclusive([' ', ',', '"']);
    words.map(|word| if is_made_up_word(word) { "*" } else { word }).collect()
}

fn is_made_up_word(word: &str) -> bool {
    is_made_up(word.trim_end_matches([' ', ',', '"', '}', ')', ']']))
}
