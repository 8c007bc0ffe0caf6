// With:
use orm::prelude::*;
#[doc = r" A person."]
#[derive(Model)]
#[orm(table = "users")]
pub struct User {
    #[orm(id)]
    pub id: String,
    #[doc = r" Where to write to."]
    #[orm(unique)]
    pub email: String,
    pub name: Option<String>,
}

// the derive adds:
#[allow(dead_code, private_interfaces, unreachable_pub)]
impl User {
    #[doc = "The field `id`: string, column `id`, the model's id."]
    pub const ID: ::orm::Field<Self, String, ::orm::Id> = ::orm::Field::new(0);
    #[doc = "Where to write to."]
    #[doc = ""]
    #[doc = "The field `email`: string, column `email`, unique."]
    pub const EMAIL: ::orm::Field<Self, String, ::orm::Unique> = ::orm::Field::new(1);
    #[doc = "The field `name`: nullable string, column `name`."]
    pub const NAME: ::orm::Field<Self, Option<String>, ::orm::Plain> = ::orm::Field::new(2);
    #[doc = "Starts a new `User`."]
    pub fn create() -> UserCreate<::orm::__private::Omitted<String>, ::orm::__private::Missing> {
        UserCreate(::orm::__private::Builder::new())
    }
}
#[doc = "A new `User`, made by [`User::create`]."]
#[must_use = "queries do nothing until `.exec(&orm)` is awaited"]
#[allow(dead_code, non_camel_case_types, private_interfaces)]
pub struct UserCreate<IdGiven, EmailGiven>(::orm::__private::Builder<User, (IdGiven, EmailGiven)>);
#[doc(hidden)]
#[allow(unreachable_pub)]
#[diagnostic::on_unimplemented(message = "`User::create()` needs `id` before it can run", label = "add `.id(..)`")]
pub trait UserNeedsId {}
#[diagnostic::do_not_recommend]
impl UserNeedsId for ::orm::__private::Given {}
#[diagnostic::do_not_recommend]
impl<Column: ::orm::__private::UuidByDefault> UserNeedsId for ::orm::__private::Omitted<Column> {}
#[doc(hidden)]
#[allow(unreachable_pub)]
#[diagnostic::on_unimplemented(
    message = "`User::create()` needs `email` before it can run",
    label = "add `.email(..)`"
)]
pub trait UserNeedsEmail {}
#[diagnostic::do_not_recommend]
impl UserNeedsEmail for ::orm::__private::Given {}
#[allow(dead_code, private_interfaces, unreachable_pub)]
impl<IdGiven, EmailGiven> UserCreate<IdGiven, EmailGiven> {
    #[doc = "Sets `id`."]
    pub fn id(self, value: impl ::orm::Input<String>) -> UserCreate<IdGiven::Given, EmailGiven>
    where
        IdGiven: ::orm::__private::IdState,
    {
        UserCreate(<String as ::orm::Column>::give(self.0, 0, value))
    }
    #[doc = "Sets `email`."]
    pub fn email(self, value: impl ::orm::Input<String>) -> UserCreate<IdGiven, ::orm::__private::Given> {
        UserCreate(<String as ::orm::Column>::give(self.0, 1, value))
    }
    #[doc = "Sets `name`."]
    pub fn name(self, value: impl ::orm::Input<Option<String>>) -> Self {
        UserCreate(<Option<String> as ::orm::Column>::give(self.0, 2, value))
    }
    #[doc = r" Returns this selection of the new record instead of all fields."]
    pub fn select<Given: ::orm::Selection<User, Checked = Chosen>, Chosen>(
        self,
        selection: Given,
    ) -> ::orm::query::Create<User, Chosen>
    where
        IdGiven: UserNeedsId,
        EmailGiven: UserNeedsEmail,
    {
        self.0.select(selection)
    }
    #[doc = r" Returns a struct with `#[derive(Select)]` instead of the whole record."]
    pub fn select_as<Given: ::orm::Select<User>>(self) -> ::orm::query::Create<User, ::orm::As<Given, Given::Itself>>
    where
        IdGiven: UserNeedsId,
        EmailGiven: UserNeedsEmail,
    {
        self.0.select_as::<Given>()
    }
    #[doc = r" Stores and returns the record; `UniqueConstraintViolation` if its id or a unique value is taken."]
    pub fn exec(self, orm: &::orm::Orm) -> ::orm::driver::BoxFuture<'_, User>
    where
        IdGiven: UserNeedsId,
        EmailGiven: UserNeedsEmail,
    {
        self.0.exec(orm)
    }
    #[doc = r" Stores the record, and says what that cost."]
    pub fn exec_with_cost(self, orm: &::orm::Orm) -> ::orm::driver::BoxFuture<'_, (User, ::orm::Cost)>
    where
        IdGiven: UserNeedsId,
        EmailGiven: UserNeedsEmail,
    {
        self.0.exec_with_cost(orm)
    }
}
#[automatically_derived]
impl<IdGiven: UserNeedsId, EmailGiven: UserNeedsEmail> ::orm::query::IntoCreate<User>
    for UserCreate<IdGiven, EmailGiven>
{
    fn into_create(self) -> ::orm::query::Create<User> {
        self.0.finish()
    }
}
#[automatically_derived]
impl<IdGiven, EmailGiven> ::core::clone::Clone for UserCreate<IdGiven, EmailGiven> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
#[automatically_derived]
impl<IdGiven, EmailGiven> ::core::fmt::Debug for UserCreate<IdGiven, EmailGiven> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}
#[automatically_derived]
impl ::orm::Model for User {
    type Id = String;
    const ID: ::orm::Field<Self, String, ::orm::Id> = ::orm::Field::new(0);
    fn id_of(record: &Self) -> &<String as ::orm::Column>::Rust {
        &record.id
    }
    fn schema() -> &'static ::orm::schema::ModelSchema {
        static __ORM_SCHEMA: ::orm::__private::ModelSchema = ::orm::__private::ModelSchema::new(
            "user",
            "users",
            0,
            &[
                ::orm::__private::FieldSchema::new("id", "id", <String as ::orm::Column>::FACTS).id(),
                ::orm::__private::FieldSchema::new("email", "email", <String as ::orm::Column>::FACTS)
                    .unique()
                    .describe("Where to write to."),
                ::orm::__private::FieldSchema::new("name", "name", <Option<String> as ::orm::Column>::FACTS),
            ],
        )
        .describe("A person.")
        .unique(&[::orm::__private::UniqueSchema::new(&[1])]);
        &__ORM_SCHEMA
    }
    fn from_row(row: &mut ::orm::__private::RowReader<'_>) -> ::core::result::Result<Self, ::orm::Error> {
        ::core::result::Result::Ok(Self {
            email: <String as ::orm::Column>::read(row, 1)?,
            name: <Option<String> as ::orm::Column>::read(row, 2)?,
            id: <String as ::orm::Column>::read(row, 0)?,
        })
    }
    fn into_draft(self, draft: &mut ::orm::__private::Draft) {
        <String as ::orm::Column>::set(draft, 0, self.id);
        <String as ::orm::Column>::set(draft, 1, self.email);
        <Option<String> as ::orm::Column>::set(draft, 2, self.name);
    }
}
