//! The words of a mail about a password: a link by which to set one, or that it was changed.

use chrono::{DateTime, Utc};
use tera::Context;

use crate::domain::LocaleTag;
use crate::render::context::{self, Support};
use crate::render::locale::Formatters;
use crate::render::{MailBody, RenderError, Renderer};

/// What a mail about a password says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordMail {
    /// A first password.
    Invite { link: String, expires: DateTime<Utc> },
    /// Someone asked for a link.
    Forgotten { link: String, expires: DateTime<Utc> },
    /// It was changed; `link` leads to where another one can be asked for.
    Changed { link: String },
}

impl Renderer {
    /// `number`: the account or room that was named.
    pub fn password_mail(
        &self,
        locale: &LocaleTag,
        number: &str,
        mail: &PasswordMail,
    ) -> Result<MailBody, RenderError> {
        let catalogue = self.catalogues.language(locale.as_str())?;
        let (stem, link, expires) = match mail {
            PasswordMail::Invite { link, expires } => ("invite", link, Some(expires)),
            PasswordMail::Forgotten { link, expires } => ("forgotten", link, Some(expires)),
            PasswordMail::Changed { link } => ("changed", link, None),
        };
        let brand = [("brand", self.brand.name.as_str()), ("number", number)];
        let phrase = |part: &str| catalogue.phrase(&format!("portal-mail-{stem}-{part}"), &brand);
        let subject = phrase("subject")?;
        let valid = expires.map(|at| valid_until(locale, *at)).transpose()?;
        let valid = valid.map(|until| catalogue.phrase("portal-mail-valid", &[("until", &until)])).transpose()?;
        let mut context: Context = context::of_page(catalogue, locale.as_str(), &self.brand_value);
        context.insert("subject", &subject);
        context.insert("greeting", &catalogue.word("mail-greeting-plain")?);
        context.insert("intro", &phrase("intro")?);
        context.insert("action", &phrase("action")?);
        context.insert("ignore", &phrase("ignore")?);
        context.insert("link", link);
        context.insert("valid", &valid);
        context.insert("support", &Support::new(catalogue, &self.brand)?);
        let text =
            |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|error| RenderError::Template(error.to_string()));
        let html = text(self.templates.render("portal/password_mail.html", &context)?)?;
        let plain = text(self.templates.render("portal/password_mail.txt", &context)?)?;
        Ok(MailBody { subject, text: plain, html })
    }
}

fn valid_until(locale: &LocaleTag, at: DateTime<Utc>) -> Result<String, RenderError> {
    let euro = "EUR".parse().map_err(|error: crate::domain::Invalid| RenderError::Template(error.to_string()))?;
    let format = Formatters::of(locale, euro)?;
    Ok(format!("{} {} UTC", format.long_date(at.date_naive()), format.time(&at)))
}
