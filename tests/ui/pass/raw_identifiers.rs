//! Fields, variants and selections with raw identifiers.

use orm::prelude::*;

#[derive(Model)]
#[orm(table = "things", unique(r#type, r#match))]
#[orm(belongs_to(r#impl: Thing, foreign_key = r#fn))]
struct Thing {
    #[orm(id)]
    id: String,
    r#type: String,
    r#match: Option<String>,
    r#fn: Option<String>,
}

#[derive(Enumeration, PartialEq, Debug)]
enum Word {
    r#As,
}

#[derive(Select)]
#[orm(model = Thing)]
struct Card {
    r#type: String,
    #[orm(rename = r#match)]
    found: Option<String>,
    #[orm(rename = "fn")]
    function: Option<String>,
    r#impl: Option<Box1>,
}

#[derive(Select)]
#[orm(model = Thing)]
struct Box1 {
    id: String,
}

fn main() {
    assert_eq!(Thing::schema().field(1).name(), "type");
    drop(Thing::find_unique(Thing::TYPE_MATCH.eq("a", "b".to_owned())).select_as::<Card>());
    drop(Thing::create().r#type("a").r#fn("b".to_owned()).select(Thing::FN));
    let _ = |thing: Thing| (thing.r#impl(), thing.r#type, thing.r#match, thing.r#fn, thing.id);
    let _ = |card: Card| (card.r#type, card.found, card.function, card.r#impl.map(|it| it.id));
    assert_eq!(Word::NAMES, ["As"]);
    assert_eq!(Word::from_name("As"), Some(Word::As));
}
