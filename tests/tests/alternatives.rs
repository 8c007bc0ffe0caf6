//! What the first records of an `or` cost, of whose alternatives each has an index of its own: as much as each has of them.

use orm::explain::Sorting;
use orm::prelude::*;
use orm_dynamodb::Embedded;
use tests::suite::Outcome;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "messages")]
#[orm(index(room, sent_at))]
#[orm(index(author, sent_at))]
#[allow(clippy::duplicated_attributes, reason = "two indexes may name one field")]
struct Message {
    #[orm(id)]
    id: i64,
    room: String,
    author: String,
    sent_at: i64,
}

#[derive(Enumeration, Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Leased,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "jobs")]
#[orm(index(state, run_at))]
#[orm(index(state, leased_until))]
#[allow(clippy::duplicated_attributes, reason = "two indexes may name one field")]
struct Job {
    #[orm(id)]
    id: i64,
    state: State,
    run_at: i64,
    #[orm(default = 0)]
    leased_until: i64,
}

async fn orm() -> Result<Orm, Error> {
    let orm = Orm::bootstrap(schema![Message, Job], Embedded::in_memory()?).await?;
    let room = |id| if id % 10 == 0 { "other" } else { "here" };
    let author = |id| if id % 7 == 0 { "them" } else { "me" };
    let messages = (0..600).map(|id| Message::create().id(id).room(room(id)).author(author(id)).sent_at(id / 3));
    Message::create_many(messages).exec(&orm).await?;
    let jobs = (0..600).map(|id| Job::create().id(id).state(State::Ready).run_at(1000 - id));
    Job::create_many(jobs).exec(&orm).await?;
    let leased = (600..620).map(|id| Job::create().id(id).state(State::Leased).run_at(id).leased_until(id));
    Job::create_many(leased).exec(&orm).await?;
    Ok(orm)
}

/// Messages that are here, or mine; most are both.
fn here_or_mine() -> orm::query::FindMany<Message> {
    Message::find_many()
        .filter(any((Message::ROOM.eq("here"), Message::AUTHOR.eq("me"))))
        .order_by((Message::SENT_AT.desc(), Message::ID.asc()))
}

fn times(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.sent_at).collect()
}

fn ids(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.id).collect()
}

/// In the order of `here_or_mine`.
fn expected() -> Vec<i64> {
    let mut expected: Vec<i64> = (0..600).filter(|id| id % 10 != 0 || id % 7 != 0).collect();
    expected.sort_by_key(|id| (-(id / 3), *id));
    expected
}

/// Nobody waits for thousands of queries one after the other to learn that there is nothing.
#[tokio::test]
async fn in_any_order_more_and_more_values_are_looked_up_at_once() -> Outcome {
    let orm = orm().await?;
    let values =
        |room: usize, of: usize| (0..of).map(move |n| if n == room { "other".into() } else { format!("r{n}") });
    // Rounds of 1, 2, 4, 8, 16 and then 32 values.
    for (room, of, requests) in
        [(0, 99, 1), (1, 99, 3), (2, 99, 3), (3, 99, 7), (40, 99, 63), (70, 99, 95), (98, 99, 99), (99, 99, 99)]
    {
        let query = Message::find_many().filter(Message::ROOM.is_in(values(room, of)));
        let (found, cost) = query.clone().take(7).exec_with_cost(&orm).await?;
        assert_eq!((found.len(), cost.requests_of("Query")), (if room < of { 7 } else { 0 }, requests), "{room}");
        let (found, cost) = query.skip(58).take(7).exec_with_cost(&orm).await?;
        assert_eq!((found.len(), cost.requests_of("Query")), (if room < of { 2 } else { 0 }, of as u64), "{room}");
    }
    Ok(())
}

#[tokio::test]
async fn the_first_that_either_of_two_indexes_has_are_the_first_of_each() -> Outcome {
    let orm = orm().await?;
    let by_time = here_or_mine().order_by(Message::SENT_AT.desc());
    let (found, cost) = by_time.take(10).exec_with_cost(&orm).await?;
    assert_eq!(times(&found), expected().iter().map(|id| id / 3).take(10).collect::<Vec<_>>());
    assert_eq!((cost.requests_of("Query"), cost.items_examined), (2, 2 * 10));
    // In a longer order: ten of each, and those that are equal to the last of them.
    let (found, cost) = here_or_mine().take(10).exec_with_cost(&orm).await?;
    assert_eq!(ids(&found), expected()[..10]);
    assert!(cost.items_examined <= 2 * (12 + 16), "{cost}");
    assert_eq!(here_or_mine().take(10).explain(&orm)?.steps[0].plan.accesses[1].filter, None);
    // All of them: what both have is read from one of them only.
    let (found, cost) = here_or_mine().exec_with_cost(&orm).await?;
    assert_eq!((ids(&found), cost.requests_of("Query"), cost.items_returned), (expected(), 2, 591));
    Ok(())
}

