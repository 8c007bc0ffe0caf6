use orm::prelude::*;

pub struct User { pub id: String, pub email: String, pub name: String, pub bio: Option<String>, pub count: i64 }
pub struct Session { pub id: String, pub user_id: String, pub token: String }

impl User {
    pub const ID: ::orm::Field<Self, String, ::orm::Id> = ::orm::Field::new(0);
    pub const EMAIL: ::orm::Field<Self, String, ::orm::Unique> = ::orm::Field::new(1);
    pub const NAME: ::orm::Field<Self, String, ::orm::Plain> = ::orm::Field::new(2);
    pub const BIO: ::orm::Field<Self, Option<String>, ::orm::Plain> = ::orm::Field::new(3);
    pub const COUNT: ::orm::Field<Self, i64, ::orm::Plain> = ::orm::Field::new(4);
    pub const NAME_EMAIL: ::orm::CompoundKey<Self, (String, String)> = ::orm::CompoundKey::new((Self::NAME.slot(), Self::EMAIL.slot()));
    pub const SESSIONS: ::orm::Relation<Self, Session, ::orm::Many> = ::orm::Relation::new(0);
    pub fn sessions(&self) -> ::orm::Related<Self, Session, ::orm::Many> { Self::SESSIONS.of(Self::ID, &self.id) }
    pub fn create() -> UserCreate<::orm::__private::OmittedId<String>, ::orm::__private::Missing, ::orm::__private::Missing> {
        UserCreate { create: ::orm::__private::Create::empty(), state: ::core::marker::PhantomData }
    }
}
pub struct UserCreate<IdGiven, EmailGiven, NameGiven> { create: ::orm::__private::Create<User>, state: ::core::marker::PhantomData<(IdGiven, EmailGiven, NameGiven)> }
#[diagnostic::on_unimplemented(message = "`User::create()` needs `name` before it can run", label = "add `.name(..)`")]
pub trait NeedsName {}
impl NeedsName for ::orm::__private::Given {}
#[diagnostic::on_unimplemented(message = "`User::create()` needs `email` before it can run", label = "add `.email(..)`")]
pub trait NeedsEmail {}
impl NeedsEmail for ::orm::__private::Given {}
#[diagnostic::on_unimplemented(message = "`User::create()` needs `id` before it can run", label = "add `.id(..)`")]
pub trait NeedsId {}
impl NeedsId for ::orm::__private::Given {}
impl<I, E, N> UserCreate<I, E, N> {
    pub fn id(self, value: impl ::orm::Input<String>) -> UserCreate<::orm::__private::Given, E, N> { UserCreate { create: self.create.give(User::ID, value), state: ::core::marker::PhantomData } }
    pub fn email(self, value: impl ::orm::Input<String>) -> UserCreate<I, ::orm::__private::Given, N> { UserCreate { create: self.create.give(User::EMAIL, value), state: ::core::marker::PhantomData } }
    pub fn name(self, value: impl ::orm::Input<String>) -> UserCreate<I, E, ::orm::__private::Given> { UserCreate { create: self.create.give(User::NAME, value), state: ::core::marker::PhantomData } }
    pub fn bio(self, value: impl ::orm::Input<Option<String>>) -> Self { UserCreate { create: self.create.give(User::BIO, value), state: ::core::marker::PhantomData } }
    pub fn count(self, value: impl ::orm::Input<i64>) -> Self { UserCreate { create: self.create.give(User::COUNT, value), state: ::core::marker::PhantomData } }
    pub fn select<S: ::orm::Selection<User>>(self, selection: S) -> ::orm::query::Create<User, S> where I: NeedsId, E: NeedsEmail, N: NeedsName { self.create.select(selection) }
    pub fn exec(self, orm: &::orm::Orm) -> impl ::core::future::Future<Output = ::core::result::Result<User, ::orm::Error>> + ::core::marker::Send where I: NeedsId, E: NeedsEmail, N: NeedsName { self.create.exec(orm) }
}
impl<I: NeedsId, E: NeedsEmail, N: NeedsName> ::orm::query::IntoCreate<User> for UserCreate<I, E, N> { fn into_create(self) -> ::orm::query::Create<User> { self.create } }

