//! Makes values that may hold a password safe to show in errors, logs and listings.

/// What is shown in the place of a secret.
const HIDDEN: &str = "hidden";

/// `text` without what is before an `@` in something that looks like a URL, and without its parameters.
///
/// A password may hold any character, also such as a URL must not: so all up to the last `@` counts as its place.
pub fn url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return without_parameters(text) };
    let Some((secret, place)) = rest.rsplit_once('@') else {
        return format!("{scheme}://{}", without_parameters(rest));
    };
    let user = secret.split(':').next().unwrap_or_default();
    let is_plain =
        !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let shown = match (is_plain, secret.contains(':')) {
        (true, true) => format!("{user}:{HIDDEN}"),
        (true, false) => user.to_owned(),
        (false, _) => HIDDEN.to_owned(),
    };
    format!("{scheme}://{shown}@{}", without_parameters(place))
}

fn without_parameters(text: &str) -> String {
    match text.split_once('?') {
        Some((before, _)) => format!("{before}?{HIDDEN}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_before_the_last_at_sign_is_hidden() {
        for secret in ["hunter2", "12#hunter2", "12/hunter2", "hun@ter2", "a?hunter2", "a:hunter2", "hunter2://x"] {
            let shown = url(&format!("postgres://app:{secret}@127.0.0.1:1/st?password={secret}"));
            assert!(!shown.contains("hunter2") && shown.starts_with("postgres://"), "{shown}");
        }
        assert_eq!(url("postgres://app:x@h:1/st"), "postgres://app:hidden@h:1/st");
        assert_eq!(url("postgres://app@h/st?sslmode=require"), "postgres://app@h/st?hidden");
        assert_eq!(url("s3://bucket/prefix"), "s3://bucket/prefix");
        assert_eq!(url("postgres:///x?password=a@b"), "postgres://hidden@b");
        assert_eq!(url("no url"), "no url");
    }
}
