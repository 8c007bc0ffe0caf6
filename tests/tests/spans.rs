//! Tracing: one span per query, one child per request, with what it cost and without a value of a field.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use orm::Meter;
use orm::prelude::*;
use orm_dynamodb::{DynamoDb, Embedded};
use tests::faults::{Fault, FaultyClient};
use tests::models::{Session, User, schema};
use tests::seed::seed;
use tests::suite::Outcome;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

#[derive(Clone, Debug, Default, PartialEq)]
struct Span {
    name: String,
    parent: Option<u64>,
    fields: BTreeMap<String, String>,
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let before = self.fields.insert(field.name().to_owned(), format!("{value:?}"));
        // Some subscribers write each of the values.
        assert_eq!(before, None, "{} is recorded twice", field.name());
    }
}

/// Keeps the spans, in the order in which they began.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(u64, Span)>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !["orm", "orm_dynamodb"].iter().any(|of| attributes.metadata().target().starts_with(of)) {
            return;
        }
        let mut span = Span { name: attributes.metadata().name().to_owned(), ..Span::default() };
        span.parent = context.current_span().id().map(Id::into_u64);
        attributes.record(&mut span);
        self.0.lock().unwrap().push((id.into_u64(), span));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().unwrap();
        if let Some((_, span)) = spans.iter_mut().rev().find(|(of, _)| *of == id.into_u64()) {
            values.record(span);
        }
    }
}

/// One test at a time: `tracing` remembers for the whole process who wants a span, and another thread could have asked
/// just before there was anybody.
async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}

async fn recorded<T>(work: impl Future<Output = Result<T, Error>>) -> Result<(T, Vec<(u64, Span)>), Error> {
    let spans = Spans::default();
    let result = work.with_subscriber(Registry::default().with(spans.clone())).await?;
    let spans = std::mem::take(&mut *spans.0.lock().unwrap());
    Ok((result, spans))
}

fn field<'s>(span: &'s Span, name: &str) -> &'s str {
    span.fields.get(name).map_or("none", String::as_str)
}

