//! Object stores that run here: S3 by `moto` (`pip install moto[s3] flask flask-cors`), Azure by Azurite (`npm
//! install azurite`).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::{free_port, wait_until};

/// What Azure's emulators are known by everywhere; not a secret.
const EMULATOR_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Azure wants the request signed, and its client library is not installed.
const MAKE_CONTAINER: &str = r#"
import base64, email.utils, hmac, sys, urllib.request
port, key = sys.argv[1], base64.b64decode(sys.argv[2])
date = email.utils.formatdate(usegmt=True)
text = ("PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:2019-12-12\n"
        "/devstoreaccount1/devstoreaccount1/statements\nrestype:container")
signature = base64.b64encode(hmac.new(key, text.encode(), "sha256").digest()).decode()
url = f"http://127.0.0.1:{port}/devstoreaccount1/statements?restype=container"
headers = {"x-ms-date": date, "x-ms-version": "2019-12-12", "Authorization": f"SharedKey devstoreaccount1:{signature}"}
urllib.request.urlopen(urllib.request.Request(url, method="PUT", headers=headers))
"#;

/// A server on a free port of this machine; ended when dropped.
pub struct ObjectStore {
    child: Child,
    port: u16,
    /// What `[archive]` needs to use it.
    pub url: String,
    options: Vec<(&'static str, String)>,
}

impl ObjectStore {
    /// An S3 server with a bucket.
    pub fn s3() -> Self {
        Self::s3_on(free_port())
    }

    /// On a port that was chosen before, as for a server that comes back.
    pub fn s3_on(port: u16) -> Self {
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let server = Self::start(command, port, "s3://statements/of/months".into(), s3_options(port));
        assert!(server.request("PUT /statements").contains(" 200 "), "the bucket is made");
        server
    }

    /// Azure's emulator with a container; `None` if it is not installed.
    pub fn azure() -> Option<Self> {
        let program = std::env::var("STATEMENTD_TEST_AZURITE").unwrap_or_else(|_| "azurite-blob".into());
        Command::new(&program).arg("--version").output().ok()?;
        let port = free_port();
        let mut command = Command::new(program);
        command.args([
            "--silent",
            "--skipApiVersionCheck",
            "--blobHost",
            "127.0.0.1",
            "--blobPort",
            &port.to_string(),
        ]);
        command.arg("--inMemoryPersistence");
        let options = vec![
            ("azure_storage_endpoint", format!("http://127.0.0.1:{port}/devstoreaccount1")),
            ("azure_storage_account_name", "devstoreaccount1".to_owned()),
            ("azure_storage_account_key", EMULATOR_KEY.to_owned()),
            ("azure_allow_http", "true".to_owned()),
        ];
        let server = Self::start(command, port, "az://statements/of/months".into(), options);
        let made =
            Command::new("python3").args(["-c", MAKE_CONTAINER, &port.to_string(), EMULATOR_KEY]).output().unwrap();
        assert!(made.status.success(), "the container is made: {}", String::from_utf8_lossy(&made.stderr));
        Some(server)
    }

    fn start(mut command: Command, port: u16, url: String, options: Vec<(&'static str, String)>) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child =
            child.unwrap_or_else(|error| panic!("{command:?}: {error}; see CONTRIBUTING for what tests need"));
        let server = Self { child, port, url, options };
        wait_until(&format!("a connection to {command:?}"), || TcpStream::connect(("127.0.0.1", port)).is_ok());
        server
    }

    pub fn options(&self) -> std::collections::BTreeMap<String, String> {
        self.options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// The lines of a configuration that name this store.
    pub fn configuration(&self) -> String {
        let options = self.options.iter().map(|(name, value)| format!("archive.options.{name} = \"{value}\"\n"));
        format!("archive.url = \"{}\"\n{}", self.url, options.collect::<String>())
    }

    /// Puts an object into the bucket, as another program would.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        let answer = self.request_with(&format!("PUT /statements/{key}"), bytes);
        assert!(answer.contains(" 200 "), "{key}: {answer}");
    }

    fn request(&self, line: &str) -> String {
        self.request_with(line, b"")
    }

    fn request_with(&self, line: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let (port, length) = (self.port, body.len());
        write!(stream, "{line} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n\r\n").unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn s3_options(port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("aws_endpoint", format!("http://127.0.0.1:{port}")),
        ("aws_allow_http", "true".to_owned()),
        ("aws_region", "eu-west-3".to_owned()),
        ("aws_access_key_id", "key".to_owned()),
        ("aws_secret_access_key", "secret".to_owned()),
    ]
}
