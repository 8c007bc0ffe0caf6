//! Each kind of damage is planted in a table, found, and repaired where it is unambiguous; and what others write
//! meanwhile is left alone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use orm::prelude::*;
use orm_dynamodb::audit::{Auditor, Finding, Outcome as RepairOutcome, Report};
use orm_dynamodb::{DynamoDb, Embedded};
use tests::faults::{Fault, FaultyClient};
use tests::suite::Outcome;
use tokio::sync::Notify;

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "people")]
#[orm(unique(org, badge))]
struct Person {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    email: Option<String>,
    org: String,
    badge: i64,
}

/// One engine, seen without and with what happens to its requests.
struct Bed {
    client: Client,
    orm: Orm,
}

impl Bed {
    async fn new() -> Result<Self, Error> {
        Self::on(&Embedded::in_memory()?, None).await
    }

    /// The requests of `orm` go through the plan, those of `client` do not.
    async fn on(embedded: &Embedded, faulty: Option<FaultyClient>) -> Result<Self, Error> {
        let client = embedded.client();
        let config = embedded.config();
        let driver = match faulty {
            Some(faulty) => DynamoDb::new(Client::from_conf(config.http_client(faulty).build())),
            None => DynamoDb::new(client.clone()),
        };
        let orm = Orm::bootstrap(schema![Person], driver).await?;
        Ok(Self { client, orm })
    }

    async fn create(&self, id: &str, email: &str, badge: i64) -> Result<Person, Error> {
        Person::create().id(id).email(email.to_owned()).org("o").badge(badge).exec(&self.orm).await
    }

    async fn audit(&self) -> Result<Report, Error> {
        Auditor::of(&self.orm)?.audit::<Person>().await
    }

    /// What the audit finds, repairs, and finds then.
    async fn repair(&self) -> Result<(Vec<Finding>, Vec<RepairOutcome>, Vec<Finding>), Error> {
        let before = self.audit().await?;
        let repairs = Auditor::of(&self.orm)?.repair(&before).await?;
        let outcomes = repairs.iter().map(|repair| repair.outcome().clone()).collect();
        Ok((before.findings().to_vec(), outcomes, self.audit().await?.findings().to_vec()))
    }

    async fn remove(&self, pk: &str) {
        self.client.delete_item().table_name("people").key("__orm_pk", s(pk)).send().await.expect("a delete");
    }

    async fn set(&self, pk: &str, column: &str, value: AttributeValue) {
        self.client
            .update_item()
            .table_name("people")
            .key("__orm_pk", s(pk))
            .update_expression("SET #column = :value")
            .expression_attribute_names("#column", column)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .expect("an update");
    }

    /// Stores a lock with this target.
    async fn lock(&self, lock: &str, target: &str) {
        self.set(lock, "__orm_kind", s("unique")).await;
        self.set(lock, "__orm_target", s(target)).await;
    }

    async fn item(&self, pk: &str) -> Option<HashMap<String, AttributeValue>> {
        let get = self.client.get_item().table_name("people").key("__orm_pk", s(pk));
        get.send().await.expect("a get").item
    }
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

const LOCK_OF_A: &str = "unique#person#email#%22a%40x.dev%22";

fn left(outcome: &RepairOutcome) -> bool {
    matches!(outcome, RepairOutcome::Left(why) if !why.is_empty())
}

#[tokio::test]
async fn a_whole_table_is_clean_however_many_segments_it_has() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let pages = FaultyClient::new(embedded.http_client(), |of, _| (of == "Scan").then_some(Fault::ShortPage(70)));
    let bed = Bed::on(&embedded, Some(pages)).await?;
    for n in 0..200 {
        bed.create(&format!("p{n}"), &format!("p{n}@x.dev"), n).await?;
    }
    Person::create().id("none").org("#").badge(0).exec(&bed.orm).await?;
    for segments in [0, 1, 7, 50] {
        let seen = AtomicU64::new(0);
        let report = Auditor::of(&bed.orm)?
            .segments(segments)
            .on_progress(|progress| {
                seen.fetch_max(progress.items, Ordering::Relaxed);
            })
            .audit::<Person>()
            .await?;
        assert!(report.is_clean(), "{report}");
        assert_eq!((report.records(), report.locks(), report.items()), (201, 401, 602), "{segments} segments");
        assert_eq!(seen.into_inner(), 602);
    }
    assert_eq!(bed.audit().await?.to_string(), "`person` in the table `people`: 201 records, 401 locks, 0 findings");
    Ok(())
}

