//! No file imports what imports it, however many files are in between.
//!
//! What a `mod.rs` re-exports by `pub use` belongs to the file that defines it, and makes no import.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Module, Sources};

#[test]
fn no_files_import_one_another_in_a_circle() {
    let circles = circles(&Sources::read());
    assert!(circles.is_empty(), "these files import one another:\n{}", circles.join("\n"));
}

/// Each circle once, for example `a.rs → b.rs → a.rs`.
fn circles(sources: &Sources) -> Vec<String> {
    let imports: BTreeMap<&Module, Vec<Module>> =
        sources.modules().map(|module| (module, sources.used_by(module))).collect();
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for module in sources.modules() {
        let mut way = Vec::new();
        visit(module, &imports, &mut done, &mut way, &mut found);
    }
    let shown = |circle: Vec<Module>| {
        circle.iter().map(|module| sources.file(module).display().to_string()).collect::<Vec<_>>().join(" → ")
    };
    found.into_iter().map(shown).collect()
}

fn visit(
    module: &Module,
    imports: &BTreeMap<&Module, Vec<Module>>,
    done: &mut BTreeSet<Module>,
    way: &mut Vec<Module>,
    found: &mut Vec<Vec<Module>>,
) {
    if let Some(at) = way.iter().position(|before| before == module) {
        found.push([&way[at..], std::slice::from_ref(module)].concat());
        return;
    }
    if done.contains(module) {
        return;
    }
    way.push(module.clone());
    for used in imports.get(module).into_iter().flatten() {
        visit(used, imports, done, way, found);
    }
    way.pop();
    done.insert(module.clone());
}

#[test]
fn a_circle_is_found_through_what_is_passed_on() {
    let sources = Sources::of(&[
        ("a/mod.rs", "pub use b::B;\nuse d::d;\n"),
        ("a/b.rs", "use super::c::C;\n"),
        ("a/c.rs", "use crate::a::B;\n"),
        ("a/d.rs", "use crate::a::{B, c};\npub(in crate::a) fn d() {}\n"),
    ]);
    assert_eq!(circles(&sources), ["src/a/b.rs → src/a/c.rs → src/a/b.rs"]);
}
