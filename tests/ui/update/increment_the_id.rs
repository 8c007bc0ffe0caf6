use orm::prelude::*;

#[derive(Model)]
#[orm(table = "invoices")]
struct Invoice {
    #[orm(id)]
    number: i64,
}

fn main() {
    let _ = Invoice::update(Invoice::NUMBER.eq(1)).increment(Invoice::NUMBER, 1);
}