#[tokio::test]
async fn a_missing_lock_is_taken() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    bed.remove(LOCK_OF_A).await;
    let (before, outcomes, after) = bed.repair().await?;
    assert_eq!(
        before,
        [Finding::RecordWithoutLock {
            record: "record#a".into(),
            fields: vec!["email"],
            lock: LOCK_OF_A.into(),
            held_by: None
        }]
    );
    assert_eq!((outcomes, after), (vec![RepairOutcome::Repaired], vec![]));
    let error = bed.create("b", "a@x.dev", 2).await.expect_err("it is protected again");
    assert_eq!(error.code(), ErrorCode::UniqueConstraintViolation);
    Ok(())
}

#[tokio::test]
async fn a_lock_without_its_record_is_removed() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    bed.create("b", "b@x.dev", 2).await?;
    bed.remove("record#a").await;
    let (before, outcomes, after) = bed.repair().await?;
    assert_eq!(before.len(), 2);
    assert!(
        before
            .iter()
            .all(|finding| matches!(finding, Finding::LockWithoutRecord { record, .. } if record == "record#a"))
    );
    assert_eq!((outcomes, after), (vec![RepairOutcome::Repaired; 2], vec![]));
    assert_eq!(
        Person::find_unique(Person::EMAIL.eq("b@x.dev".to_owned())).select(Person::ID).exec(&bed.orm).await?,
        Some("b".into())
    );
    Ok(())
}

/// The record was changed by hand: its new value has no lock, and its old lock no value.
#[tokio::test]
async fn a_value_that_was_changed_by_hand_gets_its_lock() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    bed.set("record#a", "email", s("z@x.dev")).await;
    let (before, outcomes, after) = bed.repair().await?;
    let lock = "unique#person#email#%22z%40x.dev%22".to_owned();
    assert_eq!(
        before,
        [
            Finding::RecordWithoutLock {
                record: "record#a".into(),
                fields: vec!["email"],
                lock: lock.clone(),
                held_by: None
            },
            Finding::LockOfAnotherValue {
                lock: LOCK_OF_A.into(),
                fields: vec!["email"],
                record: "record#a".into(),
                holds: Some(lock)
            },
        ]
    );
    assert_eq!((outcomes, after), (vec![RepairOutcome::Repaired; 2], vec![]));

    bed.set("record#a", "email", AttributeValue::Null(true)).await;
    let (before, outcomes, after) = bed.repair().await?;
    assert!(matches!(before.as_slice(), [Finding::LockOfAnotherValue { holds: None, .. }]), "{before:?}");
    assert_eq!((outcomes, after), (vec![RepairOutcome::Repaired], vec![]));
    Ok(())
}

/// The lock names a record that does not hold the value, and another does.
#[tokio::test]
async fn an_orphaned_lock_goes_to_the_record_that_has_the_value() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    bed.create("b", "b@x.dev", 2).await?;
    bed.set(LOCK_OF_A, "__orm_target", s("record#b")).await;
    let (before, outcomes, after) = bed.repair().await?;
    assert_eq!(before.len(), 2, "{before:?}");
    assert!(matches!(&before[0], Finding::RecordWithoutLock { held_by: Some(other), .. } if other == "record#b"));
    assert_eq!((outcomes, after), (vec![RepairOutcome::Repaired, RepairOutcome::Gone], vec![]));
    assert_eq!(
        Person::find_unique(Person::EMAIL.eq("a@x.dev".to_owned())).select(Person::ID).exec(&bed.orm).await?,
        Some("a".into())
    );
    Ok(())
}

