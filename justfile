# Lists the recipes.
default:
    @just --list --unsorted

# Formatting, lints, documentation, dependencies.
check:
    .ci/run check

# The quickstart and all tests that need no other program.
test:
    .ci/run test

# The quickstart alone.
quickstart:
    cargo run -p examples --example quickstart

# The suite on all engines, Dynalite from npm among them; writes docs/conformance.md.
conformance:
    .ci/run dynalite

# The suite on DynamoDB Local, Amazon's own engine. Needs npm and Java.
dynamodb-local:
    .ci/run dynamodb-local

# Everything that CI runs.
ci:
    .ci/run

# What the compiler says about mistakes, and programs that have to compile.
ui:
    cargo test -p ui

# How many of these programs there are.
ui-count:
    cargo test -p ui counts -- --nocapture

# Writes anew what the compiler says, and what a derive adds. To be read before it is committed.
bless:
    TRYBUILD=overwrite cargo test -p ui
    BLESS=1 cargo test -p orm-derive expansion

# How long 50 models take to compile.
compile-time:
    tests/compile-time.sh

# Random programs under faults, for a time (`10m`) or a number of operations (`1000000`), from a seed.
soak limit="10m" seed="1" *threads:
    cargo run --release -p tests --bin soak -- {{limit}} {{seed}} {{threads}}

# Ours beside code written by hand with the SDK: time and allocations.
bench:
    cargo bench -p tests --bench operations
    cargo bench -p tests --bench allocations
    cargo bench -p tests --bench parts

# The client's own instructions, ours beside code written by hand. Needs valgrind.
bench-instructions *names:
    cargo bench -p tests --bench instructions -- {{names}}

# Requests, units and time as tables grow.
bench-growth:
    cargo bench -p tests --bench growth

# Ours beside Toasty and the TypeScript package, on the same kind of endpoint. Needs npm.
bench-peers:
    npm ci --prefix tests/peers --no-audit --no-fund --loglevel=error
    cargo run --release --manifest-path tests/peers/Cargo.toml
