//! Pages of results, and the cursors between them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

use crate::driver::{Find, Position};
use crate::error::{Error, ErrorCode};
use crate::filter::identify_text;

/// A part of the records of a query, and where the next one begins. If `T` is `Serialize`, so is the page, and a
/// handler can return it as it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The results: as many as the page is large, fewer on the last page.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page of these results: for a storage layer that puts one together by itself.
    pub const fn new(items: Vec<T>, next: Option<Cursor>) -> Self {
        Self { items, next }
    }

    /// The same page of something else, made of each result.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next: self.next }
    }
}

/// A place in the results of a query: hand it to [`after`](crate::query::FindPage::after) of the same query.
///
/// It is text of letters, digits, `-` and `_`, which may be stored, sent and used again after a restart, on another
/// machine. It belongs to its query: with another model, filter or order it is an error; another page size or selection
/// is fine. Fields are known by their columns, so a version of the program whose model has more fields, or has them in
/// another order, understands it. A cursor that was changed is an error too. Cursors are readable: they contain the key
/// of a record and the values that it was sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

/// The first character of every cursor of this form.
const VERSION: &str = "3";
/// How many bytes of the authentication code are kept.
const TAG_BYTES: usize = 16;
/// Keeps cursors of different libraries apart where no secret is set.
const NO_SECRET: &[u8] = b"orm cursor";

