//! Fields of bytes: as keys of an index, ids, unique values and foreign keys.

use orm::ErrorCode;
use orm::prelude::*;

use super::{Outcome, assert_refused, assert_taken};
use crate::engine::Engine;
use crate::kinds::{self, Maybe};

pub async fn on_an_index_of_bytes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(kinds::schema()).await?;
    let bytes = |n: u8| vec![n, 0, 255];
    for n in 0..6 {
        let one = Maybe { hash: Some([n % 2, 0, 0, 255]), bytes: Some(bytes(n)), ..Maybe::empty(&n.to_string()) };
        Maybe::insert(one).exec(&orm).await?;
    }
    Maybe::insert(Maybe { hash: Some([1, 0, 0, 255]), ..Maybe::empty("null") }).exec(&orm).await?;
    let odd = || Maybe::HASH.eq([1, 0, 0, 255]);
    let ids = |filter| Maybe::find_many().filter(filter).select(Maybe::ID);
    let newest = ids(odd()).order_by(Maybe::BYTES.desc());
    assert_eq!(newest.clone().exec(&orm).await?, ["5", "3", "1", "null"]);
    let later = ids(odd().and(Maybe::BYTES.gt(bytes(1)))).order_by(Maybe::BYTES.asc());
    assert_eq!(later.exec(&orm).await?, ["3", "5"]);
    assert_eq!(ids(odd().and(Maybe::BYTES.between([2], [4]))).exec(&orm).await?, ["3"]);
    // A page ends between two of them, and the next one goes on there.
    let first = newest.clone().page(2).exec(&orm).await?;
    assert_eq!(first.items, ["5", "3"]);
    let second = newest.page(2).after(first.next.ok_or("a second page")?).exec(&orm).await?;
    assert_eq!(second.items, ["1", "null"]);
    // Nothing that an index cannot hold is stored, nor looked for there.
    let create = Maybe::create().id("empty").bytes([]);
    assert_refused(create.exec(&orm).await, ErrorCode::InvalidValue, "maybe", &["bytes"]);
    let create = Maybe::create().id("long").bytes([1; 1025]);
    assert_refused(create.exec(&orm).await, ErrorCode::InvalidValue, "maybe", &["bytes"]);
    assert_eq!(Maybe::count().filter(odd().and(Maybe::BYTES.lt([1; 1025]))).exec(&orm).await?, 1);
    Ok(())
}

/// Known by the hash of something.
#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "grants")]
#[orm(has_many(uses: Use, foreign_key = grant_id))]
struct Grant {
    #[orm(id)]
    id: [u8; 3],
    #[orm(unique)]
    key: Option<Vec<u8>>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[orm(table = "uses")]
#[orm(belongs_to(grant: Grant, foreign_key = grant_id))]
struct Use {
    #[orm(id)]
    id: String,
    grant_id: [u8; 3],
}

pub async fn ids_and_foreign_keys_of_bytes(engine: &impl Engine) -> Outcome {
    let orm = engine.orm(schema![Grant, Use]).await?;
    for (n, key) in [(0, vec![]), (1, vec![0]), (2, vec![0, 0])] {
        Grant::create().id([n, 0, 255]).key(key).exec(&orm).await?;
        Use::create().id(n.to_string()).grant_id([n, 0, 255]).exec(&orm).await?;
    }
    let again = Grant::create().id([7; 3]).key(Vec::new()).exec(&orm).await;
    assert_taken(again, "grant", &["key"]);
    let again = Grant::create().id([1, 0, 255]).key(None).exec(&orm).await;
    assert_taken(again, "grant", &["id"]);
    let of = Grant::find_many().select((Grant::KEY, Grant::USES.select(Use::ID))).order_by(Grant::ID.desc());
    let found = of.filter(Grant::ID.is_in([[0, 0, 255], [2, 0, 255], [9; 3]])).exec(&orm).await?;
    assert_eq!(found, [(Some(vec![0, 0]), vec!["2".to_owned()]), (Some(vec![]), vec!["0".to_owned()])]);
    let grants = Use::find_many().order_by(Use::ID.asc()).select(Use::GRANT.select(Grant::ID)).exec(&orm).await?;
    assert_eq!(grants, [Some([0, 0, 255]), Some([1, 0, 255]), Some([2, 0, 255])]);
    assert_eq!(
        Grant::update(Grant::KEY.eq([0])).set(Grant::KEY, [1]).exec(&orm).await?.map(|one| one.id),
        Some([1, 0, 255])
    );
    assert_eq!(Grant::consume(Grant::ID.eq([1, 0, 255])).exec(&orm).await?.and_then(|one| one.key), Some(vec![1]));
    Grant::create().id([7; 3]).key([1]).exec(&orm).await?;
    Ok(())
}
