//! The command line as it was typed, for advice that can be pasted into a shell.

/// `before`, for example `sudo -u statementd`, followed by this process's own command.
pub fn again(before: &[&str]) -> String {
    let own = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let words = before.iter().map(|word| (*word).to_owned()).chain(["statementd".to_owned()]).chain(own);
    words.map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
}

/// A word, quoted for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_each_word_as_it_was() {
        for word in
            ["", "plain", "--reason=x", "two words", "it's", "#1000", "$HOME", "~/x", "a\"b", "*", "a;b", "a\nb", "é"]
        {
            let script = format!("printf %s {}", quoted(word));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), word, "{script}");
        }
    }
}
