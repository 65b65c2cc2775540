//! Every output of the mini-guide's month.

use super::gallery::large_may;
use super::golden::{self, GoldenMonth};
use crate::domain::{Callers, Changes, Formats, LineChange, RoomChange};
use crate::render::templates::BUILT_IN;
use crate::render::{Attached, Brand, IndexRow, RenderOptions, Renderer, RoomLegs, StatementRender};

const BOTH: Formats = Formats::ALL;

pub(in crate::render) fn brand() -> Brand {
    Brand {
        name: "MeetingOne".into(),
        support_email: Some("supporteu@meetingone.com".into()),
        support_phone: Some("(00)32 2 789 00 10".into()),
        website: Some("https://www.meetingone.com".parse().unwrap()),
        logo: None,
        colour: Some("#e4572e".parse().unwrap()),
        legal: None,
        locale: None,
    }
}

pub(in crate::render) fn renderer() -> Renderer {
    Renderer::new(&RenderOptions { brand: brand(), ..RenderOptions::default() }).unwrap()
}

/// (name, bytes) of all files of a month, as the archive names them.
pub(in crate::render) fn files(
    renderer: &Renderer,
    month: &GoldenMonth,
    empty_rooms: bool,
) -> Vec<(String, Vec<u8>)> {
    let mut render = renderer.statement(&month.statement, BOTH, empty_rooms).unwrap();
    let mut files = Vec::new();
    for room in month.statement.active_rooms() {
        files.extend(render.room(month.legs_of(room.number.as_str())).unwrap());
    }
    render
        .finish(&mut |file| {
            files.push(file);
            true
        })
        .unwrap();
    files.into_iter().map(|file| (file.name.to_string(), file.content.into_bytes().unwrap())).collect()
}

pub(in crate::render) fn text(files: &[(String, Vec<u8>)], name: &str) -> String {
    let (_, bytes) = files.iter().find(|(file, _)| file == name).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

/// May as it would be after one line was corrected.
pub(in crate::render) fn corrected_may() -> GoldenMonth {
    let mut month = golden::may();
    let statement = &mut month.statement;
    let before = statement.totals;
    let room_before = statement.rooms[1].totals;
    let index = statement.lines.iter().position(|line| line.room.as_str() == "332703").unwrap();
    let line_before = statement.lines[index].clone();
    statement.lines[index].charge.0 -= 100;
    statement.rooms[1].totals.charge.0 -= 100;
    statement.totals.charge.0 -= 100;
    statement.billing_codes.last_mut().unwrap().charge.0 -= 100;
    statement.revision = 2;
    statement.changes = Some(Changes {
        since_revision: 1,
        totals_before: before,
        rooms: vec![RoomChange {
            number: "332703".parse().unwrap(),
            before: room_before,
            after: statement.rooms[1].totals,
        }],
        lines: vec![LineChange { before: Some(line_before), after: Some(statement.lines[index].clone()) }],
    });
    month
}

#[test]
fn the_mini_guide_s_month_shows_its_figures_to_the_cent_and_second() {
    let files = files(&renderer(), &golden::may(), false);
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "rooms/320026.xlsx",
            "rooms/320026.html",
            "rooms/332703.xlsx",
            "rooms/332703.html",
            "rooms/335948.xlsx",
            "rooms/335948.html",
            "account.xlsx",
            "account.html",
            "account.json"
        ]
    );
    let page = text(&files, "account.html").replace('\u{a0}', " ");
    for shown in
        ["32 002 6", "00:01:00", "0,09 €", "33 270 3", "23:50:16", "116,59 €", "02:58:52", "15,39 €", "132,07 €"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    assert_eq!(page.matches("Mariline BALLESTER").count(), 2, "in the list and above her conferences");
    let room = text(&files, "rooms/332703.html");
    assert_eq!(room.matches("<tr><td class=\"w\">").count(), 19, "lines");
    assert!(!room.contains("Codeau") && !room.contains("132,07"), "a cardholder sees no other room");
}

#[test]
fn the_account_s_json_is_what_the_contract_prints() {
    let files = files(&renderer(), &golden::may(), false);
    insta::assert_snapshot!(text(&files, "account.json"));
    let json: serde_json::Value = serde_json::from_str(&text(&files, "account.json")).unwrap();
    assert_eq!(json["totals"]["charge"], "132.07");
    assert_eq!(json["rooms"].as_array().unwrap().len(), 4);
}

#[test]
fn pages_are_as_they_were() {
    let files = files(&renderer(), &golden::may(), true);
    insta::assert_snapshot!("account_page", text(&files, "account.html"));
    insta::assert_snapshot!("room_page", text(&files, "rooms/335948.html"));
    insta::assert_snapshot!("idle_room_page", text(&files, "rooms/341207.html"));
}