#[tokio::test]
async fn a_shared_value_is_left_to_its_owner() -> Outcome {
    for with_lock in [true, false] {
        let bed = Bed::new().await?;
        bed.create("a", "a@x.dev", 1).await?;
        for (id, badge) in [("b", 2), ("c", 3)] {
            bed.create(id, id, badge).await?;
            bed.set(&format!("record#{id}"), "email", s("a@x.dev")).await;
            bed.remove(&format!("unique#person#email#%22{id}%22")).await;
        }
        if !with_lock {
            bed.remove(LOCK_OF_A).await;
        }
        let (before, outcomes, after) = bed.repair().await?;
        let shared = Finding::SharedValue {
            records: ["a", "b", "c"].map(|id| format!("record#{id}")).into(),
            fields: vec!["email"],
            lock: LOCK_OF_A.into(),
        };
        assert_eq!(before, [shared], "{with_lock}");
        assert!(outcomes.iter().all(left), "{outcomes:?}");
        assert_eq!(before, after);
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_left() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    bed.set("record#a", "org", AttributeValue::Ss(vec!["x".into()])).await;
    bed.set("unique#person#shoe#1", "__orm_kind", s("unique")).await;
    bed.set("unique#person#email#1", "__orm_kind", s("unique")).await;
    bed.set("strange", "x", s("y")).await;
    bed.create("m", "m@x.dev", 5).await?;
    bed.set("record#m", "id", s("n")).await;
    let (before, outcomes, after) = bed.repair().await?;
    let found = |wanted: fn(&Finding) -> Option<&str>| before.iter().filter_map(wanted).collect::<Vec<_>>();
    let undecodable = found(|finding| match finding {
        Finding::Undecodable { key, .. } => Some(key.as_str()),
        _ => None,
    });
    assert_eq!(undecodable, ["record#a", "strange", "unique#person#email#1", "unique#person#shoe#1"]);
    let misplaced = found(|finding| match finding {
        Finding::MisplacedRecord { expected, .. } => Some(expected.as_str()),
        _ => None,
    });
    assert_eq!((misplaced, before.len()), (vec!["record#n"], 5), "{before:?}");
    assert!(outcomes.iter().all(left), "{outcomes:?}");
    assert_eq!(before, after);
    Ok(())
}

/// A lock that can be no record's is nobody's for a query, taken for a writer, and named by an audit.
#[tokio::test(start_paused = true)]
async fn a_lock_that_names_no_record_stops_neither_queries_nor_the_audit() -> Outcome {
    let lock_of_b = "unique#person#email#%22b%40x.dev%22";
    for target in [String::new(), lock_of_b.to_owned(), format!("record#{}", "x".repeat(2048))] {
        let bed = Bed::new().await?;
        bed.create("a", "a@x.dev", 1).await?;
        bed.lock(lock_of_b, &target).await;
        let both = Person::find_many().filter(Person::EMAIL.is_in(["a@x.dev", "b@x.dev"]));
        assert_eq!(both.exec(&bed.orm).await?.len(), 1);
        assert_eq!(Person::consume(Person::EMAIL.eq("b@x.dev")).exec(&bed.orm).await?, None);
        let error = bed.create("b", "b@x.dev", 2).await.unwrap_err();
        assert!(error.violates(Person::EMAIL), "{error}");
        let report = bed.audit().await?;
        let [Finding::Undecodable { key, .. }] = report.findings() else { panic!("{report}") };
        assert_eq!(key, lock_of_b);
    }
    Ok(())
}

/// A value that has to be there may be in its lock alone: it is not taken for a null.
#[tokio::test]
async fn a_value_that_is_missing_keeps_its_lock() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    let update = bed.client.update_item().table_name("people").key("__orm_pk", s("record#a"));
    update.update_expression("REMOVE org").send().await?;
    bed.remove(LOCK_OF_A).await;
    let (before, outcomes, after) = bed.repair().await?;
    let [Finding::RecordWithoutLock { .. }, Finding::Undecodable { key, why }] = before.as_slice() else {
        panic!("{before:?}")
    };
    assert!(key == "record#a" && why.contains("`person.org`") && why.contains("with id a "), "{key}: {why}");
    assert!(outcomes[0] == RepairOutcome::Repaired && left(&outcomes[1]), "{outcomes:?}");
    // What its other fields hold got its lock.
    assert_eq!(after, before[1..]);
    let lock = bed.client.get_item().table_name("people").key("__orm_pk", s("unique#person#org+badge#%22o%22#1"));
    assert!(lock.send().await?.item().is_some());
    Ok(())
}

