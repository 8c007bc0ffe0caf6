//! Structs around one value, of every kind, with and without a name for it, and one in another.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm::{FieldKind, MemoryDriver};
use rust_decimal::Decimal;

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct UserId(String);

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct TeamId(uuid::Uuid);

#[derive(orm::FieldType, Clone, Copy, Debug, PartialEq)]
#[orm(crate = orm)]
struct Points {
    r#type: u32,
}

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct Score(Points);

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct Euro(Decimal);

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct At(DateTime<Utc>);

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct Tags(Json<Vec<String>>);

#[derive(Enumeration, Clone, Debug, PartialEq)]
enum Tier {
    Free,
    Paid,
}

#[derive(orm::FieldType, Clone, Debug, PartialEq)]
struct Plan(Tier);

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users", belongs_to(team: Team, foreign_key = team_id))]
struct User {
    #[orm(id)]
    id: UserId,
    team_id: Option<TeamId>,
    #[orm(default = Points { r#type: 0 })]
    points: Points,
    #[orm(default = Score(Points { r#type: 1 }))]
    score: Score,
    #[orm(unique)]
    paid: Option<Euro>,
    at: Option<At>,
    tags: Option<Tags>,
    #[orm(default = Plan(Tier::Free))]
    plan: Plan,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "teams", has_many(users: User, foreign_key = team_id))]
struct Team {
    #[orm(id)]
    id: TeamId,
}

async fn uses(orm: &Orm) -> Result<(), Error> {
    let team = Team::create().exec(orm).await?;
    let user = User::create().team_id(&team.id).tags(Tags(Json(vec!["a".into()]))).paid(Euro(Decimal::TEN));
    let user = user.exec(orm).await?;
    let more = User::update(User::ID.eq(&user.id)).increment(User::POINTS, Points { r#type: 3 });
    let user = more.set(User::PLAN, Plan(Tier::Paid)).exec(orm).await?.unwrap();
    assert_eq!((user.points, user.plan.clone()), (Points { r#type: 3 }, Plan(Tier::Paid)));
    let rich = User::find_many().filter(User::POINTS.gt(Points { r#type: 2 }).and(User::PAID.eq(Euro(Decimal::TEN))));
    assert_eq!(rich.exec(orm).await?, [user.clone()]);
    assert_eq!(team.users().exec(orm).await?, [user]);
    Ok(())
}

fn main() {
    let kinds: Vec<FieldKind> = User::schema().fields().iter().map(|field| field.kind()).collect();
    use FieldKind::{DateTime, Decimal, Enum, Integer, Json, String, Uuid};
    assert_eq!(kinds, [String, Uuid, Integer, Integer, Decimal, DateTime, Json, Enum]);
    assert_eq!(User::schema().fields()[2].range(), Some((0, u32::MAX.into())));
    assert_eq!(User::schema().fields()[7].variants(), ["Free", "Paid"]);
    let run = async {
        let orm = Orm::bootstrap(schema![User, Team], MemoryDriver::new()).await?;
        uses(&orm).await
    };
    futures_util::FutureExt::now_or_never(run).unwrap().unwrap();
}
