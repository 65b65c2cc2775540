//! The sample months as FreeSWITCH's conferences write them, taken in through an inbox.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use quick_xml::escape::escape;

use super::sample::USAGE;
use crate::app::App;
use crate::cli::output::say;
use crate::clock::Clock;
use crate::digest::sha256_hex;
use crate::intake::Kind;
use crate::intake::readers::{Reader, ReaderSettings};
use crate::jobs;
use crate::jobs::{After, Inboxes, Place, UsageSource};

/// Which dialled number is which service type.
const NUMBERS: [(&str, &str); 3] = [("LOCAL", "33199001000"), ("TOLLFREE", "33800001000"), ("WEB", "33199009000")];

/// Writes the sample's conferences into an inbox below `folder`, and takes them in.
pub(super) async fn take_in(app: &App, clock: Clock, folder: &Path) -> anyhow::Result<()> {
    let inbox = folder.join("conference_cdr");
    std::fs::create_dir_all(&inbox)?;
    let numbers = folder.join("sample/access-numbers.csv");
    let rows = NUMBERS.map(|(service_type, number)| format!("{number},{service_type},2009-01-01\n")).concat();
    std::fs::write(&numbers, format!("number,service_type,valid_from\n{rows}"))?;
    let (store, limits) = (&app.context.store, app.limits());
    jobs::import_file(store, clock, limits, (Kind::AccessNumbers, &numbers), &|_| {}).await?;
    let files = conferences()?;
    for (name, text) in &files {
        std::fs::write(inbox.join(name), text)?;
    }
    let mut settings = (*app.context.settings).clone();
    settings.intake.sources = vec![source(&inbox)?];
    let context = jobs::Context { settings: Arc::new(settings), ..app.context.clone() };
    let round = Inboxes::default().take_usage(&context, &|| true, &|_| ()).await?;
    say(format!("{}: {} files of a bridge, {} legs stored", inbox.display(), files.len(), round.stored));
    Ok(())
}

fn source(inbox: &Path) -> anyhow::Result<UsageSource> {
    let settings = ReaderSettings { reader: "freeswitch-conference".into(), ..ReaderSettings::default() };
    let from = format!("{}/", inbox.display());
    Ok(UsageSource {
        name: "bridge".into(),
        reader: Arc::new(Reader::new(&settings).map_err(anyhow::Error::msg)?),
        place: Place::parse(&from, &BTreeMap::new()).map_err(anyhow::Error::msg)?,
        follow: false,
        after: After::Keep,
        settle: Duration::ZERO,
        expect_every: None,
        token: None,
    })
}

/// Of each conference of the sample its file's name and text.
fn conferences() -> anyhow::Result<BTreeMap<String, String>> {
    let mut members = BTreeMap::<(String, String), String>::new();
    let mut rows = csv::Reader::from_reader(USAGE.as_bytes());
    for row in rows.records() {
        let row = row?;
        let field = |index: usize| row.get(index).unwrap_or_default();
        let member = member(&field)?;
        members.entry((field(2).to_owned(), field(1).to_owned())).or_default().push_str(&member);
    }
    Ok(members.into_iter().map(|((room, id), members)| (file_name(&id), conference(&room, &members))).collect())
}

fn file_name(conference: &str) -> String {
    let digest = sha256_hex(conference.as_bytes());
    let part = |from: usize, to: usize| &digest[from..to];
    format!("{}-{}-4{}-8{}-{}.cdr.xml", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}

fn member<'a>(field: &impl Fn(usize) -> &'a str) -> anyhow::Result<String> {
    let seconds = |index: usize| {
        let instant: Result<DateTime<Utc>, _> = field(index).parse();
        instant.map(|instant| instant.timestamp()).with_context(|| format!("sample, leg {}", field(0)))
    };
    let number = NUMBERS.iter().find(|(service_type, _)| *service_type == field(3)).map_or("", |(_, number)| number);
    let mut text = String::new();
    write!(
        text,
        "<member type=\"caller\">\n<join_time type=\"UNIX-epoch\">{}</join_time>\n\
         <leave_time type=\"UNIX-epoch\">{}</leave_time>\n<flags>\n<is_ghost>false</is_ghost>\n</flags>\n<caller_profile>\n\
         <caller_id_number>{}</caller_id_number>\n<destination_number>conference</destination_number>\n<uuid>{}</uuid>\n\
         <access_number>{number}</access_number>\n<billing_code>{}</billing_code>\n</caller_profile>\n</member>\n",
        seconds(4)?,
        seconds(5)?,
        escape(field(6)),
        escape(field(0)),
        escape(field(7)),
    )?;
    Ok(text)
}

fn conference(room: &str, members: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<cdr>\n<conference>\n<name>{room}-conf.example.net</name>\n<members>\n{members}</members>\n\
         <rejected>\n</rejected>\n</conference>\n</cdr>\n"
    )
}
