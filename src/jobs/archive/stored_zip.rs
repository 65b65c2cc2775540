//! A ZIP of files that are stored as they are, written from its beginning to its end.
//!
//! The library that packs workbooks keeps what it knows of each file in memory until the end: too much for the
//! 240,000 files of a large month. Here size and checksum are known before a file begins, and the table of contents
//! that ends a ZIP gathers in a temporary file.

use std::io::{Result, Seek, Write};

use tempfile::SpooledTempFile;

use crate::archive::KnownContent;

/// How much of the table of contents is in memory, in bytes.
const IN_MEMORY: usize = 1024 * 1024;
/// What does not fit into 32 or 16 bits is said in fields of 64 bits, and these say so.
const LONG: u32 = u32::MAX;
const MANY: u16 = u16::MAX;
/// Versions of the format: plain, and with fields of 64 bits.
const PLAIN: u16 = 20;
const WITH_LONG: u16 = 45;
/// On Unix; the upper half of attributes is then a mode.
const MADE_BY: u16 = 3 << 8 | WITH_LONG;
const MODE: u32 = 0o100_644 << 16;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const STORED: u16 = 0;
/// The first day of 1980, which is no time at all: the same month makes the same file.
const DAY: u16 = 1 << 5 | 1;

/// Writes into `W`.
pub(super) struct StoredZip<W> {
    out: W,
    /// How many bytes were written.
    at: u64,
    files: u64,
    directory: SpooledTempFile,
}

impl<W: Write> StoredZip<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, at: 0, files: 0, directory: SpooledTempFile::new(IN_MEMORY) }
    }

    pub(super) fn add(&mut self, name: &str, file: &mut KnownContent) -> Result<()> {
        let size = short(file.size);
        let mut long = Vec::new();
        if size == LONG {
            long.extend([file.size, file.size]);
        }
        let mut header = Vec::with_capacity(64 + name.len());
        header.extend(0x0403_4b50_u32.to_le_bytes());
        header.extend(common(file.crc32, size, name, &long)?);
        header.extend(name.as_bytes());
        header.extend(extra(&long));
        let begins_at = self.at;
        self.write(&header)?;
        file.content.copy_to(&mut self.out)?;
        self.at += file.size;
        self.files += 1;

        let at = short(begins_at);
        long.extend((at == LONG).then_some(begins_at));
        let mut entry = Vec::with_capacity(80 + name.len());
        entry.extend(0x0201_4b50_u32.to_le_bytes());
        entry.extend(MADE_BY.to_le_bytes());
        entry.extend(common(file.crc32, size, name, &long)?);
        // No comment, the first disk, no inner attributes.
        entry.extend([0; 6]);
        entry.extend(MODE.to_le_bytes());
        entry.extend(at.to_le_bytes());
        entry.extend(name.as_bytes());
        entry.extend(extra(&long));
        self.directory.write_all(&entry)
    }

    pub(super) fn finish(mut self) -> Result<()> {
        let begins_at = self.at;
        self.directory.rewind()?;
        self.at += std::io::copy(&mut self.directory, &mut self.out)?;
        let (ends_at, size) = (self.at, self.at - begins_at);
        let files = u16::try_from(self.files).unwrap_or(MANY);
        if files == MANY || short(begins_at) == LONG || short(size) == LONG {
            let mut end = 0x0606_4b50_u32.to_le_bytes().to_vec();
            end.extend(44_u64.to_le_bytes());
            end.extend([MADE_BY, WITH_LONG].map(u16::to_le_bytes).concat());
            end.extend([0; 8]);
            end.extend([self.files, self.files, size, begins_at].map(u64::to_le_bytes).concat());
            end.extend(0x0706_4b50_u32.to_le_bytes());
            end.extend([0; 4]);
            end.extend(ends_at.to_le_bytes());
            end.extend(1_u32.to_le_bytes());
            self.write(&end)?;
        }
        let mut end = 0x0605_4b50_u32.to_le_bytes().to_vec();
        end.extend([0, 0, files, files].map(u16::to_le_bytes).concat());
        end.extend([short(size), short(begins_at)].map(u32::to_le_bytes).concat());
        end.extend([0; 2]);
        self.write(&end)?;
        self.out.flush()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(LONG)
}

