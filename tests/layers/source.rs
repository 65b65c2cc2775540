//! The library's files as modules: what each imports, and in which file an imported name is defined.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::use_tree::{Import, imports, segments};

static USE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);").unwrap());
/// Who may see something; says nothing of what a file uses.
static VISIBILITY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"pub\(in [^)]*\)").unwrap());
static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z_$][\w$]*(?:::\w+)+").unwrap());

/// A module's place, for example `["jobs", "close", "due"]`; the library's root is empty.
pub type Module = Vec<String>;

pub struct Source {
    pub file: PathBuf,
    imports: Vec<Import>,
    /// The paths that are in the code itself.
    paths: Vec<Vec<String>>,
}

/// Every file below `src` but the tests.
pub struct Sources(BTreeMap<Module, Source>);

impl Sources {
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut sources = BTreeMap::new();
        for file in rust_files(&root) {
            let below = file.strip_prefix(&root).unwrap();
            if let Some(module) = module_of(below) {
                let text = std::fs::read_to_string(&file).unwrap();
                sources.insert(module, Source::new(Path::new("src").join(below), &text));
            }
        }
        assert!(sources.len() > 200, "the sources were not found");
        Self(sources)
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let source = |(file, text): &(&str, &str)| {
            (module_of(Path::new(file)).unwrap(), Source::new(Path::new("src").join(file), text))
        };
        Self(files.iter().map(source).collect())
    }

    pub fn file(&self, module: &Module) -> &Path {
        &self.0[module].file
    }

    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.0.keys()
    }

    /// The modules that define the names that `module` uses. What it only re-exports (`pub use`) does not count.
    pub fn used_by(&self, module: &Module) -> Vec<Module> {
        let source = &self.0[module];
        let imported = source.imports.iter().filter(|import| !import.is_public).map(|import| &import.path);
        let mut used: Vec<Module> = imported
            .chain(&source.paths)
            .filter_map(|path| self.absolute(module, path))
            .map(|path| self.home(path))
            .filter(|home| home != module)
            .collect();
        used.sort();
        used.dedup();
        used
    }

    /// The path from the root; `None` for one of another crate, or of a name that is no module.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        match path[0].as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([module, &path[1..]].concat()),
            "super" => Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat()),
            first => {
                let below = [module.as_slice(), &[first.to_owned()]].concat();
                self.0.contains_key(&below).then(|| [module, path].concat())
            }
        }
    }

    /// Follows a path through re-exports.
    fn home(&self, mut path: Vec<String>) -> Module {
        // Each step leads through another `use`; a circle of them would not compile.
        for _ in 0..16 {
            let depth = (0..=path.len()).rev().find(|depth| self.0.contains_key(&path[..*depth])).unwrap_or_default();
            let module = path[..depth].to_vec();
            let Some(name) = path.get(depth) else { return module };
            let passed_on = self.0.get(&module).and_then(|source| source.imports.iter().find(|it| it.name == *name));
            match passed_on.and_then(|import| self.absolute(&module, &import.path)) {
                Some(next) if next != path[..=depth] => path = [next, path[depth + 1..].to_vec()].concat(),
                _ => return module,
            }
        }
        path
    }
}

impl Source {
    fn new(file: PathBuf, text: &str) -> Self {
        let code = without_tests_and_comments(text);
        let imports = USE.captures_iter(&code).flat_map(|found| imports(&found[2], found.get(1).is_some())).collect();
        let body = USE.replace_all(&code, "");
        let body = VISIBILITY.replace_all(&body, "");
        let paths = PATH.find_iter(&body).map(|found| segments(found.as_str())).collect();
        Self { file, imports, paths }
    }
}

fn without_tests_and_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// `None` for tests and the program's own file.
fn module_of(below: &Path) -> Option<Module> {
    let text = below.with_extension("").to_str()?.to_owned();
    let mut module: Module = text.split('/').map(str::to_owned).collect();
    let is_test = |part: &String| part == "tests" || part.ends_with("_tests");
    if module.iter().any(is_test) || text == "main" {
        return None;
    }
    module.pop_if(|last| last == "mod" || last == "lib");
    Some(module)
}

/// All of a folder, in order.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                files.extend(rust_files(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
