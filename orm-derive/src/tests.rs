//! What the derives expand to.

use quote::quote;

use super::{enumeration, field_type, model, select};

fn derived(
    input: proc_macro2::TokenStream,
    derive: fn(&syn::DeriveInput) -> proc_macro2::TokenStream,
) -> syn::Result<String> {
    Ok(derive(&syn::parse2(input)?).to_string())
}

/// What the derive makes of a model of three fields, as rustfmt writes it, is in `snapshots/model.rs`: to be read, and
/// to be counted. `BLESS=1 cargo test -p orm-derive` writes it anew.
#[test]
fn expansion() -> Result<(), Box<dyn std::error::Error>> {
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
    let code = model::derive(&syn::parse2(item.clone())?, true);
    let text = format!("// With:\nuse orm::prelude::*;\n{item}\n\n// the derive adds:\n{code}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/snapshots/model.rs");
    let rustfmt = std::process::Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut rustfmt = rustfmt.map_err(|error| {
        format!("rustfmt, which rust-toolchain.toml names, is missing: `rustup component add rustfmt` ({error})")
    })?;
    let written = rustfmt.stdin.take().map(|mut stdin| std::io::Write::write_all(&mut stdin, text.as_bytes()));
    let output = rustfmt.wait_with_output()?;
    assert!(output.status.success(), "rustfmt fails: what it cannot read is no Rust, or the component is missing");
    written.ok_or("rustfmt has no input")??;
    let formatted = String::from_utf8(output.stdout)?.replace("\r\n", "\n");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &formatted)?;
    }
    assert_eq!(std::fs::read_to_string(path)?, formatted, "run `BLESS=1 cargo test -p orm-derive`");
    let lines = formatted.split("// the derive adds:").nth(1).ok_or("the derive adds nothing")?.lines().skip(1).count();
    assert!(lines <= 170, "{lines} lines");
    Ok(())
}

/// Without a prelude there are no `#[diagnostic]` attributes, whoever says that there is none.
#[test]
fn no_prelude() -> syn::Result<()> {
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
    assert!(derived(given.clone(), |input| model::derive(input, true))?.contains("diagnostic"));
    assert!(!derived(given, |input| model::derive(input, false))?.contains("diagnostic"));
    assert!(!derived(said, |input| model::derive(input, true))?.contains("diagnostic"));
    Ok(())
}

/// A name that is a keyword here, and none in the edition of the model.
#[test]
fn a_keyword_of_a_later_edition() -> syn::Result<()> {
    let code = derived(
        quote!(
            #[orm(table = "t")]
            struct T {
                #[orm(id)]
                id: String,
                gen: String,
            }
        ),
        |input| model::derive(input, true),
    )?;
    assert!(code.contains("fn r#gen (") && code.contains("self . gen)"), "{code}");
    Ok(())
}

/// With `crate = path`, nothing goes by another way: `::orm` may be no crate at all.
#[test]
fn a_renamed_crate() -> syn::Result<()> {
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
    )?;
    assert!(code.contains("database :: Model") && !code.contains(":: orm ::"), "{code}");
    let code = derived(
        quote!(
            #[orm(crate = database)]
            enum E {
                A,
            }
        ),
        enumeration::derive,
    )?;
    assert!(code.contains("database :: Enumeration") && !code.contains(":: orm ::"), "{code}");
    let code = derived(
        quote!(
            #[orm(crate = database)]
            struct W(String);
        ),
        field_type::derive,
    )?;
    assert!(code.contains("database :: FieldType") && !code.contains(":: orm ::"), "{code}");
    let code = derived(
        quote!(
            #[orm(crate = database, model = T)]
            struct S {
                a: Vec<U>,
            }
        ),
        select::derive,
    )?;
    assert!(code.contains("database :: Select") && !code.contains(":: orm ::"), "{code}");
    let nothing = quote!(
        #[orm(crate = "database")]
        struct N;
    );
    let derives: [fn(&syn::DeriveInput) -> proc_macro2::TokenStream; 3] =
        [|input| model::derive(input, true), select::derive, enumeration::derive];
    for derive in derives {
        let code = derived(nothing.clone(), derive)?;
        assert!(code.contains("database :: Model") || code.contains("database :: Enumeration"), "{code}");
        assert!(!code.contains(":: orm ::"), "{code}");
    }
    Ok(())
}