/// What stands in a file's header and in the table of contents alike.
fn common(crc32: u32, size: u32, name: &str, long: &[u64]) -> Result<Vec<u8>> {
    let length = u16::try_from(name.len()).map_err(std::io::Error::other)?;
    let extra_length = if long.is_empty() { 0 } else { 4 + 8 * long.len() };
    let extra_length = u16::try_from(extra_length).map_err(std::io::Error::other)?;
    let version = if long.is_empty() { PLAIN } else { WITH_LONG };
    let mut bytes = [version, FLAGS, STORED, 0, DAY].map(u16::to_le_bytes).concat();
    bytes.extend([crc32, size, size].map(u32::to_le_bytes).concat());
    bytes.extend([length, extra_length].map(u16::to_le_bytes).concat());
    Ok(bytes)
}

/// The field with what needs 64 bits.
fn extra(long: &[u64]) -> Vec<u8> {
    if long.is_empty() {
        return Vec::new();
    }
    // At most three.
    let length = u16::try_from(8 * long.len()).unwrap_or_default();
    let mut bytes = [1, length].map(u16::to_le_bytes).concat();
    bytes.extend(long.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, SeekFrom};

    use zip::ZipArchive;

    use super::*;

    #[test]
    fn readers_find_each_file_as_it_was_also_where_there_are_more_than_a_plain_zip_can_have() {
        for files in [0_u64, 3, 70_000] {
            let mut written = Vec::new();
            let mut zip = StoredZip::new(&mut written);
            for file in 0..files {
                zip.add(&format!("2009-05/Énergie/{file}"), &mut file.to_string().into_bytes().into()).unwrap();
            }
            zip.finish().unwrap();
            let mut read = ZipArchive::new(Cursor::new(written)).unwrap();
            assert_eq!(read.len() as u64, files);
            for file in [0, 1, 2, 65_534, 65_535, 69_999].into_iter().filter(|file| *file < files) {
                let mut content = String::new();
                let mut entry = read.by_name(&format!("2009-05/Énergie/{file}")).unwrap();
                assert_eq!(entry.unix_mode(), Some(0o100_644));
                entry.read_to_string(&mut content).unwrap();
                assert_eq!(content, file.to_string());
            }
        }
    }

    #[test]
    fn a_file_behind_four_gibibytes_is_found() {
        let before = 5 << 30;
        let mut written = Vec::new();
        let mut zip = StoredZip { at: before, ..StoredZip::new(&mut written) };
        zip.add("late", &mut b"here".to_vec().into()).unwrap();
        zip.finish().unwrap();
        let mut read = ZipArchive::new(Behind { before, bytes: written, at: 0 }).unwrap();
        let mut content = String::new();
        read.by_name("late").unwrap().read_to_string(&mut content).unwrap();
        assert_eq!(content, "here");
    }

    #[test]
    fn a_file_of_more_than_four_gibibytes_says_its_size_in_the_long_field() {
        let size = 5_u64 << 30;
        let mut written = Vec::new();
        let mut zip = StoredZip::new(&mut written);
        // Only what is said of it counts here.
        let mut file = KnownContent { size, ..Vec::new().into() };
        zip.add("large", &mut file).unwrap();
        let mut wanted = [1_u16, 16].map(u16::to_le_bytes).concat();
        wanted.extend([size, size].map(u64::to_le_bytes).concat());
        assert!(zip.out.ends_with(&wanted));
        let header = zip.out.len();
        zip.finish().unwrap();
        let behind = Behind { before: size + header as u64, bytes: written.split_off(header), at: 0 };
        assert_eq!(ZipArchive::new(behind).unwrap().decompressed_size(), Some(size.into()));
    }

    /// Bytes behind so many others, which are not kept.
    struct Behind {
        before: u64,
        bytes: Vec<u8>,
        at: u64,
    }

    impl Read for Behind {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            let from = self.at.checked_sub(self.before).and_then(|from| usize::try_from(from).ok());
            let read = match from {
                Some(from) => self.bytes.get(from..).unwrap_or_default().read(buffer)?,
                None => usize::try_from(self.before - self.at).unwrap().min(buffer.len()),
            };
            self.at += read as u64;
            Ok(read)
        }
    }

    impl Seek for Behind {
        fn seek(&mut self, to: SeekFrom) -> Result<u64> {
            let end = self.before + self.bytes.len() as u64;
            self.at = match to {
                SeekFrom::Start(at) => at,
                SeekFrom::End(by) => end.checked_add_signed(by).unwrap(),
                SeekFrom::Current(by) => self.at.checked_add_signed(by).unwrap(),
            };
            Ok(self.at)
        }
    }
}