#[tokio::test]
async fn a_page_of_two_indexes_goes_on_where_the_last_one_ended() -> Outcome {
    let orm = orm().await?;
    let (mut found, mut next, mut most) = (Vec::new(), None, 0);
    loop {
        let page = here_or_mine().page(20);
        let page = if let Some(cursor) = next { page.after(cursor) } else { page };
        let (page, cost) = page.exec_with_cost(&orm).await?;
        most = most.max(cost.items_examined);
        found.extend(ids(&page.items));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, expected());
    assert!(most <= 2 * (20 + 16 + 3), "{most} items for a page");
    let (mut stream, mut streamed) = (here_or_mine().stream(&orm), Vec::new());
    while let Some(message) = stream.next().await {
        streamed.push(message?.id);
    }
    assert_eq!(streamed, expected());
    Ok(())
}

/// What the filter says besides holds, too: of the keys that the alternatives name, of records that they change and delete.
#[tokio::test]
async fn a_list_of_alternatives_is_not_all_that_a_filter_says() -> Outcome {
    let orm = orm().await?;
    let by = |id: i64, author: &str| Message::ID.eq(id).and(Message::AUTHOR.eq(author));
    // Of 3 and 7, the author of 7 is another; 200 is not among the ids.
    let any_of = any([by(200, "me"), by(3, "me"), by(7, "me"), by(3, "nobody")]);
    let given = Message::ID.is_in(0..150).and(any_of.clone());
    assert_eq!(ids(&Message::find_many().filter(given.clone()).exec(&orm).await?), [3]);
    assert_eq!(Message::count().filter(given.clone()).exec(&orm).await?, 1);
    let moved = Message::update_many().filter(any([by(7, "me"), by(3, "me")])).set(Message::ROOM, "moved");
    assert_eq!(moved.exec(&orm).await?, 1);
    assert_eq!(Message::update_many().filter(any_of).set(Message::ROOM, "moved").exec(&orm).await?, 2);
    assert_eq!(Message::delete_many().filter(given).exec(&orm).await?, 1);
    let left = Message::find_many().filter(Message::ROOM.eq("moved")).exec(&orm).await?;
    assert_eq!(ids(&left), [200]);
    // However many there are.
    let many = any((0..120)
        .map(|n| Message::AUTHOR.eq(["me", "them"][n % 2]).and(Message::SENT_AT.ne(n as i64)))
        .collect::<Vec<_>>());
    let but = Message::count().filter(many.and(Message::AUTHOR.ne("me")));
    assert_eq!(but.exec(&orm).await?, 86);
    Ok(())
}

/// A plan does not take longer than what it is for.
#[tokio::test]
async fn each_of_many_values_is_asked_what_is_said_of_it() -> Outcome {
    let orm = orm().await?;
    let unread = (0..2000_i64).map(|n| Message::ROOM.eq(format!("room {n}")).and(Message::SENT_AT.gt(n)));
    let explanation = Message::find_many().filter(any(unread.collect::<Vec<_>>())).explain(&orm)?;
    let accesses = &explanation.steps[0].plan.accesses;
    assert_eq!((accesses.len(), explanation.scans()), (2000, false));
    assert!(accesses.iter().all(|access| access.filter.is_none() && access.evaluated_here.is_none()));
    Ok(())
}

/// A list of ids in their order beside another alternative.
#[tokio::test]
async fn no_more_ids_are_looked_up_than_it_takes() -> Outcome {
    let orm = orm().await?;
    let either = any((Message::ID.is_in(0..500), Message::ID.is_in(550..590).and(Message::ROOM.eq("other"))));
    let (first, cost) =
        Message::find_many().filter(either).order_by(Message::ID.desc()).take(5).exec_with_cost(&orm).await?;
    assert_eq!(ids(&first), [580, 570, 560, 550, 499]);
    assert!(cost.items_examined <= 200, "{cost}");
    Ok(())
}

