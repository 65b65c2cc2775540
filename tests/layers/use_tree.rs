//! `use a::{b, c::{self, d as e}};` as single paths.

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub path: Vec<String>,
    /// Its name where it was imported.
    pub name: String,
    /// `pub use`, also of a restricted kind.
    pub is_public: bool,
}

/// The names that the inside of a `use` declaration imports.
pub fn imports(tree: &str, is_public: bool) -> Vec<Import> {
    let mut found = Vec::new();
    collect(&[], tree, &mut found);
    found.into_iter().map(|(path, name)| Import { path, name, is_public }).collect()
}

fn collect(prefix: &[String], tree: &str, found: &mut Vec<(Vec<String>, String)>) {
    for part in split(tree) {
        if let Some((head, rest)) = part.split_once('{') {
            let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
            collect(&[prefix, &segments(head)].concat(), inside, found);
            continue;
        }
        let (path, alias) = part.split_once(" as ").map_or((part, None), |(path, alias)| (path, Some(alias)));
        let mut path = [prefix, &segments(path)].concat();
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let Some(last) = path.last().cloned() else { continue };
        found.push((path, alias.map_or(last, |alias| alias.trim().to_owned())));
    }
}

/// The parts between commas that are outside of braces.
fn split(tree: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

pub fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

#[test]
fn nested_imports_are_taken_apart() {
    let found = imports("crate::{a::B, c::{self, D as E}, }", false);
    let shown: Vec<_> = found.iter().map(|import| format!("{} as {}", import.path.join("::"), import.name)).collect();
    assert_eq!(shown, ["crate::a::B as B", "crate::c as c", "crate::c::D as E"]);
}
