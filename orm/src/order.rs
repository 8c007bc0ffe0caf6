//! The order of results.

use std::cmp::Ordering;
use std::marker::PhantomData;

use crate::value::Value;

/// An order of the records of the model `M`: `User::EMAIL.asc()`. A tuple of several orders by each in turn.
#[must_use = "an order does nothing by itself: hand it to a query's `order_by`"]
pub struct OrderBy<M> {
    order: Order,
    model: PhantomData<fn() -> M>,
}

/// One field to order by, as data for drivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The field's place in the model.
    pub field: usize,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// The order of two records whose values of the fields of `orders` are given by `a` and `b`.
    pub fn compare<'a>(orders: &[Self], a: impl Fn(usize) -> &'a Value, b: impl Fn(usize) -> &'a Value) -> Ordering {
        for order in orders {
            let ordering = order.compare_values(a(order.field), b(order.field));
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    }

    /// The order of two values of the field. Stored values can be of another kind than the field: then they are in the order
    /// of their kinds, because sorting needs one. Documents count as equal.
    pub(crate) fn compare_values(&self, a: &Value, b: &Value) -> Ordering {
        let ordering = a.compare(b).unwrap_or_else(|| kind_of(a).cmp(&kind_of(b)));
        if self.descending { ordering.reverse() } else { ordering }
    }
}

/// The place of a value's kind among all kinds.
const fn kind_of(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Integer(_) => 2,
        Value::Decimal(_) => 3,
        Value::Text(_) => 4,
        Value::Bytes(_) => 5,
        Value::Json(_) => 6,
    }
}

impl<M> OrderBy<M> {
    pub(crate) const fn new(field: usize, descending: bool) -> Self {
        Self { order: Order { field, descending }, model: PhantomData }
    }
}

impl<M> From<OrderBy<M>> for Order {
    fn from(by: OrderBy<M>) -> Self {
        by.order
    }
}

impl<M> Clone for OrderBy<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for OrderBy<M> {}

impl<M> std::fmt::Debug for OrderBy<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.order.fmt(f)
    }
}

/// One order of the model `M`, or a tuple, array or vector of several.
#[diagnostic::on_unimplemented(
    message = "this is not an order of the model `{M}`",
    label = "expected `{M}::SOME_FIELD.asc()` or `.desc()`, a tuple of up to six, or an array or `Vec` of them"
)]
pub trait IntoOrder<M> {
    #[doc(hidden)]
    fn into_orders(self) -> Vec<OrderBy<M>>;
}

impl<M> IntoOrder<M> for OrderBy<M> {
    fn into_orders(self) -> Vec<OrderBy<M>> {
        vec![self]
    }
}

#[diagnostic::do_not_recommend]
impl<M, const N: usize> IntoOrder<M> for [OrderBy<M>; N] {
    fn into_orders(self) -> Vec<OrderBy<M>> {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl<M> IntoOrder<M> for Vec<OrderBy<M>> {
    fn into_orders(self) -> Self {
        self
    }
}

macro_rules! order_tuples {
    ($(($($index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M> IntoOrder<M> for ($(order_tuples!(@one $index M),)+) {
            fn into_orders(self) -> Vec<OrderBy<M>> {
                vec![$(self.$index),+]
            }
        }
    )*};
    (@one $index:tt $model:ident) => { OrderBy<$model> };
}

order_tuples! { (0) (0, 1) (0, 1, 2) (0, 1, 2, 3) (0, 1, 2, 3, 4) (0, 1, 2, 3, 4, 5) }
