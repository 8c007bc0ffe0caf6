//! Relations in selections: one level.

use orm::prelude::*;

use super::Outcome;
use crate::engine::Engine;
use crate::models::{Account, Member, Organization, Profile, Session, User, schema};
use crate::seed::{day, seed};

pub async fn loads_each_kind_of_relation(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let ada = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev"))
        .select((
            User::NAME,
            User::PROFILE.select(Profile::BIO),
            User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).take(1).select(Session::TOKEN),
            User::ORGANIZATIONS.order_by(Organization::NAME.asc()).select(Organization::NAME),
        ))
        .exec(&orm)
        .await?;
    let expected = (
        "Ada".to_owned(),
        Some(Some("Analyst".to_owned())),
        vec!["session-2".to_owned()],
        vec!["Compilers".to_owned(), "Farming Labs".to_owned()],
    );
    assert_eq!(ada, Some(expected));
    let owner = Session::find_unique(Session::TOKEN.eq("session-3")).select(Session::USER).exec(&orm).await?;
    assert_eq!(owner, Some(Some(seed.grace)));
    Ok(())
}

pub async fn has_one_is_none_without_a_record(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let bios = User::find_many()
        .order_by(User::NAME.asc())
        .select((User::NAME, User::PROFILE.select(Profile::BIO)))
        .exec(&orm)
        .await?;
    assert_eq!(bios, [("Ada".to_owned(), Some(Some("Analyst".to_owned()))), ("Grace".to_owned(), None)]);
    Ok(())
}

pub async fn has_one_takes_a_filter(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let with_bio = |bio: &str| {
        User::find_unique(User::ID.eq(&seed.ada.id))
            .select(User::PROFILE.filter(Profile::BIO.eq(bio)).select(Profile::BIO))
    };
    assert_eq!(with_bio("Analyst").exec(&orm).await?, Some(Some(Some("Analyst".to_owned()))));
    assert_eq!(with_bio("Programmer").exec(&orm).await?, Some(None));
    Ok(())
}

pub async fn has_many_takes_filter_order_skip_and_take(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    for n in 3..=6 {
        let token = format!("more-{n}");
        Session::create().user_id(&seed.ada.id).token(token).expires_at(day(n)).exec(&orm).await?;
    }
    let tokens = |sessions: Option<Vec<String>>| sessions.unwrap_or_default().join(" ");
    let ada = || User::find_unique(User::ID.eq(&seed.ada.id));

    let sessions = User::SESSIONS.order_by(Session::EXPIRES_AT.asc()).select(Session::TOKEN);
    assert_eq!(tokens(ada().select(sessions).exec(&orm).await?), "more-3 more-4 more-5 more-6 session-1 session-2");
    let page = User::SESSIONS.order_by(Session::EXPIRES_AT.asc()).skip(1).take(2).select(Session::TOKEN);
    assert_eq!(tokens(ada().select(page).exec(&orm).await?), "more-4 more-5");
    let by_token = User::SESSIONS.order_by(Session::TOKEN.desc()).skip(4).select(Session::TOKEN);
    assert_eq!(tokens(ada().select(by_token).exec(&orm).await?), "more-4 more-3");
    let late = User::SESSIONS
        .filter(Session::EXPIRES_AT.gte(day(6)))
        .filter(Session::TOKEN.ne("session-1"))
        .order_by(Session::EXPIRES_AT.desc())
        .select(Session::TOKEN);
    assert_eq!(tokens(ada().select(late).exec(&orm).await?), "session-2 more-6");
    let none = User::SESSIONS.filter(Session::TOKEN.eq("session-3")).select(Session::TOKEN);
    assert_eq!(ada().select(none).exec(&orm).await?, Some(vec![]));
    let zero = User::SESSIONS.take(0).select(Session::TOKEN);
    assert_eq!(ada().select(zero).exec(&orm).await?, Some(vec![]));
    let beyond = User::SESSIONS.skip(6).select(Session::TOKEN);
    assert_eq!(ada().select(beyond).exec(&orm).await?, Some(vec![]));
    Ok(())
}

pub async fn skip_and_take_apply_to_each_parent_by_itself(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let latest = User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).take(1).select(Session::TOKEN);
    let users = User::find_many().order_by(User::NAME.asc()).select(latest).exec(&orm).await?;
    assert_eq!(users, [["session-2"], ["session-3"]]);
    let others = User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).skip(1).select(Session::TOKEN);
    let users = User::find_many().order_by(User::NAME.asc()).select(others).exec(&orm).await?;
    assert_eq!(users, [vec!["session-1".to_owned()], vec![]]);
    Ok(())
}

pub async fn many_to_many_works_in_both_directions(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let users = Organization::find_many()
        .order_by(Organization::SLUG.desc())
        .select((Organization::SLUG, Organization::USERS.order_by(User::NAME.asc()).select(User::NAME)))
        .exec(&orm)
        .await?;
    assert_eq!(
        users,
        [
            ("farming-labs".to_owned(), vec!["Ada".to_owned(), "Grace".to_owned()]),
            ("compilers".to_owned(), vec!["Ada".to_owned()])
        ]
    );
    let whole = User::find_unique(User::ID.eq(&seed.grace.id)).select(User::ORGANIZATIONS).exec(&orm).await?;
    assert_eq!(whole, Some(vec![seed.labs]));
    Ok(())
}

