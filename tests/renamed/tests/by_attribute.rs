//! `#[orm(crate = database)]` on each struct and enum.

#![allow(clippy::expect_used, reason = "a test fails")]

use chrono::{DateTime, Utc};
use database::prelude::*;
use database::{Json, MemoryDriver};
use futures_util::FutureExt;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users", crate = database)]
#[orm(has_one(profile: Profile, foreign_key = user_id), has_many(notes: Note, foreign_key = author_id))]
#[orm(many_to_many(teams: Team, through = Member, from = user_id, to = team_id))]
struct User {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: String,
    #[orm(default = Tier::Free)]
    tier: Tier,
    #[orm(with = words, default = vec![])]
    tags: Vec<String>,
    settings: Option<Json<Vec<u8>>>,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq)]
#[orm(crate = database)]
enum Tier {
    Free,
}

mod words {
    pub(crate) fn encode(words: &[String]) -> String {
        words.join(" ")
    }

    pub(crate) fn decode(words: String) -> Result<Vec<String>, std::convert::Infallible> {
        Ok(words.split_whitespace().map(str::to_owned).collect())
    }
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "profiles", crate = database, belongs_to(user: User, foreign_key = user_id))]
struct Profile {
    #[orm(id)]
    id: u64,
    #[orm(unique, references = User::ID)]
    user_id: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "notes", crate = database)]
#[orm(unique(author_id, text), index(author_id, written_at), belongs_to(author: User, foreign_key = author_id))]
struct Note {
    #[orm(id)]
    id: String,
    author_id: String,
    text: String,
    #[orm(default_now)]
    written_at: DateTime<Utc>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "teams", crate = database)]
struct Team {
    #[orm(id)]
    id: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "members", crate = database, unique(user_id, team_id))]
struct Member {
    #[orm(id)]
    id: String,
    user_id: String,
    team_id: String,
}

#[derive(Select, Debug, PartialEq)]
#[orm(model = User, crate = database)]
struct Card {
    email: String,
    tags: Vec<String>,
    profile: Option<Profile>,
    #[orm(order_by = Note::TEXT.asc(), take = 1)]
    notes: Vec<Text>,
    teams: Vec<Team>,
}

#[derive(Select, Debug, PartialEq)]
#[orm(model = Note, crate = database)]
struct Text {
    text: String,
}

async fn run() -> Result<(), Error> {
    let orm = Orm::bootstrap(schema![User, Profile, Note, Team, Member], MemoryDriver::new()).await?;
    let ada = User::create().id("u1").email("ada@x.dev").tags(vec!["a".into()]).exec(&orm).await?;
    let profile = Profile::create().id(1).user_id("u1").exec(&orm).await?;
    let texts = ["b", "a"].map(|text| Note::create().author_id("u1").text(text));
    Note::create_many(texts).exec(&orm).await?;
    let team = Team::create().exec(&orm).await?;
    Member::create().user_id("u1").team_id(&team.id).exec(&orm).await?;

    let card = User::find_unique(User::EMAIL.eq("ada@x.dev")).select_as::<Card>().exec(&orm).await?;
    let notes = vec![Text { text: "a".into() }];
    let expected =
        Card { email: ada.email.clone(), tags: ada.tags.clone(), profile: Some(profile), notes, teams: vec![team] };
    assert_eq!(card, Some(expected));
    let note = Note::find_unique(Note::AUTHOR_ID_TEXT.eq("u1", "b")).exec(&orm).await?;
    let author = note.expect("it was created").author().exec(&orm).await?;
    assert_eq!(author, Some(ada));
    Ok(())
}

#[test]
fn models_of_a_renamed_crate() {
    run().now_or_never().expect("the memory driver does not wait").expect("all of it works");
}
