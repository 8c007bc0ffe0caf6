//! What can be given where a field's value is expected.

use std::borrow::Cow;

use crate::types::Json;

/// A value that can be given for a field of type `T`: a `T`, a `&T`, a `&str` for a `String`, a `&[u8]` for a `Vec<u8>`, a
/// bare value for an `Option` or a [`Json`].
///
/// There is exactly one integer type per integer field, so that a bare literal is of that type.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` does not fit a field of type `{T}`",
    label = "expected `{T}`",
    note = "accepted are a value of the field's type or a reference to it, `&str` for a `String`, `&[u8]` for a `Vec<u8>`, and a bare value for an `Option` or a `Json`; convert anything else first, with `from` or `try_from`, or with `.map(str::to_owned)` for an `Option<&str>`; another field of the record is compared by `eq_field`, `lt_field` and the like"
)]
pub trait Input<T> {
    /// The field's value.
    fn into_input(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T> Input<T> for T {
    fn into_input(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T> Input<Option<T>> for T {
    fn into_input(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Input<T> for &T {
    fn into_input(self) -> T {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Input<Option<T>> for &T {
    fn into_input(self) -> Option<T> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<T> Input<Json<T>> for T {
    fn into_input(self) -> Json<T> {
        Json(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Input<Json<T>> for &T {
    fn into_input(self) -> Json<T> {
        Json(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Input<Option<Json<T>>> for &T {
    fn into_input(self) -> Option<Json<T>> {
        Some(Json(self.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<T> Input<Option<Json<T>>> for T {
    fn into_input(self) -> Option<Json<T>> {
        Some(Json(self))
    }
}

macro_rules! strings {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Input<String> for $type {
            fn into_input(self) -> String {
                AsRef::<str>::as_ref(&self).to_owned()
            }
        }

        #[diagnostic::do_not_recommend]
        impl Input<Option<String>> for $type {
            fn into_input(self) -> Option<String> {
                Some(AsRef::<str>::as_ref(&self).to_owned())
            }
        }
    )*};
}

// And not `Option<&str>` for an `Option<String>`: with two types that it could be, a bare `None` would not compile.
strings!(&str, &&str, Cow<'_, str>, Box<str>, std::sync::Arc<str>);

macro_rules! bytes {
    ($([$($generics:tt)*] $type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Input<Vec<u8>> for $type {
            fn into_input(self) -> Vec<u8> {
                self.to_vec()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Input<Option<Vec<u8>>> for $type {
            fn into_input(self) -> Option<Vec<u8>> {
                Some(self.to_vec())
            }
        }
    )*};
}

bytes!([] &[u8], [const N: usize] &[u8; N], [const N: usize] [u8; N]);
