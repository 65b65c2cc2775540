//! Signatures, checked by a verifier that is not ours: dkimpy.

use std::path::Path;
use std::process::Command;

use statementd::domain::Mailbox;
use statementd::mail::{DkimSettings, EmailBody, EmailContent, Signer};

/// Exit status 0 means that the signature is valid. The DNS record is the first argument, the message is in the file
/// that the second names.
const VERIFY: &str = "import dkim, sys\n\
    record, path = sys.argv[1].encode(), sys.argv[2]\n\
    message = open(path, 'rb').read()\n\
    names = []\n\
    def dns(name, timeout=5):\n    names.append(name)\n    return record\n\
    good = dkim.verify(message, dnsfunc=dns)\n\
    assert names == [b'2026._domainkey.operator.example.'], names\n\
    sys.exit(0 if good else 1)\n";

fn openssl(folder: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn signed(key_file: &Path) -> Vec<u8> {
    let settings = DkimSettings {
        domain: "operator.example".parse().unwrap(),
        selector: "2026".parse().unwrap(),
        key_file: key_file.to_owned(),
    };
    let mailbox = |name: String, address: &str| Mailbox {
        name: Some(name.parse().unwrap()),
        address: address.parse().unwrap(),
    };
    let email = EmailContent {
        message_id: "0123456789abcdef@operator.example",
        date: "2009-06-03T06:00:00Z".parse().unwrap(),
        from: &mailbox("Facturation".into(), "billing@operator.example"),
        reply_to: None,
        to: &mailbox("Ñandú ".repeat(1500), "compta@phoenix.example"),
        language: "fr-FR",
        subject: &"Relevé  de mai ".repeat(100),
        body: &EmailBody::new("Bonjour,\n\n. \n  fin  \n\n\n", "<p>Bonjour</p>\n"),
        attachments: &[],
    };
    email.compose("test".into(), Some(&Signer::load(&settings).unwrap())).unwrap().bytes
}

fn holds(folder: &Path, record: &str, message: &[u8]) -> bool {
    let path = folder.join("message");
    std::fs::write(&path, message).unwrap();
    let output = Command::new("python3").args(["-c", VERIFY, record]).arg(&path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("Error"), "{errors}");
    output.status.success()
}

#[test]
#[ignore = "needs openssl, and python3 with dkimpy"]
fn signatures_of_every_kind_of_key_hold_and_break_with_the_message() {
    use base64ct::{Base64, Encoding};
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    openssl(folder, "genrsa -out pkcs8.pem 2048");
    openssl(folder, "rsa -in pkcs8.pem -traditional -out pkcs1.pem");
    openssl(folder, "genpkey -algorithm ed25519 -out ed25519.pem");
    for (file, kind) in [("pkcs8.pem", "rsa"), ("pkcs1.pem", "rsa"), ("ed25519.pem", "ed25519")] {
        let public = openssl(folder, &format!("pkey -in {file} -pubout -outform DER"));
        // The record of an Ed25519 key holds its 32 bytes alone.
        let public = if kind == "rsa" { public.as_slice() } else { &public[public.len() - 32..] };
        let record = format!("v=DKIM1; k={kind}; p={}", Base64::encode_string(public));
        let message = signed(&folder.join(file));
        assert!(holds(folder, &record, &message), "{file}");
        let text = String::from_utf8(message).unwrap();
        assert!(!holds(folder, &record, text.replacen("Bonjour", "Au revoir", 1).as_bytes()), "{file}: body");
        let forged = text.replace("compta@phoenix.example", "other@phoenix.example");
        assert!(!holds(folder, &record, forged.as_bytes()), "{file}: header");
    }
}

#[test]
fn a_key_that_is_none_is_refused_by_its_file() {
    let root = tempfile::tempdir().unwrap();
    let key_file = root.path().join("key.pem");
    std::fs::write(&key_file, "not a key").unwrap();
    let settings = DkimSettings { domain: "o.example".parse().unwrap(), selector: "s".parse().unwrap(), key_file };
    let error = Signer::load(&settings).unwrap_err().to_string();
    assert!(error.contains("mail.dkim.key_file") && error.contains("key.pem"), "{error}");
}
