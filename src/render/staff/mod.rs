//! The pages of the operator's own people. In English, as the status page is; in the look of the customers' pages.
//!
//! Reading order: `frame` (what stands around every page), `form` (signing in), `page` (the page that everything is shown on: data,
//! and nothing else), `table` (lists, and their files), `sample`.

mod form;
mod frame;
mod page;
mod sample;
mod table;

pub use form::StaffForm;
pub use frame::{StaffCrumb, StaffFrame, StaffView};
pub use page::{StaffBar, StaffChoices, StaffItem, StaffLink, StaffPage, StaffSection, StaffSelect, StaffStanding};
pub use table::{
    STAFF_ROWS, StaffCell, StaffColumn, StaffPaging, StaffRow, StaffTable, staff_csv, staff_difference,
    staff_instant, staff_money, staff_month, staff_workbook,
};