#[tokio::test]
async fn a_query_is_a_span_and_each_request_a_child_of_it() -> Outcome {
    let _alone = alone().await;
    let orm = Orm::bootstrap(schema(), Embedded::in_memory()?).await?;
    seed(&orm).await?;
    let query = User::find_unique(User::EMAIL.eq("ada@farminglabs.dev")).select((User::ID, User::SESSIONS));
    let (_, spans) = recorded(query.exec_with_cost(&orm)).await?;
    let names: Vec<&str> = spans.iter().map(|(_, span)| span.name.as_str()).collect();
    assert_eq!(names, ["orm.query", "dynamodb.request", "dynamodb.request", "dynamodb.request"]);
    let (id, root) = &spans[0];
    assert_eq!((field(root, "operation"), field(root, "model")), (r#""find_unique""#, r#""user""#));
    assert_eq!((field(root, "requests"), field(root, "retries"), field(root, "read_units")), ("3", "0", "2.5"));
    assert_eq!((field(root, "items_examined"), field(root, "items_returned")), ("4", "4"));
    for (child, operation) in spans[1..].iter().zip(["GetItem", "GetItem", "Query"]) {
        assert_eq!((child.1.parent, field(&child.1, "operation")), (Some(*id), format!("{operation:?}").as_str()));
        assert_ne!(field(&child.1, "read_units"), "none");
    }
    assert_eq!(field(&spans[3].1, "table"), r#""sessions""#);
    Ok(())
}

#[tokio::test]
async fn a_stream_of_several_parts_says_once_what_it_cost() -> Outcome {
    let _alone = alone().await;
    let embedded = Embedded::in_memory()?;
    let one_by_one =
        FaultyClient::new(embedded.http_client(), |operation, _| (operation == "Scan").then_some(Fault::ShortPage(1)));
    let orm = Orm::bootstrap(schema(), embedded.config().http_client(one_by_one).build()).await?;
    seed(&orm).await?;
    let work = async {
        let mut users = User::find_many().stream(&orm);
        while users.next().await.transpose()?.is_some() {}
        Ok(())
    };
    let ((), spans) = recorded(work).await?;
    let (_, root) = &spans[0];
    let requests = spans.len() - 1;
    assert!(requests > 2, "{requests}");
    assert_eq!((field(root, "operation"), field(root, "requests")), (r#""stream""#, requests.to_string().as_str()));
    assert_eq!(field(root, "items_returned"), "2");
    Ok(())
}

#[tokio::test]
async fn spans_have_no_values_of_fields() -> Outcome {
    let _alone = alone().await;
    let orm = Orm::bootstrap(schema(), Embedded::in_memory()?).await?;
    seed(&orm).await?;
    let work = async {
        User::create().email("secret@x.dev").name("secret").exec(&orm).await?;
        User::find_many().filter(User::NAME.contains("secret")).exec(&orm).await?;
        User::update(User::EMAIL.eq("secret@x.dev")).set(User::NAME, "secret 2").exec(&orm).await?;
        let taken = User::create().email("secret@x.dev").name("secret").exec(&orm).await;
        assert_eq!(taken.map_err(|error| error.code()), Err(ErrorCode::UniqueConstraintViolation));
        User::delete(User::EMAIL.eq("secret@x.dev")).exec(&orm).await
    };
    let (_, spans) = recorded(work).await?;
    assert!(!format!("{spans:?}").contains("secret"), "{spans:?}");
    let queries: Vec<&Span> = spans.iter().map(|(_, span)| span).filter(|span| span.name == "orm.query").collect();
    assert_eq!(queries.len(), 5);
    assert_eq!(field(queries[3], "error"), "UniqueConstraintViolation");
    Ok(())
}

#[tokio::test]
async fn a_query_that_is_given_up_says_what_it_cost() -> Outcome {
    let _alone = alone().await;
    let orm = Orm::bootstrap(schema(), Embedded::in_memory()?).await?;
    seed(&orm).await?;
    let meter = Meter::new();
    let metered = orm.metered(&meter);
    let work = async {
        let mut sessions = Session::find_many().stream(&metered);
        let first = sessions.next().await.transpose()?;
        drop(sessions);
        Ok(first)
    };
    let (first, spans) = recorded(work).await?;
    assert!(first.is_some());
    assert_eq!(spans.iter().filter(|(_, span)| span.name == "orm.query").count(), 1);
    assert_eq!((meter.cost().requests_of("Scan"), field(&spans[0].1, "requests")), (1, "1"));
    Ok(())
}

#[tokio::test]
async fn a_driver_can_report_the_capacity_of_all_queries() -> Outcome {
    let _alone = alone().await;
    let client = Embedded::in_memory()?.client();
    for (report, units) in [(false, "none"), (true, "1.0")] {
        let driver = DynamoDb::builder(client.clone()).report_capacity(report).build();
        let orm = Orm::bootstrap(schema(), driver).await?;
        let (_, spans) = recorded(User::find_unique(User::ID.eq("nobody")).exec(&orm)).await?;
        assert_eq!([&spans[0].1, &spans[1].1].map(|span| field(span, "read_units") != "none"), [report; 2]);
        assert_eq!(field(&spans[0].1, "read_units").trim_end_matches(".0"), units.trim_end_matches(".0"));
    }
    Ok(())
}

/// `exec_with_cost` of a query on an Orm that has a meter counts for both.
#[tokio::test]
async fn meters_add_up() -> Outcome {
    let _alone = alone().await;
    let orm = Orm::bootstrap(schema(), Embedded::in_memory()?).await?;
    let (outer, inner) = (Meter::new(), Meter::new());
    let metered = orm.metered(&outer);
    let (_, cost) = User::count().exec_with_cost(&metered).await?;
    assert_eq!((cost.total_requests(), outer.cost()), (1, cost.clone()));
    let both = metered.metered(&inner);
    User::count().exec(&both).await?;
    assert_eq!((inner.cost(), outer.cost().total_requests()), (cost, 2));
    // A meter that counts already does not count twice.
    User::count().exec(&both.metered(&outer).metered(&inner)).await?;
    assert_eq!((inner.cost().total_requests(), outer.cost().total_requests()), (2, 3));
    // Clones of a meter are that meter, whichever Orm it was given to.
    User::count().exec(&orm.metered(&inner)).await?;
    assert_eq!((inner.cost().total_requests(), outer.cost().total_requests()), (3, 3));
    Ok(())
}

/// Whether the SDK sends a request again or the driver does, it is counted.
#[tokio::test(start_paused = true)]
async fn retries_are_counted() -> Outcome {
    let _alone = alone().await;
    let embedded = Embedded::in_memory()?;
    let inner = embedded.config().build().http_client().ok_or("the engine's own")?;
    let mut failures = vec![
        Fault::exception(400, "TransactionConflictException"),
        Fault::exception(500, "InternalServerError"),
        Fault::exception(400, "TransactionConflictException"),
    ];
    let faulty =
        FaultyClient::new(inner, move |operation, _| (operation == "UpdateItem").then(|| failures.pop()).flatten());
    let config = embedded.config().http_client(faulty).retry_config(RetryConfig::standard()).build();
    let orm = Orm::bootstrap(schema(), config).await?;
    let ada = seed(&orm).await?.ada;
    let update = User::update(User::ID.eq(&ada.id)).set(User::NAME, "A");
    let ((updated, cost), spans) = recorded(update.exec_with_cost(&orm)).await?;
    assert!(updated.is_some());
    assert_eq!((cost.requests_of("UpdateItem"), cost.retries, cost.write_units), (4, 3, 1.0));
    assert_eq!(field(&spans[0].1, "retries"), "3");
    Ok(())
}
