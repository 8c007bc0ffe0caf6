//! Selections with fields of other types that have the selection's name.

mod db {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "users")]
    #[orm(has_one(profile: Profile, foreign_key = user_id))]
    #[orm(belongs_to(manager: User, foreign_key = manager_id))]
    pub struct User {
        #[orm(id)]
        pub id: String,
        pub manager_id: Option<String>,
    }

    #[derive(Model)]
    #[orm(table = "profiles")]
    pub struct Profile {
        #[orm(id)]
        pub id: String,
        #[orm(unique)]
        pub user_id: String,
    }
}

mod profile {
    use orm::prelude::*;

    #[derive(Select)]
    #[orm(model = crate::db::Profile)]
    pub struct View {
        pub id: String,
    }
}

mod views {
    use orm::prelude::*;

    #[derive(Select)]
    #[orm(model = crate::db::User)]
    pub struct User {
        pub id: String,
        pub manager: Option<crate::db::User>,
        pub profile: Option<super::profile::View>,
    }

    #[derive(Select)]
    #[orm(model = super::db::User)]
    pub struct View {
        pub manager: Option<User>,
        pub profile: Option<super::profile::View>,
    }
}

use orm::prelude::*;

fn projection() -> &'static str {
    "p"
}

/// Expressions see what is around the struct, and nothing of the derive's own.
#[derive(Select)]
#[orm(model = db::User)]
struct Filtered {
    #[orm(filter = db::Profile::ID.ne(projection()))]
    profile: Option<db::Profile>,
}

fn main() {
    drop(db::User::find_many().select_as::<Filtered>());
    let _ = |filtered: Filtered| filtered.profile;
    drop(db::User::find_many().select_as::<views::View>());
    let _ = |user: db::User| (user.id, user.manager_id);
    let _ = |profile: db::Profile| (profile.id, profile.user_id);
    let _ = |view: views::View| (view.profile.map(|profile| profile.id), view.manager);
    let _ = |user: views::User| (user.id, user.manager, user.profile);
}
