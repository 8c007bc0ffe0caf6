//! Selections: what a query returns for each record, as a type.

mod named;

pub use named::{As, FieldResult, Filtered, Limited, ManyResult, OneResult, Ordered, Part, Reads, Select};

use std::marker::PhantomData;

use crate::error::Error;
use crate::field::Field;
use crate::model::Model;
use crate::projection::Projection;
use crate::reader::RowReader;
use crate::types::Column;

/// What to return for each record of the model `M`: a field, [`Model::ALL`], a relation, or a tuple of these.
///
/// ```
/// # use orm::prelude::*;
/// # #[derive(Model)] #[orm(table = "users")] struct User { #[orm(id)] id: String, email: String }
/// // Each result of this query is a `(String, String)`.
/// let query = User::find_many().select((User::ID, User::EMAIL));
/// ```
#[diagnostic::on_unimplemented(
    message = "this cannot be selected from the model `{M}`",
    label = "expected fields or relations of `{M}`, `{M}::ALL`, or a tuple of these",
    note = "each field constant belongs to one model; to select from a related model, use the relation: `{M}::RELATION.select(..)`",
    note = "a tuple has at most 16 entries, which can be tuples themselves: `((a, b), (c, d))`"
)]
pub trait Selection<M>: Send + Sync {
    /// The result for one record.
    type Output: Send;

    /// The selection itself. The types of queries name it in this way: what is no selection has none, and rustc has
    /// nothing more to say about a query of an unknown type.
    #[doc(hidden)]
    type Checked: Selection<M, Output = Self::Output>;

    #[doc(hidden)]
    fn checked(self) -> Self::Checked;

    /// Describes what is read, in order.
    #[doc(hidden)]
    fn project(&self, projection: &mut Projection) -> Result<(), Error>;

    /// Reads it, in the same order.
    #[doc(hidden)]
    fn decode(&self, row: &mut RowReader<'_>) -> Result<Self::Output, Error>;
}

/// All fields of the model `M`, as an `M`: [`Model::ALL`].
pub struct All<M>(PhantomData<fn() -> M>);

impl<M> All<M> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M> Clone for All<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for All<M> {}

impl<M> std::fmt::Debug for All<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ALL")
    }
}

impl<M: Model> Selection<M> for All<M> {
    type Output = M;
    type Checked = Self;

    fn checked(self) -> Self {
        self
    }

    fn project(&self, projection: &mut Projection) -> Result<(), Error> {
        projection.read_all();
        Ok(())
    }

    fn decode(&self, row: &mut RowReader<'_>) -> Result<M, Error> {
        M::from_row(row)
    }
}

impl<M: Model, T: Column, U> Selection<M> for Field<M, T, U> {
    type Output = T::Rust;
    type Checked = Self;

    fn checked(self) -> Self {
        self
    }

    fn project(&self, projection: &mut Projection) -> Result<(), Error> {
        projection.read(self.index());
        Ok(())
    }

    fn decode(&self, row: &mut RowReader<'_>) -> Result<T::Rust, Error> {
        T::read(row, self.index())
    }
}

macro_rules! selection_tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        impl<Model, $($name: Selection<Model>),+> Selection<Model> for ($($name,)+) {
            type Output = ($($name::Output,)+);
            type Checked = ($($name::Checked,)+);

            fn checked(self) -> Self::Checked {
                ($(self.$index.checked(),)+)
            }

            fn project(&self, projection: &mut Projection) -> Result<(), Error> {
                $(self.$index.project(projection)?;)+
                Ok(())
            }

            fn decode(&self, row: &mut RowReader<'_>) -> Result<Self::Output, Error> {
                Ok(($(self.$index.decode(row)?,)+))
            }
        }
    )*};
}

selection_tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12, O 13)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12, O 13, P 14)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12, O 13, P 14, Q 15)
}

/// A selection with its projection: what a query carries from its preparation to its results.
pub(crate) struct Prepared<S> {
    pub(crate) selection: S,
    pub(crate) projection: Projection,
}

impl<S> Prepared<S> {
    pub(crate) fn new<M: Model>(selection: S) -> Result<Self, Error>
    where
        S: Selection<M>,
    {
        let mut projection = Projection::new(M::schema());
        selection.project(&mut projection)?;
        Ok(Self { selection, projection })
    }
}
