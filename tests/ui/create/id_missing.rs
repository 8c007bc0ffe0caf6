use orm::prelude::*;

#[derive(Model)]
#[orm(table = "invoices")]
struct Invoice {
    #[orm(id)]
    number: i64,
}

fn main() {
    let _ = Invoice::create().select(Invoice::NUMBER);
}