impl Cursor {
    /// The cursor's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn new(position: &Position, find: &Find, secret: Option<&[u8]>) -> Self {
        let position = position.as_str().as_bytes();
        let tag = mac(position, find, secret).finalize().into_bytes();
        let bytes: Vec<u8> = tag.into_iter().take(TAG_BYTES).chain(position.iter().copied()).collect();
        Self(format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The position in it.
    ///
    /// # Errors
    /// `InvalidCursor` when it is not a cursor of this query.
    pub(crate) fn open(&self, find: &Find, secret: Option<&[u8]>) -> Result<Position, Error> {
        let refuse = |why: &str| Err(Error::new(ErrorCode::InvalidCursor, why).with_model(find.model));
        let bytes = self.0.strip_prefix(VERSION).and_then(|encoded| URL_SAFE_NO_PAD.decode(encoded).ok());
        let Some((tag_of_cursor, position)) = bytes.as_deref().and_then(|bytes| bytes.split_at_checked(TAG_BYTES))
        else {
            return refuse(
                "this is not a cursor of this version of the library: hand over `page.next` as it was, or start again \
                 from the first page",
            );
        };
        if mac(position, find, secret).verify_truncated_left(tag_of_cursor).is_err() {
            return refuse(
                "the cursor was changed, or is of another query: `after` needs `page.next` of a query with the same \
                 model, filter (values such as `Utc::now()` included) and order",
            );
        }
        String::from_utf8(position.to_vec()).map(Position::new).map_err(|_| Position::unreadable())
    }
}

/// Over the position and what the query asks for.
fn mac(position: &[u8], find: &Find, secret: Option<&[u8]>) -> Hmac<Sha256> {
    // HMAC takes a key of any length; the constructor that cannot fail takes one block of SHA-256, 64 bytes.
    let key: [u8; 64] = Sha512::digest(secret.unwrap_or(NO_SECRET)).into();
    let mut mac = Hmac::<Sha256>::new(&key.into());
    let mut query = String::new();
    // Writing to a string cannot fail.
    let _ = identify(find, &mut query);
    mac.update(&(query.len() as u64).to_be_bytes());
    mac.update(query.as_bytes());
    mac.update(position);
    mac
}

/// Everything that a position is a place in: the same text whatever other fields the model has.
fn identify<W: fmt::Write>(find: &Find, text: &mut W) -> fmt::Result {
    identify_text(find.model.name(), text)?;
    find.filter.identify(find.model, text)?;
    find.order.iter().try_for_each(|order| {
        let direction = if order.descending { "desc" } else { "asc" };
        identify_text(find.model.field(order.field).column(), text)?;
        text.write_str(direction)
    })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&Self> for Cursor {
    fn from(cursor: &Self) -> Self {
        cursor.clone()
    }
}

impl From<&String> for Cursor {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<&str> for Cursor {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl AsRef<str> for Cursor {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

/// A [`Cursor`], or the text of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cursor",
    label = "expected a `Cursor`, or its text",
    note = "there is no next page after the last: `if let Some(next) = page.next {{ .. .after(next) }}`; the first page has no `.after(..)`"
)]
pub trait IntoCursor {
    /// The cursor.
    fn into_cursor(self) -> Cursor;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Cursor>> IntoCursor for T {
    fn into_cursor(self) -> Cursor {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::filter::Condition;
    use crate::order::Order;
    use crate::prelude::*;
    use crate::value::Value;

    #[derive(Model)]
    #[orm(table = "users")]
    struct User {
        #[orm(id)]
        id: String,
        #[allow(dead_code, reason = "a field to sort by")]
        name: String,
    }

    fn find(name: &str) -> Find {
        Find {
            model: User::schema(),
            filter: Condition::StartsWith(1, name.into()),
            order: vec![Order { field: 1, descending: false }],
            skip: 0,
            take: None,
            fields: vec![0],
        }
    }

    #[test]
    fn a_cursor_belongs_to_its_query() {
        let (query, position) = (find("a"), Position::new("{\"k\":1}"));
        let cursor = Cursor::new(&position, &query, None);
        assert_eq!(cursor.open(&query, None).unwrap(), position);
        let again = Cursor::from(cursor.to_string());
        assert_eq!(again.open(&Find { fields: vec![0, 1], ..query.clone() }, None).unwrap(), position);

        let descending = vec![Order { field: 1, descending: true }];
        for other in [find("b"), Find { order: descending, ..query.clone() }] {
            let error = cursor.open(&other, None).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidCursor);
            assert!(error.to_string().contains("of another query"), "{error}");
        }
        assert!(cursor.open(&query, Some(b"secret")).is_err());
        assert!(Cursor::new(&position, &query, Some(b"secret")).open(&query, None).is_err());
        let other = Condition::Compare(1, crate::Comparison::Eq, Value::Text("a".into()));
        assert!(cursor.open(&Find { filter: other, ..query }, None).is_err());
    }

    mod next_version {
        #![allow(dead_code, reason = "fields to sort by")]
        use crate::prelude::*;

        /// With a field more, another order of fields, and another name in Rust for what is stored as before.
        #[derive(Model)]
        #[orm(table = "users")]
        pub(super) struct User {
            #[orm(id)]
            id: String,
            email: String,
            #[orm(column = "name")]
            full_name: String,
        }
    }

    #[test]
    fn a_cursor_is_understood_by_the_next_version_of_the_program_and_means_the_same() {
        let position = Position::new("{\"k\":1}");
        let at = |model, field: usize| {
            let filters: [fn(usize) -> Condition; 5] = [
                |field| Condition::StartsWith(field, "a".into()),
                |field| Condition::Contains(field, "a".into()),
                |field| Condition::In(field, [Value::Text("a".into())].into()),
                |field| Condition::Or(vec![Condition::Not(Condition::IsNull(field).into()), Condition::never()]),
                |field| Condition::compare(field, crate::Comparison::Lt, Value::Text("a".into())),
            ];
            let by_it =
                move |filter| Find { model, filter, order: vec![Order { field, descending: false }], ..find("") };
            filters.map(|filter| by_it(filter(field)))
        };
        let now = at(User::schema(), 1);
        let next = at(next_version::User::schema(), 2);
        let of_another_field = at(next_version::User::schema(), 1);
        for (place, query) in now.iter().enumerate() {
            let cursor = Cursor::new(&position, query, None);
            for (other, query) in next.iter().enumerate() {
                assert_eq!(cursor.open(query, None).is_ok(), place == other, "{place} {other}");
            }
            assert!(of_another_field.iter().all(|query| cursor.open(query, None).is_err()), "{place}");
            let by_another = Find { order: vec![Order { field: 0, descending: false }], ..query.clone() };
            assert!(cursor.open(&by_another, None).is_err());
        }
    }

    #[test]
    fn a_page_is_an_answer_of_its_own() {
        let page = Page::new(vec![1, 2], Some(Cursor::new(&Position::new("p"), &find("a"), None)));
        let text = serde_json::to_string(&page).unwrap();
        assert!(text.starts_with(r#"{"items":[1,2],"next":"3"#), "{text}");
        assert_eq!(serde_json::from_str::<Page<i32>>(&text).unwrap(), page);
        assert_eq!(serde_json::to_string(&page.map(|n| n.to_string()).items).unwrap(), r#"["1","2"]"#);
    }

    proptest! {
        #[test]
        fn any_position_survives(text in any::<String>()) {
            let position = Position::new(text);
            let cursor = Cursor::new(&position, &find("a"), Some(b"s"));
            prop_assert!(cursor.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(cursor.open(&find("a"), Some(b"s")).unwrap(), position);
        }

        #[test]
        fn what_is_no_cursor_is_an_error(text in any::<String>()) {
            prop_assert!(Cursor::from(text).open(&find("a"), None).is_err());
        }

        #[test]
        fn a_change_is_noticed(place in 1_usize..60, letter in "[A-Za-z0-9_-]") {
            let cursor = Cursor::new(&Position::new("0123456789 0123456789 0123456789"), &find("a"), None);
            let mut text = cursor.to_string();
            text.replace_range(place..=place, &letter);
            let changed = Cursor::from(text);
            prop_assert!(changed == cursor || changed.open(&find("a"), None).is_err());
        }
    }
}
