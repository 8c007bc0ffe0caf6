//! Fields whose types are the application's own: an enumeration, a newtype, a type from elsewhere, a document.
//!
//! ```text
//! cargo run -p examples --example custom_types
//! ```

use std::time::Duration;

use orm::prelude::*;
use orm::{FieldType, Value, ValueError, kind};
use orm_dynamodb::Embedded;
use serde::{Deserialize, Serialize};

// 1. An enumeration is stored by the names of its variants. `rename_all` and `rename` keep names that exist in a table
//    already, and let variants be renamed in Rust.
#[derive(Enumeration, Clone, Copy, Debug, PartialEq)]
#[orm(rename_all = "snake_case")]
enum State {
    Queued,
    InTransit,
    #[orm(rename = "done")]
    Delivered,
}

// 2. A newtype with one trait impl. It goes through a type that can be stored already, here `String`, and says of which
//    kind it is, which decides the operators its fields have: strings have `starts_with`.
#[derive(Clone, Debug, PartialEq)]
struct TrackingCode(String);

impl TrackingCode {
    /// Two letters and nine digits.
    fn parse(text: &str) -> Option<Self> {
        let (letters, digits) = text.split_at_checked(2)?;
        let fits = letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && digits.len() == 9
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

impl FieldType for TrackingCode {
    type Kind = kind::String;

    fn into_value(self) -> Result<Value, ValueError> {
        self.0.into_value()
    }

    // What does not fit is an error that names the model, the field and the record, not a panic later.
    fn from_value(value: Value) -> Result<Self, ValueError> {
        let text = String::from_value(value)?;
        Self::parse(&text).ok_or_else(|| ValueError::new(format!("{text:?} is not a tracking code")))
    }
}

// 3. A type from elsewhere, for which no trait can be implemented here: a module with `encode` and `decode`. What
//    `encode` answers is what is stored, so this field is an integer: it has an order, and can be incremented.
mod seconds {
    use std::time::Duration;

    pub fn encode(duration: &Duration) -> u32 {
        u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
    }

    pub fn decode(seconds: u32) -> Result<Duration, std::convert::Infallible> {
        Ok(Duration::from_secs(seconds.into()))
    }
}

// 4. Whatever serde can write and read, as a document. It is stored as maps and lists that other programs can read too.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Address {
    street: String,
    city: String,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "parcels")]
struct Parcel {
    #[orm(id)]
    id: String,
    #[orm(unique)]
    code: TrackingCode,
    #[orm(default = State::Queued)]
    state: State,
    #[orm(with = seconds, default = Duration::ZERO)]
    on_the_road: Duration,
    address: Json<Address>,
    // A bare `serde_json::Value` is for documents without a fixed shape.
    extra: Option<serde_json::Value>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orm = Orm::bootstrap(schema![Parcel], Embedded::in_memory()?).await?;
    let address =
        Address { street: "Analytical Row 1".into(), city: "London".into(), notes: vec!["ring twice".into()] };

    // A setter takes the field's type: `.code("..")` with a text that was never checked does not compile.
    let code = TrackingCode::parse("GB123456789").ok_or("a valid code")?;
    Parcel::create().code(&code).address(address).extra(serde_json::json!({ "insured": true })).exec(&orm).await?;
    let parcel = Parcel::update(Parcel::CODE.eq(&code))
        .set(Parcel::STATE, State::InTransit)
        .increment(Parcel::ON_THE_ROAD, Duration::from_secs(5400))
        .exec(&orm)
        .await?
        .ok_or("the parcel is there")?;

    println!("A parcel");
    println!("  code         {}", parcel.code.0);
    println!("  state        {}", parcel.state.name());
    println!("  on the road  {} minutes", parcel.on_the_road.as_secs() / 60);
    println!("  city         {}", parcel.address.city);
    println!("  notes        {}", parcel.address.notes.join(", "));

    let british = Parcel::count().filter(Parcel::CODE.starts_with("GB")).exec(&orm).await?;
    let long = Parcel::count().filter(Parcel::ON_THE_ROAD.gte(Duration::from_secs(3600))).exec(&orm).await?;
    let moving = Parcel::count().filter(Parcel::STATE.is_in([State::InTransit, State::Delivered])).exec(&orm).await?;
    println!("\nHow many");
    println!("  from GB      {british}");
    println!("  over 1 hour  {long}");
    println!("  on the way   {moving}");
    Ok(())
}