/// A field was added to the model, and a variant is no longer known.
#[tokio::test]
async fn what_the_type_of_a_field_cannot_be_read_from_is_named() -> Outcome {
    #[derive(Enumeration, Clone, Debug, PartialEq)]
    #[orm(rename_all = "lowercase")]
    enum Org {
        Known,
    }

    #[derive(Model)]
    #[orm(table = "people")]
    #[orm(name = "person")]
    #[orm(unique(org, badge))]
    struct Later {
        #[orm(id)]
        id: String,
        #[orm(unique)]
        email: Option<String>,
        org: Org,
        badge: i64,
        points: Option<i64>,
    }

    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    let orm = Orm::from_runtime(schema![Later], bed.client.clone())?;
    Later::create().id("b").email("b@x.dev".to_owned()).org(Org::Known).badge(2).exec(&orm).await?;
    assert!(Later::find_many().exec(&orm).await.is_err_and(|error| error.code() == ErrorCode::Decode));
    let report = Auditor::of(&orm)?.audit::<Later>().await?;
    let [Finding::Undecodable { key, why }] = report.findings() else { panic!("{report}") };
    assert!(key == "record#a" && why.contains("`person.org`"), "{key}: {why}");
    Ok(())
}

/// One engine, without transactions if need be, and the records `a` and `b`, of which `b` got the email of `a` by hand.
async fn with_a_shared_email(transactions: bool) -> Result<Bed, Error> {
    let embedded = Embedded::in_memory()?;
    let faulty = FaultyClient::new(embedded.http_client(), move |operation, _| {
        (operation == "TransactWriteItems" && !transactions).then(Fault::unknown_operation)
    });
    let (bed, plain) = (Bed::on(&embedded, Some(faulty)).await?, Bed::on(&embedded, None).await?);
    plain.create("a", "a@x.dev", 1).await?;
    plain.create("b", "b@x.dev", 2).await?;
    bed.set("record#b", "email", s("a@x.dev")).await;
    Ok(bed)
}

/// A record holds its unique value even where another of its fields cannot be read.
#[tokio::test]
async fn the_lock_of_a_record_that_cannot_be_read_stays_its_own() -> Outcome {
    for transactions in [true, false] {
        let bed = with_a_shared_email(transactions).await?;
        bed.set("record#a", "org", AttributeValue::Ss(vec!["x".into()])).await;
        let (before, outcomes, after) = bed.repair().await?;
        let shared = Finding::SharedValue {
            records: ["a", "b"].map(|id| format!("record#{id}")).into(),
            fields: vec!["email"],
            lock: LOCK_OF_A.into(),
        };
        assert!(before.contains(&shared), "{transactions}: {before:?}");
        // The value that `b` had before, and what cannot be read of `a`.
        assert_eq!((before.len(), outcomes.iter().filter(|outcome| left(outcome)).count()), (3, 2), "{before:?}");
        assert!(after.contains(&shared), "{transactions}: {after:?}");
        let lock = bed.item(LOCK_OF_A).await.expect("the lock of a");
        assert_eq!(lock.get("__orm_target"), Some(&s("record#a")), "{transactions}");
    }
    Ok(())
}

/// Whether the record has the value that it has the lock of is not known while just that field cannot be read.
#[tokio::test]
async fn the_lock_of_a_value_that_cannot_be_read_is_left() -> Outcome {
    for transactions in [true, false] {
        let bed = with_a_shared_email(transactions).await?;
        bed.set("record#a", "email", AttributeValue::Ss(vec!["a@x.dev".into()])).await;
        let (before, outcomes, _) = bed.repair().await?;
        let lacks = before.iter().position(|finding| {
            matches!(finding, Finding::RecordWithoutLock { record, held_by, .. }
                if record == "record#b" && held_by.as_deref() == Some("record#a"))
        });
        let outcome = lacks.and_then(|place| outcomes.get(place));
        assert!(outcome.is_some_and(left), "{transactions}: {before:?}, {outcomes:?}");
        let lock = bed.item(LOCK_OF_A).await.expect("the lock of a");
        assert_eq!(lock.get("__orm_target"), Some(&s("record#a")), "{transactions}");
    }
    Ok(())
}

