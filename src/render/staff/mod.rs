//! The pages of the operator's own people. In English, as the status page is; in the look of the customers' pages.
//!
//! Reading order: `frame` (the frame of every page), `form` (signing in), `page` (the page that everything is shown
//! on: data, and nothing else), `table` (lists), `file` (their files), `sample`.

mod file;
mod form;
mod frame;
mod page;
mod sample;
mod table;

pub use file::{StaffFile, staff_file};
pub use form::StaffForm;
pub use frame::{StaffCrumb, StaffFrame, StaffView};
pub use page::{StaffBar, StaffChoices, StaffItem, StaffLink, StaffPage, StaffSection, StaffSelect, StaffStanding};
pub use table::{
    STAFF_ROWS, StaffCell, StaffColumn, StaffPaging, StaffRow, StaffTable, staff_difference, staff_instant,
    staff_money, staff_month,
};
