//! Usage as bridges write it: each reader takes a file or says why not, the same each time, and counts what it took.
#![no_main]

use std::io::Write;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use statementd::intake::readers::{Counts, Output, PRESETS, Reader, ReaderSettings, Source, UsageRecord, preset};

const NAME: &str = "0f2f7f7a-3a1d-4c39-b7c5-2d1f6a0e9b10.cdr.xml";
const LONGEST_REASON: usize = 1000;

/// The readers with settings of their own, then all presets.
static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| {
    let map = "map = { leg_id = \"{id}\", conference_id = \"{sha256:conf,room}\", room = \"{room}\", \
               joined_at = \"{from}\", duration = \"{seconds}\", caller = \"{who.0.number}\" }\ntimes = \"rfc3339\"\n";
    let own = [
        "reader = \"freeswitch-conference\"".to_owned(),
        "reader = \"asterisk-cel\"".to_owned(),
        "reader = \"asterisk-cdr\"\ntime_zone = \"Europe/Paris\"\nleg_prefix = \"a\"".to_owned(),
        format!("reader = \"delimited\"\nseparator = \";\"\nwhen = {{ kind = [\"leg\"] }}\n{map}"),
        format!("reader = \"json\"\neach = \"value[]\"\n{map}"),
        format!("reader = \"xml\"\neach = \"cdrs/cdr\"\n{map}"),
    ];
    let own = own.iter().map(|text| toml::from_str(text).expect("settings are well formed"));
    let presets = PRESETS.iter().filter_map(|name| preset(name)).map(|preset| preset.expect("a preset is well formed"));
    own.chain(presets)
        .map(|mut settings: ReaderSettings| {
            if settings.reader == "asterisk-cdr" && settings.time_zone.is_none() {
                settings.time_zone = Some("UTC".into());
            }
            Reader::new(&settings).expect("settings are complete")
        })
        .collect()
});

// The first byte is the reader; the rest is the file.
fuzz_target!(|input: &[u8]| {
    let [kind, file @ ..] = input else { return };
    let reader = &READERS[usize::from(*kind) % READERS.len()];
    let folder = tempfile::Builder::new().tempdir_in(folder()).expect("a folder in memory");
    let path = folder.path().join(NAME);
    std::fs::File::create(&path).and_then(|mut new| new.write_all(file)).expect("a file in memory");
    let source = Source::of_path(&path);
    let first = read(reader, &source);
    assert_eq!(first, read(reader, &source), "the same bytes must say the same");
    if let (_, Err(why)) = first {
        assert!(!why.is_empty() && why.chars().count() <= LONGEST_REASON && !why.contains(char::is_control), "{why:?}");
    }
});

/// The rows that came, and what was counted or why the file could not be read to its end.
fn read(reader: &Reader, source: &Source) -> (Vec<UsageRecord>, Result<Counts, String>) {
    let mut rows = Vec::new();
    let mut take = |record: &UsageRecord| {
        rows.push(record.clone());
        Ok(())
    };
    let mut output = Output::new(&mut take);
    let read = reader.read(source, &mut output);
    let counts = output.counts.clone();
    assert_eq!(rows.len() as u64, counts.rows, "rows are counted");
    (rows, read.map(|()| counts).map_err(|error| error.to_string()))
}

/// In memory where there is such a folder.
fn folder() -> &'static str {
    if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" }
}
