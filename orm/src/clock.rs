//! The time of a create, for `#[orm(default_now)]`.

use std::time::SystemTime;

use crate::error::ValueError;

/// A datetime type that can be made of the system's time.
#[diagnostic::on_unimplemented(
    message = "`default_now` needs a datetime field, and this one is a `{Self}`",
    label = "not a datetime",
    note = "use `#[orm(default = ..)]` or `#[orm(default_with = path)]` for other types"
)]
#[doc(hidden)]
pub trait Now: Sized {
    /// This time.
    fn at(time: SystemTime) -> Result<Self, ValueError>;
}

#[diagnostic::do_not_recommend]
impl<T: Now> Now for Option<T> {
    fn at(time: SystemTime) -> Result<Self, ValueError> {
        T::at(time).map(Some)
    }
}
