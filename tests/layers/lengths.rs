//! No file and no function longer than can be read at once.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::rust_files;

/// Lines of a file.
const LONGEST_FILE: usize = 350;
/// Lines of a function, from its name to its closing brace.
const LONGEST_FUNCTION: usize = 60;

static FUNCTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^( *)(?:pub(?:\([^)]*\))? )?(?:const )?(?:async )?fn (\w+)").unwrap());

#[test]
fn files_and_functions_can_be_read_at_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches", "examples", "fuzz"] {
        for file in rust_files(&root.join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(root).unwrap().display();
            long.extend(too_long(&text).into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    assert!(long.is_empty(), "longer than {LONGEST_FILE} and {LONGEST_FUNCTION} lines:\n{}", long.join("\n"));
}

/// Files and functions that are too long.
fn too_long(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let whole = (lines.len() > LONGEST_FILE).then(|| format!("{} lines", lines.len()));
    whole
        .into_iter()
        .chain(
            functions(&lines).filter_map(|(name, length)| {
                (length > LONGEST_FUNCTION).then(|| format!("fn {name}, {length} lines"))
            }),
        )
        .collect()
}

/// Name and length of each; rustfmt aligns the closing brace with the first letter.
fn functions<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = (String, usize)> + 'a {
    lines.iter().enumerate().filter_map(|(at, line)| {
        let found = FUNCTION.captures(line)?;
        let (end, is_one_line) = (format!("{}}}", &found[1]), line.ends_with(['}', ';']));
        let length = if is_one_line {
            1
        } else {
            lines[at..].iter().position(|line| *line == end).map_or(1, |length| length + 1)
        };
        Some((found[2].to_owned(), length))
    })
}

#[test]
fn what_is_too_long_is_found() {
    let function = |lines: usize| format!("    pub async fn f() {{\n{}    }}\n", "        x();\n".repeat(lines - 2));
    assert_eq!(too_long(&function(LONGEST_FUNCTION)), Vec::<String>::new());
    assert_eq!(too_long(&function(LONGEST_FUNCTION + 1)), ["fn f, 61 lines"]);
    assert_eq!(too_long(&"x\n".repeat(LONGEST_FILE + 1)), ["351 lines"]);
}
