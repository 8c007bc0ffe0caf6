//! The suite on DynamoDB inside the process.

use tests::engine::InProcess;

tests::suite!(InProcess);