impl ::orm::Model for User {
    type Id = String;
    fn schema() -> &'static ::orm::schema::ModelSchema {
        use ::orm::__private::{Default, FieldSchema, IndexSchema, ModelSchema, RelationSchema, UniqueSchema};
        static SCHEMA: ModelSchema = ModelSchema::new("user", "users", 0, &[
            FieldSchema::new::<String>("id", "id").id(),
            FieldSchema::new::<String>("email", "email").unique(),
            FieldSchema::new::<String>("name", "name"),
            FieldSchema::new::<Option<String>>("bio", "bio"),
            FieldSchema::new::<i64>("count", "count").default(Default::Value(|| ::orm::__private::default_value::<i64>(0))),
        ]).unique(&[UniqueSchema::new(&[1]), UniqueSchema::new(&[2, 1])])
          .index(&[IndexSchema::new(2, None)])
          .relate(&[RelationSchema::has_many("sessions", <Session as ::orm::Model>::schema, ::orm::__private::foreign_key::<User, _, _, _>(Session::USER_ID))]);
        &SCHEMA
    }
    fn from_row(row: &mut ::orm::__private::RowReader<'_>) -> ::core::result::Result<Self, ::orm::Error> {
        Ok(Self { email: row.read(Self::EMAIL)?, name: row.read(Self::NAME)?, bio: row.read(Self::BIO)?, count: row.read(Self::COUNT)?, id: row.read(Self::ID)? })
    }
    fn into_draft(self, draft: &mut ::orm::__private::Draft) {
        draft.set(Self::ID, self.id); draft.set(Self::EMAIL, self.email); draft.set(Self::NAME, self.name); draft.set(Self::BIO, self.bio); draft.set(Self::COUNT, self.count);
    }
}
impl Session {
    pub const ID: ::orm::Field<Self, String, ::orm::Id> = ::orm::Field::new(0);
    pub const USER_ID: ::orm::Field<Self, String, ::orm::Plain> = ::orm::Field::new(1);
    pub const TOKEN: ::orm::Field<Self, String, ::orm::Unique> = ::orm::Field::new(2);
    pub const USER: ::orm::Relation<Self, User, ::orm::One> = ::orm::Relation::new(0);
    pub fn user(&self) -> ::orm::Related<Self, User, ::orm::One> { Self::USER.of(Self::USER_ID, &self.user_id) }
}
impl ::orm::Model for Session {
    type Id = String;
    fn schema() -> &'static ::orm::schema::ModelSchema {
        use ::orm::__private::{FieldSchema, ModelSchema, RelationSchema};
        static SCHEMA: ModelSchema = ModelSchema::new("session", "sessions", 0, &[
            FieldSchema::new::<String>("id", "id").id(),
            FieldSchema::new::<String>("user_id", "user_id").references(<User as ::orm::Model>::schema, User::ID.index()),
            FieldSchema::new::<String>("token", "token").unique(),
        ]).relate(&[RelationSchema::belongs_to("user", <User as ::orm::Model>::schema, ::orm::__private::foreign_key::<User, _, _, _>(Session::USER_ID))]);
        &SCHEMA
    }
    fn from_row(row: &mut ::orm::__private::RowReader<'_>) -> ::core::result::Result<Self, ::orm::Error> {
        Ok(Self { user_id: row.read(Self::USER_ID)?, token: row.read(Self::TOKEN)?, id: row.read(Self::ID)? })
    }
    fn into_draft(self, draft: &mut ::orm::__private::Draft) { draft.set(Self::ID, self.id); draft.set(Self::USER_ID, self.user_id); draft.set(Self::TOKEN, self.token); }
}
fn send<T: Send>(t: T) -> T { t }
async fn uses(orm: &Orm, names: Vec<String>) -> Result<(), Error> {
    let id = String::from("x");
    let u: User = User::create().email("a").name("b").count(3).bio(None).exec(orm).await?;
    let i: String = User::create().email("a").name("b").count(5_000_000_000).select(User::ID).exec(orm).await?;
    let r: Option<(String, String, Option<String>, Vec<String>)> = User::find_unique(User::EMAIL.eq("a")).select((User::ID, User::EMAIL, User::BIO, User::SESSIONS.order_by(Session::TOKEN.desc()).take(1).select(Session::TOKEN))).exec(orm).await?;
    let b: Option<(User, Vec<Session>)> = User::find_unique(User::ID.eq(&id)).select((User::ALL, User::SESSIONS)).exec(orm).await?;
    let f: Option<User> = User::find_first().filter(any([User::NAME.contains("a"), User::NAME.is_in(["a", "b"])]).and(!User::EMAIL.contains("@"))).order_by(User::EMAIL.asc()).exec(orm).await?;
    let m = User::find_many().filter(all((User::EMAIL.eq("x"), User::NAME.eq("y"), User::COUNT.between(1, 5)))).order_by((User::NAME.asc(), User::ID.desc())).exec(orm).await?;
    let c: Vec<User> = User::create_many(names.iter().map(|n| User::create().email(format!("{n}@x")).name(n))).exec(orm).await?;
    let s: Vec<Session> = u.sessions().order_by(Session::TOKEN.desc()).take(1).exec(orm).await?;
    let o: Option<User> = s[0].user().exec(orm).await?;
    let up: Option<User> = User::update(User::EMAIL.eq("a")).set(User::NAME, "c").set(User::BIO, None).increment(User::COUNT, 1).exec(orm).await?;
    let k = User::find_unique(User::NAME_EMAIL.eq("a", "b")).exec(orm).await?;
    let ups: User = User::upsert(User::EMAIL.eq("e")).create(User::create().email("e").name("n")).update(|s| s.set(User::NAME, "z")).exec(orm).await?;
    let d: u64 = User::delete(User::EMAIL.eq("e")).exec(orm).await?;
    let tx = orm.transaction(|tx| async move { let u = User::create().email("q").name("n").exec(&tx).await?; Ok(u) }).await?;
    Ok(())
}
#[test] fn futures_are_send() { fn f(orm: Orm) { let _ = send(async move { uses(&orm, vec![]).await }); } let _ = f; }
