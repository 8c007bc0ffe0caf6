//! What several queries have in common, word for word. Functions that ask something of their arguments are not here: what
//! the compiler says of a mistake would be about the macro too.

/// `Clone` and `Debug` of a query, which ask nothing of the model: derived ones would.
macro_rules! query_value {
    ($name:ident<M $(, $selection:ident)?> { $($part:ident),+ }) => {
        impl<M $(, $selection: Clone)?> Clone for $name<M $(, $selection)?> {
            fn clone(&self) -> Self {
                Self { $($part: Clone::clone(&self.$part)),+ }
            }
        }

        impl<M $(, $selection: std::fmt::Debug)?> std::fmt::Debug for $name<M $(, $selection)?> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($part), &self.$part))+.finish()
            }
        }
    };
}

/// The `exec_with_cost` of a query whose `exec` answers this.
macro_rules! exec_with_cost {
    ($output:ty) => {
        /// The same as [`exec`](Self::exec), and what it cost: requests by operation, capacity units, items, retries.
        ///
        /// # Errors
        /// As `exec`.
        pub async fn exec_with_cost(self, orm: &$crate::Orm) -> Result<($output, $crate::Cost), $crate::Error> {
            let meter = $crate::Meter::new();
            let value = self.exec(&orm.metered(&meter)).await?;
            Ok((value, meter.cost()))
        }
    };
}

/// What a query that may have to read a whole table can be told about that.
macro_rules! scanning {
    ($($options:ident).+) => {
        /// Permits this query to read the whole table where the driver's policy refuses scans.
        pub fn allow_scan(mut self) -> Self {
            self.$($options).+.allow_scan = true;
            self
        }
    };
}

/// In how many segments a query reads a whole table.
macro_rules! parallel {
    ($($options:ident).+) => {
        /// If the whole table has to be read, reads it in `n` segments, at most 1,000, side by side: faster and for the
        /// same capacity, but with at least one request for each segment. Records then come in no particular order. It
        /// has no effect on pages, nor where an index or a key leads to the records. A stream has at most 16 segments
        /// under way, another query on DynamoDB 32 requests.
        pub fn parallel(mut self, n: usize) -> Self {
            self.$($options).+.set_segments(n);
            self
        }
    };
}

/// What a query that only reads can be told about that.
macro_rules! consistent {
    ($($options:ident).+) => {
        /// Sees every write that was answered before it began. Costs twice the read units.
        ///
        /// Reads by id and by unique key do so in any case. What DynamoDB finds on an index cannot be read in this way:
        /// a query that needs one, for itself or for a relation, is an `InvalidQuery` error.
        pub fn consistent(mut self) -> Self {
            self.$($options).+.consistent = true;
            self
        }
    };
}

pub(crate) use {consistent, exec_with_cost, parallel, query_value, scanning};
