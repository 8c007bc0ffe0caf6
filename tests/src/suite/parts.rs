//! Results in parts: pages with cursors between them, and streams.

use std::collections::BTreeSet;

use orm::prelude::*;
use orm::query::FindMany;
use orm::{Cursor, Page};

use super::{Outcome, assert_refused};
use crate::engine::Engine;
use crate::models::{Account, Session, User, schema};
use crate::seed::seed;
use crate::strangers::{self, Company, Employee, Slug, Task};

async fn companies(engine: &impl Engine, count: i64) -> Result<Orm, Error> {
    let orm = engine.orm(strangers::schema()).await?;
    // Few names, so that many records are equal in their order.
    let company = |number: i64| Company::create().number(number).name(format!("name {}", number % 4));
    Company::create_many((1..=count).map(company)).exec(&orm).await?;
    Ok(orm)
}

/// All pages of a query, one after the other.
async fn pages<M: Model + Clone>(orm: &Orm, query: FindMany<M>, size: usize) -> Result<Vec<Page<M>>, Error> {
    let mut pages: Vec<Page<M>> = Vec::new();
    let mut next: Option<Cursor> = None;
    loop {
        let page = query.clone().page(size);
        let page = match &next {
            Some(cursor) => page.after(cursor),
            None => page,
        };
        let page = page.exec(orm).await?;
        next = page.next.clone();
        pages.push(page);
        if next.is_none() {
            return Ok(pages);
        }
    }
}

fn sizes<T>(pages: &[Page<T>]) -> Vec<usize> {
    pages.iter().map(|page| page.items.len()).collect()
}

fn numbers(pages: &[Page<Company>]) -> Vec<i64> {
    pages.iter().flat_map(|page| &page.items).map(|company| company.number).collect()
}

pub async fn pages_are_full_until_the_last(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 25).await?;
    let all = pages(&orm, Company::find_many(), 10).await?;
    assert_eq!(sizes(&all), [10, 10, 5]);
    assert_eq!(numbers(&all).into_iter().collect::<BTreeSet<_>>(), (1..=25).collect());
    // Whoever asks for as many as there are need not ask again.
    assert_eq!(sizes(&pages(&orm, Company::find_many(), 5).await?), [5; 5]);
    assert_eq!(sizes(&pages(&orm, Company::find_many(), 25).await?), [25]);
    let some = Company::find_many().filter(Company::NAME.eq("name 1"));
    assert_eq!(sizes(&pages(&orm, some.clone(), 3).await?), [3, 3, 1]);
    assert_eq!(sizes(&pages(&orm, some.filter(Company::NUMBER.gt(100)), 3).await?), [0]);
    Ok(())
}

pub async fn pages_in_an_order(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 25).await?;
    for size in [1, 3, 7, 12, 100] {
        let query = Company::find_many().order_by((Company::NAME.desc(), Company::NUMBER.asc()));
        let expected: Vec<i64> = query.clone().exec(&orm).await?.iter().map(|company| company.number).collect();
        assert_eq!(numbers(&pages(&orm, query, size).await?), expected);
        // Where the order does not tell records apart, still each of them once.
        let by_name = pages(&orm, Company::find_many().order_by(Company::NAME.asc()), size).await?;
        assert_eq!(numbers(&by_name).into_iter().collect::<BTreeSet<_>>(), (1..=25).collect());
        assert_eq!(numbers(&by_name).len(), 25);
    }
    Ok(())
}

async fn tasks(engine: &impl Engine) -> Result<Orm, Error> {
    let orm = engine.orm(strangers::schema()).await?;
    let task = |n: i64| {
        let (id, status) = (Slug(format!("t{n}")), ["open", "done", "late"][(n % 3) as usize]);
        Task::create().task_id(id).r#type("t").name("n").status(status).size(n / 6)
    };
    Task::create_many((0..60).map(task)).exec(&orm).await?;
    Ok(orm)
}

