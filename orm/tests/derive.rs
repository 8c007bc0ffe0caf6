//! What the derives make: the schema as data, handles, and the create builder.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "the models are written as an application would")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::type_complexity, reason = "these are tests")]

mod models;

use chrono::{DateTime, Utc};
use models::{Account, Member, Organization, Plan, Profile, Session, Tier, User};
use orm::prelude::*;
use orm::schema::{FieldDefault, FieldSchema, ModelSchema, RelationKind};
use orm::{FieldKind, Value};

fn columns(schema: &ModelSchema) -> Vec<&'static str> {
    schema.fields().iter().map(FieldSchema::column).collect()
}

fn names(schema: &ModelSchema) -> Vec<&'static str> {
    schema.fields().iter().map(FieldSchema::name).collect()
}

fn uniques(schema: &ModelSchema) -> Vec<Vec<&'static str>> {
    schema.uniques().iter().map(|unique| schema.field_names(unique.fields())).collect()
}

fn indexes(schema: &ModelSchema) -> Vec<(&'static str, Option<&'static str>)> {
    let name = |place| schema.field(place).name();
    schema.indexes().iter().map(|index| (name(index.hash()), index.range().map(name))).collect()
}

fn default(field: &FieldSchema) -> Option<Value> {
    match field.default_value() {
        FieldDefault::Value(value) => Some(value().unwrap()),
        _ => None,
    }
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

#[test]
fn the_schema_of_user() {
    let schema = User::schema();
    assert_eq!((schema.name(), schema.table(), schema.database_schema()), ("user", "users", None));
    assert_eq!(schema.description(), "A person who signs in.\n\nSigns in by `email`.");
    assert_eq!(
        names(schema),
        ["id", "email", "name", "email_verified", "login_count", "tier", "quota", "created_at", "updated_at"]
    );
    let kinds: Vec<FieldKind> = schema.fields().iter().map(FieldSchema::kind).collect();
    use FieldKind::{BigInt, Bool, DateTime, Enum, Integer, String};
    assert_eq!(kinds, [String, String, String, Bool, Integer, Enum, BigInt, DateTime, DateTime]);
    assert_eq!(schema.id_field().name(), "id");
    assert_eq!(schema.field(1).description(), "Where to write to.");
    assert_eq!(schema.field(2).description(), "");
    assert_eq!(schema.field(5).variants(), ["free", "pro", "enterprise"]);
    assert_eq!(uniques(schema), [["email"]]);
    assert!(indexes(schema).is_empty());
    let relations: Vec<_> = schema.relations().iter().map(|it| (it.name(), it.kind(), it.target().name())).collect();
    assert_eq!(
        relations,
        [
            ("profile", RelationKind::HasOne, "profile"),
            ("sessions", RelationKind::HasMany, "session"),
            ("accounts", RelationKind::HasMany, "account"),
            ("organizations", RelationKind::ManyToMany, "organization"),
        ]
    );
    let through = schema.relations()[3].through().unwrap();
    assert_eq!((through.model)().field_names(&[through.from, through.to]), ["user_id", "organization_id"]);
}

#[test]
fn defaults() {
    let schema = User::schema();
    assert!(matches!(schema.id_field().default_value(), FieldDefault::Uuid));
    assert!(matches!(schema.field(1).default_value(), FieldDefault::None));
    assert_eq!(default(schema.field(3)), Some(Value::Bool(false)));
    assert_eq!(default(schema.field(5)), text("free"));
    assert_eq!(default(schema.field(6)), Some(Value::Integer(0)));
    assert!(matches!(schema.field(7).default_value(), FieldDefault::Now(_)));
    assert_eq!(default(Account::schema().field(4)), text("oss"));
    assert!(matches!(Profile::schema().field(2).default_value(), FieldDefault::None));
    assert!(Profile::schema().field(2).is_nullable());
}

#[test]
fn uniques_and_indexes() {
    assert_eq!(uniques(Account::schema()), [["provider", "account_id"]]);
    assert_eq!(indexes(Account::schema()), [("user_id", Some("provider"))]);
    assert_eq!(uniques(Organization::schema()), [["name"], ["slug"]]);
    // The foreign key is unique: a profile is found by its lock.
    assert!(indexes(Profile::schema()).is_empty());
    // The declared index starts with the foreign key.
    assert_eq!(indexes(Session::schema()), [("user_id", Some("expires_at"))]);
    assert_eq!(uniques(Member::schema()), [["user_id", "organization_id"]]);
    // One foreign key has an index, the other gets one.
    assert_eq!(indexes(Member::schema()), [("organization_id", Some("role")), ("user_id", None)]);
}

/// An index with a range that may be null has no record of which it is: whether it may, the types know.
#[test]
fn indexes_of_foreign_keys_whatever_the_range_is_called() {
    type Rank = Option<i64>;
    type Level = i64;

    mod maybe {
        pub fn encode(text: &str) -> Option<String> {
            Some(text.to_owned()).filter(|text| !text.is_empty())
        }

        pub fn decode(text: Option<String>) -> Result<String, std::convert::Infallible> {
            Ok(text.unwrap_or_default())
        }
    }

    mod never {
        pub fn encode(text: &Option<String>) -> String {
            text.clone().unwrap_or_else(|| "-".to_owned())
        }

        pub fn decode(text: String) -> Result<Option<String>, std::convert::Infallible> {
            Ok(Some(text).filter(|text| text != "-"))
        }
    }

    #[derive(Model)]
    #[orm(table = "players")]
    #[orm(index(a, rank), belongs_to(by_a: User, foreign_key = a))]
    #[orm(index(b, level), belongs_to(by_b: User, foreign_key = b))]
    #[orm(index(c, maybe), belongs_to(by_c: User, foreign_key = c))]
    #[orm(index(d, never), belongs_to(by_d: User, foreign_key = d))]
    #[orm(index(e, rank), index(e, tier), index(e, maybe), belongs_to(by_e: User, foreign_key = e))]
    #[orm(index(f, rank), index(f, maybe), belongs_to(by_f: User, foreign_key = f), belongs_to(f_too: User, foreign_key = f))]
    #[orm(index(g, rank), index(g), belongs_to(by_g: User, foreign_key = g))]
    #[orm(index(h, rank), belongs_to(by_h: User, foreign_key = h, index = false))]
    struct Player {
        #[orm(id)]
        id: String,
        a: String,
        b: String,
        c: String,
        d: String,
        e: String,
        f: Option<String>,
        g: String,
        h: String,
        rank: Rank,
        level: Level,
        tier: Tier,
        #[orm(with = maybe)]
        maybe: String,
        #[orm(with = never)]
        never: Option<String>,
    }
    let indexes = indexes(Player::schema());
    let without_range: Vec<&str> = indexes.iter().filter(|index| index.1.is_none()).map(|index| index.0).collect();
    assert_eq!(without_range, ["g", "a", "c", "f"]);
    assert_eq!(indexes.len(), 15);
}

#[test]
fn enumerations() {
    assert_eq!(Tier::NAMES, ["free", "pro", "enterprise"]);
    assert_eq!(Plan::NAMES, ["oss", "small_team", "enterprise-2"]);
    assert_eq!(Plan::Enterprise.name(), "enterprise-2");
    assert_eq!(Plan::from_name("small_team"), Some(Plan::SmallTeam));
    assert_eq!(Plan::from_name("SmallTeam"), None);

    #[derive(Enumeration, Debug, PartialEq)]
    enum Raw {
        r#Type,
        #[orm(rename = "Ja")]
        Yes = 5,
    }
    assert_eq!(Raw::NAMES, ["Type", "Ja"]);
    assert_eq!(Raw::from_name("Ja"), Some(Raw::Yes));
}

#[test]
fn names_and_columns() {
    #[derive(Model)]
    #[orm(table = "auth.tokens", name = "AuthToken", rename_all = "camelCase")]
    #[orm(unique(user_id, r#type))]
    #[orm(belongs_to(home_user: User, foreign_key = user_id, index = false))]
    struct HTTPToken {
        #[orm(id)]
        token_id: String,
        user_id: String,
        r#type: String,
        #[orm(column = "at")]
        created_at: Option<DateTime<Utc>>,
        #[orm(index)]
        exec: i32,
        #[orm(default = 1, index)]
        select: i32,
    }
    let schema = HTTPToken::schema();
    assert_eq!((schema.name(), schema.table(), schema.database_schema()), ("AuthToken", "tokens", Some("auth")));
    assert_eq!(names(schema), ["tokenId", "userId", "type", "createdAt", "exec", "select"]);
    assert_eq!(columns(schema), ["tokenId", "userId", "type", "at", "exec", "select"]);
    assert_eq!(uniques(schema), [["userId", "type"]]);
    assert_eq!(indexes(schema), [("exec", None), ("select", None)]);
    assert_eq!(schema.relations()[0].name(), "home_user");
    let _ = HTTPToken::USER_ID_TYPE.eq("u1", "access");
    let _ = HTTPToken::TYPE.eq("access");
    let create = HTTPToken::create().user_id("u").r#type("access").set_exec(3).set_select(4).created_at(None);
    let _: orm::query::Create<HTTPToken> = orm::query::IntoCreate::into_create(create.clone());
    assert!(format!("{create:?}").contains("access"));

    #[derive(Model)]
    #[orm(table = "x", schema = "auth")]
    struct OAuthThing {
        #[orm(id)]
        id: uuid::Uuid,
    }
    assert_eq!(OAuthThing::schema().name(), "o_auth_thing");
    assert_eq!(OAuthThing::schema().database_schema(), Some("auth"));
}

#[test]
fn ids() {
    #[derive(Model)]
    #[orm(table = "a")]
    struct Numbered {
        #[orm(id)]
        number: i64,
    }
    assert!(matches!(Numbered::schema().id_field().default_value(), FieldDefault::None));
    let _ = Numbered::create().number(5).select(Numbered::NUMBER);

    #[derive(Model)]
    #[orm(table = "b")]
    struct Generated {
        #[orm(id(generated))]
        id: i64,
        name: String,
    }
    assert!(matches!(Generated::schema().id_field().default_value(), FieldDefault::Database));
    let _ = Generated::create().name("x").select(Generated::ID);

    #[derive(Model)]
    #[orm(table = "c")]
    struct WithDefault {
        #[orm(id, default_with = next)]
        id: i64,
        #[orm(default = uuid::Uuid::nil())]
        other: uuid::Uuid,
    }
    const fn next() -> i64 {
        7
    }
    assert_eq!(default(WithDefault::schema().id_field()), Some(Value::Integer(7)));
    let _ = WithDefault::create().select(WithDefault::ID);
    assert!(matches!(User::schema().id_field().default_value(), FieldDefault::Uuid));
}

mod shop {
    //! A model that is private to a module, with a custom encoding, a reference and a relation to itself.

    use orm::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(super) struct Cents(pub(super) i64);

    pub(super) mod cents {
        use super::Cents;

        pub(in super::super) const fn encode(cents: &Cents) -> i64 {
            cents.0
        }

        pub(in super::super) fn decode(cents: i64) -> Result<Cents, &'static str> {
            if cents < 0 { Err("a price is not negative") } else { Ok(Cents(cents)) }
        }
    }

    pub(super) mod list {
        pub(in super::super) fn encode(tags: &Option<Vec<String>>) -> String {
            tags.as_deref().unwrap_or_default().join(",")
        }

        pub(in super::super) fn decode(tags: String) -> Result<Option<Vec<String>>, std::convert::Infallible> {
            Ok(if tags.is_empty() { None } else { Some(tags.split(',').map(str::to_owned).collect()) })
        }
    }

    #[derive(Model, Debug)]
    #[orm(table = "products")]
    #[orm(has_many(parts: Self, foreign_key = part_of))]
    #[orm(belongs_to(whole: Product, foreign_key = part_of))]
    pub(super) struct Product {
        #[orm(id)]
        id: String,
        #[orm(references = Product::ID)]
        part_of: Option<String>,
        #[orm(with = cents, default = Cents(100))]
        price: Cents,
        #[orm(with = cents, unique)]
        cost: Cents,
        #[orm(with = self::list)]
        tags: Option<Vec<String>>,
    }

    #[derive(Model)]
    #[orm(table = "private")]
    struct Private {
        #[orm(id, with = cents)]
        id: Cents,
    }
}

