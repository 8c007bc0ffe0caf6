//! Each file in the folders is a program. Those in `pass` compile and run; for the others, one mistake each, the
//! compiler's words are in the `.stderr` beside them. `TRYBUILD=overwrite cargo test -p ui` writes those anew: read them
//! as somebody would who has never seen this library.

use std::fs;
use std::path::{Path, PathBuf};

const FAIL: [&str; 10] = [
    "attributes",
    "create",
    "driver",
    "enumeration",
    "field_type",
    "model",
    "queries",
    "relations",
    "select",
    "update",
];

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    for topic in FAIL {
        cases.compile_fail(format!("{topic}/*.rs"));
    }
    cases.pass("pass/*.rs");
    cases.pass(examples_of("models.md"));
    cases.pass(examples_of("queries.md"));
}

/// A program of all Rust examples of a page, each in a module where the prelude is imported, and what is public in the first
/// example.
fn examples_of(page: &str) -> PathBuf {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page)).unwrap();
    let blocks = text.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let modules = blocks.enumerate().map(|(n, block)| {
        let first = if n > 0 { "#[allow(unused_imports)]\nuse super::example_0::*;\n" } else { "" };
        format!("mod example_{n} {{\n#[allow(unused_imports)]\nuse orm::prelude::*;\n{first}\n{block}}}\n\n")
    });
    let program = format!("#![allow(dead_code)]\n\n{}fn main() {{}}\n", modules.collect::<String>());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(page).with_extension("rs");
    fs::write(&path, program).unwrap();
    path
}

fn files(folder: &str, extension: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect()
}

/// That no cases get lost, and that each folder is one that `ui` knows.
#[test]
fn counts() {
    let fail: usize = FAIL.iter().map(|topic| files(topic, "rs").len()).sum();
    let pass = files("pass", "rs").len();
    println!("{fail} programs that must not compile, {pass} that must");
    assert!(fail >= 223 && pass >= 20);
    let folders = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.file_name());
    assert!(folders.into_iter().all(|name| name == "pass" || FAIL.iter().any(|topic| name == *topic)));
}

/// No message has names that are not public, nor quotes the standard library, whose source is not always there.
#[test]
fn messages_are_about_the_users_own_words() {
    for path in FAIL.iter().flat_map(|topic| files(topic, "stderr")) {
        let text = fs::read_to_string(&path).unwrap();
        for internal in ["__private", "_::", "/rustc/", "$RUST", "orm::private", "select::named"] {
            assert!(!text.contains(internal), "{path} has {internal}:\n{text}");
        }
    }
}

/// `docs/compile-errors.md` quotes the beginnings of messages, each after the name of its case.
#[test]
fn the_page_quotes_them_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../../docs/compile-errors.md")).unwrap();
    let mut quoted = 0;
    for section in page.split("`tests/ui/").skip(1) {
        let Some((case, rest)) = section.split_once(".rs`:\n\n```text\n") else { continue };
        let (quote, _) = rest.split_once("\n```").unwrap();
        let message = fs::read_to_string(root.join(case).with_extension("stderr")).unwrap();
        assert!(message.starts_with(quote), "docs/compile-errors.md quotes {case}, which is now:\n{message}");
        quoted += 1;
    }
    assert_eq!(quoted, 10);
}