pub async fn many_to_many_takes_filter_order_skip_and_take(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    for name in ["Alpha", "Beta", "Gamma"] {
        let one = Organization::create().name(name).slug(name.to_lowercase()).exec(&orm).await?;
        Member::create().user_id(&seed.ada.id).organization_id(&one.id).role("guest").exec(&orm).await?;
    }
    let ada = || User::find_unique(User::ID.eq(&seed.ada.id));
    // The order does not have to be selected.
    let page = User::ORGANIZATIONS.order_by(Organization::NAME.desc()).skip(1).take(2).select(Organization::SLUG);
    assert_eq!(ada().select(page).exec(&orm).await?, Some(vec!["farming-labs".into(), "compilers".into()]));
    let filtered = User::ORGANIZATIONS
        .filter(Organization::NAME.gt("B").and(Organization::SLUG.contains("a")))
        .order_by(Organization::NAME.asc())
        .select(Organization::NAME);
    assert_eq!(
        ada().select(filtered).exec(&orm).await?,
        Some(vec!["Beta".into(), "Farming Labs".into(), "Gamma".into()])
    );
    let by_id = User::ORGANIZATIONS.filter(Organization::ID.eq(&seed.labs.id)).select(Organization::NAME);
    assert_eq!(ada().select(by_id).exec(&orm).await?, Some(vec!["Farming Labs".into()]));
    let beyond = User::ORGANIZATIONS.skip(5).select(Organization::NAME);
    assert_eq!(ada().select(beyond).exec(&orm).await?, Some(vec![]));
    let zero = User::ORGANIZATIONS.take(0).select(Organization::NAME);
    assert_eq!(ada().select(zero).exec(&orm).await?, Some(vec![]));
    Ok(())
}

pub async fn relations_without_records_are_empty(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let alone = User::create().email("alone@x.dev").name("Alone").exec(&orm).await?;
    let found = User::find_unique(User::ID.eq(&alone.id))
        .select((User::PROFILE, User::SESSIONS, User::ACCOUNTS, User::ORGANIZATIONS))
        .exec(&orm)
        .await?;
    assert_eq!(found, Some((None, vec![], vec![], vec![])));
    let nobody =
        User::find_many().filter(User::NAME.eq("Nobody")).select((User::ALL, User::SESSIONS)).exec(&orm).await?;
    assert!(nobody.is_empty());
    Ok(())
}

pub async fn a_dangling_foreign_key_leads_nowhere(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    Session::create().user_id("gone").token("t").expires_at(day(1)).exec(&orm).await?;
    Member::create().user_id("gone").organization_id("gone too").role("ghost").exec(&orm).await?;
    let owner = Session::find_unique(Session::TOKEN.eq("t")).select(Session::USER).exec(&orm).await?;
    assert_eq!(owner, Some(None));
    let both = Member::find_first().select((Member::ROLE, Member::USER, Member::ORGANIZATION)).exec(&orm).await?;
    assert_eq!(both, Some(("ghost".to_owned(), None, None)));
    let user = User::create().id("gone").email("back@x.dev").name("Back").exec(&orm).await?;
    assert_eq!(user.organizations().exec(&orm).await?, []);
    Ok(())
}

pub async fn belongs_to_takes_a_filter_and_a_selection(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let owners = Session::find_many()
        .order_by(Session::TOKEN.asc())
        .select(Session::USER.filter(User::NAME.eq("Ada")).select((User::NAME, User::EMAIL)))
        .exec(&orm)
        .await?;
    let ada = Some(("Ada".to_owned(), "ada@farminglabs.dev".to_owned()));
    assert_eq!(owners, [ada.clone(), ada, None]);
    Ok(())
}

pub async fn many_children_share_one_parent(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let new = (0..40).map(|n| Session::create().user_id(&seed.grace.id).token(format!("t{n:02}")).expires_at(day(2)));
    Session::create_many(new).exec(&orm).await?;
    let owners = Session::find_many()
        .filter(Session::TOKEN.starts_with("t"))
        .order_by(Session::TOKEN.asc())
        .select((Session::TOKEN, Session::USER))
        .exec(&orm)
        .await?;
    assert_eq!(owners.len(), 40);
    assert_eq!(owners.first().map(|(token, _)| token.as_str()), Some("t00"));
    assert!(owners.iter().all(|(_, owner)| owner.as_ref() == Some(&seed.grace)));
    Ok(())
}

