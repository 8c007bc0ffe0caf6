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

# Everything that CI runs.
ci:
    .ci/run
