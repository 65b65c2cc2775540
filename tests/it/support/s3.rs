//! A real S3 server (moto), and a proxy before it that fails on purpose.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{free_port, wait_until};

/// A server of its own with an empty bucket `statements`; ends when dropped.
pub struct S3 {
    server: Child,
    port: u16,
}

/// What the proxy does to requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// No connection lasts.
    Down,
    /// Every request is answered with this status, unseen by the store.
    Status(u16),
    /// Every second write is answered with this status although it has landed.
    Landed(u16),
    /// Writes are cut off in the middle of their body.
    CutUpload,
    /// Answers are cut off in the middle of their body.
    CutAnswer,
    /// Each request waits.
    Slow(Duration),
    /// Writes are refused, reads work.
    ReadOnly,
    /// These credentials may do everything but delete.
    NoDelete,
    /// Objects are locked: deleting several is answered with 200 and an error for each, one with 403.
    Locked,
    /// Like Google's stores, used as S3 under a path with their name: no request deletes several objects.
    Google,
    /// These credentials may do everything but list.
    NoList,
}

/// The proxy before the server; without a fault it changes nothing.
pub struct FaultProxy {
    port: u16,
    plan: Arc<Mutex<Fault>>,
}

impl S3 {
    /// `None` if moto is not installed (`pip install 'moto[s3]' flask flask-cors`).
    pub fn start() -> Option<Self> {
        let port = free_port();
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().ok()?;
        let s3 = Self { server, port };
        wait_until("an answer of moto_server", || s3.request("PUT", "/statements").is_some());
        Some(s3)
    }

    /// The program's configuration with its archive in this server, reached through `port`.
    pub fn configured(configuration: &str, port: u16) -> String {
        let others = configuration.lines().filter(|line| !line.starts_with("archive.url"));
        let others: Vec<_> = others.collect();
        format!(
            "archive.url = \"s3://statements/prefix\"\n{}\n[archive.options]\n\
             aws_endpoint = \"http://127.0.0.1:{port}\"\naws_region = \"us-east-1\"\naws_access_key_id = \"test\"\n\
             aws_secret_access_key = \"test\"\naws_allow_http = \"true\"\n",
            others.join("\n")
        )
    }

    /// Changes an object directly: `PUT` a few bytes, or `DELETE`.
    pub fn meddle(&self, method: &str, key: &str) {
        self.request(method, &format!("/statements/prefix/{key}")).unwrap();
    }

    fn request(&self, method: &str, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let body = if method == "PUT" && path.len() > "/statements".len() { "other" } else { "" };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.starts_with('2').then_some(answer)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl FaultProxy {
    pub fn before(s3: &S3) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, plan, server) =
            (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Fault::None)), s3.port);
        let of_proxy = Arc::clone(&plan);
        std::thread::spawn(move || {
            for (number, client) in listener.incoming().map_while(Result::ok).enumerate() {
                let fault = *of_proxy.lock().unwrap();
                // A connection that breaks is what this is for.
                std::thread::spawn(move || serve(client, server, fault, number).ok());
            }
        });
        Self { port, plan }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn set(&self, fault: Fault) {
        *self.plan.lock().unwrap() = fault;
    }
}

/// One request on a connection of its own.
fn serve(mut client: TcpStream, server: u16, fault: Fault, number: usize) -> std::io::Result<()> {
    if fault == Fault::Down {
        return client.shutdown(Shutdown::Both);
    }
    let mut request = read_request(&mut client)?;
    if fault == Fault::Google {
        request = without_host_in_path(&request);
    }
    let is_write = request.starts_with(b"PUT") || request.starts_with(b"DELETE") || request.starts_with(b"POST");
    match fault {
        Fault::Status(status) => return refuse(&mut client, status),
        Fault::ReadOnly if is_write => return refuse(&mut client, 403),
        Fault::Slow(delay) => std::thread::sleep(delay),
        Fault::NoDelete if is_deleting(&request) => return deny(&mut client),
        Fault::Locked if is_deleting(&request) => return say_locked(&mut client, &request),
        Fault::Google if request.starts_with(b"POST") && is_deleting(&request) => return refuse(&mut client, 501),
        Fault::NoList if request.starts_with(b"GET") && first_line(&request).contains("list-type=") => {
            return deny(&mut client);
        }
        _ => {}
    }
    let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
    if fault == Fault::CutUpload && request.starts_with(b"PUT") {
        upstream.write_all(&request[..request.len() - 10])?;
        upstream.shutdown(Shutdown::Write)?;
        return client.shutdown(Shutdown::Both);
    }
    upstream.write_all(&request)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    if let Fault::Landed(status) = fault
        && request.starts_with(b"PUT")
        && number.is_multiple_of(2)
    {
        return refuse(&mut client, status);
    }
    if fault == Fault::CutAnswer && request.starts_with(b"GET") {
        answer.truncate(answer.len() - answer.len().min(10));
    }
    client.write_all(&answer)?;
    client.shutdown(Shutdown::Write)
}

/// Head and body, with the server asked to close the connection after its answer.
fn read_request(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8 * 1024]);
    loop {
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap_or(0));
            if bytes.len() >= head + length {
                let mut request = bytes[..head - 2].to_vec();
                request.extend_from_slice(b"Connection: close\r\n\r\n");
                request.extend_from_slice(&bytes[head..head + length]);
                return Ok(request);
            }
        }
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..read]);
    }
}

fn first_line(request: &[u8]) -> String {
    String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned()
}

fn is_deleting(request: &[u8]) -> bool {
    request.starts_with(b"DELETE") || (request.starts_with(b"POST") && first_line(request).contains("?delete"))
}

/// The request without `/storage.googleapis.com`, by which the program knows whose store it is.
fn without_host_in_path(request: &[u8]) -> Vec<u8> {
    let (line, rest) = request.split_at(request.iter().position(|byte| *byte == b'\n').unwrap_or_default());
    [String::from_utf8_lossy(line).replacen("/storage.googleapis.com", "", 1).as_bytes(), rest].concat()
}

/// The answer of `MinIO` and Amazon about an object that is locked.
fn say_locked(client: &mut TcpStream, request: &[u8]) -> std::io::Result<()> {
    const WHY: &str =
        "<Code>AccessDenied</Code><Message>Object is WORM protected and cannot be overwritten</Message>";
    let text = String::from_utf8_lossy(request);
    let keys = text.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
    let errors: Vec<_> = keys.map(|(key, _)| format!("<Error><Key>{key}</Key>{WHY}</Error>")).collect();
    let errors = errors.concat();
    let (status, body) = if errors.is_empty() {
        ("403 Forbidden", format!("<Error>{WHY}</Error>"))
    } else {
        ("200 OK", format!("<?xml version=\"1.0\"?><DeleteResult>{errors}</DeleteResult>"))
    };
    write!(client, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())?;
    client.shutdown(Shutdown::Write)
}

/// The answer of stores if something is not allowed.
fn deny(client: &mut TcpStream) -> std::io::Result<()> {
    const BODY: &str =
        "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>not for you</Message></Error>";
    write!(client, "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{BODY}", BODY.len())?;
    client.shutdown(Shutdown::Write)
}

fn refuse(client: &mut TcpStream, status: u16) -> std::io::Result<()> {
    write!(client, "HTTP/1.1 {status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    client.shutdown(Shutdown::Write)
}
