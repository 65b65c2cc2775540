//! Every page of staff once, for checking templates before they are used.

use super::{
    StaffBar, StaffCell, StaffChoices, StaffColumn, StaffCrumb, StaffForm, StaffFrame, StaffItem, StaffLink,
    StaffPage, StaffPaging, StaffRow, StaffSection, StaffSelect, StaffStanding, StaffTable,
};
use crate::domain::{Amount, Statement};
use crate::render::portal::Message;
use crate::render::{RenderError, Renderer};

impl Renderer {
    /// Renders all of them with a sample.
    pub(in crate::render) fn check_staff(&self, statement: &Statement) -> Result<(), RenderError> {
        let text = String::new;
        let error = Some(Message::CodeWrong);
        let frame = StaffFrame { signed_in: Some("finance@op.example".into()), path: "/staff".into() };
        for form in [
            StaffForm::SignIn { email: text(), next: "/staff/accounts".into(), error: Some(Message::WrongSignIn) },
            StaffForm::Code { error },
            StaffForm::SetUp { secret: "ABCD".into(), uri: "otpauth://totp/x".into(), error },
            StaffForm::RecoveryCodes { codes: vec!["ABCD".into()], next: "/staff".into() },
            StaffForm::Password { path: "/staff/link/x".into(), email: text(), shortest: 15, error },
        ] {
            self.staff_page(&StaffFrame::default(), &form)?;
        }
        for message in Message::ALL {
            self.staff_message_page(&frame, message)?;
        }
        self.staff_refusal_page(
            &frame,
            ("A file is damaged", "It is not handed out.", "statementd archive restore"),
        )?;
        self.staff_page(&frame, &sample_page(statement)?).map(drop)
    }
}

fn sample_page(statement: &Statement) -> Result<StaffPage, RenderError> {
    let row = StaffRow {
        cells: vec![
            StaffCell::text("602127"),
            StaffCell::Money(Amount(13_207), statement.account.currency),
            StaffCell::Duration(96_608),
        ],
        links: vec![Some("/staff/accounts/602127".into())],
        problem: Some(0),
    };
    let columns = vec![
        StaffColumn {
            link: Some("?sort=number".into()),
            sorted: Some("ascending"),
            ..StaffColumn::text("number", "Account")
        },
        StaffColumn::money("charge", "Charge"),
        StaffColumn::number("", "Time"),
    ];
    let table = StaffTable::of("Accounts", columns, std::slice::from_ref(&row), std::slice::from_ref(&row))?;
    let paging = StaffPaging { text: "1".into(), previous: Some("?page=1".into()), next: Some("?page=2".into()) };
    let section = StaffSection {
        id: "list",
        heading: "Accounts".into(),
        text: "All of them.".into(),
        buttons: vec![StaffLink::new("Excel", "/staff")],
        form: Some(StaffChoices {
            action: "/staff".into(),
            search: Some(String::new()),
            selects: vec![StaffSelect {
                name: "show",
                label: "Show",
                options: vec![(String::new(), "all".into(), true)],
            }],
            hidden: vec![("sort".into(), "number".into())],
        }),
        items: vec![StaffItem {
            heading: "Parked".into(),
            link: Some("/staff".into()),
            text: "account 602127".into(),
            hint: "Correct it.".into(),
            is_problem: true,
        }],
        bars: vec![StaffBar { label: "Closed".into(), text: "1 of 2".into(), percent: 50 }],
        table: Some(StaffTable { paging: Some(paging), ..table }),
        nothing: String::new(),
    };
    Ok(StaffPage {
        title: "May 2009".into(),
        crumbs: vec![StaffCrumb::new("Home", "/staff")],
        kind: "Month".into(),
        standing: Some(StaffStanding { text: "closed".into(), is_well: true }),
        as_of: "now".into(),
        facts: vec![("Accounts".into(), "1".into())],
        notice: Some("Read this.".into()),
        sections: vec![section],
    })
}