pub async fn pages_on_an_index(engine: &impl Engine) -> Outcome {
    let orm = tasks(engine).await?;
    let ids = |pages: &[Page<Task>]| -> Vec<(String, i64, String)> {
        let all = pages.iter().flat_map(|page| &page.items);
        all.map(|task| (task.status.clone(), task.size, task.task_id.0.clone())).collect()
    };
    for size in [1, 4, 20] {
        let open = Task::find_many().filter(Task::STATUS.eq("open")).order_by(Task::SIZE.desc());
        let found = ids(&pages(&orm, open.clone(), size).await?);
        assert_eq!(found.len(), 20);
        assert!(found.is_sorted_by(|(_, a, _), (_, b, _)| a >= b), "{found:?}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 20);
        let small = open.filter(Task::SIZE.between(2, 4)).filter(Task::NAME.eq("n"));
        assert_eq!(ids(&pages(&orm, small, size).await?).len(), 6);
        // Several values of the index, one after the other or merged.
        let two = Task::find_many().filter(Task::STATUS.is_in(["open", "late"]));
        assert_eq!(ids(&pages(&orm, two.clone(), size).await?).iter().collect::<BTreeSet<_>>().len(), 40);
        let merged = ids(&pages(&orm, two.order_by(Task::SIZE.asc()), size).await?);
        assert!(merged.is_sorted_by(|(_, a, _), (_, b, _)| a <= b), "{merged:?}");
        assert_eq!((merged.len(), merged.iter().collect::<BTreeSet<_>>().len()), (40, 40));
    }
    Ok(())
}

/// An order that tells records apart, and begins with that of an index.
pub async fn ties_on_an_index_are_in_order(engine: &impl Engine) -> Outcome {
    let orm = tasks(engine).await?;
    let ids = |tasks: &[Task]| tasks.iter().map(|task| task.task_id.0.clone()).collect::<Vec<_>>();
    let lists = [Task::STATUS.eq("open"), Task::STATUS.is_in(["open", "late"])];
    for filter in lists {
        for descending in [false, true] {
            let by_id = if descending { Task::TASK_ID.desc() } else { Task::TASK_ID.asc() };
            let query = Task::find_many().filter(filter.clone()).order_by((Task::SIZE.desc(), by_id));
            let all = query.clone().exec(&orm).await?;
            let expected = ids(&all);
            let key = |task: &Task| (-task.size, task.task_id.0.clone());
            assert!(all.is_sorted_by(|a, b| match descending {
                false => key(a) < key(b),
                true => (-a.size, &b.task_id.0) < (-b.size, &a.task_id.0),
            }));
            for size in [1, 3, 7, 100] {
                let paged: Vec<Task> =
                    pages(&orm, query.clone(), size).await?.into_iter().flat_map(|page| page.items).collect();
                assert_eq!(ids(&paged), expected);
                let some = query.clone().skip(2).take(size).exec(&orm).await?;
                assert_eq!(ids(&some), expected.iter().skip(2).take(size).cloned().collect::<Vec<_>>());
            }
            let mut stream = query.stream(&orm);
            let mut streamed = Vec::new();
            while let Some(task) = stream.next().await {
                streamed.push(task?);
            }
            assert_eq!(ids(&streamed), expected);
        }
    }
    let first = Task::find_first().filter(Task::STATUS.eq("open")).order_by((Task::SIZE.asc(), Task::TASK_ID.desc()));
    assert_eq!(first.exec(&orm).await?.map(|task| task.task_id.0), Some("t3".to_owned()));
    Ok(())
}

pub async fn pages_of_texts_with_a_prefix(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    // Some that come just before and after those with the prefix, and some with characters of all lengths. (Dynalite takes
    // U+E000 to U+FFFF for greater than all of four bytes, in this one place.)
    let providers =
        ["gi", "git", "git-a", "git-b", "git\u{7f}", "git\u{7ff}", "git\u{d7ff}", "git\u{10ffff}x", "giu", "h"];
    let account =
        |n: usize| Account::create().user_id("u").provider(providers[n % providers.len()]).account_id(n.to_string());
    Account::create_many((0..30).map(account)).exec(&orm).await?;
    for descending in [false, true] {
        let git = Account::find_many().filter(Account::USER_ID.eq("u").and(Account::PROVIDER.starts_with("git")));
        let by_provider = if descending { Account::PROVIDER.desc() } else { Account::PROVIDER.asc() };
        let query = git.order_by((by_provider, Account::ACCOUNT_ID.asc()));
        let key = |account: &Account| (account.provider.clone(), account.account_id.clone());
        let expected: Vec<_> = query.clone().exec(&orm).await?.iter().map(key).collect();
        assert_eq!(expected.len(), 21);
        for size in [1, 4, 10] {
            let paged = pages(&orm, query.clone(), size).await?;
            assert_eq!(paged.iter().flat_map(|page| &page.items).map(key).collect::<Vec<_>>(), expected);
        }
        let rest = query.filter(Account::PROVIDER.gte("git-b")).exec(&orm).await?;
        assert_eq!(rest.len(), 15);
    }
    Ok(())
}

pub async fn pages_by_keys(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 230).await?;
    let some = Company::find_many().filter(Company::NUMBER.is_in((1..400).step_by(2)));
    let found = pages(&orm, some, 30).await?;
    assert_eq!(sizes(&found), [30, 30, 30, 25]);
    assert_eq!(numbers(&found).into_iter().collect::<BTreeSet<_>>(), (1..=230).step_by(2).collect());
    let either = any((Company::NUMBER.is_in([1, 2, 3]), Company::NUMBER.eq(7)));
    assert_eq!(numbers(&pages(&orm, Company::find_many().filter(either), 2).await?), [1, 2, 3, 7]);
    // Answers come in an order of their own, here that of the ids; a page goes on where the last one ended in the list.
    let orm = engine.orm(schema()).await?;
    let emails: Vec<String> = (0..24).map(|n| format!("{n}@x.dev")).collect();
    User::create_many(emails.iter().map(|email| User::create().email(email).name("N"))).exec(&orm).await?;
    let found = pages(&orm, User::find_many().filter(User::EMAIL.is_in(&emails)), 5).await?;
    assert_eq!(sizes(&found), [5, 5, 5, 5, 4]);
    let mut found: Vec<&String> = found.iter().flat_map(|page| &page.items).map(|user| &user.email).collect();
    found.sort_by_key(|email| emails.iter().position(|one| one == *email));
    assert_eq!(found, emails.iter().collect::<Vec<_>>());
    Ok(())
}

