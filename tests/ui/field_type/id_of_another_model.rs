use orm::prelude::*;

#[derive(orm::FieldType, Clone)]
struct UserId(String);

#[derive(orm::FieldType, Clone)]
struct TeamId(String);

#[derive(Model)]
#[orm(table = "users")]
struct User {
    #[orm(id)]
    id: UserId,
}

fn find(team: &TeamId) -> orm::query::FindUnique<User> {
    User::find_unique(User::ID.eq(team))
}

fn main() {}
