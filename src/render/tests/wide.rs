//! The gallery of what is widest: every language and region, with very large amounts and long names, for measuring.
//! `STATEMENTD_WIDE=folder cargo test --lib wide -- --ignored` writes it; `tests/output_checks/widths.js` measures it.

use std::fs;
use std::path::Path;

use super::golden::{self, GoldenMonth};
use super::outputs::{brand, corrected_may, files};
use crate::domain::{Amount, CodesNow, Totals};
use crate::render::{
    Attached, ConferenceFigures, FormPage, Frame, ListPage, ListQuery, Message, MonthShown, PasswordMail,
    PeriodChoice, RenderOptions, Renderer, Standing,
};

/// Those that words are written for, each with the currency that is wide there.
const LOCALES: [(&str, &str); 19] = [
    ("fr-FR", "EUR"),
    ("fr-CA", "CAD"),
    ("fr-BE", "EUR"),
    ("fr-CH", "CHF"),
    ("de-DE", "EUR"),
    ("de-CH", "CHF"),
    ("de-AT", "EUR"),
    ("es-ES", "EUR"),
    ("es-MX", "MXN"),
    ("it-IT", "EUR"),
    ("it-CH", "CHF"),
    ("nl-NL", "EUR"),
    ("nl-BE", "EUR"),
    ("pt-PT", "EUR"),
    ("pt-BR", "BRL"),
    ("en-GB", "GBP"),
    ("en-US", "USD"),
    ("en-IN", "INR"),
    ("fr-TN", "TND"),
];
/// What the golden month's amounts are multiplied by: ten thousand millions of any currency.
const LARGE: i64 = 10_000_000;

#[test]
#[ignore = "writes files; run by tests/output_checks/check.sh"]
fn write_what_is_widest() {
    let folder = std::env::var("STATEMENTD_WIDE").expect("STATEMENTD_WIDE names a folder");
    let options = RenderOptions {
        brand: brand(),
        portal_url: Some("https://portal.example".into()),
        // So that templates can be changed and looked at without compiling them in.
        templates: std::env::var_os("STATEMENTD_TEMPLATES").map(Into::into),
        ..RenderOptions::default()
    };
    let renderer = Renderer::new(&options).unwrap();
    for (locale, currency) in LOCALES {
        for (kind, month) in [("large", large(corrected_may())), ("plain", late(golden::may()))] {
            let mut month = month;
            month.statement.account.locale = locale.parse().unwrap();
            month.statement.account.currency = currency.parse().unwrap();
            let folder = Path::new(&folder).join(format!("{locale}-{kind}"));
            fs::create_dir_all(folder.join("rooms")).unwrap();
            for (file, bytes) in files(&renderer, &month, true) {
                fs::write(folder.join(file), bytes).unwrap();
            }
            write_mails(&folder, &renderer, &month);
            write_portal(&folder, &renderer, &month);
        }
    }
}

fn larger(amount: &mut Amount) {
    amount.0 *= LARGE;
}

/// Long names and amounts that fill the screen.
fn large(mut month: GoldenMonth) -> GoldenMonth {
    month = late(month);
    let statement = &mut month.statement;
    let totals = |totals: &mut Totals| larger(&mut totals.charge);
    totals(&mut statement.totals);
    statement.rooms.iter_mut().for_each(|room| totals(&mut room.totals));
    statement.lines.iter_mut().for_each(|line| larger(&mut line.charge));
    statement.billing_codes.iter_mut().for_each(|code| larger(&mut code.charge));
    statement.history.iter_mut().for_each(|before| totals(&mut before.totals));
    let changes = statement.changes.as_mut().unwrap();
    totals(&mut changes.totals_before);
    for change in &mut changes.rooms {
        totals(&mut change.before);
        totals(&mut change.after);
    }
    for change in &mut changes.lines {
        change.before.iter_mut().chain(&mut change.after).for_each(|line| larger(&mut line.charge));
    }
    statement.account.company =
        "Vereinigte Telefonkonferenzdienstleistungsgesellschaften Süd-Südost".parse().unwrap();
    statement.rooms[1].cardholder = "Maximiliane-Wilhelmine Schwarzenberger-Hohenlohe".parse().unwrap();
    statement.rooms[1].auto_billing_code = Some("PROJEKT-2009-05-VERTRIEB-SÜDOST-4711".parse().unwrap());
    let code = "PROJEKT_2009_05_VERTRIEB_SÜDOST_4711_OHNE_LEERZEICHEN".parse().ok();
    statement.lines.iter_mut().step_by(3).for_each(|line| line.billing_code.clone_from(&code));
    month
}

