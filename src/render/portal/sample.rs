//! Every page and mail of the online consultation once, for checking templates and texts before they are used.

use chrono::{TimeDelta, Utc};

use super::{
    CodeAnswer, CodeChangeView, CodeListPage, CodeNotice, CodeProblem, CodesOffer, ConferenceFigures, FormPage,
    Frame, HomeView, ListQuery, MeView, Message, MonthShown, PasswordMail, PeriodChoice, RevisionAnswer,
    RevisionView, SecondFactorPage, SessionView, Standing,
};
use crate::domain::{AccountCode, BillingCode, CodePolicy, CodesNow, Invalid, Participant, Statement, code_shares};
use crate::render::{RenderError, Renderer};

impl Renderer {
    /// Renders all of it with a sample, in the sample's locale.
    pub(in crate::render) fn check_portal(
        &self,
        statement: &Statement,
        participants: &[Participant],
    ) -> Result<(), RenderError> {
        let locale = &statement.account.locale;
        let frame =
            Frame { language: locale.to_string(), signed_in: Some("leo@phoenix.example".into()), guest: None };
        for standing in [Standing::Statement, Standing::Empty, open(), Standing::Checked] {
            self.check_lists(&frame, (statement, standing), participants)?;
        }
        let text = String::new;
        for form in [
            FormPage::SignIn { number: text(), email: text(), next: "/".into() },
            FormPage::Forgotten { number: text(), email: text() },
            FormPage::Code,
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
        self.check_codes(&frame, statement)?;
        self.check_staff(statement)?;
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
        // Every code was changed since: the most that a page has to say.
        let named = |line: &crate::domain::Line| (line.room.clone(), line.conference_id.clone(), line.late_from);
        let codes: CodesNow = statement.lines.iter().map(|line| (named(line), "P-17".parse().ok())).collect();
        let shares = code_shares(&statement.lines, &codes);
        let month = MonthShown {
            statement,
            standing,
            account_path: "/a/602127",
            rooms: None,
            codes: &codes,
            shares: &shares,
        };
        let query = ListQuery { search: "a".into(), all_rooms: true, ..ListQuery::default() };
        let periods = [PeriodChoice { period: statement.period.id, is_shown: true }];
        for query in [ListQuery::default(), query] {
            self.account_list(month, &query, None)?.html(frame, &periods)?;
            for room in &statement.rooms {
                if let Some(list) = self.room_list(month, &room.number, &query, None)? {
                    list.with_codes(offer()?).html(frame, &periods)?;
                }
            }
            if let Some(list) =
                self.conference_list(month, ConferenceFigures { lines: &statement.lines, participants }, &query)?
            {
                list.with_codes(offer()?).html(frame, &periods)?;
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
            can_be_revised: is_current,
        };
        for revisions in [vec![revision(true), revision(false)], Vec::new()] {
            self.statements_page(frame, (&account.number, &account.locale), &revisions)?;
        }
        Ok(())
    }

    fn check_codes(&self, frame: &Frame, statement: &Statement) -> Result<(), RenderError> {
        let account = &statement.account;
        let code = |code: &str| code.parse().map_err(|error: Invalid| RenderError::Template(error.to_string()));
        let problems = [
            CodeProblem::Overtaken(vec!["33 270 3 · C1".into()]),
            CodeProblem::ListOvertaken,
            CodeProblem::Busy,
            CodeProblem::NotListed,
            CodeProblem::Almost(code("P-17")?),
            CodeProblem::Locked,
            CodeProblem::TooOld,
            CodeProblem::OwnersOnly,
            CodeProblem::TooMany,
            CodeProblem::NoneChosen,
            CodeProblem::BadCode("x".into()),
        ];
        for problem in problems {
            let (action, back, fields) = ("/".into(), "/".into(), vec![("seen".into(), "1".into())]);
            let answer = CodeAnswer { problem: problem.clone(), action, back, fields, code: "p17".into() };
            self.code_answer_page(frame, &answer)?;
            let list = CodeListPage {
                account: account.number.clone(),
                company: account.company.clone(),
                policy: CodePolicy::default(),
                codes: offer()?.known,
                seen: "x".into(),
                problem: Some(problem),
                is_saved: true,
            };
            self.code_list_page(frame, &list)?;
        }
        let answers = [
            RevisionAnswer::Offer(Box::new(statement.clone())),
            RevisionAnswer::Asked,
            RevisionAnswer::TooSoon,
            RevisionAnswer::Nothing,
            RevisionAnswer::Blocked,
            RevisionAnswer::Busy,
        ];
        for answer in answers {
            self.revision_page(frame, (&account.number, &account.locale, statement.period.id), &answer)?;
        }
        let factors = [
            SecondFactorPage::Off,
            SecondFactorPage::Proposed { secret: "ABCD".into(), uri: "otpauth://totp/x".into() },
            SecondFactorPage::Codes { codes: vec!["ABCD".into()] },
            SecondFactorPage::On { left: 9 },
        ];
        factors.iter().try_for_each(|page| self.second_factor_page(frame, page, Some(Message::CodeWrong)).map(drop))
    }
}

/// Everything that a page can offer about codes.
fn offer() -> Result<CodesOffer, RenderError> {
    let bad = |error: Invalid| RenderError::Template(error.to_string());
    let code: BillingCode = "P-17".parse().map_err(bad)?;
    let known = AccountCode { code: code.clone(), label: Some("Project".parse().map_err(bad)?), active: true };
    let change = CodeChangeView {
        at: chrono::DateTime::<Utc>::UNIX_EPOCH,
        by: "leo@phoenix.example".into(),
        before: None,
        after: Some(code.clone()),
        revision: Some(1),
        is_undo: true,
    };
    Ok(CodesOffer {
        may_assign: true,
        is_owner: true,
        policy: CodePolicy { is_listed: true, is_required: true, ..CodePolicy::default() },
        known: vec![known],
        seen: 1,
        notice: Some(CodeNotice::Given { count: 2, code: Some(code), set: Some(1) }),
        history: vec![change],
    })
}

fn open() -> Standing {
    Standing::NotInvoiced { as_of: chrono::DateTime::<Utc>::UNIX_EPOCH, is_behind: true }
}