pub async fn pages_of_keys_have_nulls_too(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    let (named, nameless) =
        (Employee { nickname: Some("n".into()), ..Employee::new(1, "a", None) }, Employee::new(2, "b", None));
    for employee in [&named, &nameless] {
        Employee::insert(employee.clone()).exec(&orm).await?;
    }
    let either = Employee::find_many().filter(any((Employee::NUMBER.eq(1), Employee::BADGE.eq("b"))));
    for (order, expected) in
        [(Employee::NICKNAME.asc(), [&nameless, &named]), (Employee::NICKNAME.desc(), [&named, &nameless])]
    {
        let found = pages(&orm, either.clone().order_by(order), 1).await?;
        assert_eq!(found.iter().flat_map(|page| &page.items).collect::<Vec<_>>(), expected);
    }
    Ok(())
}

pub async fn pages_of_selections_with_relations(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let query =
        || User::find_many().order_by(User::EMAIL.asc()).select((User::NAME, User::SESSIONS.select(Session::TOKEN)));
    let first = query().page(1).exec(&orm).await?;
    assert_eq!(
        first.items.iter().map(|(name, tokens)| (name.as_str(), tokens.len())).collect::<Vec<_>>(),
        [("Ada", 2)]
    );
    let second = query().page(1).after(first.next.ok_or("there is more")?).exec(&orm).await?;
    assert_eq!((second.items[0].0.as_str(), second.next), ("Grace", None));
    Ok(())
}