#[test]
fn custom_encodings() {
    use shop::{Cents, Product};
    let schema = Product::schema();
    assert_eq!(schema.field(2).kind(), FieldKind::Integer);
    assert_eq!(default(schema.field(2)), Some(Value::Integer(100)));
    assert_eq!(schema.field(4).kind(), FieldKind::String);
    assert_eq!(default(schema.field(4)), text(""));
    let _ = Product::find_unique(Product::COST.eq(Cents(5)));
    let _ = Product::find_many().filter(Product::PRICE.gt(Cents(5)).and(Product::TAGS.eq(None)));
    // What is encoded as what is known when a query is made.
    let same = Product::PRICE.lt_field(Product::COST).and(Product::TAGS.ne_field(Product::ID));
    assert!(same.into_condition().is_ok());
    let error = Product::PRICE.eq_field(Product::ID).into_condition().unwrap_err();
    assert_eq!((error.code(), error.fields()), (ErrorCode::InvalidQuery, &["price"][..]));
    assert!(error.to_string().contains("with `id`, which is encoded as string"), "{error}");
    let _ = Product::create().cost(Cents(1)).tags(vec!["a".to_owned()]).select(Product::PRICE);
    let reference = schema.field(1).reference().unwrap();
    assert_eq!(((reference.model)().name(), reference.field), ("product", 0));
    assert_eq!(schema.relations()[0].target().name(), "product");
    assert_eq!(indexes(schema), [("part_of", None)]);
}