#[test]
fn a_correction_says_what_changed() {
    let month = corrected_may();
    let files = files(&renderer(), &month, false);
    let page = text(&files, "account.html").replace(['\u{a0}', '\u{202f}'], " ");
    assert!(page.contains("Ce qui a changé depuis la version 1"), "{page}");
    assert!(page.contains("Le total était de 132,07 € ; il est maintenant de 131,07 € (-1,00 €)."), "{page}");
    let untouched = text(&files, "rooms/335948.html");
    assert!(untouched.contains("Les chiffres de cette salle sont ceux de la version 1."));
    assert!(!untouched.contains("131,07"), "nothing of other rooms");
    let mail = renderer().mail(&month.statement, None, None, &Attached::Files).unwrap();
    assert!(
        mail.subject.replace('\u{a0}', " ").starts_with("Corrigé : Relevé mai 2009 du compte 602127"),
        "{}",
        mail.subject
    );
}

#[test]
fn mails_are_as_they_were() {
    let month = golden::may();
    let name = "Service comptabilité".parse().unwrap();
    let mail = renderer().mail(&month.statement, None, Some(&name), &Attached::Files).unwrap();
    insta::assert_snapshot!("mail_text", format!("Subject: {}\n\n{}", mail.subject, mail.text));
    insta::assert_snapshot!("mail_html", mail.html);
    let link = Attached::Link { url: "https://files.example/a?b=1&c=2".into(), expires: month.statement.period.end };
    let room = "332703".parse().unwrap();
    let mail = renderer().mail(&month.statement, Some(&room), None, &link).unwrap();
    insta::assert_snapshot!("room_mail_text", format!("Subject: {}\n\n{}", mail.subject, mail.text));
    assert!(mail.html.contains("https://files.example/a?b=1&amp;c=2"));
    assert!(!mail.html.contains("132,07") && !mail.html.contains("Codeau"), "nothing of other rooms");
}

#[test]
fn pages_stay_light() {
    let page = |conferences, name: &str| {
        let month = large_may(conferences);
        let render = Renderer::new(&RenderOptions { brand: brand(), ..RenderOptions::default() }).unwrap();
        let mut under_way = render.statement(&month.statement, Formats { xlsx: false, html: true }, false).unwrap();
        let mut files = under_way.room(month.legs_of("332703")).unwrap();
        under_way
            .finish(&mut |file| {
                files.push(file);
                true
            })
            .unwrap();
        let file = files.into_iter().find(|file| file.name.room().is_some() == (name == "room")).unwrap();
        String::from_utf8(file.content.into_bytes().unwrap()).unwrap()
    };
    assert!(page(20, "room").len() < 60_000);
    let account = page(20_000, "account");
    assert!(account.len() < 5_000_000, "{} bytes", account.len());
    assert!(account.contains("class=\"part lazy\"") && !account.contains("<details><summary>5 participants"));
    assert!(account.contains("Les participants sont trop nombreux pour figurer ici."), "there is no workbook");
}

#[test]
fn the_brand_s_legal_line_is_at_the_foot_of_everything() {
    let legal = "MeetingOne SARL & Cie, RCS Paris 123";
    let brand = Brand { legal: Some(legal.into()), ..brand() };
    let renderer = Renderer::new(&RenderOptions { brand, ..RenderOptions::default() }).unwrap();
    let month = golden::may();
    let escaped = legal.replace('&', "&amp;");
    assert!(text(&files(&renderer, &month, false), "account.html").contains(&escaped));
    let mail = renderer.mail(&month.statement, None, None, &Attached::Files).unwrap();
    assert!(mail.html.contains(&escaped) && mail.text.contains(legal));
}

#[test]
fn callers_are_shown_as_configured() {
    let month = golden::may();
    let page = |callers| {
        let renderer = Renderer::new(&RenderOptions { callers, ..RenderOptions::default() }).unwrap();
        text(&files(&renderer, &month, false), "rooms/332703.html")
    };
    assert!(page(Callers::Full).contains("<td>+33478000002"));
    let masked = page(Callers::Masked);
    assert!(masked.contains("<td>+33••••02") && !masked.contains("+33478000002"));
    let none = page(Callers::None);
    assert!(!none.contains("+33") && !none.contains("Appelant"));
}

#[test]
fn the_same_statement_is_the_same_bytes() {
    let month = golden::may();
    assert_eq!(files(&renderer(), &month, true), files(&renderer(), &month, true));
    assert_eq!(renderer().digest(), renderer().digest());
    let other = RenderOptions { callers: Callers::Full, brand: brand(), ..RenderOptions::default() };
    assert_ne!(renderer().digest(), Renderer::new(&other).unwrap().digest());
}

