//! What the sheets of one workbook are made from.

use super::list::Print;
use super::styles::Styles;
use crate::domain::RoomTotal;
use crate::render::RenderError;
use crate::render::brand::BrandView;
use crate::render::view::Reader;

/// What the sheets of one workbook are made from.
pub(super) struct Scope<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) brand: &'a BrandView,
    pub(super) styles: &'a Styles,
    /// `None` means the account's workbook.
    pub(super) room: Option<&'a RoomTotal>,
}

impl Scope<'_> {
    pub(super) fn print(&self) -> Result<Print, RenderError> {
        print(self.reader, self.brand, self.room)
    }
}

pub(super) fn print(reader: &Reader<'_>, brand: &BrandView, room: Option<&RoomTotal>) -> Result<Print, RenderError> {
    Ok(Print {
        title: reader.title(room)?,
        brand: brand.name.clone(),
        page_of: reader.catalogue.phrase("page-of", &[("page", "&P"), ("pages", "&N")])?,
    })
}
