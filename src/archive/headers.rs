//! The headers of an object that is fetched by a link: its type, and the name under which a browser saves it.

use std::path::Path;

use object_store::{Attribute, Attributes};

const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// For stores that keep such things; a folder does not.
pub(super) fn attributes(key: &str) -> Attributes {
    let mut attributes = Attributes::new();
    let (media_type, shown) = match Path::new(key).extension().and_then(|extension| extension.to_str()) {
        Some("html") => ("text/html; charset=utf-8", "inline"),
        Some("xlsx") => (WORKBOOK, "attachment"),
        Some("csv") => ("text/csv; charset=utf-8", "attachment"),
        Some("json") => ("application/json", "inline"),
        _ => return attributes,
    };
    attributes.insert(Attribute::ContentType, media_type.into());
    // Keys are made of checked identifiers: nothing in them needs quoting.
    let disposition = format!("{shown}; filename=\"{}\"", download_name(key));
    attributes.insert(Attribute::ContentDisposition, disposition.into());
    attributes
}

/// A name that says what the file is, wherever it is saved: for `2009-05/602127/r1/account.xlsx` it is
/// `602127-2009-05.xlsx`, as mails name it; later revisions carry their number.
pub fn download_name(key: &str) -> String {
    let parts: Vec<&str> = key.split('/').collect();
    let name = parts.last().copied().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    match parts.as_slice() {
        [period, account, revision, rest @ ..] if !rest.is_empty() && revision.starts_with('r') => {
            let number = match rest {
                ["account.json" | "account.html" | "account.xlsx"] => account,
                ["rooms", _] => stem,
                _ => return format!("{account}-{period}-{name}"),
            };
            let revision = if *revision == "r1" { String::new() } else { format!("-{revision}") };
            format!("{number}-{period}{revision}.{extension}")
        }
        [period, _] => format!("{period}-{name}"),
        ["reruns", id, _] => format!("{id}-{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_says_what_it_is() {
        for (key, name) in [
            ("2009-05/602127/r1/account.xlsx", "602127-2009-05.xlsx"),
            ("2009-05/602127/r2/account.html", "602127-2009-05-r2.html"),
            ("2009-05/602127/r1/rooms/332703.html", "332703-2009-05.html"),
            ("2009-05/602127/r1/manifest.json", "602127-2009-05-manifest.json"),
            ("2009-05/index.csv", "2009-05-index.csv"),
            ("reruns/tariff-fix/report.html", "tariff-fix-report.html"),
            ("probe", "probe"),
        ] {
            assert_eq!(download_name(key), name);
        }
        let page = attributes("2009-05/602127/r1/account.html");
        assert_eq!(page.get(&Attribute::ContentType).unwrap().as_ref(), "text/html; charset=utf-8");
        let shown = page.get(&Attribute::ContentDisposition).unwrap().as_ref();
        assert_eq!(shown, "inline; filename=\"602127-2009-05.html\"");
    }
}
