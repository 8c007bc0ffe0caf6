//! Models in different modules that lead to one another in a circle.

mod a {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "as", belongs_to(next: crate::b::B, foreign_key = b_id), has_many(every: super::c::C, foreign_key = a_id))]
    pub struct A {
        #[orm(id)]
        pub id: i64,
        pub b_id: uuid::Uuid,
    }
}

mod b {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "bs", belongs_to(next: crate::c::C, foreign_key = c_id), has_one(one: crate::a::A, foreign_key = b_id))]
    pub struct B {
        #[orm(id)]
        pub id: uuid::Uuid,
        pub c_id: String,
    }
}

mod c {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "cs", belongs_to(next: crate::a::A, foreign_key = a_id))]
    pub struct C {
        #[orm(id)]
        pub id: String,
        pub a_id: Option<i64>,
    }
}

use a::A;
use b::B;
use c::C;
use orm::prelude::*;

fn main() {
    drop(A::find_many().select(A::NEXT.select(B::NEXT.select(C::NEXT.select((A::ID, A::ALL))))));
    assert_eq!(schema![A, B, C].models().len(), 3);
}
