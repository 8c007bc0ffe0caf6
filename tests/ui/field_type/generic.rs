use std::marker::PhantomData;

#[derive(orm::FieldType)]
struct Id<T>(String, PhantomData<T>);

fn main() {}
