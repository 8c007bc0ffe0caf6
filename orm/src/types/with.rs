//! Fields with an encoding of their own: `#[orm(with = module)]`.

use std::fmt::Display;
use std::marker::PhantomData;

use super::{Column, Facts};
use crate::error::ValueError;
use crate::kind::Custom;
use crate::value::Value;

/// Marks the column of a field with `#[orm(with = module)]`: the one at `PLACE` in the model `M`, whose Rust type is `T`.
#[derive(Clone, Copy, Debug)]
pub struct With<T, M, const PLACE: usize>(PhantomData<fn() -> (T, M)>);

/// A model whose field at `PLACE`, of type `T`, has an encoding of its own. Implemented by the derive.
// `T` is no associated type, because that would have to be as visible as the model.
#[doc(hidden)]
pub trait Encoding<const PLACE: usize, T: 'static> {
    const CODING: Coding<T>;
}

/// The functions of a module, and what the schema says about the type that they encode to.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Coding<T: 'static> {
    facts: Facts,
    functions: &'static dyn Code<T>,
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static, M, const PLACE: usize> Column for With<T, M, PLACE>
where
    M: Encoding<PLACE, T> + 'static,
{
    type Rust = T;
    type Kind = Custom;
    // Whatever the type that it encodes to can hold, `decode` may refuse.
    const FACTS: Facts =
        Facts { range: None, round_trips: false, reads: |value| Self::decode(value).map(drop), ..M::CODING.facts };

    fn encode(value: T) -> Result<Value, ValueError> {
        M::CODING.functions.encode(value)
    }

    fn decode(value: Value) -> Result<T, ValueError> {
        M::CODING.functions.decode(value)
    }
}

/// The functions of a module, of whatever types they are: whether those fit is for [`Encodes`] to say, once for both.
#[doc(hidden)]
pub struct Functions<A: ?Sized, R, S, B, E>(pub fn(&A) -> R, pub fn(S) -> Result<B, E>);

impl<A: ?Sized, R, S, B, E> Functions<A, R, S, B, E> {
    // A method, so that rustc has found the types of the functions when it comes to the demand.
    pub const fn coding<T>(&'static self) -> Coding<T>
    where
        Self: Encodes<T, A, R, S, B>,
    {
        Coding { facts: Self::FACTS, functions: self }
    }
}

/// Functions that encode and decode a field of type `T`. The other types are those of [`Functions`], for the message.
#[diagnostic::on_unimplemented(
    message = "`encode` and `decode` of this module are not for a field of type `{T}`",
    label = "here `encode` is `fn(&{A}) -> {R}`, and `decode` is `fn({S}) -> Result<{B}, _>`",
    note = "for this field, `encode` is `fn(&{T}) -> R`, and `decode` is `fn(R) -> Result<{T}, E>`, where `R` is a field type like `String` or `i64`, and `E` can be displayed"
)]
#[doc(hidden)]
pub trait Encodes<T, A: ?Sized, R, S, B>: Code<T> + 'static {
    const FACTS: Facts;
}

#[diagnostic::do_not_recommend]
impl<T, R, E> Encodes<T, T, R, R, T> for Functions<T, R, R, T, E>
where
    T: 'static,
    R: Column<Rust = R>,
    E: Display + 'static,
{
    const FACTS: Facts = R::FACTS;
}

/// Encodes and decodes.
#[doc(hidden)]
pub trait Code<T>: Sync {
    fn encode(&self, value: T) -> Result<Value, ValueError>;
    fn decode(&self, value: Value) -> Result<T, ValueError>;
}

impl<T, R, E> Code<T> for Functions<T, R, R, T, E>
where
    R: Column<Rust = R>,
    E: Display,
{
    fn encode(&self, value: T) -> Result<Value, ValueError> {
        R::encode((self.0)(&value))
    }

    fn decode(&self, value: Value) -> Result<T, ValueError> {
        (self.1)(R::decode(value)?).map_err(|error| ValueError::new(error.to_string()))
    }
}
