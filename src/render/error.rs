//! Errors of rendering, for the person who has to correct the cause.

use std::path::PathBuf;

use rust_xlsxwriter::XlsxError;

use crate::csv_table::CsvError;

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template does not compile, uses a variable that does not exist, or has another error.
    #[error("{0}")]
    Template(String),
    #[error("language \"{language}\" lacks the words {missing}: add them to {file}")]
    MissingWords { language: String, missing: String, file: String },
    /// `file`: below the templates folder, for example `words/fr.ftl`.
    #[error("{file}: {reason}")]
    Catalogue { file: String, reason: String },
    #[error("{key} = {value:?}: {reason}")]
    Setting { key: &'static str, value: String, reason: String },
    #[error("cannot read {}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("locale {locale} cannot be used for {currency}: {reason}")]
    Locale { locale: String, currency: String, reason: String },
    #[error("workbook: {0}")]
    Workbook(#[from] XlsxError),
    #[error("a large file cannot be kept in {folder} while it is made: {0}", folder = std::env::temp_dir().display())]
    Temporary(#[from] std::io::Error),
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error("account.json: {0}")]
    Json(#[from] serde_json::Error),
    /// The detail that was handed in is not what the statement charges; nothing is rendered from it.
    #[error("room {room}: the usage at hand is not what was charged: {what}")]
    DetailDiffers { room: String, what: String },
}

impl From<tera::Error> for RenderError {
    fn from(error: tera::Error) -> Self {
        // The chain of causes holds the line and what is wrong with it.
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        Self::Template(text)
    }
}
