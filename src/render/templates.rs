//! The templates: built-in ones, and an operator's that replace single ones.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tera::{Context, Tera};

use super::RenderError;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// (name below the templates folder, text).
        pub(super) const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

built_in![
    "account.html",
    "room.html",
    "base.html",
    "overview.html",
    "conferences.html",
    "changes.html",
    "style.css",
    "mail.html",
    "mail.txt",
    "index.html",
    "rerun.html",
    "words/de.ftl",
    "words/de-CH.ftl",
    "words/en.ftl",
    "words/es.ftl",
    "words/es-MX.ftl",
    "words/fr.ftl",
    "words/fr-CA.ftl",
    "words/it.ftl",
    "words/nl.ftl",
    "words/pt.ftl",
    "words/pt-BR.ftl",
    "words/pt-PT.ftl",
    "portal/base.html",
    "portal/list.html",
    "portal/form.html",
    "portal/home.html",
    "portal/code_answer.html",
    "portal/codes.html",
    "portal/me.html",
    "portal/revision.html",
    "portal/second_factor.html",
    "portal/message.html",
    "portal/password_mail.html",
    "portal/password_mail.txt",
    "portal/staff.css",
    "portal/staff_base.html",
    "portal/staff_form.html",
    "portal/staff_page.html",
    "portal/staff_said.html",
    "portal/statements.html",
    "portal/style.css",
    "portal/words/de.ftl",
    "portal/words/de-CH.ftl",
    "portal/words/en.ftl",
    "portal/words/es.ftl",
    "portal/words/fr.ftl",
    "portal/words/fr-CA.ftl",
    "portal/words/it.ftl",
    "portal/words/nl.ftl",
    "portal/words/pt.ftl",
    "portal/words/pt-BR.ftl",
];

/// The files of a language's texts: of statements and mails, and of the online consultation.
const WORDS: [&str; 2] = ["words/", PORTAL_WORDS];
const PORTAL_WORDS: &str = "portal/words/";
const PORTAL_ENGLISH: &str = "portal/words/en.ftl";
/// Templates that are no part of a statement.
const PORTAL: &str = "portal/";

/// Template texts by name, and words in the order in which they apply.
#[derive(Debug, Clone)]
pub(super) struct TemplateSources {
    templates: BTreeMap<String, String>,
    /// (file, language, text).
    catalogue: Vec<(String, String, String)>,
    /// What of it comes from an operator's folder, in order.
    pub(super) files_of_the_folder: Vec<String>,
}

impl TemplateSources {
    /// The built-in ones, with those in `folder` over them.
    pub(super) fn load(folder: Option<&Path>) -> Result<Self, RenderError> {
        let mut sources = Self { templates: BTreeMap::new(), catalogue: Vec::new(), files_of_the_folder: Vec::new() };
        for (name, text) in BUILT_IN {
            sources.add(name, (*text).to_owned());
        }
        if let Some(folder) = folder {
            for (name, text) in read_folder(folder)? {
                sources.add(&name, text);
                sources.files_of_the_folder.push(name);
            }
        }
        Ok(sources)
    }

    /// Windows' editors begin a file with a byte order mark, which is no part of it.
    fn add(&mut self, name: &str, text: String) {
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        match language_of(name) {
            Some(language) => self.catalogue.push((name.to_owned(), language.to_owned(), text)),
            None => {
                self.templates.insert(name.to_owned(), text);
            }
        }
    }

    /// (file, language, text), those that are to be replaced first. A language that an operator added has the online
    /// consultation in English until its words are added too.
    pub(super) fn catalogue_files(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        // A region has what its language has.
        let is_of = |of: &str, language: &str| of.split('-').next() == language.split('-').next();
        let has_portal = move |language: &str| {
            self.catalogue.iter().any(|(name, of, _)| name.starts_with(PORTAL) && is_of(of, language))
        };
        let english = self.catalogue.iter().find(|(name, ..)| name == PORTAL_ENGLISH).map_or("", |(_, _, text)| text);
        let lent = self.catalogue.iter().map(|(_, language, _)| language.as_str());
        let lent = lent
            .filter(move |language| !has_portal(language))
            .map(move |language| (PORTAL_ENGLISH, language, english));
        lent.chain(self.words_as_they_are())
    }

    fn words_as_they_are(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.catalogue.iter().map(|(file, language, text)| (file.as_str(), language.as_str(), text.as_str()))
    }

    /// (name, text) of everything that statements are made with, in a fixed order.
    pub(super) fn of_statements(&self) -> impl Iterator<Item = (&str, &str)> {
        let templates = self.templates.iter().filter(|(name, _)| !name.starts_with(PORTAL));
        let catalogue = self.catalogue.iter().filter(|(name, ..)| !name.starts_with(PORTAL));
        let templates = templates.map(|(name, text)| (name.as_str(), text.as_str()));
        templates.chain(catalogue.map(|(_, language, text)| (language.as_str(), text.as_str())))
    }

