//! Reports of reruns, while they are being written.

use super::Site;
use super::staff::{signed_in, with_rerun};
use crate::support::{Pauses, Program, Running};

const PAUSE: &str = "before-a-report-is-noted";
const PAGE: &str = "/staff/reruns/2009-06-fix";

fn paused(pauses: &Pauses, program: &Program, arguments: &[&str]) -> Running {
    Running::new(pauses.command(program, arguments))
}

#[test]
fn a_report_is_there_once_it_is_noted_and_one_that_is_replaced_is_not_told_as_damaged() {
    let program = Program::new();
    program.import_sample();
    program.run(&["close", "--period", "2009-04", "--as-of", super::EVENING, "--force"]);
    let pauses = Pauses::at(PAUSE);
    let mut site = Site::started(program, &with_rerun("rehearse"), &[], |program, arguments| {
        paused(&pauses, program, arguments)
    });
    pauses.until(&mut site.running, PAUSE);
    let mut staff = signed_in(&site);
    let json = format!("{PAGE}/report.json");
    assert_eq!(staff.get(&json).status, 404, "it is not noted");
    assert!(staff.get(PAGE).text().contains("There is no report yet"));
    pauses.resume(PAUSE);
    let tried = staff.clone();
    site.running.until("the rehearsal", || tried.clone().get(&json).status == 200);
    let rehearsed = staff.get(&json).text();
    site.running.signal("TERM");
    let Site { program, running, .. } = site;
    assert_eq!(running.wait(), Some(0));

    pauses.arm(PAUSE);
    let mut site =
        Site::started(program, &with_rerun("apply"), &[], |program, arguments| paused(&pauses, program, arguments));
    pauses.until(&mut site.running, PAUSE);
    let mut again = site.browser();
    again.cookies = staff.cookies.clone();
    let replaced = again.get(&json);
    assert_eq!(replaced.status, 200);
    assert!(replaced.text() != rehearsed, "the report of the rehearsal stood no longer");
    let page = again.get(PAGE).text();
    assert!(!page.contains("was changed") && page.contains("<bdi>no</bdi>"), "{page}");
    pauses.resume(PAUSE);
    let tried = again.clone();
    site.running.until("the application", || !tried.clone().get(PAGE).text().contains("<bdi>no</bdi>"));
    assert_eq!(again.get(&json).text(), replaced.text());
}
