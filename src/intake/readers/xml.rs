//! XML by a mapping: `each` is the path of one item; paths within it may go up (`../../name`) and name attributes
//! (`@type`).
//!
//! Of an item's ancestors, only what comes before the item can be named.

use std::borrow::Cow;
use std::collections::HashMap;

use super::mapping::{Fields, Mapping, decoded};
use super::mended_lines::MendedLines;
use super::xml_events::{XmlEvent, XmlEvents};
use super::{Output, ReaderError, ReaderSettings, Source};

/// Reads XML.
#[derive(Debug)]
pub struct Xml {
    pub(super) mapping: Mapping,
    each: Vec<String>,
    url_encoded: bool,
}

/// The texts within one open element, by path; the first of several with one path.
type Texts = HashMap<String, String>;

struct Item<'a> {
    /// From the outermost element to the item's own.
    levels: &'a [Texts],
    url_encoded: bool,
}

impl Xml {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let each = settings.each.as_deref().ok_or("each: is missing: the path of one item, for example cdr")?;
        let each: Vec<String> = each.split('/').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
        if each.is_empty() {
            return Err("each: is empty".into());
        }
        let url_encoded = settings.url_encoded.unwrap_or(false);
        Ok(Self { mapping: Mapping::new(settings)?, each, url_encoded })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        if self.url_encoded {
            // FreeSWITCH's channel records, which it does not always escape.
            self.items(XmlEvents::new(MendedLines::new(source.open()?)), source, output)
        } else {
            self.items(XmlEvents::new(source.open()?), source, output)
        }
    }

    fn items<R: std::io::BufRead>(
        &self,
        mut events: XmlEvents<R>,
        source: &Source,
        output: &mut Output<'_>,
    ) -> Result<(), ReaderError> {
        let mut levels: Vec<Texts> = Vec::new();
        loop {
            match events.next()? {
                XmlEvent::Open(_, attributes) => {
                    levels.push(
                        attributes.iter().map(|(name, value)| (format!("@{name}"), value.to_owned())).collect(),
                    );
                }
                XmlEvent::Close(element, text) => {
                    let is_item = element.is_at(&self.each);
                    if is_item {
                        let item = Item { levels: &levels, url_encoded: self.url_encoded };
                        self.mapping.apply(&item, source, output)?;
                    }
                    let inner = levels.pop().unwrap_or_default();
                    // The texts of a finished item are of no use to the next one.
                    if let (Some(parent), false) = (levels.last_mut(), is_item) {
                        absorb(parent, element.name, text, inner);
                    }
                }
                XmlEvent::End => return Ok(()),
            }
        }
    }
}

/// Moves a closed element's texts into its parent's.
fn absorb(parent: &mut Texts, name: &str, text: &str, inner: Texts) {
    if inner.keys().all(|path| path.starts_with('@')) {
        parent.entry(name.to_owned()).or_insert_with(|| text.trim().to_owned());
    }
    for (path, text) in inner {
        parent.entry(format!("{name}/{path}")).or_insert(text);
    }
}

impl Fields for Item<'_> {
    fn get(&self, path: &str) -> Option<Cow<'_, str>> {
        let (mut rest, mut level) = (path, self.levels.len().checked_sub(1)?);
        while let Some(above) = rest.strip_prefix("../") {
            (rest, level) = (above, level.checked_sub(1)?);
        }
        // Within the mapping's texts a dot separates as a slash does.
        let texts = self.levels.get(level)?;
        let text = texts.get(rest).or_else(|| texts.get(&rest.replace('.', "/")))?;
        let text = Cow::Borrowed(text.as_str());
        Some(if self.url_encoded { decoded(text) } else { text })
    }
}
