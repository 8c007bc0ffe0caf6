//! The derives of [`orm`](https://docs.rs/orm), which re-exports them: use them from there.
//!
//! Each derive reads the attributes into plain data (`parse`), checks that (`validate`) and writes the code
//! (`expand`, which cannot fail). All mistakes of one item are reported at once.

mod attr;
mod case;
mod context;
mod enumeration;
mod fallback;
mod field_type;
mod model;
mod no_implicit_prelude;
mod select;
#[cfg(test)]
mod tests;
mod tokens;
mod unsupported;
mod written;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with named fields a model: implements `orm::Model`, and adds a constant per field, relation and
/// compound unique key, an accessor per relation, and `create()` with its builder. All of these are as visible as the
/// struct. The builder of `User` is named `UserCreate`, and its traits `UserNeedsEmail` and the like.
///
/// ```
/// use orm::prelude::*;
///
/// /// A person. Doc comments become descriptions in the schema.
/// #[derive(Model)]
/// #[orm(table = "users")]
/// #[orm(has_many(posts: Post, foreign_key = author_id))]
/// struct User {
///     #[orm(id)]
///     id: String,
///     #[orm(unique)]
///     email: String,
///     #[orm(default = 0)]
///     logins: i64,
/// }
///
/// #[derive(Model)]
/// #[orm(table = "posts", rename_all = "camelCase")]
/// #[orm(unique(author_id, title), index(author_id, written_at))]
/// #[orm(belongs_to(author: User, foreign_key = author_id))]
/// struct Post {
///     #[orm(id)]
///     id: String,
///     author_id: String,
///     title: String,
///     #[orm(default_now)]
///     written_at: chrono::DateTime<chrono::Utc>,
/// }
///
/// let ada = User::create().email("ada@x.dev");
/// let key = Post::AUTHOR_ID_TITLE.eq("u1", "Notes");
/// assert_eq!(Post::schema().field(1).column(), "authorId");
/// # drop((ada, key));
/// ```
///
/// # On the struct
///
/// | attribute | meaning |
/// | --- | --- |
/// | `table = "users"` | the table; `"auth.users"` is the table `users` in the database schema `auth` (required) |
/// | `schema = "auth"` | the database schema |
/// | `name = "user"` | the name in errors and lock keys; without it, the struct's in snake_case |
/// | `rename_all = "camelCase"` | how names of fields and their columns are written, as with serde |
/// | `unique(a, b)` | no two records have the same values; makes the constant `A_B` |
/// | `index(hash)`, `index(hash, range)` | records can be found by `hash`, in the order of `range` |
/// | `has_one(name: Model, foreign_key = f)` | at most one `Model` has this record's id in its field `f` |
/// | `has_many(name: Model, foreign_key = f)` | any number of `Model` have this record's id in their field `f` |
/// | `belongs_to(name: Model, foreign_key = f)` | this struct's field `f` holds the id of a `Model`; the field gets an index unless it is unique, an index whose range is never null starts with it, or `index = false` is set |
/// | `many_to_many(name: Model, through = T, from = f, to = g)` | records of `T` hold this record's id in `f` and that of a `Model` in `g` |
/// | `builder = Name` | the name of the create builder's type; by default, the struct's name followed by `Create` |
/// | `crate = path` | where `orm` is, when that is not `::orm` |
/// | `no_implicit_prelude` | for modules with `#![no_implicit_prelude]`: see below |
///
/// Fields are named by their Rust identifiers.
///
/// # On a field
///
/// | attribute | meaning |
/// | --- | --- |
/// | `id` | names the record; a string or uuid is a random UUID when none is given (required, once) |
/// | `id(given)` | the same, where a create has to give it: a slug, a secret |
/// | `id(generated)` | an id that the database makes up |
/// | `unique` | no two records have the same value |
/// | `index` | records can be found by it |
/// | `rename = ".."` | the name in errors, lock keys and the table; without it, the Rust identifier as `rename_all` writes it |
/// | `column = ".."` | the name in the table, where it is another |
/// | `default = expression` | what a create stores when it is not given the field |
/// | `default_with = path` | the same, from a function without arguments |
/// | `default_now` | the time of the create |
/// | `references = User::ID` | the field whose values this one holds |
/// | `with = module` | a custom encoding: `module::encode(&T) -> R` and `module::decode(R) -> Result<T, impl Display>`, where `R` is a field type |
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Model)]
/// #[orm(table = "auth.counters", name = "Counter")]
/// struct Counter {
///     #[orm(id)]
///     id: i64,
///     #[orm(index, column = "o", references = Counter::ID)]
///     of: Option<i64>,
///     #[orm(default_with = first)]
///     count: u64,
///     #[orm(with = tags, default = vec![])]
///     tags: Vec<String>,
/// }
///
/// fn first() -> u64 {
///     1
/// }
///
/// mod tags {
///     pub fn encode(tags: &Vec<String>) -> String {
///         tags.join(" ")
///     }
///
///     pub fn decode(tags: String) -> Result<Vec<String>, std::convert::Infallible> {
///         Ok(tags.split_whitespace().map(str::to_owned).collect())
///     }
/// }
///
/// # drop(Counter::create().id(7).select(Counter::COUNT));
/// ```
///
/// The relations that need two sides, a database schema by itself, an id that the database makes up (which DynamoDB
/// refuses), and `orm` by another path:
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Model)]
/// #[orm(table = "authors", schema = "library")]
/// #[orm(has_one(address: Address, foreign_key = author_id))]
/// #[orm(many_to_many(books: Book, through = Authorship, from = author_id, to = book_id))]
/// struct Author {
///     #[orm(id)]
///     id: String,
/// }
///
/// #[derive(Model)]
/// #[orm(table = "addresses")]
/// #[orm(belongs_to(author: Author, foreign_key = author_id))]
/// struct Address {
///     #[orm(id(generated))]
///     id: i64,
///     #[orm(unique)]
///     author_id: String,
/// }
///
/// #[derive(Model)]
/// #[orm(table = "books")]
/// struct Book {
///     #[orm(id)]
///     id: String,
/// }
///
/// #[derive(Model)]
/// #[orm(table = "authorships", crate = database)]
/// #[orm(unique(author_id, book_id))]
/// #[orm(belongs_to(book: Book, foreign_key = book_id, index = false))]
/// struct Authorship {
///     #[orm(id)]
///     id: String,
///     author_id: String,
///     book_id: String,
/// }
///
/// use orm as database;
///
/// let query = Author::find_many().select((Author::ID, Author::ADDRESS, Author::BOOKS.select(Book::ID)));
/// # drop(query);
/// # let _ = |a: Author, b: Address, c: Book, d: Authorship| (a.id, b.id, b.author_id, c.id, d.id, d.author_id, d.book_id);
/// ```
///
/// A builder's setter has the name of its field. The exceptions are fields named `exec`, `exec_with_cost`, `select` and
/// `select_as`: their setters are `set_exec` and so on, followed by an underscore if there is a field of that name too.
///
/// # Limits
///
/// The struct cannot be generic. The type of its id, `Model::Id`, must be as visible as the struct itself; the types of
/// other fields need not be.
///
/// The crate of the struct may deny lints that the generated code allows for itself, such as `dead_code`, but not forbid them:
/// what is forbidden, nothing can allow.
///
/// Modules with `#![no_implicit_prelude]` do not know the `#[diagnostic]` attributes of the generated code. If the
/// attribute is on a line of its own in the source file of the struct or of a module around it, the code does without
/// them. The error of a create that lacks a field is then "the trait bound `Missing: UserNeedsName` is not satisfied",
/// which tells what is missing, but not what to add. If the attribute is elsewhere (in an included file, in a macro),
/// add `#[orm(no_implicit_prelude)]`.
#[proc_macro_derive(Model, attributes(orm))]
pub fn model(input: TokenStream) -> TokenStream {
    let has_prelude =
        !proc_macro::Span::call_site().local_file().is_some_and(|file| no_implicit_prelude::is_said_in(&file));
    model::derive(&parse_macro_input!(input as DeriveInput), has_prelude).into()
}

