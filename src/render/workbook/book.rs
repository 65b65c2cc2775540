//! A workbook whose sheets are written row by row into temporary files, which lie in memory while they are small.
//!
//! Sheets that are held as cells cost a thread each when they are saved, and a table of all their cells and strings
//! before.

use std::path::Path;

use rust_xlsxwriter::Workbook;

/// Workbooks of more rows are large files.
const SHORT: u64 = 10_000;
/// In bytes; several workbooks of [`SHORT`] lists at the same time need a fraction of it.
const FREE: u64 = 256 * 1024 * 1024;
/// A folder that Linux keeps in memory.
const MEMORY: &str = "/dev/shm";

/// Whether a list of so many rows makes a large file.
pub(in crate::render) fn is_long(rows: u64) -> bool {
    rows > SHORT
}

/// A workbook for a list of about `rows` rows. Add sheets by `new_worksheet_with_constant_memory`: their rows must be
/// written in order.
pub(in crate::render) fn begin(rows: u64) -> Workbook {
    let mut workbook = Workbook::new();
    if !is_long(rows) && has_room(Path::new(MEMORY)) {
        // If it cannot be written to, the rows go to the usual folder for temporary files.
        let _ = workbook.set_tempdir(MEMORY);
    }
    workbook
}

/// Whether `folder` lies in memory, and much of it is free.
fn has_room(folder: &Path) -> bool {
    /// `TMPFS_MAGIC` of `linux/magic.h`.
    const TMPFS: u64 = 0x0102_1994;
    rustix::fs::statfs(folder).is_ok_and(|found| {
        u64::try_from(found.f_type) == Ok(TMPFS)
            && found.f_bavail.saturating_mul(u64::try_from(found.f_bsize).unwrap_or(0)) >= FREE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_that_lies_in_memory_counts_as_memory() {
        let on_disk = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        assert!(!has_room(on_disk.path()) && !has_room(Path::new("/proc")) && !has_room(Path::new("/not/there")));
    }
}
