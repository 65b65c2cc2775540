//! What a store's refusal means, as a sentence with what to do, and not as the page of XML that came with it.

use object_store::Error;

use crate::shortened::on_one_line;

/// Longest text of a store that is repeated, in characters.
const LONGEST: usize = 300;

/// Texts in errors of a store or the network, with what to do; the first that is found is used.
const ADVICE: [(&str, &str); 16] = [
    (
        "RequestTimeTooSkewed",
        "this machine's clock and the store's differ too much: set the clock (\"timedatectl\" shows it)",
    ),
    (
        "SignatureDoesNotMatch",
        "the secret key is not the one of this access key: see archive.options.aws_secret_access_key",
    ),
    ("InvalidAccessKeyId", "the store does not know this access key: see archive.options.aws_access_key_id"),
    ("ExpiredToken", "the session token has run out: renew the credentials"),
    ("InvalidToken", "the session token does not belong to this access key: see archive.options.aws_session_token"),
    ("NoSuchBucket", "the bucket does not exist: make it, or see archive.url"),
    ("PermanentRedirect", "the bucket is in another region: see archive.options.aws_region and aws_endpoint"),
    ("AuthorizationHeaderMalformed", "the region is not the bucket's: see archive.options.aws_region"),
    ("URL scheme is not allowed", "http:// is used only with archive.options.allow_http = true"),
    (
        "169.254.169.254",
        "no credentials were found: set archive.options.aws_access_key_id and aws_secret_access_key_file",
    ),
    ("metadata.google.internal", "no credentials were found: set archive.options.google_service_account"),
    (
        "UnknownIssuer",
        "the store's certificate comes from an authority that this machine does not trust: see archive.ca_file",
    ),
    ("dns error", "the store's host is not known: see archive.url and archive.options.aws_endpoint"),
    ("Connection refused", "nothing listens there: see archive.url and archive.options.aws_endpoint"),
    ("AccessDenied", "these credentials may not do this"),
    ("Forbidden", "these credentials may not do this"),
];

/// Why a request failed: what to do if that is known, and what the store says, shortened.
pub(super) fn explained(error: &Error) -> String {
    let all = with_causes(error);
    let said = said(&all);
    match ADVICE.iter().find(|(sign, _)| all.contains(sign)) {
        Some((_, advice)) => format!("{advice} ({said})"),
        None => said,
    }
}

/// Whether the store understood the request and forbids it: by its permissions, or because the object is locked.
pub(super) fn is_forbidden(error: &Error) -> bool {
    const SIGNS: [&str; 5] = ["AccessDenied", "Forbidden", "InvalidRetention", "ObjectLocked", "retention"];
    let all = with_causes(error);
    matches!(error, Error::PermissionDenied { .. } | Error::Unauthenticated { .. })
        || SIGNS.iter().any(|sign| all.contains(sign))
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    text
}

/// The text before a page, with the code and the message in it; on one line.
fn said(text: &str) -> String {
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once('<').map(|(words, _)| words.trim().to_owned())
    };
    let before = text.split('<').next().unwrap_or_default().trim().trim_end_matches(':');
    let page = [element("Code"), element("Message")].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let line = if page.is_empty() { before.to_owned() } else { format!("{before}: {page}") };
    on_one_line(&line, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(words: &str) -> Error {
        Error::Generic { store: "S3", source: words.to_owned().into() }
    }

    #[test]
    fn a_page_of_xml_becomes_a_sentence() {
        let page = "Client error with status 404 Not Found: <?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code>\
                    <Message>The specified bucket does not exist</Message><HostId>x</HostId></Error>";
        let told = explained(&error(page));
        assert!(told.starts_with("the bucket does not exist: make it, or see archive.url ("), "{told}");
        assert!(told.contains("404 Not Found: NoSuchBucket: The specified bucket") && !told.contains('<'), "{told}");
        assert!(explained(&error(&"x".repeat(5000))).chars().count() < 400);
    }

    #[test]
    fn the_commonest_mistakes_name_their_key() {
        for (words, key) in [
            ("403: <Code>SignatureDoesNotMatch</Code>", "aws_secret_access_key"),
            ("403: <Code>RequestTimeTooSkewed</Code>", "timedatectl"),
            ("Error performing PUT http://169.254.169.254/latest/api/token", "aws_access_key_id"),
            ("builder error: URL scheme is not allowed", "allow_http = true"),
        ] {
            let told = explained(&error(words));
            assert!(told.contains(key), "{told}");
        }
    }
}
