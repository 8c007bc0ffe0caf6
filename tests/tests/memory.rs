//! The suite on the in-memory driver.

use tests::engine::Memory;

tests::suite!(Memory);
