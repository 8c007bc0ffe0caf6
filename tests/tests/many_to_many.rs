//! The first targets of a relation by way of a model in between are looked up, not all of them.

use std::collections::BTreeSet;

use orm::prelude::*;
use orm_dynamodb::Embedded;
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "rooms")]
#[orm(many_to_many(users: User, through = Membership, from = room, to = user))]
struct Room {
    #[orm(id)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "users")]
struct User {
    #[orm(id)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "memberships")]
#[orm(index(room, user))]
struct Membership {
    #[orm(id)]
    id: String,
    room: i64,
    user: i64,
}

/// Rooms 1 and 2 with users 0 to 249 and 200 to 449; every tenth has left, and so have the users below 20 of both.
async fn orm(orm: Orm) -> Result<Orm, Error> {
    let is_there = |id: &i64| id % 10 != 0 && *id >= 20 && !(200..220).contains(id);
    let users = (0..450).filter(is_there).map(|id| User::create().id(id).name(format!("n{}", id % 3)));
    User::create_many(users).exec(&orm).await?;
    Room::create_many([1, 2].map(|id| Room::create().id(id))).exec(&orm).await?;
    for (room, users) in [(1, 0..250), (2, 200..450)] {
        // One of them twice.
        let users = users.clone().chain([users.start + 25]);
        Membership::create_many(users.map(|user| Membership::create().room(room).user(user))).exec(&orm).await?;
    }
    Ok(orm)
}

fn ids(users: &[User]) -> Vec<i64> {
    users.iter().map(|user| user.id).collect()
}

#[tokio::test]
async fn no_more_targets_are_looked_up_than_it_takes() -> Outcome {
    let orm = orm(Orm::bootstrap(schema![Room, User, Membership], Embedded::in_memory()?).await?).await?;
    let room = Room::find_unique(Room::ID.eq(1)).exec(&orm).await?.ok_or("no room")?;
    // The first twenty have left: 5 are asked for, then four times what is missing, then sixteen times the one that is.
    let (some, cost) = room.users().take(5).exec_with_cost(&orm).await?;
    assert_eq!(ids(&some), [21, 22, 23, 24, 25]);
    assert_eq!((cost.requests_of("Query"), cost.requests_of("BatchGetItem")), (1, 3));
    assert_eq!(cost.items_returned, 251 + 4 + 14);
    // Of each of several, with a filter.
    let selection = Room::USERS.filter(User::NAME.eq("n1")).skip(1).take(30).select(User::ALL);
    let rooms = Room::find_many().filter(Room::ID.is_in([1, 2])).select((Room::ID, selection));
    let (rooms, cost) = rooms.exec_with_cost(&orm).await?;
    for (room, users) in &rooms {
        let there = (if *room == 1 { 22..250 } else { 220..450 }).filter(|id| id % 10 != 0 && id % 3 == 1);
        let there: Vec<i64> = there.filter(|id| !(200..220).contains(id)).skip(1).take(30).collect();
        assert_eq!(ids(users), there, "of room {room}");
    }
    // The rooms; 31 of each, and four times as many as are missing after that.
    assert_eq!(cost.requests_of("BatchGetItem"), 1 + 1 + 3, "{cost}");
    // All of them, once each; and the last of an order.
    let (all, cost) = room.users().exec_with_cost(&orm).await?;
    assert_eq!((all.len(), cost.requests_of("BatchGetItem")), (189, 3));
    let last = room.users().order_by(User::ID.desc()).take(2).exec(&orm).await?;
    assert_eq!(ids(&last), [249, 248]);
    Ok(())
}

/// Rooms that share their users, and ask for them in another order.
#[tokio::test]
async fn each_room_has_its_own_users() -> Outcome {
    let orm = Orm::bootstrap(schema![Room, User, Membership], Embedded::in_memory()?).await?;
    User::create_many((0..4).map(|id| User::create().id(id).name("n"))).exec(&orm).await?;
    Room::create_many((0..3).map(|id| Room::create().id(id))).exec(&orm).await?;
    let members = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3), (2, 2)];
    Membership::create_many(members.map(|(room, user)| Membership::create().room(room).user(user))).exec(&orm).await?;
    for (take, expected) in [(1, [vec![0], vec![1], vec![2]]), (2, [vec![0, 1], vec![1, 3], vec![2]])] {
        let rooms = Room::find_many().filter(Room::ID.is_in(0..3)).order_by(Room::ID.asc());
        let users: Vec<Vec<User>> = rooms.select(Room::USERS.take(take)).exec(&orm).await?;
        assert_eq!(users.iter().map(|users| ids(users)).collect::<Vec<_>>(), expected, "take {take}");
    }
    // What several ask for is looked up once.
    let members = [3, 4, 5].iter().flat_map(|room| (0..4).map(move |user| (*room, user)));
    Membership::create_many(members.map(|(room, user)| Membership::create().room(room).user(user))).exec(&orm).await?;
    Room::create_many((3..6).map(|id| Room::create().id(id))).exec(&orm).await?;
    let rooms = Room::find_many().filter(Room::ID.is_in(3..6)).select(Room::USERS.take(2).select(User::ID));
    let (users, cost) = rooms.exec_with_cost(&orm).await?;
    assert_eq!((users, cost.items_returned), (vec![vec![0, 1]; 3], 3 + 3 * 4 + 2));
    Ok(())
}

#[tokio::test]
async fn any_driver_shows_as_many_of_the_same_users() -> Outcome {
    let dynamodb = orm(Orm::bootstrap(schema![Room, User, Membership], Embedded::in_memory()?).await?).await?;
    let memory = orm(Orm::bootstrap(schema![Room, User, Membership], orm::MemoryDriver::new()).await?).await?;
    let there: BTreeSet<i64> = (220..450).filter(|id| id % 10 != 0).collect();
    for (skip, take) in [(0, 1), (0, 40), (3, 7), (180, 30), (300, 5), (0, 1000)] {
        let mut counts = Vec::new();
        for orm in [&dynamodb, &memory] {
            let room = Room::find_unique(Room::ID.eq(2)).exec(orm).await?.ok_or("no room")?;
            let users = room.users().skip(skip).take(take).exec(orm).await?;
            let distinct: BTreeSet<i64> = users.iter().map(|user| user.id).collect();
            assert_eq!((distinct.len(), distinct.is_subset(&there)), (users.len(), true));
            counts.push(users.len());
        }
        assert_eq!(counts, [take.min(207_usize.saturating_sub(skip)); 2], "skip {skip}, take {take}");
    }
    Ok(())
}
