//! Whether the module that a derive stands in has a prelude: without it, it does not know the `#[diagnostic]` attributes.
//!
//! Nothing that a macro is given or can generate tells, so it is looked up where it is said: in the source.

use std::path::Path;

/// Whether this source file, or one of the modules around it, says that it has no prelude. A file that cannot be read says
/// nothing.
pub(crate) fn is_said_in(file: &Path) -> bool {
    let says_so = |file: &Path| std::fs::read_to_string(file).is_ok_and(|source| is_given_up_in(&source));
    if says_so(file) {
        return true;
    }
    for folder in file.ancestors().skip(1) {
        let roots = ["lib.rs", "main.rs", "mod.rs"].map(|root| folder.join(root));
        if roots.iter().any(|root| says_so(root)) || says_so(&folder.with_extension("rs")) {
            return true;
        }
        if folder.join("Cargo.toml").exists() {
            break;
        }
    }
    false
}

fn is_given_up_in(source: &str) -> bool {
    let says_so = |line: &str| ["#![no_implicit_prelude]", "#[no_implicit_prelude]"].contains(&line);
    // A derive is mostly built without optimisations, the standard library always with them: most files end here.
    source.contains("no_implicit_prelude") && source.lines().any(|line| says_so(line.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_up_in_the_file_and_in_the_modules_around_it() -> std::io::Result<()> {
        let package = std::env::temp_dir().join(format!("orm-derive-prelude-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = package.join(path);
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(path, text)
        };
        write("Cargo.toml", "")?;
        write("src/lib.rs", "mod a;\n// #![no_implicit_prelude]\n")?;
        write("src/a.rs", "pub mod b {\n    #![no_implicit_prelude]\n}\n")?;
        write("src/a/c.rs", "")?;
        write("src/d/mod.rs", "#![no_implicit_prelude]\n")?;
        write("src/d/e/f.rs", "")?;
        write("src/g.rs", "#[derive(Model)]\n")?;
        let missing = |path: &str| is_said_in(&package.join(path));
        assert!(missing("src/a.rs") && missing("src/a/c.rs") && missing("src/d/e/f.rs"));
        assert!(!missing("src/lib.rs") && !missing("src/g.rs") && !missing("src/no_such.rs"));
        std::fs::remove_dir_all(&package)
    }
}
