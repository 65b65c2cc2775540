//! What pages load besides themselves: one style sheet, one more for staff, and the logo, each under a name that
//! changes with its content.

use tera::Context;

use crate::digest::sha256_hex;
use crate::render::brand::BrandView;
use crate::render::templates::Templates;
use crate::render::{RenderError, Renderer};

/// How many digits of its digest are in an asset's name.
const DIGITS: usize = 12;

const STYLE: &str = "text/css; charset=utf-8";

/// One file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// For example `style.0123456789ab.css`.
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct PortalAssets {
    pub style: Asset,
    /// The additional style sheet of staff's pages.
    pub staff_style: Asset,
    pub logo: Option<Asset>,
}

impl Renderer {
    pub fn portal_asset(&self, name: &str) -> Option<&Asset> {
        let assets = &self.portal_assets;
        [&assets.style, &assets.staff_style].into_iter().chain(&assets.logo).find(|asset| asset.name == name)
    }
}

impl PortalAssets {
    pub(in crate::render) fn new(
        templates: &Templates,
        brand: &BrandView,
        brand_value: &tera::Value,
    ) -> Result<Self, RenderError> {
        let mut context = Context::new();
        context.insert_value("brand", brand_value.clone());
        let style = templates.render("portal/style.css", &context)?;
        let staff_style = templates.render("portal/staff.css", &context)?;
        let logo = brand.logo.as_ref();
        Ok(Self {
            style: Asset::new("style", "css", STYLE, style),
            staff_style: Asset::new("staff", "css", STYLE, staff_style),
            logo: logo.map(|logo| {
                Asset::new("logo", logo.format.extension(), logo.format.media_type(), logo.bytes.clone())
            }),
        })
    }
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &str, bytes: Vec<u8>) -> Self {
        let name = format!("{stem}.{}.{extension}", &sha256_hex(&bytes)[..DIGITS]);
        Self { name, media_type: media_type.to_owned(), bytes }
    }
}
