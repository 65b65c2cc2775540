//! Staff's pages while the database is away: they say so within seconds, however many ask, and home shows what was
//! last read.

use std::time::{Duration, Instant};

use super::browser::{Answer, Browser};
use super::staff::whole_site;
use super::{OWNER, Site};
use crate::support::Program;
use crate::support::crashing_postgres::CrashingPostgres;

/// Each page waits for two seconds; the rest is for a machine that has much to do.
const SOON: Duration = Duration::from_secs(10);
const SAID: &str = "The database does not answer";

fn all_at_once(staff: &Browser, paths: &[&str]) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = paths
            .iter()
            .map(|path| {
                let mut browser = staff.clone();
                scope.spawn(move || browser.get(path))
            })
            .collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    })
}

fn says_so(site: &Site, staff: &Browser) {
    const PATHS: [&str; 6] = [
        "/staff/deliveries",
        "/staff/months/2009-04",
        "/staff/accounts?q=phoenix",
        "/staff/accounts/602127",
        "/staff/accounts/602127/as-owner",
        "/staff/reruns",
    ];
    let begun = Instant::now();
    for answer in all_at_once(staff, &[PATHS, PATHS, PATHS].concat()) {
        assert_eq!((answer.status, answer.text().contains(SAID)), (503, true), "{}", answer.text());
        assert_eq!(answer.header("retry-after"), Some("6"));
    }
    for home in all_at_once(staff, &["/staff"; 10]) {
        let text = home.text();
        assert_eq!(home.status, 200, "{text}");
        assert!(text.contains("Needs attention") && text.contains("what was last read"), "{text}");
    }
    // A stranger does not get in, and learns of no server and no path.
    let mut stranger = site.browser();
    let refused = stranger.post("/staff/sign-in", &[("email", "finance@op.example"), ("password", "x")]);
    assert_eq!(
        (refused.status, refused.text().contains("postgres"), refused.text().contains(".db")),
        (503, false, false)
    );
    let customer = stranger.sign_in("602127", OWNER, "x");
    assert_eq!(customer.status, 503, "{}", customer.text());
    assert!(begun.elapsed() < SOON * 2, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_told_within_seconds_and_pages_are_back_with_it() {
    let mut server = CrashingPostgres::start().await;
    let (mut site, mut staff) = whole_site(Program::on(&server.url(), ""));
    assert_eq!(staff.get("/staff").status, 200);
    server.end();
    says_so(&site, &staff);
    server.come_back().await;
    let tried = staff.clone();
    site.running.until("all pages", || {
        let home = tried.clone().get("/staff");
        home.status == 200
            && !home.text().contains("what was last read")
            && tried.clone().get("/staff/deliveries").status == 200
    });
}

#[test]
fn a_file_that_is_gone_is_reported_as_well() {
    let (site, mut staff) = whole_site(Program::new());
    assert_eq!(staff.get("/staff").status, 200);
    std::fs::rename(site.program.path("statementd.db"), site.program.path("elsewhere.db")).unwrap();
    says_so(&site, &staff);
}