pub async fn pages_while_records_come_and_go(engine: &impl Engine) -> Outcome {
    for order in [vec![], vec![Company::NUMBER.asc()]] {
        let orm = companies(engine, 20).await?;
        let query = || Company::find_many().order_by(order.clone()).page(5);
        let first = query().exec(&orm).await?;
        let cursor = first.next.ok_or("there is more")?;
        // The record that the cursor is made of is gone, and so is one that was to come.
        let seen: BTreeSet<i64> = first.items.iter().map(|company| company.number).collect();
        let to_come = (1..=20).find(|number| !seen.contains(number)).ok_or("there is more")?;
        Company::delete(Company::NUMBER.eq(to_come)).exec(&orm).await?;
        Company::delete(Company::NUMBER.eq(first.items[4].number)).exec(&orm).await?;
        let mut rest = BTreeSet::new();
        let mut next = Some(cursor);
        while let Some(cursor) = next {
            let page = query().after(cursor).exec(&orm).await?;
            rest.extend(page.items.iter().map(|company| company.number));
            next = page.next;
        }
        let expected: BTreeSet<i64> = (1..=20).filter(|n| !seen.contains(n) && *n != to_come).collect();
        assert_eq!(rest, expected);
    }
    Ok(())
}

pub async fn a_cursor_is_text_that_belongs_to_its_query(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 20).await?;
    let query = || Company::find_many().filter(Company::NUMBER.gt(3)).order_by(Company::NUMBER.asc());
    let text = query().page(5).exec(&orm).await?.next.ok_or("there is more")?.to_string();
    // As it comes back from a browser, with another page size and selection.
    let again = query().select(Company::NUMBER).page(2).after(text.as_str()).exec(&orm).await?;
    assert_eq!(again.items, [9, 10]);
    let json = serde_json::to_string(&Cursor::from(text.as_str()))?;
    assert_eq!(serde_json::from_str::<Cursor>(&json)?.to_string(), text);

    let mut changed = text.clone();
    changed.replace_range(30..31, if &text[30..31] == "A" { "B" } else { "A" });
    for (page, cursor) in [
        (Company::find_many().filter(Company::NUMBER.gt(4)).order_by(Company::NUMBER.asc()), text.as_str()),
        (Company::find_many().filter(Company::NUMBER.gt(3)).order_by(Company::NUMBER.desc()), text.as_str()),
        (query(), changed.as_str()),
    ] {
        let refused = page.page(5).after(cursor).exec(&orm).await;
        let error = assert_refused(refused, ErrorCode::InvalidCursor, "company", &[]);
        assert!(error.to_string().contains("changed, or is of another query"), "{error}");
    }
    for cursor in ["", "x", "1", "1x", "2AAAA"] {
        let refused = query().page(5).after(cursor).exec(&orm).await;
        assert_refused(refused, ErrorCode::InvalidCursor, "company", &[]);
    }
    let secret = orm.with_cursor_secret("s3cret");
    assert!(query().page(5).after(text.as_str()).exec(&secret).await.is_err());
    let own = query().page(5).exec(&secret).await?.next.ok_or("there is more")?;
    assert_eq!(query().page(5).after(own).exec(&secret).await?.items.len(), 5);
    Ok(())
}

pub async fn pages_have_a_size_and_nothing_beside_it(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 3).await?;
    for query in
        [Company::find_many().page(0), Company::find_many().skip(1).page(2), Company::find_many().take(1).page(2)]
    {
        assert_refused(query.exec(&orm).await, ErrorCode::InvalidQuery, "company", &[]);
    }
    Ok(())
}

pub async fn streams_give_each_record_once(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 250).await?;
    for parts in [1, 4] {
        let mut all = Company::find_many().select(Company::NUMBER).parallel(parts).stream(&orm);
        let mut found = Vec::new();
        while let Some(number) = all.next().await {
            found.push(number?);
        }
        assert_eq!(found.len(), 250);
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), (1..=250).collect());
    }
    let mut some = Company::find_many().filter(Company::NUMBER.is_in(1..=150)).skip(20).take(100).stream(&orm);
    let mut count = 0;
    while let Some(company) = some.next().await {
        assert!(company?.number <= 150);
        count += 1;
    }
    assert_eq!(count, 100);
    assert!(some.next().await.is_none(), "it stays at its end");
    Ok(())
}