#[tokio::test]
async fn an_alternative_that_is_in_order_is_read_no_further_beside_one_that_is_not() -> Outcome {
    let orm = orm().await?;
    let due = any((Job::STATE.eq(State::Ready), Job::STATE.eq(State::Leased).and(Job::LEASED_UNTIL.lt(610))));
    let first = Job::find_many().filter(due).order_by(Job::RUN_AT.asc()).take(5);
    let explanation = first.clone().explain(&orm)?;
    assert_eq!(explanation.steps[0].plan.sorting, Sorting::Partly);
    assert!(
        explanation.to_string().contains("all records of those accesses that are not in order are read"),
        "{explanation}"
    );
    let (found, cost) = first.exec_with_cost(&orm).await?;
    // Ready ones from 401 up, leased ones from 600.
    assert_eq!(found.iter().map(|job| job.run_at).collect::<Vec<_>>(), [401, 402, 403, 404, 405]);
    assert_eq!(cost.requests_of("Query"), 2);
    assert!(cost.items_examined <= 10 + 5 + 3, "{cost}");
    Ok(())
}

/// Messages that are here, and those of mine that a condition on no key leaves.
fn here_or_late_of_mine(from: i64) -> orm::query::FindMany<Message> {
    let mine = Message::AUTHOR.eq("me").and(Message::ID.gte(from));
    Message::find_many().filter(any((Message::ROOM.eq("here"), mine)))
}

#[tokio::test]
async fn an_alternative_of_which_few_pass_is_not_read_beyond_what_the_others_have() -> Outcome {
    let orm = orm().await?;
    let query = || here_or_late_of_mine(590).order_by(Message::SENT_AT.asc());
    let (found, cost) = query().take(10).exec_with_cost(&orm).await?;
    assert_eq!(times(&found), [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]);
    // Ten that are here; of mine, of which none of the first passes, the first look.
    assert_eq!((cost.requests_of("Query"), cost.items_examined), (2, 10 + (16 * 10 + 100)));
    let (page, cost) = query().page(10).exec_with_cost(&orm).await?;
    assert_eq!((times(&page.items), cost.requests_of("Query")), (times(&found), 2 + 1));
    assert!(cost.items_examined <= (12 + 16) + (16 * 12 + 100), "{cost}");
    Ok(())
}

#[tokio::test]
async fn what_is_left_unread_is_not_missed() -> Outcome {
    let orm = orm().await?;
    for (from, descending, size) in [0, 250, 400, 590, 600]
        .into_iter()
        .flat_map(|from| [false, true].map(|descending| (from, descending)))
        .flat_map(|(from, descending)| [3, 50, 200].map(|size| (from, descending, size)))
    {
        let by_time = if descending { Message::SENT_AT.desc() } else { Message::SENT_AT.asc() };
        let query = || here_or_late_of_mine(from).order_by((by_time, Message::ID.asc()));
        let mut expected: Vec<i64> = (0..600).filter(|id| id % 10 != 0 || id % 7 != 0 && *id >= from).collect();
        expected.sort_by_key(|id| (if descending { -(id / 3) } else { id / 3 }, *id));
        let first = query().take(size).exec(&orm).await?;
        assert_eq!(ids(&first), expected[..size], "{from} {descending} {size}");
        let (mut found, mut page) = (Vec::new(), query().page(size.max(50)).exec(&orm).await?);
        loop {
            found.extend(ids(&page.items));
            let Some(next) = page.next else { break };
            page = query().page(size.max(50)).after(next).exec(&orm).await?;
        }
        assert_eq!(found, expected, "{from} {descending} {size}");
    }
    // A field of the order that only the filter of one alternative fixes: where that one is in the order, its index does not say.
    let mine = Message::ROOM.eq("here").and(Message::AUTHOR.eq("me")).and(Message::ID.gte(590));
    let by_author = Message::find_many()
        .filter(any((Message::AUTHOR.eq("them"), mine)))
        .order_by((Message::AUTHOR.asc(), Message::SENT_AT.asc()));
    assert_eq!(by_author.clone().explain(&orm)?.steps[0].plan.accesses.len(), 2);
    let found = by_author.take(10).exec(&orm).await?;
    assert_eq!(found.iter().filter(|message| message.author == "me").count(), 8, "{:?}", ids(&found));
    Ok(())
}
