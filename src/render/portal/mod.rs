//! The pages of the online consultation, and what their DOWNLOAD buttons give.
//!
//! A page's list is data ([`table::Table`]): the page formats a part of its rows, workbook and CSV write all of them, from
//! the same cells. Reading order: `table`, `lists` (the account's rooms, a room's conferences, a conference's
//! participants), `list_page`, `download`, `frame` (what stands around every page), `forms` (the other pages), `letter`
//! (mails about passwords), `language`, `assets`.

mod assets;
mod download;
mod forms;
mod frame;
mod language;
mod letter;
mod list_page;
mod lists;
mod sample;
mod table;

pub use assets::{Asset, PortalAssets};
pub use forms::{FormPage, HomeView, MeView, Message, RevisionView, SessionView};
pub use frame::Frame;
pub use letter::PasswordMail;
pub use list_page::{ListPage, PeriodChoice};
pub use lists::{ConferenceFigures, MonthShown, Standing};
pub use table::ListQuery;

/// How many rows a page shows.
pub const ROWS_PER_PAGE: usize = 100;