#[test]
fn models_from_other_macros() {
    macro_rules! model {
        ($name:ident, $table:literal, $ty:ty) => {
            #[derive(Model)]
            #[orm(table = $table)]
            struct $name {
                #[orm(id)]
                id: String,
                value: $ty,
            }
        };
    }
    model!(First, "firsts", Option<i64>);
    model!(Second, "seconds", i64);
    let _ = First::create().select(First::VALUE);
    let _ = Second::create().value(3).select(Second::VALUE);
    assert_eq!(Second::schema().table(), "seconds");
}

/// A future of each query, to see that it is `Send`. Never run.
async fn queries(orm: &Orm, names: Vec<String>) -> Result<(), Error> {
    let id = String::from("x");
    let ada: User = User::create().email("a").name("b").login_count(3).exec(orm).await?;
    let _: String = User::create().email("a").name("b").login_count(5_000_000_000).select(User::ID).exec(orm).await?;
    let _: Option<(String, String, Option<Option<String>>, Vec<String>)> = User::find_unique(User::EMAIL.eq("a"))
        .select((
            User::ID,
            User::EMAIL,
            User::PROFILE.select(Profile::BIO),
            User::SESSIONS.order_by(Session::TOKEN.desc()).take(1).select(Session::TOKEN),
        ))
        .exec(orm)
        .await?;
    let _: Option<(User, Vec<Session>)> =
        User::find_unique(User::ID.eq(&id)).select((User::ALL, User::SESSIONS)).exec(orm).await?;
    let _: Option<User> = User::find_first()
        .filter(
            any([User::NAME.contains("a"), User::TIER.is_in([Tier::Pro, Tier::Enterprise])])
                .and(!User::EMAIL.contains("@spam")),
        )
        .order_by(User::EMAIL.asc())
        .exec(orm)
        .await?;
    let _: Vec<User> = User::find_many()
        .filter(all((User::EMAIL.eq("x"), User::NAME.eq("y"), User::LOGIN_COUNT.between(1, 5))))
        .order_by((User::NAME.asc(), User::ID.desc()))
        .exec(orm)
        .await?;
    let _: Vec<User> =
        User::create_many(names.iter().map(|n| User::create().email(format!("{n}@x.dev")).name(n))).exec(orm).await?;
    let sessions: Vec<Session> = ada.sessions().order_by(Session::EXPIRES_AT.desc()).take(1).exec(orm).await?;
    let _: Option<User> = sessions[0].user().exec(orm).await?;
    let _: Option<Profile> = ada.profile().exec(orm).await?;
    let _: Vec<Organization> = ada.organizations().exec(orm).await?;
    let _: Option<User> = User::update(User::EMAIL.eq("a"))
        .set(User::EMAIL_VERIFIED, true)
        .increment(User::LOGIN_COUNT, 1)
        .exec(orm)
        .await?;
    let _: Option<Account> = Account::find_unique(Account::PROVIDER_ACCOUNT_ID.eq("github", "gh")).exec(orm).await?;
    let later = Utc::now();
    let _: Session = Session::upsert(Session::TOKEN.eq("s"))
        .create(Session::create().user_id(&id).token("s").expires_at(later))
        .update(|s| s.set(Session::EXPIRES_AT, later))
        .exec(orm)
        .await?;
    let _: u64 = Session::delete(Session::TOKEN.eq("s")).exec(orm).await?;
    let _: Account = Account::create()
        .user_id(&id)
        .provider("github")
        .account_id("gh")
        .metadata(models::AccountMetadata { scopes: Vec::new() })
        .exec(orm)
        .await?;
    orm.transaction(|tx| async move {
        let user = User::create().email("q").name("n").exec(&tx).await?;
        Profile::create().user_id(&user.id).bio("Kernel").exec(&tx).await?;
        Ok(user)
    })
    .await?;
    Ok(())
}

#[test]
fn futures_are_send() {
    fn send<T: Send>(_: fn(Orm) -> T) {}
    send(|orm| async move { queries(&orm, Vec::new()).await });
}
