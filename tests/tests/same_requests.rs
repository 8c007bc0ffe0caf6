//! What is measured beside each other does the same: the same requests, and the same answer.

use orm::prelude::*;
use orm_dynamodb::Embedded;
use tests::beside::canonical;
use tests::beside::data::{Size, fill, schema};
use tests::beside::hand::Hand;
use tests::beside::operations::operations;
use tests::beside::wire::Recorder;
use tests::suite::Outcome;

/// An engine with the usual records, whose requests are noted.
async fn bed() -> Result<(Orm, Hand, Recorder), Error> {
    let embedded = Embedded::in_memory()?;
    let recorder = Recorder::new(embedded.http_client());
    let client = aws_sdk_dynamodb::Client::from_conf(embedded.config().http_client(recorder.clone()).build());
    let orm = Orm::bootstrap(schema(), &client).await?;
    fill(&orm, Size::USUAL).await?;
    Ok((orm, Hand::new(client), recorder))
}

#[tokio::test]
async fn ours_and_by_hand_send_the_same() -> Outcome {
    let (orm, _, our_recorder) = bed().await?;
    let (other, hand, recorder) = bed().await?;
    let mut differences = Vec::new();
    for operation in operations() {
        if let Some(prepare) = operation.prepare {
            prepare(&orm, 0).await?;
            prepare(&other, 0).await?;
        }
        our_recorder.take();
        recorder.take();
        let ours = canonical::answer(&(operation.ours)(&orm, 0).await?);
        let by_hand = canonical::answer(&(operation.hand)(&hand, 0).await?);
        let requests = canonical::requests(&our_recorder.take());
        let requests_by_hand = canonical::requests(&recorder.take());
        if requests != requests_by_hand {
            let mut text = format!("{}:\n", operation.name);
            for request in requests.iter().filter(|one| !requests_by_hand.contains(one)).take(3) {
                text += &format!("  only ours:    {request}\n");
            }
            for request in requests_by_hand.iter().filter(|one| !requests.contains(one)).take(3) {
                text += &format!("  only by hand: {request}\n");
            }
            differences.push(text);
        }
        if ours != by_hand {
            differences.push(format!("{}:\n  {ours:.600}\n  {by_hand:.600}\n", operation.name));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}