/// The lock of a writer without transactions that may still come to its record.
#[tokio::test]
async fn the_lock_of_a_writer_at_work_is_no_finding() -> Outcome {
    let bed = Bed::new().await?;
    bed.lock(LOCK_OF_A, "record#a").await;
    let old = bed.audit().await?;
    assert_eq!(old.findings().len(), 1);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis();
    bed.set(LOCK_OF_A, "__orm_taken", s(&format!("{now}-00"))).await;
    let report = bed.audit().await?;
    assert_eq!((report.findings(), report.locks_under_way()), (&[][..], 1));
    // It was found before it was taken again: it is not touched either.
    let repairs = Auditor::of(&bed.orm)?.repair(&old).await?;
    assert!(repairs.iter().all(|repair| left(repair.outcome())), "{repairs:?}");
    assert!(bed.item(LOCK_OF_A).await.is_some());
    Ok(())
}

/// A record lacks its lock, and a writer without transactions has just taken it for another one.
#[tokio::test]
async fn the_lock_of_a_writer_at_work_is_not_given_to_another_record() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis();
    bed.set(LOCK_OF_A, "__orm_target", s("record#b")).await;
    bed.set(LOCK_OF_A, "__orm_taken", s(&format!("{now}-00"))).await;
    let (before, outcomes, after) = bed.repair().await?;
    assert!(matches!(&before[..], [Finding::RecordWithoutLock { held_by: Some(_), .. }]), "{before:?}");
    assert!(outcomes.iter().all(left), "{outcomes:?}");
    assert_eq!(before, after);
    Ok(())
}

#[tokio::test]
async fn what_was_put_right_since_the_audit_is_not_touched() -> Outcome {
    let bed = Bed::new().await?;
    bed.create("a", "a@x.dev", 1).await?;
    bed.remove("record#a").await;
    let old = bed.audit().await?;
    // A writer takes the orphans over.
    bed.create("a", "a@x.dev", 1).await?;
    let repairs = Auditor::of(&bed.orm)?.repair(&old).await?;
    assert!(repairs.iter().all(|repair| *repair.outcome() == RepairOutcome::Gone), "{repairs:?}");
    assert!(bed.audit().await?.is_clean());
    Ok(())
}

