//! Checks of the machine itself: a clock that goes forward, space on the disks.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

/// With less space than this, in bytes, a month may not be finished.
const LEAST_ROOM: u64 = 256 << 20;
/// Clocks of machines that share a database differ a little.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// 2026-01-01T00:00:00Z, before which this program did not exist: a clock that shows less is wrong.
const EARLIEST: i64 = 1_767_225_600;

/// Every folder that the program writes to, each with what is kept there.
pub fn judge_disks(folders: &[(&'static str, PathBuf)]) -> anyhow::Result<String> {
    let mut found = Vec::new();
    for (what, path) in folders {
        let existing = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
        let stat = rustix::fs::statvfs(existing)
            .map_err(|error| anyhow::anyhow!("{what} {}: {error}", existing.display()))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        judge_room(what, path, free, stat.f_favail, stat.f_files)?;
        found.push(format!("{what} {}", shown(free)));
    }
    if found.is_empty() {
        return Ok("nothing is kept on this machine".into());
    }
    Ok(format!("free for {}", found.join(", ")))
}

/// A clock that has fallen behind closes nothing; one that is ahead closes months that are not over. `last` is when
/// anything was last written down.
pub fn judge_clock(now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> anyhow::Result<String> {
    let shown = now.format("%Y-%m-%d %H:%M:%S UTC");
    anyhow::ensure!(now.timestamp() >= EARLIEST, "shows {shown}: set the machine's clock, as by systemd-timesyncd");
    if let Some(last) = last.filter(|last| *last - now > TOLERANCE) {
        anyhow::bail!(
            "shows {shown}, but the audit goes on to {}: set the machine's clock (a rehearsal with --as-of leaves \
             such entries too)",
            last.format("%Y-%m-%d %H:%M:%S UTC")
        );
    }
    Ok(shown.to_string())
}

fn judge_room(what: &str, path: &Path, free: u64, free_files: u64, files: u64) -> anyhow::Result<()> {
    let path = path.display();
    anyhow::ensure!(free >= LEAST_ROOM, "{what} {path}: only {} free; make room", shown(free));
    // Some file systems have no fixed number of files and say 0.
    anyhow::ensure!(files == 0 || free_files > 0, "{what} {path}: no more files fit (inodes); make room");
    Ok(())
}

/// In GB of 10⁹ bytes, as disks are sold, or MB.
fn shown(bytes: u64) -> String {
    let megabytes = bytes / 1_000_000;
    if megabytes < 10_000 { format!("{megabytes} MB") } else { format!("{} GB", megabytes / 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_before_this_program_or_before_its_own_records_is_wrong() {
        assert!(judge_clock(at("1970-01-01T00:03:00Z"), None).is_err());
        assert!(judge_clock(at("2026-11-24T08:00:00Z"), Some(at("2026-11-25T08:00:00Z"))).is_err());
        assert!(judge_clock(at("2026-11-24T08:00:00Z"), Some(at("2026-11-24T08:04:00Z"))).is_ok());
    }

    #[test]
    fn a_full_disk_is_said_so_with_what_is_on_it() {
        let error = judge_room("archive", Path::new("/srv/archive"), 5_000_000, 1, 1).unwrap_err();
        assert_eq!(error.to_string(), "archive /srv/archive: only 5 MB free; make room");
        assert!(judge_room("mail", Path::new("m"), LEAST_ROOM, 0, 100).is_err(), "no inodes");
        assert!(judge_room("mail", Path::new("m"), LEAST_ROOM, 0, 0).is_ok(), "a file system without inodes");
    }
}
