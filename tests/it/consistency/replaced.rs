//! A file of the archive that is replaced is not told as damaged, also before its new digest is noted.

use statementd::domain::Period;
use statementd::jobs::{FetchError, FetchedStatement, month_file};
use statementd::store::StatementFilter;

use super::{on_both, process};
use crate::support::{AFTER_MAY, Pauses, eventually};

const PAUSE: &str = "before-a-month-is-noted";

#[tokio::test(flavor = "multi_thread")]
async fn a_month_s_page_is_handed_out_as_it_is_noted_while_it_is_made_anew() {
    let may: Period = "2009-05".parse().unwrap();
    for (program, _) in on_both("").await {
        program.import_sample();
        program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
        let page = program.archive().join("2009-05/index.html");
        let before = std::fs::read(&page).unwrap();
        let context = process(&program, AFTER_MAY).await.context;
        let brand = program.write("brand.toml", "[brand]\nlocale = \"de\"\n");
        let translate = ["--config", &brand, "archive", "index", "--period", "2009-05"];

        let pauses = Pauses::at(PAUSE);
        let making = pauses.start_until(&program, &translate, PAUSE);
        let anew = std::fs::read(&page).unwrap();
        assert!(anew != before);
        program.ok(&["archive", "verify"]);
        let said = month_file(&context, may, "index.html").await.unwrap_err();
        assert!(matches!(said, FetchError::MonthBeingMade { .. }), "{said}");
        pauses.resume(PAUSE);
        let read = eventually("the page of now", async || match month_file(&context, may, "index.html").await {
            Err(FetchError::MonthBeingMade { .. }) => None,
            read => Some(read),
        });
        assert_eq!(read.await.unwrap(), Some(anew));
        assert_eq!(making.wait(), Some(0));

        // One that nothing replaces is damaged.
        std::fs::write(&page, "not what was written").unwrap();
        let said = month_file(&context, may, "index.html").await.unwrap_err();
        assert!(matches!(said, FetchError::MonthDamaged { .. }), "{said}");
        assert_eq!(program.run(&["archive", "verify"]).status, 3);
    }
}

#[tokio::test]
async fn a_statement_that_leaves_while_it_is_read_is_not_told_as_lost() {
    const PAUSE: &str = "before-a-month-is-read";
    for (program, _) in on_both("archive.keep_months = 3\nmail.transport = \"off\"").await {
        program.import_sample();
        program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
        let context = process(&program, AFTER_MAY).await.context;
        let february = StatementFilter { period: Some("2009-02".parse().unwrap()), account: None };
        let rows = context.store.read().await.unwrap().statements().statement_rows(&february).await.unwrap();
        let fetched = FetchedStatement::open(&context, &rows[0]).await.unwrap();

        let pauses = Pauses::at(PAUSE);
        let verifying = pauses.start_until(&program, &["archive", "verify", "--period", "2009-02"], PAUSE);
        program.ok(&["archive", "expire"]);
        assert!(!program.archive().join("2009-02").exists());
        pauses.resume(PAUSE);
        let log = verifying.log();
        assert_eq!(verifying.wait(), Some(0), "{log}");

        let file = fetched.file(&context, "account.html").await.unwrap_err();
        let again = FetchedStatement::open(&context, &rows[0]).await.unwrap_err();
        for said in [file, again] {
            assert!(matches!(said, FetchError::Expired(_)), "{said}");
        }
    }
}