/// With two lines that April's usage left behind.
fn late(mut month: GoldenMonth) -> GoldenMonth {
    let april = month.statement.period.id.previous();
    let room = month.statement.rooms[1].number.clone();
    let late: Vec<_> =
        month.statement.lines_of(&room).iter().take(2).map(|line| line.conference_id.clone()).collect();
    for line in month.statement.lines.iter_mut().filter(|line| late.contains(&line.conference_id)) {
        line.late_from = Some(april);
    }
    for leg in month.participants.iter_mut().filter(|leg| late.contains(&leg.conference_id)) {
        leg.late_from = Some(april);
    }
    month
}

fn write_mails(folder: &Path, renderer: &Renderer, month: &GoldenMonth) {
    let statement = &month.statement;
    let (room, company) = (&statement.rooms[1].number, &statement.account.company);
    let link = Attached::Link { url: "https://files.example/602127".into(), expires: statement.period.end };
    for (file, room, attached) in
        [("mail", None, &Attached::Files), ("mail-room", Some(room), &link), ("mail-ask", None, &Attached::OnRequest)]
    {
        let mail = renderer.mail(statement, room, Some(company), attached).unwrap();
        fs::write(folder.join(format!("{file}.html")), &mail.html).unwrap();
        fs::write(folder.join(format!("{file}.txt")), format!("Subject: {}\n\n{}", mail.subject, mail.text)).unwrap();
    }
    let expires = statement.period.end;
    let invite = PasswordMail::Invite { link: "https://portal.example/password/x".into(), expires };
    let mail = renderer.password_mail(&statement.account.locale, "602127", &invite).unwrap();
    fs::write(folder.join("mail-invite.html"), &mail.html).unwrap();
    fs::write(folder.join("mail-invite.txt"), format!("Subject: {}\n\n{}", mail.subject, mail.text)).unwrap();
}

/// The pages with the style sheet that they name beside them.
fn write_portal(folder: &Path, renderer: &Renderer, month: &GoldenMonth) {
    let statement = &month.statement;
    let frame = Frame {
        language: statement.account.locale.to_string(),
        signed_in: Some("maximiliane.schwarzenberger@phoenix.example".into()),
        guest: None,
    };
    let write = |name: &str, page: Vec<u8>| {
        let page = String::from_utf8(page).unwrap().replace("/assets/", "");
        fs::write(folder.join(format!("portal-{name}.html")), page).unwrap();
    };
    for asset in std::iter::once(&renderer.portal_assets.style).chain(&renderer.portal_assets.logo) {
        fs::write(folder.join(&asset.name), &asset.bytes).unwrap();
    }
    let codes = CodesNow::default();
    let shown = MonthShown {
        statement,
        standing: Standing::NotInvoiced { as_of: statement.period.end, is_behind: true },
        account_path: "/a/602127",
        rooms: None,
        codes: &codes,
        shares: &crate::domain::code_shares(&statement.lines, &codes),
    };
    let periods = [PeriodChoice { period: statement.period.id, is_shown: true }];
    let html = |list: ListPage<'_>| list.html(&frame, &periods).unwrap();
    let query = ListQuery { all_rooms: true, ..ListQuery::default() };
    write("account", html(renderer.account_list(shown, &query, None).unwrap()));
    let room = &statement.rooms[1].number;
    write("room", html(renderer.room_list(shown, room, &query, None).unwrap().unwrap()));
    let line = &statement.lines_of(room)[0];
    let participants: Vec<_> =
        month.participants.iter().filter(|leg| leg.conference_id == line.conference_id).cloned().collect();
    let figures = ConferenceFigures { lines: std::slice::from_ref(line), participants: &participants };
    write("conference", html(renderer.conference_list(shown, figures, &query).unwrap().unwrap()));
    write("message", renderer.message_page(&frame, Message::LinkSent).unwrap());
    let form = FormPage::SignIn { number: String::new(), email: String::new(), next: String::new() };
    let signed_out = Frame { signed_in: None, ..frame.clone() };
    write("sign-in", renderer.form_page(&signed_out, &form, Some(Message::WrongSignIn)).unwrap());
}
