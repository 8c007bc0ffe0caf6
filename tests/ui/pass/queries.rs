//! One query of each kind, with all that it has; that it is `Send`, and `Clone` where its parts are.

use orm::prelude::*;
use ui::{Profile, Session, Tier, User};

fn query<Q: Clone + Send + Sync + std::fmt::Debug>(query: Q) {
    drop(query.clone());
}

#[derive(Select)]
#[orm(model = User)]
#[allow(dead_code)]
struct Card {
    id: String,
    #[orm(rename = email)]
    address: String,
    profile: Option<Profile>,
    #[orm(filter = Session::DEVICE.ne("phone"), order_by = (Session::USER_ID.asc(), Session::TOKEN.desc()), skip = 1, take = 2)]
    sessions: Vec<Token>,
}

#[derive(Select)]
#[orm(model = Session)]
#[allow(dead_code)]
struct Token {
    token: String,
    user: Option<User>,
}

/// Nothing is asked of the model's own type.
#[derive(Model)]
#[orm(table = "plain")]
struct Plain {
    #[orm(id)]
    id: String,
}

fn main() {
    query(Plain::find_unique(Plain::ID.eq("a")));
    query(Plain::find_first());
    query(Plain::find_many());
    query(Plain::find_many().page(10));
    query(Plain::count());
    query(Plain::create());
    query(Plain::create_many([Plain::create()]));
    query(Plain::update(Plain::ID.eq("a")));
    query(Plain::update_many());
    query(Plain::upsert(Plain::ID.eq("a")).create(Plain::create().id("a")));
    query(Plain::delete(Plain::ID.eq("a")));
    query(Plain::delete_many());
    query(Plain::consume(Plain::ID.eq("a")));
    query(User::find_unique(User::ID.eq("u1")).select((User::ID, User::PROFILE.select(Profile::BIO))));
    query(User::find_unique(User::EMAIL.eq(String::from("a"))).select_as::<Card>());
    query(Session::find_unique(Session::USER_ID_DEVICE.eq("u1", "phone")));
    query(User::find_first().filter(User::TIER.is_in([Tier::Pro, Tier::Free])).order_by(User::NAME.asc()));
    query(User::find_many().filter(all((User::ID.eq("u1"), !User::NAME.contains("x")))).skip(1).take(2));
    query(User::find_many().filter(User::SETTINGS.is_not_null()).select(User::SESSIONS.take(1).select_as::<Token>()));
    query(User::count().filter(User::VERIFIED.eq(true)));
    query(User::create_many([User::create().email("a").name("b")]).select(User::ID));
    // Whether an id is given that could be made up is not part of the type.
    let create = User::create().email("a").name("b");
    query(if let Some(id) = std::env::args().nth(9) { create.id(id) } else { create }.select(User::ID));
    query(User::update(User::EMAIL.eq("a")).set(User::NAME, "b").increment(User::LOGINS, 1).select_as::<Card>());
    query(User::update_many().filter(User::NAME.starts_with("a")).set(User::TIER, Tier::Pro));
    query(
        User::upsert(User::EMAIL.eq("a"))
            .create(User::create().email("a").name("b"))
            .update(|it| it.set(User::NAME, "c")),
    );
    query(User::delete(User::ID.eq("u1")));
    query(User::delete_many().filter(User::LOGINS.lt(3)));
    query(Session::consume(Session::TOKEN.eq("t")).select_as::<Token>());
}
