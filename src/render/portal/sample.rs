//! Every page and mail of the online consultation once, for checking templates and words before anybody sees them.

use chrono::{TimeDelta, Utc};

use super::{
    ConferenceFigures, FormPage, Frame, HomeView, ListQuery, MeView, Message, MonthShown, PasswordMail, PeriodChoice,
    RevisionView, SessionView, Standing,
};
use crate::domain::{Participant, Statement};
use crate::render::{RenderError, Renderer};

impl Renderer {
    /// Renders all of it with a sample, in the sample's locale.
    pub(in crate::render) fn check_portal(
        &self,
        statement: &Statement,
        participants: &[Participant],
    ) -> Result<(), RenderError> {
        let locale = &statement.account.locale;
        let frame = Frame { language: locale.to_string(), signed_in: Some("leo@phoenix.example".into()) };
        for standing in [Standing::Statement, Standing::Empty, open(), Standing::Checked] {
            self.check_lists(&frame, (statement, standing), participants)?;
        }
        let text = String::new;
        for form in [
            FormPage::SignIn { number: text(), email: text(), next: "/".into() },
            FormPage::Forgotten { number: text(), email: text() },
            FormPage::Password { path: "/".into(), shortest: 12 },
        ] {
            for error in [None, Some(Message::WrongSignIn)] {
                self.form_page(&frame, &form, error)?;
            }
        }
        for message in Message::ALL {
            self.message_page(&Frame { signed_in: None, ..frame.clone() }, message)?;
        }
        self.check_places(&frame, statement)?;
        let (link, expires) = (String::from("https://portal.example/password/x"), statement.period.end);
        let mails = [
            PasswordMail::Invite { link: link.clone(), expires },
            PasswordMail::Forgotten { link: link.clone(), expires },
            PasswordMail::Changed { link },
        ];
        mails.iter().try_for_each(|mail| self.password_mail(locale, "602127", mail).map(drop))
    }

    fn check_lists(
        &self,
        frame: &Frame,
        (statement, standing): (&Statement, Standing),
        participants: &[Participant],
    ) -> Result<(), RenderError> {
        let month = MonthShown { statement, standing, rooms: None };
        let query = ListQuery { search: "a".into(), all_rooms: true, ..ListQuery::default() };
        let periods = [PeriodChoice { period: statement.period.id, is_shown: true }];
        for query in [ListQuery::default(), query] {
            self.account_list(month, &query)?.html(frame, &periods)?;
            for room in &statement.rooms {
                if let Some(list) = self.room_list(month, &room.number, &query)? {
                    list.html(frame, &periods)?;
                }
            }
            if let Some(list) =
                self.conference_list(month, ConferenceFigures { lines: &statement.lines, participants }, &query)?
            {
                list.html(frame, &periods)?;
            }
        }
        Ok(())
    }

    fn check_places(&self, frame: &Frame, statement: &Statement) -> Result<(), RenderError> {
        let account = &statement.account;
        let home = |room| HomeView { account: account.number.clone(), company: account.company.clone(), room };
        let rooms = statement.rooms.iter().map(|room| home(Some((room.number.clone(), room.cardholder.clone()))));
        let places: Vec<_> = std::iter::once(home(None)).chain(rooms).collect();
        self.home_page(frame, &places)?;
        self.home_page(frame, &[])?;
        let session = |is_this| SessionView {
            id: "1".into(),
            browser: "Firefox".into(),
            started_at: statement.period.start,
            seen_at: statement.period.start + TimeDelta::hours(1),
            is_this,
        };
        let me = MeView { sessions: vec![session(true), session(false)], shortest: 12 };
        self.me_page(frame, &me, (Some(Message::PasswordSet), Some(Message::PasswordWrong)))?;
        let revision = |is_current| RevisionView {
            period: statement.period.id,
            revision: statement.revision,
            is_current,
            charge: Some((statement.totals.charge, account.currency)),
            files: vec!["account.xlsx".into()],
        };
        for revisions in [vec![revision(true), revision(false)], Vec::new()] {
            self.statements_page(frame, (&account.number, &account.locale), &revisions)?;
        }
        Ok(())
    }
}

fn open() -> Standing {
    Standing::NotInvoiced { as_of: chrono::DateTime::<Utc>::UNIX_EPOCH }
}
