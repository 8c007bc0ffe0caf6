//! Models that macros of the application write.

use orm::prelude::*;

macro_rules! model {
    ($(#[$attribute:meta])* $name:ident, $table:literal { $($field:ident: $ty:ty),* }) => {
        #[derive(Model)]
        #[orm(table = $table)]
        $(#[$attribute])*
        #[allow(dead_code)]
        struct $name {
            #[orm(id)]
            id: String,
            $($field: $ty),*
        }
    };
}

model!(First, "firsts" { value: Option<i64> });
model!(#[orm(unique(name, value))] Second, "seconds" { name: String, value: i64 });

fn main() {
    drop(First::create().select(First::VALUE));
    drop(Second::find_unique(Second::NAME_VALUE.eq("a", 3)));
    drop(Second::create().name("a").value(3).select(Second::ID));
}
