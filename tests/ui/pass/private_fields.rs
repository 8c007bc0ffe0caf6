//! Private fields of a public model in a module: the constants are as visible as the struct.

mod shop {
    use orm::prelude::*;

    #[derive(Model)]
    #[orm(table = "products")]
    pub struct Product {
        #[orm(id)]
        id: String,
        price: i64,
    }

    impl Product {
        pub fn price(&self) -> i64 {
            self.price
        }

        pub fn id(&self) -> &str {
            &self.id
        }
    }
}

use orm::prelude::*;
use shop::Product;

fn main() {
    drop(Product::find_many().filter(Product::PRICE.gt(3)).select(Product::ID));
    drop(Product::create().price(3).select_as::<Product>());
    let _ = |product: Product| (product.price(), product.id().len());
}
