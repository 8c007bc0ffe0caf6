use orm::prelude::*;

#[derive(Model)]
#[orm(table_name = "posts")]
struct Post {
    #[orm(primary_key)]
    id: String,
    #[orm(column_name = "headline", default_value = "none")]
    title: String,
}

fn main() {}