/// Makes an enum without data a field type: its variants are stored by name.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Enumeration)]
/// #[orm(rename_all = "lowercase")]
/// enum Tier {
///     Free,
///     #[orm(rename = "paid")]
///     Pro,
/// }
///
/// assert_eq!(Tier::NAMES, ["free", "paid"]);
/// ```
///
/// On the enum: `rename_all` with `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`,
/// `SCREAMING_SNAKE_CASE`, `kebab-case` or `SCREAMING-KEBAB-CASE`, as with serde; `crate = path`. On a variant:
/// `rename = ".."`.
#[proc_macro_derive(Enumeration, attributes(orm))]
pub fn enumeration(input: TokenStream) -> TokenStream {
    enumeration::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct around one value a field type: it is stored as that value, and has its operators.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(orm::FieldType, Clone, Debug, PartialEq)]
/// struct UserId(String);
///
/// #[derive(Model)]
/// #[orm(table = "users")]
/// struct User {
///     #[orm(id)]
///     id: UserId, // a UUID, unless one is given
///     name: String,
/// }
///
/// #[derive(Model)]
/// #[orm(table = "sessions", belongs_to(user: User, foreign_key = user_id))]
/// struct Session {
///     #[orm(id)]
///     id: String,
///     user_id: UserId, // a `String` would not compile
/// }
///
/// let query = User::find_unique(User::ID.eq(UserId("u1".to_owned())));
/// # drop(query);
/// # let _ = |a: User, b: Session| (a.id, a.name, b.id, b.user_id);
/// ```
///
/// The value can be of any field type but an `Option`, and all its values have to be valid: for a type that checks its
/// values, implement `orm::FieldType`. On the struct: `crate = path`.
#[proc_macro_derive(FieldType, attributes(orm))]
pub fn field_type(input: TokenStream) -> TokenStream {
    field_type::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct with named fields a selection: it names what `select_as` reads of each record of a model. Besides
/// that, only the id is fetched.
///
/// ```
/// use orm::prelude::*;
///
/// # #[derive(Model)]
/// # #[orm(table = "users", has_one(profile: Profile, foreign_key = user_id))]
/// # #[orm(has_many(sessions: Session, foreign_key = user_id))]
/// # struct User { #[orm(id)] id: String, #[orm(unique)] email: String, name: String }
/// # #[derive(Model)] #[orm(table = "profiles")]
/// # struct Profile { #[orm(id)] id: String, #[orm(unique)] user_id: String, bio: Option<String> }
/// # #[derive(Model)] #[orm(table = "sessions")]
/// # struct Session { #[orm(id)] id: String, #[orm(index)] user_id: String, token: String, active: bool }
/// #[derive(Select)]
/// #[orm(model = User)]
/// struct UserCard {
///     id: String,
///     #[orm(rename = email)]
///     address: String,
///     profile: Option<ProfileBio>,
///     #[orm(filter = Session::ACTIVE.eq(true), order_by = Session::TOKEN.desc(), take = 3)]
///     sessions: Vec<Session>,
/// }
///
/// #[derive(Select)]
/// #[orm(model = Profile)]
/// struct ProfileBio {
///     bio: Option<String>,
/// }
///
/// let query = User::find_unique(User::EMAIL.eq("ada@x.dev")).select_as::<UserCard>();
/// # drop(query);
/// ```
///
/// A field has the name and the type of a field of the model, or the name of a relation: then it is an `Option` (of one
/// record) or a `Vec` (of many), whose type is another struct with `#[derive(Select)]` or the whole model.
///
/// On the struct: `model = User` (required); `crate = path`. On a field:
///
/// | attribute | meaning |
/// | --- | --- |
/// | `rename = email` | the name of the model's field or relation, when this field has another |
/// | `filter = condition` | only related records for which this holds |
/// | `order_by = order` | related records in this order |
/// | `skip = n` | without the first `n` related records of each record |
/// | `take = n` | at most `n` related records of each record |
///
/// The last four are for relations, and all but `filter` only for those to many records. Their expressions are
/// evaluated once, when a query runs.
#[proc_macro_derive(Select, attributes(orm))]
pub fn select(input: TokenStream) -> TokenStream {
    select::derive(&parse_macro_input!(input as DeriveInput)).into()
}
