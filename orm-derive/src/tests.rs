//! What the derives expand to.

use quote::quote;

use super::{enumeration, model, select};

fn derived(input: proc_macro2::TokenStream, derive: fn(&syn::DeriveInput) -> proc_macro2::TokenStream) -> String {
    derive(&syn::parse2(input).unwrap()).to_string()
}

/// What the derive makes of a model of three fields, as rustfmt writes it, is in `snapshots/model.rs`: to be read, and
/// to be counted. `BLESS=1 cargo test -p orm-derive` writes it anew.
#[test]
fn expansion() {
    let item = quote! {
        /// A person.
        #[derive(Model)]
        #[orm(table = "users")]
        pub struct User {
            #[orm(id)]
            pub id: String,
            /// Where to write to.
            #[orm(unique)]
            pub email: String,
            pub name: Option<String>,
        }
    };
    let code = model::derive(&syn::parse2(item.clone()).unwrap(), true);
    let text = format!("// With:\nuse orm::prelude::*;\n{item}\n\n// the derive adds:\n{code}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/snapshots/model.rs");
    let rustfmt = std::process::Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut rustfmt = rustfmt.expect("rustfmt, which rust-toolchain.toml names: `rustup component add rustfmt`");
    let written = std::io::Write::write_all(&mut rustfmt.stdin.take().unwrap(), text.as_bytes());
    let output = rustfmt.wait_with_output().unwrap();
    assert!(output.status.success(), "rustfmt fails: what it cannot read is no Rust, or the component is missing");
    written.unwrap();
    let formatted = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &formatted).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), formatted, "run `BLESS=1 cargo test -p orm-derive`");
    let lines = formatted.split("// the derive adds:").nth(1).unwrap().lines().skip(1).count();
    assert!(lines <= 170, "{lines} lines");
}

/// Without a prelude there are no `#[diagnostic]` attributes, whoever says that there is none.
#[test]
fn no_prelude() {
    let given = quote!(
        #[orm(table = "t")]
        struct T {
            #[orm(id)]
            id: String,
        }
    );
    let said = quote!(
        #[orm(table = "t", no_implicit_prelude)]
        struct T {
            #[orm(id)]
            id: String,
        }
    );
    assert!(derived(given.clone(), |input| model::derive(input, true)).contains("diagnostic"));
    assert!(!derived(given, |input| model::derive(input, false)).contains("diagnostic"));
    assert!(!derived(said, |input| model::derive(input, true)).contains("diagnostic"));
}

/// With `crate = path`, nothing goes by another way: `::orm` may be no crate at all.
#[test]
fn a_renamed_crate() {
    let code = derived(
        quote! {
            #[orm(table = "t", crate = database, unique(a, b), index(a, b))]
            #[orm(has_many(x: T, foreign_key = a), belongs_to(y: T, foreign_key = a))]
            struct T {
                #[orm(id)] id: String,
                #[orm(unique, default = 1)] a: i64,
                #[orm(with = m)] b: Option<X>,
                #[orm(default_now, references = T::ID)] c: DateTime<Utc>,
                d: Vec<String>,
            }
        },
        |input| model::derive(input, true),
    );
    assert!(code.contains("database :: Model") && !code.contains(":: orm ::"), "{code}");
    let code = derived(
        quote!(
            #[orm(crate = database)]
            enum E {
                A,
            }
        ),
        enumeration::derive,
    );
    assert!(code.contains("database :: Enumeration") && !code.contains(":: orm ::"), "{code}");
    let code = derived(
        quote!(
            #[orm(crate = database, model = T)]
            struct S {
                a: Vec<U>,
            }
        ),
        select::derive,
    );
    assert!(code.contains("database :: Select") && !code.contains(":: orm ::"), "{code}");
    let nothing = quote!(
        #[orm(crate = "database")]
        struct N;
    );
    let derives: [fn(&syn::DeriveInput) -> proc_macro2::TokenStream; 3] =
        [|input| model::derive(input, true), select::derive, enumeration::derive];
    for derive in derives {
        let code = derived(nothing.clone(), derive);
        assert!(code.contains("database :: Model") || code.contains("database :: Enumeration"), "{code}");
        assert!(!code.contains(":: orm ::"), "{code}");
    }
}