    /// Compiles the templates.
    pub(super) fn compile(&self) -> Result<Templates, RenderError> {
        let mut tera = Tera::new();
        tera.set_escape_fn(escape);
        tera.add_raw_templates(self.templates.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
        Ok(Templates { tera })
    }
}

/// The language whose texts a file holds; `None` if it is a template.
fn language_of(name: &str) -> Option<&str> {
    WORDS.iter().find_map(|folder| name.strip_prefix(folder)).and_then(|file| file.strip_suffix(".ftl"))
}

/// Compiled templates; shared by all threads.
pub(super) struct Templates {
    tera: Tera,
}

impl Templates {
    pub(super) fn render(&self, name: &str, context: &Context) -> Result<Vec<u8>, RenderError> {
        let mut page = Vec::with_capacity(16 * 1024);
        self.tera.render_to(name, context, &mut page)?;
        Ok(page)
    }
}

/// Writes the built-in templates and words into `folder`; a file that is already there is left alone.
///
/// Returns the names of those written.
pub(super) fn export(folder: &Path) -> Result<Vec<&'static str>, RenderError> {
    let mut written = Vec::new();
    for (name, text) in BUILT_IN {
        let path = folder.join(name);
        let at = |source| RenderError::File { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(at)?;
        }
        match fs::File::options().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(at)?;
                written.push(*name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(at(error)),
        }
    }
    Ok(written)
}

/// The files of an operator's folder that take part, ordered by name. A folder that does not exist overrides nothing.
fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, RenderError> {
    let mut found = Vec::new();
    for prefix in ["", PORTAL].into_iter().chain(WORDS) {
        let within = folder.join(prefix);
        let entries = match fs::read_dir(&within) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(RenderError::File { path: within, source }),
        };
        for entry in entries {
            let path = entry.map_err(|source| RenderError::File { path: within.clone(), source })?.path();
            let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let name = format!("{prefix}{file}");
            if !path.is_file() || !takes_part(&name)? {
                continue;
            }
            let text =
                fs::read_to_string(&path).map_err(|source| RenderError::File { path: path.clone(), source })?;
            found.push((name, text));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is a template or words; a misspelt name would otherwise be ignored in silence.
fn takes_part(name: &str) -> Result<bool, RenderError> {
    let suffix = Path::new(name).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    let is_words = suffix == "ftl" && language_of(name).is_some_and(|language| !language.contains('/'));
    if is_words || BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
        return Ok(true);
    }
    let looks_like_one = ["html", "txt", "css", "ftl"].contains(&suffix);
    if looks_like_one && !name.starts_with('.') {
        return Err(RenderError::Template(format!(
            "{name} in the templates folder has no built-in counterpart: rename or remove it"
        )));
    }
    Ok(false)
}

/// For text and quoted attributes.
fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut clean_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[clean_from..at])?;
        out.write_all(entity)?;
        clean_from = at + 1;
    }
    out.write_all(&text.as_bytes()[clean_from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_markup_is_escaped() {
        let mut out = Vec::new();
        escape("<b>\"é\" & 'x'</b>", &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "&lt;b&gt;&quot;é&quot; &amp; &#39;x&#39;&lt;/b&gt;");
    }

    #[test]
    fn an_exported_folder_changes_nothing_and_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(export(folder.path()).unwrap().len(), BUILT_IN.len());
        assert_eq!(export(folder.path()).unwrap(), Vec::<&str>::new());
        let sources = TemplateSources::load(Some(folder.path())).unwrap();
        assert_eq!(sources.templates, TemplateSources::load(None).unwrap().templates);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_template_or_of_words() {
        let folder = tempfile::tempdir().unwrap();
        export(folder.path()).unwrap();
        for (name, text) in BUILT_IN {
            fs::write(folder.path().join(name), format!("\u{feff}{text}")).unwrap();
        }
        let (marked, plain) =
            (TemplateSources::load(Some(folder.path())).unwrap(), TemplateSources::load(None).unwrap());
        assert_eq!(marked.templates, plain.templates);
        assert!(marked.catalogue.iter().all(|(.., text)| !text.starts_with('\u{feff}')));
        assert_eq!(marked.catalogue.len(), 2 * plain.catalogue.len());
    }

    #[test]
    fn a_misspelt_template_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("acount.html"), "").unwrap();
        let error = TemplateSources::load(Some(folder.path())).unwrap_err().to_string();
        assert!(error.starts_with("acount.html"), "{error}");
    }

    #[test]
    fn a_folder_that_does_not_exist_overrides_nothing() {
        assert!(TemplateSources::load(Some(Path::new("/nonexistent"))).is_ok());
    }
}
