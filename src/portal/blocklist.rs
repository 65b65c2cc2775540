//! Passwords that are widely known: the operator's list, one to a line, or the sorted SHA-1 file of Have I Been
//! Pwned.
//!
//! The latter has hundreds of millions of lines: it is searched by halving, and never read whole.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use sha1::{Digest, Sha1};

/// Hexadecimal digits of a SHA-1.
const DIGITS: usize = 40;
/// Longer than any line of such a file.
const LONGEST_LINE: u64 = 128;

/// Whether the file has the password.
pub(super) fn has(file: &Path, password: &str) -> std::io::Result<bool> {
    let mut lines = BufReader::new(File::open(file)?);
    let mut start = [0; DIGITS];
    let is_hashed = lines.read_exact(&mut start).is_ok() && start.iter().all(u8::is_ascii_hexdigit);
    lines.seek(SeekFrom::Start(0))?;
    if is_hashed {
        let wanted = crate::digest::hex(&Sha1::digest(password.as_bytes())).to_ascii_uppercase();
        return has_digest(&mut lines, wanted.as_bytes());
    }
    let wanted = password.to_lowercase();
    for line in lines.split(b'\n') {
        let line = line?;
        if String::from_utf8_lossy(&line).trim_end().to_lowercase() == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A binary search: lines are sorted, and each begins with its digest.
fn has_digest(file: &mut (impl BufRead + Seek), wanted: &[u8]) -> std::io::Result<bool> {
    let (mut low, mut high) = (0, file.seek(SeekFrom::End(0))?);
    while low < high {
        let middle = low + (high - low) / 2;
        file.seek(SeekFrom::Start(middle.saturating_sub(1)))?;
        let mut line = Vec::new();
        if middle > 0 {
            // Skips the rest of the line before, which is only its end if the middle is a line's start.
            file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        }
        let skipped = if middle > 0 { middle - 1 + line.len() as u64 } else { 0 };
        line.clear();
        file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        let digest = line.get(..DIGITS).map(<[u8]>::to_ascii_uppercase);
        match digest.as_deref() {
            Some(digest) if digest == wanted => return Ok(true),
            Some(digest) if digest < wanted => low = skipped + line.len() as u64,
            // After the last line, or at a malformed one, the search goes on before it.
            _ => high = middle,
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn a_list_is_searched_line_by_line_whatever_the_case() {
        let list = file("correct horse battery\r\nHunter2Hunter2Hunter2\nlast one without end");
        for (password, listed) in [
            ("hunter2hunter2hunter2", true),
            ("Correct Horse Battery", true),
            ("last one without end", true),
            ("last one", false),
            ("", false),
        ] {
            assert_eq!(has(list.path(), password).unwrap(), listed, "{password}");
        }
    }

    #[test]
    fn a_sorted_file_of_digests_is_searched_by_halving() {
        let passwords: Vec<String> = (0..1000).map(|n| format!("a password of many, number {n}")).collect();
        let mut lines: Vec<String> = passwords
            .iter()
            .enumerate()
            .map(|(n, password)| {
                let digest = crate::digest::hex(&Sha1::digest(password.as_bytes())).to_ascii_uppercase();
                format!("{digest}:{}\n", 10_u64.pow(u32::try_from(n % 9).unwrap()))
            })
            .collect();
        lines.sort();
        let hashed = file(&lines.concat());
        for password in &passwords {
            assert!(has(hashed.path(), password).unwrap(), "{password}");
        }
        for n in 1000..2000 {
            assert!(!has(hashed.path(), &format!("a password of many, number {n}")).unwrap());
        }
    }
}
