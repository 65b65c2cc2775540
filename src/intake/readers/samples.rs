//! Every reader and preset turns its sample in `config/readers/samples/` into the rows beside it, and says what the
//! others' samples are.

use std::path::{Path, PathBuf};

use super::{BUILT_IN, Counts, Output, PRESETS, Reader, ReaderError, ReaderSettings, Source, UsageRecord};

/// Readers that need a mapping from the configuration.
const GENERIC: [&str; 3] = ["delimited", "json", "xml"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/readers/samples")
}

fn names() -> Vec<&'static str> {
    BUILT_IN.into_iter().filter(|name| !GENERIC.contains(name)).chain(PRESETS).collect()
}

fn reader(name: &str) -> Reader {
    let mut settings = super::preset(name).map_or_else(
        || ReaderSettings { reader: name.to_owned(), ..ReaderSettings::default() },
        |preset| preset.unwrap(),
    );
    if name == "asterisk-cdr" {
        settings.time_zone = Some("Europe/Paris".into());
        settings.leg_prefix = Some("pbx1".into());
    }
    Reader::new(&settings).unwrap()
}

/// The samples of a reader, the first one first: files in the folder of its name.
fn samples(name: &str) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder().join(name)).unwrap_or_else(|_| panic!("{name} has no sample"));
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().unwrap() != "expected.csv");
    files.sort();
    assert!(!files.is_empty(), "{name} has no sample");
    files
}

fn read(reader: &Reader, path: &Path, rows: &mut Vec<UsageRecord>) -> Result<Counts, ReaderError> {
    let mut take = |record: &UsageRecord| {
        rows.push(record.clone());
        Ok(())
    };
    let mut output = Output::new(&mut take);
    reader.read(&Source::of_path(path), &mut output)?;
    Ok(output.counts)
}

#[test]
fn every_sample_gives_its_rows() {
    for name in names() {
        let mut rows = Vec::new();
        for file in samples(name) {
            let counts = read(&reader(name), &file, &mut rows).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(counts.doubt, None, "{}", file.display());
            assert_eq!(counts.unreadable, 0, "{}", file.display());
        }
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(UsageRecord::COLUMNS).unwrap();
        for row in &rows {
            csv.write_record(row.fields()).unwrap();
        }
        let given = String::from_utf8(csv.into_inner().unwrap()).unwrap();
        let expected = folder().join(name).join("expected.csv");
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        if std::env::var_os("STATEMENTD_WRITE_EXPECTED").is_some() {
            std::fs::write(&expected, given).unwrap();
        } else {
            assert_eq!(given, wanted, "{name}");
        }
    }
}

#[test]
fn a_sample_in_the_wrong_reader_s_hands_is_told_as_what_it_is() {
    for name in names() {
        for other in names().into_iter().filter(|other| *other != name) {
            for file in samples(other) {
                let (mut rows, place) = (Vec::new(), format!("{} read by {name}", file.display()));
                let told = match read(&reader(name), &file, &mut rows) {
                    Ok(counts) => {
                        let doubt = counts.doubt.unwrap_or_else(|| panic!("{place}: {} rows, no doubt", rows.len()));
                        assert!(doubt.is_certain, "{place}");
                        doubt.words
                    }
                    Err(error) => error.to_string(),
                };
                assert!(rows.is_empty(), "{place}: {} rows", rows.len());
                assert!(told.contains(&format!("the reader for it is {other}")), "{place}: {told}");
            }
        }
    }
}
