use orm::prelude::*;

#[derive(Model)]
#[orm(table = "users")]
#[orm(has_many(posts: Vec<Post>, foreign_key = user_id))]
struct User {
    #[orm(id)]
    id: String,
}

#[derive(Model)]
#[orm(table = "posts")]
#[orm(belongs_to(user: Option<User>, foreign_key = user_id))]
struct Post {
    #[orm(id)]
    id: String,
    user_id: String,
}

async fn uses(orm: &Orm, user: User) -> Result<Vec<Post>, Error> {
    user.posts().exec(orm).await
}

fn main() {}