pub async fn streams_in_the_order_of_an_index(engine: &impl Engine) -> Outcome {
    let orm = tasks(engine).await?;
    for (filter, expected) in [(Task::STATUS.eq("open"), 20), (Task::STATUS.is_in(["open", "late"]), 40)] {
        let mut stream = Task::find_many().filter(filter).order_by(Task::SIZE.desc()).select(Task::SIZE).stream(&orm);
        let mut sizes = Vec::new();
        while let Some(size) = stream.next().await {
            sizes.push(size?);
        }
        assert_eq!(sizes.len(), expected);
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    }
    for statuses in [["open", "open"], ["open", "late"]] {
        let of_size = Task::STATUS.is_in(statuses).and(Task::SIZE.eq(3));
        let order = (Task::SIZE.desc(), Task::TASK_ID.asc());
        let mut stream = Task::find_many().filter(of_size).order_by(order).select(Task::TASK_ID).stream(&orm);
        let mut ids = Vec::new();
        while let Some(id) = stream.next().await {
            ids.push(id?.0);
        }
        let expected = if statuses[1] == "open" { &["t18", "t21"][..] } else { &["t18", "t20", "t21", "t23"] };
        assert_eq!(ids, expected);
    }
    Ok(())
}

pub async fn streams_with_relations(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema()).await?;
    seed(&orm).await?;
    let mut users = User::find_many().select((User::NAME, User::SESSIONS)).stream(&orm);
    let mut sessions = 0;
    while let Some(user) = users.next().await {
        sessions += user?.1.len();
    }
    assert_eq!(sessions, 3);
    Ok(())
}

pub async fn streams_end_after_an_error(engine: &impl Engine) -> Outcome {
    let orm = engine.orm_without_tables(strangers::schema())?;
    let mut none = Company::find_many().stream(&orm);
    let error = none.next().await.ok_or("an error")?.err().ok_or("an error")?;
    assert_eq!(error.code(), ErrorCode::MissingTable);
    assert!(none.next().await.is_none());
    Ok(())
}

pub async fn parallel_reads_and_writes_are_the_same(engine: &impl Engine) -> Outcome {
    let orm = companies(engine, 60).await?;
    let late = || Company::NAME.eq("name 3");
    assert_eq!(Company::count().filter(late()).parallel(5).exec(&orm).await?, 15);
    assert_eq!(Company::find_many().filter(late()).parallel(3).exec(&orm).await?.len(), 15);
    assert_eq!(Company::update_many().filter(late()).set(Company::NAME, "x").parallel(4).exec(&orm).await?, 15);
    assert_eq!(Company::delete_many().filter(Company::NAME.eq("x")).parallel(2).exec(&orm).await?, 15);
    assert_eq!(Company::count().parallel(0).exec(&orm).await?, 45);
    // An index has no segments, so that it is read once.
    let orm = tasks(engine).await?;
    let mut open = Task::find_many().filter(Task::STATUS.eq("open")).select(Task::TASK_ID).parallel(4).stream(&orm);
    let mut found = Vec::new();
    while let Some(id) = open.next().await {
        found.push(id?.0);
    }
    assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (20, 20));
    Ok(())
}

pub async fn consistent_reads_of_keys_and_tables(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(strangers::schema()).await?;
    Employee::insert(Employee::new(1, "a", None)).exec(&orm).await?;
    assert!(Employee::find_unique(Employee::BADGE.eq("a")).consistent().exec(&orm).await?.is_some());
    assert_eq!(Employee::find_many().consistent().allow_scan().exec(&orm).await?.len(), 1);
    assert_eq!(Employee::count().filter(Employee::BADGE.contains("a")).consistent().exec(&orm).await?, 1);
    assert!(Employee::find_first().filter(Employee::NUMBER.gt(0)).consistent().exec(&orm).await?.is_some());
    // A record that was just written, found by what it leads to.
    let boss = Employee::insert(Employee::new(2, "b", Some(1))).exec(&orm).await?;
    assert_eq!(boss.manager().consistent().exec(&orm).await?.map(|one| one.number), Some(1));
    Ok(())
}
