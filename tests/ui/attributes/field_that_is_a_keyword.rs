use orm::prelude::*;

#[derive(Model)]
#[orm(table = "rules", unique(scope, type))]
#[orm(belongs_to(parent: Rule, foreign_key = in))]
struct Rule {
    #[orm(id)]
    id: String,
    scope: String,
    r#type: String,
    r#in: Option<String>,
}

fn main() {
    let _ = (Rule::SCOPE_TYPE.eq("s", "t"), Rule::PARENT);
}
