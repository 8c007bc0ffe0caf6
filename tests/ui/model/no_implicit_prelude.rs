macro_rules! bare {
    ($($item:item)*) => {
        mod bare { #![no_implicit_prelude] $($item)* }
    };
}

bare! {
    #[derive(::orm::Model)]
    #[orm(table = "posts")]
    struct Post {
        #[orm(id)]
        id: ::std::string::String,
        title: ::std::string::String,
    }
}

fn main() {}