#[test]
fn legs_that_come_in_parts_make_the_same_files() {
    let month = golden::may();
    let renderer = renderer();
    let files = |legs_per_part: usize| {
        let mut render = renderer.statement(&month.statement, BOTH, false).unwrap();
        let mut files = Vec::new();
        for room in month.statement.active_rooms() {
            let legs = month.legs_of(room.number.as_str());
            let mut parts = legs.participants.chunks(legs_per_part).peekable();
            while let Some(part) = parts.next() {
                let (participants, is_complete) = (part.to_vec(), parts.peek().is_none());
                files.extend(render.room(RoomLegs { room: legs.room.clone(), participants, is_complete }).unwrap());
            }
        }
        let mut take = |file| {
            files.push(file);
            true
        };
        render.finish(&mut take).unwrap();
        files.into_iter().map(|file| file.content.into_bytes().unwrap()).collect::<Vec<_>>()
    };
    assert!(files(3) == files(1_000));
}

#[test]
fn detail_that_is_not_what_was_charged_is_refused() {
    let month = golden::may();
    let renderer = renderer();
    let mut legs = month.legs_of("332703");
    legs.participants.pop();
    let mut render = renderer.statement(&month.statement, BOTH, false).unwrap();
    let error = render.room(legs).unwrap_err().to_string();
    assert!(error.starts_with("room 332703: the usage at hand is not what was charged"), "{error}");
    let error =
        renderer.statement(&month.statement, BOTH, false).unwrap().finish(&mut |_| true).unwrap_err().to_string();
    assert!(error.contains("0 of 68 legs came"), "{error}");
}

#[test]
fn every_language_renders_every_template() {
    let checked = Renderer::check(&RenderOptions { brand: brand(), ..RenderOptions::default() }).unwrap();
    assert_eq!(checked.files, Vec::<String>::new());
    let languages = ["de", "de-CH", "en", "es", "es-MX", "fr", "fr-CA", "it", "nl", "pt", "pt-BR", "pt-PT"];
    assert_eq!(checked.languages, languages);
}

#[test]
fn every_file_of_a_folder_that_is_said_to_be_read_is_read() {
    for (name, text) in BUILT_IN {
        let folder = tempfile::tempdir().unwrap();
        let options =
            RenderOptions { templates: Some(folder.path().to_owned()), brand: brand(), ..RenderOptions::default() };
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let variable = "{{ no_such_variable }}";
        let broken = match text.rfind("{%- endblock") {
            _ if name.contains("words/") => format!("{text}\nno-such-message = x\n"),
            Some(end) if text.starts_with("{% extends") => format!("{}{variable}{}", &text[..end], &text[end..]),
            _ => format!("{text}{variable}"),
        };
        std::fs::write(&path, broken).unwrap();
        let error = Renderer::check(&options).unwrap_err().to_string();
        assert!(error.contains(name), "{name}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    Renderer::export(folder.path()).unwrap();
    let options =
        RenderOptions { templates: Some(folder.path().to_owned()), brand: brand(), ..RenderOptions::default() };
    let mut names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(Renderer::check(&options).unwrap().files, names);
}

#[test]
fn an_operator_s_template_is_used_and_its_mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        RenderOptions { templates: Some(folder.path().to_owned()), brand: brand(), ..RenderOptions::default() };
    std::fs::write(folder.path().join("mail.txt"), "{{ s.totals.charge }} / {{ w.total }}").unwrap();
    let mail = Renderer::new(&options).unwrap().mail(&golden::may().statement, None, None, &Attached::Files);
    assert_eq!(mail.unwrap().text, "132,07\u{a0}€ / Total");
    std::fs::write(folder.path().join("mail.txt"), "{{ s.totals.charg }}").unwrap();
    let error = Renderer::new(&options).err().unwrap().to_string();
    assert!(error.contains("mail.txt"), "{error}");
    std::fs::write(folder.path().join("mail.txt"), "{% if %}").unwrap();
    let error = Renderer::new(&options).err().unwrap().to_string();
    assert!(error.contains("mail.txt"), "{error}");
}

#[test]
fn the_index_is_for_programs_and_people() {
    let statement = golden::may().statement;
    let rows: Vec<_> = statement
        .active_rooms()
        .map(|room| IndexRow {
            account: statement.account.number.clone(),
            company: "=HYPERLINK(\"x\")".parse().unwrap(),
            room: Some(room.number.clone()),
            cardholder: Some(room.cardholder.clone()),
            conferences: room.totals.conferences,
            accumulated_seconds: room.totals.accumulated_seconds,
            charge: room.totals.charge,
            currency: statement.account.currency,
            revision: 1,
            delivery: Some("accepted".into()),
            files: vec![
                format!("602127/r1/rooms/{}.xlsx", room.number),
                format!("602127/r1/rooms/{}.html", room.number),
            ],
        })
        .collect();
    let index = golden::index_files(&renderer(), statement.period.id, &rows);
    insta::assert_snapshot!("index_csv", String::from_utf8(index.csv).unwrap());
    let page = String::from_utf8(index.html).unwrap();
    assert!(page.contains("[\"602127\",\"=HYPERLINK(\\\"x\\\")\",\"332703\""), "{page}");
}

#[test]
fn a_render_under_way_can_move_between_threads() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    is_send::<StatementRender<'_>>();
    is_shared::<Renderer>();
}
