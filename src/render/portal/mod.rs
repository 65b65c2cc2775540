//! The pages of the online consultation, and the files of their DOWNLOAD buttons.
//!
//! A page's list is data ([`table::Table`]): the page makes a part of its rows, workbook and CSV write all of them,
//! from the same cells. Reading order: `table`, `arrange` (search, order, sums), `month_shown`, `lists` (the
//! account's rooms, a room's conferences, a conference's participants), `list_page`, `list_view`, `code_view`,
//! `code_pages` (billing codes), `download`, `frame` (the frame of every page), `forms` (the other pages),
//! `password_mail` (mails about passwords), `language`, `assets`.

mod arrange;
mod assets;
mod code_pages;
mod code_view;
mod download;
mod facts;
mod forms;
mod frame;
mod language;
mod list_page;
mod list_view;
mod lists;
mod month_shown;
mod password_mail;
mod sample;
mod second_factor_page;
mod table;

pub use assets::{Asset, PortalAssets};
pub use code_pages::{CodeAnswer, CodeListPage, CodeProblem, RevisionAnswer};
pub use code_view::{CodeChangeView, CodeNotice, CodesOffer};
pub use forms::{FormPage, HomeView, MeView, Message, RevisionView, SessionView};
pub use frame::{Frame, Guest};
pub use list_page::{ListPage, PeriodChoice};
pub use month_shown::{ConferenceFigures, MonthShown, Standing, path_segment};
pub use password_mail::PasswordMail;
pub use second_factor_page::SecondFactorPage;
pub use table::{Arrangement, ListQuery};

/// How many rows a page shows.
pub const ROWS_PER_PAGE: usize = 100;
