//! Who may import whom: ARCHITECTURE has the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::Sources;

/// The line of ARCHITECTURE.md under which the table begins.
const HEADING: &str = "## Who may import whom";
/// The name for what every part may import; a row of its own explains it.
const TOOLS: &str = "tools";

type Table = BTreeMap<String, BTreeSet<String>>;

#[test]
fn imports_go_only_where_architecture_allows() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let table = table(&std::fs::read_to_string(file).unwrap());
    let wrong = violations(&Sources::read(), &table);
    assert!(wrong.is_empty(), "ARCHITECTURE.md, \"Who may import whom\", does not allow:\n{}", wrong.join("\n"));
}

fn violations(sources: &Sources, table: &Table) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for module in sources.modules() {
        let Some(part) = module.first() else { continue };
        let Some(allowed) = table.get(part) else {
            wrong.insert(format!("{part}: has no row in the table"));
            continue;
        };
        for used in sources.used_by(module) {
            let Some(other) = used.first() else { continue };
            if other != part && !allowed.contains(other) {
                wrong.insert(format!("{}: imports {other}", sources.file(module).display()));
            }
        }
    }
    wrong.into_iter().collect()
}

/// Part by part what it may import, with the tools by their own names.
fn table(architecture: &str) -> Table {
    let below = architecture.split(HEADING).nth(1).expect("ARCHITECTURE.md has the heading");
    let below = below.split("\n## ").next().unwrap_or_default();
    let rows: Vec<Vec<Vec<String>>> = below
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| part"))
        .map(|line| line.trim_matches('|').split('|').take(2).map(names).collect())
        .collect();
    let tools: Vec<String> = rows
        .iter()
        .find(|row| row[0].first().is_some_and(|first| first == TOOLS))
        .map(|row| row[0][1..].to_vec())
        .expect("the table has a row of the tools");
    let mut table = Table::new();
    for row in &rows {
        let mut allowed: BTreeSet<String> = row[1].iter().cloned().collect();
        if allowed.remove(TOOLS) {
            allowed.extend(tools.iter().cloned());
        }
        for part in row[0].iter().filter(|part| *part != TOOLS) {
            table.entry(part.clone()).or_default().extend(allowed.iter().cloned());
        }
    }
    table
}

/// The words between backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn an_import_upwards_is_found() {
    let table = table(&format!(
        "{HEADING}\n\n| part | may import |\n| --- | --- |\n| `domain` | |\n| `tools`: `clock` | |\n| `jobs` | `domain`, `tools` |\n"
    ));
    let sources = Sources::of(&[
        ("domain/mod.rs", "use crate::jobs::Context;\n"),
        ("clock.rs", ""),
        ("jobs/mod.rs", "pub use context::Context;\n"),
        ("jobs/context.rs", "use crate::domain;\nfn now() { crate::clock::now() }\n"),
    ]);
    assert_eq!(violations(&sources, &table), ["src/domain/mod.rs: imports jobs"]);
}