/// What others do between the last look and the write of a repair, on engines with transactions and without.
#[tokio::test(start_paused = true)]
async fn a_repair_that_loses_a_race_changes_nothing() -> Outcome {
    for transactions in [true, false] {
        let cases = ["record without lock", "value given up", "lock without record", "record put back"];
        for case in cases.into_iter().filter(|case| transactions || *case != "record put back") {
            let embedded = Embedded::in_memory()?;
            let (strike, struck) = (Arc::<AtomicBool>::default(), Arc::<Notify>::default());
            let faulty = FaultyClient::new(embedded.http_client(), {
                let (strike, struck) = (strike.clone(), struck.clone());
                move |operation, _| {
                    let writes = matches!(operation, "TransactWriteItems" | "PutItem" | "DeleteItem");
                    if operation == "TransactWriteItems" && !transactions {
                        return Some(Fault::unknown_operation());
                    }
                    (writes && strike.swap(false, Ordering::Relaxed)).then(|| {
                        struck.notify_one();
                        Fault::Delayed(Duration::from_secs(1))
                    })
                }
            });
            let bed = Bed::on(&embedded, Some(faulty)).await?;
            let plain = Bed::on(&embedded, None).await?;
            bed.create("a", "a@x.dev", 1).await?;
            let record = bed.item("record#a").await;
            match case {
                "record without lock" | "value given up" => bed.remove(LOCK_OF_A).await,
                _ => {
                    bed.remove("record#a").await;
                    bed.remove("unique#person#org+badge#%22o%22#1").await;
                    if !transactions {
                        bed.set(LOCK_OF_A, "__orm_taken", s("1000-old")).await;
                    }
                }
            }
            let report = bed.audit().await?;
            assert_eq!(report.findings().len(), 1, "{report}");
            strike.store(true, Ordering::Relaxed);
            let auditor = Auditor::of(&bed.orm)?;
            let (repairs, other) = tokio::join!(auditor.repair(&report), async {
                struck.notified().await;
                match case {
                    // The record gives the value up, and another takes it.
                    "record without lock" => {
                        Person::update(Person::ID.eq("a"))
                            .set(Person::EMAIL, "c@x.dev".to_owned())
                            .exec(&plain.orm)
                            .await?;
                        plain.create("b", "a@x.dev", 2).await.map(drop)
                    }
                    // Nobody takes it.
                    "value given up" => {
                        let update = Person::update(Person::ID.eq("a")).set(Person::EMAIL, None::<String>);
                        update.exec(&plain.orm).await.map(drop)
                    }
                    // By hand, with no look at its locks.
                    "record put back" => {
                        let put = plain.client.put_item().table_name("people").set_item(record);
                        put.send().await.expect("a put");
                        Ok(())
                    }
                    _ => plain.create("a", "a@x.dev", 1).await.map(drop),
                }
            });
            other?;
            let repairs = repairs?;
            assert_eq!(repairs.len(), 1);
            assert_eq!(*repairs[0].outcome(), RepairOutcome::Gone, "{case}, transactions: {transactions}");
            let after = plain.audit().await?;
            // The hand has put back a record without the one of its locks that was lost as well.
            let lost = usize::from(case == "record put back");
            assert_eq!(after.findings().len(), lost, "{case}, transactions: {transactions}: {after}");
            assert_eq!(bed.item(LOCK_OF_A).await.is_some(), case != "value given up", "{case}");
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_is_refused_for_good_is_sent_once() -> Outcome {
    let embedded = Embedded::in_memory()?;
    let sent = Arc::new(AtomicU64::new(0));
    let faulty = FaultyClient::new(embedded.http_client(), {
        let sent = sent.clone();
        move |operation, _| {
            (operation == "TransactWriteItems").then(|| {
                sent.fetch_add(1, Ordering::Relaxed);
                Fault::cancelled(["ValidationError", "None"])
            })
        }
    });
    let bed = Bed::on(&embedded, Some(faulty)).await?;
    Bed::on(&embedded, None).await?.create("a", "a@x.dev", 1).await?;
    bed.remove(LOCK_OF_A).await;
    let error = bed.repair().await.expect_err("the repair is refused");
    assert_eq!((error.code(), sent.load(Ordering::Relaxed)), (ErrorCode::InvalidQuery, 1));
    Ok(())
}

/// Live traffic is never taken for damage.
#[tokio::test]
async fn an_audit_beside_writers_finds_nothing() -> Outcome {
    let bed = Bed::new().await?;
    for n in 0..2 {
        bed.create(&format!("p{n}"), &format!("p{n}@x.dev"), n).await?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2)
        .map(|n| {
            let (orm, stop) = (bed.orm.clone(), stop.clone());
            tokio::spawn(async move {
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let email = format!("p{n}-{round}@x.dev");
                    Person::update(Person::ID.eq(format!("p{n}"))).set(Person::EMAIL, email).exec(&orm).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    let findings = Mutex::new(Vec::new());
    for _ in 0..5 {
        let report = Auditor::of(&bed.orm)?.audit::<Person>().await?;
        findings.lock().unwrap().extend(report.findings().to_vec());
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await??;
    }
    assert_eq!(findings.into_inner().unwrap(), []);
    Ok(())
}

#[test]
fn an_auditor_needs_the_driver_of_the_tables() -> Outcome {
    let orm = Orm::new(schema![Person], orm::MemoryDriver::new())?;
    let error = Auditor::of(&orm).expect_err("there are no tables");
    assert_eq!((error.code(), error.backend_kind()), (ErrorCode::Unsupported, Some("memory")));
    let orm = Orm::from_runtime(schema![Person], Embedded::in_memory()?)?;
    assert!(Auditor::of(&orm).is_ok());
    Ok(())
}
