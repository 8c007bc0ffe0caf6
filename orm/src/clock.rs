//! The current time, for `#[orm(default_now)]`.

/// A datetime type that knows the current time.
#[diagnostic::on_unimplemented(
    message = "`default_now` needs a datetime field, and this one is a `{Self}`",
    label = "not a datetime",
    note = "use `#[orm(default = ..)]` or `#[orm(default_with = path)]` for other types"
)]
#[doc(hidden)]
pub trait Now {
    /// The current time.
    fn now() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Now> Now for Option<T> {
    fn now() -> Self {
        Some(T::now())
    }
}
