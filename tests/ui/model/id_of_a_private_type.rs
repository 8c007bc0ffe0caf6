mod orders {
    use orm::prelude::*;
    use orm::{FieldType, Value, ValueError, kind};

    struct OrderId(String);

    impl FieldType for OrderId {
        type Kind = kind::String;

        fn into_value(self) -> Result<Value, ValueError> {
            self.0.into_value()
        }

        fn from_value(value: Value) -> Result<Self, ValueError> {
            String::from_value(value).map(OrderId)
        }
    }

    #[derive(Model)]
    #[orm(table = "orders")]
    pub struct Order {
        #[orm(id)]
        id: OrderId,
    }
}

fn main() {}