pub async fn two_relations_side_by_side(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let found = User::find_many()
        .order_by(User::NAME.desc())
        .select((
            User::SESSIONS.order_by(Session::TOKEN.asc()).select(Session::TOKEN),
            User::ID,
            User::ACCOUNTS.select((Account::PROVIDER, Account::ACCOUNT_ID)),
        ))
        .exec(&orm)
        .await?;
    assert_eq!(
        found,
        [
            (vec!["session-3".to_owned()], seed.grace.id, vec![]),
            (
                vec!["session-1".to_owned(), "session-2".to_owned()],
                seed.ada.id,
                vec![("github".to_owned(), "gh_ada".to_owned())]
            ),
        ]
    );
    Ok(())
}

pub async fn the_same_relation_twice_in_one_selection(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let found = User::find_unique(User::ID.eq(&seed.ada.id))
        .select((
            User::SESSIONS.order_by(Session::EXPIRES_AT.asc()).take(1).select(Session::TOKEN),
            User::SESSIONS.order_by(Session::EXPIRES_AT.desc()).take(1).select(Session::EXPIRES_AT),
            User::NAME,
            User::NAME,
        ))
        .exec(&orm)
        .await?;
    assert_eq!(found, Some((vec!["session-1".to_owned()], vec![day(20)], "Ada".to_owned(), "Ada".to_owned())));
    Ok(())
}

pub async fn all_fields_beside_a_relation(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    let seed = seed(&orm).await?;
    let found: Option<(User, Vec<Session>, User)> = User::find_unique(User::ID.eq(&seed.grace.id))
        .select((User::ALL, User::SESSIONS, User::ALL))
        .exec(&orm)
        .await?;
    let (grace, sessions, again) = found.ok_or("Grace is there")?;
    assert_eq!(grace, seed.grace);
    assert_eq!(again, seed.grace);
    assert_eq!(sessions.iter().map(|session| session.token.as_str()).collect::<Vec<_>>(), ["session-3"]);
    Ok(())
}

/// A part, by its number; the keys of all four models have an encoding of their own.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "parts")]
#[orm(has_many(offers: Offer, foreign_key = part))]
#[orm(many_to_many(shelves: Shelf, through = Place, from = part, to = shelf))]
struct Part {
    #[orm(id, with = number)]
    number: Number,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "offers", belongs_to(offered: Part, foreign_key = part))]
struct Offer {
    #[orm(id)]
    id: String,
    #[orm(with = optional_number)]
    part: Option<Number>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "shelves", many_to_many(parts: Part, through = Place, from = shelf, to = part))]
struct Shelf {
    #[orm(id, with = number)]
    number: Number,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "places")]
#[orm(belongs_to(of: Part, foreign_key = part), belongs_to(on: Shelf, foreign_key = shelf))]
struct Place {
    #[orm(id)]
    id: String,
    #[orm(with = number)]
    part: Number,
    #[orm(with = number)]
    shelf: Number,
}

#[derive(Clone, Debug, PartialEq)]
struct Number(u32);

mod number {
    use super::Number;

    pub fn encode(number: &Number) -> String {
        format!("#{:05}", number.0)
    }

    pub fn decode(text: String) -> Result<Number, std::num::ParseIntError> {
        text.trim_start_matches('#').parse().map(Number)
    }
}

mod optional_number {
    use super::{Number, number};

    pub fn encode(number: &Option<Number>) -> Option<String> {
        number.as_ref().map(number::encode)
    }

    pub fn decode(text: Option<String>) -> Result<Option<Number>, std::num::ParseIntError> {
        text.map(number::decode).transpose()
    }
}

pub async fn keys_with_an_encoding_of_their_own(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Part, Offer, Shelf, Place]).await?;
    for number in [1, 2] {
        Part::create().number(Number(number)).exec(&orm).await?;
        Shelf::create().number(Number(10 * number)).exec(&orm).await?;
        Place::create().part(Number(number)).shelf(Number(10)).exec(&orm).await?;
        Offer::create().id(format!("o{number}")).part(Number(number)).exec(&orm).await?;
    }
    Offer::create().id("o3").exec(&orm).await?;
    let parts = Part::find_many().order_by(Part::NUMBER.asc());
    let found = parts.select((Part::NUMBER, Part::OFFERS.select(Offer::ID), Part::SHELVES)).exec(&orm).await?;
    let shelf = Shelf { number: Number(10) };
    assert_eq!(
        found,
        [(Number(1), vec!["o1".into()], vec![shelf.clone()]), (Number(2), vec!["o2".into()], vec![shelf.clone()])]
    );
    let offers = Offer::find_many().order_by(Offer::ID.asc()).select(Offer::OFFERED.select(Part::NUMBER));
    assert_eq!(offers.exec(&orm).await?, [Some(Number(1)), Some(Number(2)), None]);
    assert_eq!(shelf.parts().exec(&orm).await?.len(), 2);
    let place = Place::find_first().filter(Place::PART.eq(Number(2))).exec(&orm).await?.ok_or("a place")?;
    assert_eq!(place.of().exec(&orm).await?, Some(Part { number: Number(2) }));
    assert_eq!(place.on().exec(&orm).await?, Some(shelf));
    Ok(())
}
