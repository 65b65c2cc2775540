//! The same archive in a folder, in S3 and in Azure.

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use statementd::archive::{Archive, LARGEST_MANIFEST};
use statementd::content::Content;

use crate::support::object_stores::ObjectStore;
use crate::support::skip::missing_tool;
use crate::support::{AFTER_MAY, Program, files_below, free_port};

/// Runs a claim on every kind of store that is installed here.
async fn on_each_store(claim: impl AsyncFn(&Archive)) {
    let folder = tempfile::tempdir().unwrap();
    claim(&Archive::open(&format!("file:{}", folder.path().display()), &BTreeMap::new()).unwrap()).await;
    let s3 = ObjectStore::s3();
    claim(&Archive::open(&s3.url, &s3.options()).unwrap()).await;
}

#[tokio::test]
async fn what_is_written_is_read_listed_and_gone_when_deleted() {
    on_each_store(async |archive| {
        let (first, second) = ("2009-05/602127/r1/account.json", "2009-05/602127/r1/rooms/332703.html");
        let written = archive.put_verified(second, b"<p>".to_vec()).await.unwrap();
        assert_eq!(written.size, 3);
        archive.put_verified(first, b"{}".to_vec()).await.unwrap();
        archive.put_verified("2009-06/602127/r1/account.json", b"later".to_vec()).await.unwrap();
        assert_eq!(archive.get(first, LARGEST_MANIFEST).await.unwrap().unwrap(), b"{}");
        assert_eq!(archive.get("2009-05/602127/r2/account.json", LARGEST_MANIFEST).await.unwrap(), None);
        let listed = archive.list("2009-05").await.unwrap();
        assert_eq!(listed, [(first.to_owned(), 2), (second.to_owned(), 3)]);
        archive.put_verified(first, b"{\"again\": true}".to_vec()).await.unwrap();
        assert_eq!(archive.digest(first).await.unwrap().unwrap().size, 15);
        archive.delete(first).await.unwrap();
        archive.delete(first).await.unwrap();
        archive.delete_all(&[second.to_owned(), first.to_owned()]).await.unwrap();
        assert_eq!(archive.list("2009-05").await.unwrap(), []);
        assert_eq!(archive.list("2009-06").await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn large_objects_and_many_keys_arrive_whole() {
    on_each_store(async |archive| {
        let large: Vec<u8> = (0..12_000_000_u32).map(|n| n.to_le_bytes()[(n % 3) as usize]).collect();
        let written = archive.put_verified("2009-05/1/r1/account.xlsx", large.clone()).await.unwrap();
        assert_eq!(archive.digest("2009-05/1/r1/account.xlsx").await.unwrap().unwrap().sha256, written.sha256);
        assert!(archive.get("2009-05/1/r1/account.xlsx", large.len() as u64).await.unwrap().unwrap() == large);
        let key = "2009-05/1/r1/account.xlsx";
        let by_way_of_a_file = archive.read_large(key, written.size).await.unwrap().unwrap();
        assert_eq!((by_way_of_a_file.size, by_way_of_a_file.sha256), (written.size, written.sha256));
        assert!(by_way_of_a_file.content.into_bytes().unwrap() == large);
        for shorter in [written.size - 1, 10] {
            let other = archive.read_large(key, shorter).await.unwrap().unwrap();
            assert_eq!((other.size, other.sha256 == written.sha256), (shorter + 1, shorter + 1 == written.size));
            let several = archive.read_small(vec![("2009-05/none".into(), 9), (key.into(), shorter)]).await.unwrap();
            assert!(several[0].is_none());
            let several = several[1].as_ref().unwrap();
            assert_eq!((several.size, several.sha256, several.crc32), (other.size, other.sha256, other.crc32));
        }
        assert!(archive.read_large("2009-05/none", 9).await.unwrap().is_none());
        let mut on_disk = tempfile::tempfile().unwrap();
        on_disk.write_all(&large).unwrap();
        on_disk.rewind().unwrap();
        let in_parts = archive.put_verified("2009-05/1/r1/account.json", Content::Disk(on_disk)).await.unwrap();
        assert_eq!((in_parts.size, in_parts.sha256), (written.size, written.sha256));
        for n in 0..1_050 {
            archive.put_verified(&format!("2009-04/1/r1/rooms/{n}.html"), vec![b'x'; 2]).await.unwrap();
        }
        assert_eq!(archive.list("2009-04").await.unwrap().len(), 1_050, "more than one page of a listing");
    })
    .await;
}

/// The sample months in the store that `configuration` names.
fn closed_in(configuration: &str) -> Program {
    let program = Program::archiving(configuration);
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    program
}

async fn assert_same_as_folder(store: &ObjectStore) {
    let folder = Program::new();
    folder.import_sample();
    folder.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let program = closed_in(&store.configuration());
    let archive = Archive::open(&store.url, &store.options()).unwrap();
    let mut found = BTreeMap::new();
    for period in ["2009-02", "2009-03", "2009-04", "2009-05", "expired"] {
        for (key, _) in archive.list(period).await.unwrap() {
            let bytes = archive.get(&key, LARGEST_MANIFEST).await.unwrap().unwrap();
            found.insert(key, bytes);
        }
    }
    let expected = files_below(&folder.archive());
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(found == expected, "some object differs");
    program.ok(&["archive", "verify"]);
    assert_eq!(files_below(&program.mail()).len(), 16, "mail is made from what lies there");
}

#[tokio::test]
async fn the_sample_months_are_the_same_objects_in_s3() {
    assert_same_as_folder(&ObjectStore::s3()).await;
}

#[tokio::test]
async fn the_sample_months_are_the_same_objects_in_azure() {
    let Some(store) = ObjectStore::azure() else {
        return missing_tool("npm's azurite is not installed");
    };
    assert_same_as_folder(&store).await;
}

#[tokio::test]
async fn a_store_that_is_away_delays_publishing_and_nothing_else() {
    let port = free_port();
    let absent = {
        let options = crate::support::object_stores::s3_options(port);
        let options = options.iter().map(|(name, value)| format!("archive.options.{name} = \"{value}\"\n"));
        format!("archive.url = \"s3://statements/of/months\"\n{}", options.collect::<String>())
    };
    let program = Program::archiving(&absent);
    program.import_sample();
    let away = program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_ne!(away.status, 0, "it says that something is missing");
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    let found: Vec<_> = status["periods"].as_array().unwrap().iter().map(|period| period["state"].clone()).collect();
    assert_eq!(found[..4], ["failed"; 4], "months are closed, and wait for the archive: {found:?}");
    assert_eq!(files_below(&program.mail()).len(), 0, "nothing is sent that is not archived");

    let _store = ObjectStore::s3_on(port);
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    program.ok(&["archive", "verify"]);
    assert_eq!(files_below(&program.mail()).len(), 16);
}

#[tokio::test]
async fn credentials_can_come_from_files() {
    let store = ObjectStore::s3();
    let secrets = tempfile::tempdir().unwrap();
    let file = secrets.path().join("secret");
    std::fs::write(&file, "secret\n").unwrap();
    let named = format!("archive.options.aws_secret_access_key_file = \"{}\"", file.display());
    let configuration = store.configuration().replace("archive.options.aws_secret_access_key = \"secret\"", &named);
    assert!(configuration.contains("_file"));
    closed_in(&configuration).ok(&["archive", "verify"]);

    std::fs::remove_file(&file).unwrap();
    let refused = Program::archiving(&configuration).run(&["status"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("aws_secret_access_key_file"), "{}", refused.stderr);
}
