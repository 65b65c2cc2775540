//! A mail server that fails on purpose, at the step and in the way it is told to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Where in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Connect,
    Ehlo,
    StartTls,
    Mail,
    Rcpt,
    Data,
    /// After the first bytes of the body.
    Body,
    /// The message is complete.
    Dot,
}

pub const STEPS: [Step; 7] = [Step::Connect, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Body, Step::Dot];

/// What goes wrong there.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// This reply instead of an acceptance; nothing is stored.
    Reply(&'static str),
    /// An acceptance in these bytes, line ends included; at the dot the message is stored.
    OddYes(&'static [u8]),
    /// Like [`Fault::OddYes`], and the connection is cut after it.
    OddYesAndDrop(&'static [u8]),
    /// A refusal in these bytes, line ends included; nothing is stored.
    OddNo(&'static [u8]),
    /// The connection is cut; nothing is stored.
    Drop,
    /// No answer, ever; nothing is stored.
    Silence,
    /// The answer comes, but late.
    Delay(Duration),
    /// Only at the dot: the message is stored, and the connection cut before the answer.
    StoreAndDrop,
    /// Only at the dot: the message is stored, and no answer comes.
    StoreAndSilence,
}

/// Asked at every step with the number of conversations so far that came this far.
type Plan = Arc<dyn Fn(Step, usize) -> Option<Fault> + Send + Sync>;

/// A message that the server has taken, or says it has not but kept all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub recipient: String,
    pub message_id: String,
    pub bytes: Vec<u8>,
}

pub struct FaultServer {
    pub port: u16,
    state: Arc<State>,
    // Connections end with the server.
    _running: JoinSet<()>,
}

struct State {
    plan: Plan,
    extensions: Vec<&'static str>,
    stored: Mutex<Vec<Stored>>,
    connections: AtomicUsize,
    /// Conversations that came to each step.
    visits: Mutex<std::collections::HashMap<Step, usize>>,
    /// Commands as they came, in upper case, without arguments.
    commands: Mutex<Vec<String>>,
    /// The name in the last EHLO.
    greeted_as: Mutex<String>,
}

/// The connection is to be closed.
struct Closed;

impl FaultServer {
    /// Fails as `plan` says.
    pub async fn start(plan: impl Fn(Step, usize) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self::offering(vec!["PIPELINING", "8BITMIME"], plan).await
    }

    pub async fn offering(
        extensions: Vec<&'static str>,
        plan: impl Fn(Step, usize) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            plan: Arc::new(plan),
            extensions,
            stored: Mutex::default(),
            connections: AtomicUsize::new(0),
            visits: Mutex::default(),
            commands: Mutex::default(),
            greeted_as: Mutex::default(),
        });
        let mut running = JoinSet::new();
        running.spawn(accept(listener, Arc::clone(&state)));
        Self { port, state, _running: running }
    }

    pub async fn sound() -> Self {
        Self::start(|_, _| None).await
    }

    pub fn stored(&self) -> Vec<Stored> {
        self.state.stored.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    pub fn greeted_as(&self) -> String {
        self.state.greeted_as.lock().unwrap().clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.state.commands.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut conversations = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        state.connections.fetch_add(1, Ordering::Relaxed);
        let state = Arc::clone(&state);
        conversations.spawn(async move {
            // However it ends, the stream is closed.
            let _ = converse(BufReader::new(stream), &state).await;
        });
    }
}

async fn converse(mut stream: BufReader<TcpStream>, state: &State) -> Result<(), Closed> {
    state.answer(&mut stream, Step::Connect, "220 fault.example ESMTP").await?;
    let mut recipient = String::new();
    loop {
        let line = read_line(&mut stream).await?;
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        state.commands.lock().unwrap().push(command.clone());
        match command.as_str() {
            "EHLO" => {
                line.split(' ').nth(1).unwrap_or_default().clone_into(&mut state.greeted_as.lock().unwrap());
                state.answer(&mut stream, Step::Ehlo, &state.greeting()).await.map(drop)?;
            }
            "HELO" => reply(&mut stream, "250 fault.example").await?,
            "STARTTLS" => state.answer(&mut stream, Step::StartTls, "454 4.7.0 not here").await.map(drop)?,
            "MAIL" => {
                recipient.clear();
                state.answer(&mut stream, Step::Mail, "250 2.1.0 Ok").await.map(drop)?;
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                if state.answer(&mut stream, Step::Rcpt, "250 2.1.5 Ok").await? {
                    recipient = address;
                }
            }
            "DATA" if recipient.is_empty() => reply(&mut stream, "503 5.5.1 no valid recipients").await?,
            "DATA" => {
                if state.answer(&mut stream, Step::Data, "354 End data with <CR><LF>.<CR><LF>").await? {
                    state.take_body(&mut stream, &recipient).await?;
                }
                recipient.clear();
            }
            "RSET" => {
                recipient.clear();
                reply(&mut stream, "250 2.0.0 Ok").await?;
            }
            "QUIT" => {
                reply(&mut stream, "221 2.0.0 Bye").await?;
                return Err(Closed);
            }
            _ => reply(&mut stream, "502 5.5.2 what?").await?,
        }
    }
}

impl State {
    /// The answer of a step, or its fault; true if it was an acceptance.
    async fn answer(&self, stream: &mut BufReader<TcpStream>, step: Step, yes: &str) -> Result<bool, Closed> {
        match self.fault(step) {
            None => reply(stream, yes).await.map(|()| true),
            Some(Fault::Delay(delay)) => {
                tokio::time::sleep(delay).await;
                reply(stream, yes).await.map(|()| true)
            }
            Some(Fault::Reply(words)) => {
                reply(stream, words).await?;
                if words.starts_with("421") { Err(Closed) } else { Ok(false) }
            }
            Some(Fault::OddYes(bytes)) => send(stream, bytes).await.map(|()| true),
            Some(Fault::OddNo(bytes)) => send(stream, bytes).await.map(|()| false),
            Some(Fault::OddYesAndDrop(bytes)) => {
                send(stream, bytes).await?;
                Err(Closed)
            }
            Some(Fault::Silence | Fault::StoreAndSilence) => std::future::pending().await,
            Some(Fault::Drop | Fault::StoreAndDrop) => Err(Closed),
        }
    }

    async fn take_body(&self, stream: &mut BufReader<TcpStream>, recipient: &str) -> Result<(), Closed> {
        let mut first = [0; 16];
        stream.read_exact(&mut first).await.map_err(|_| Closed)?;
        match self.fault(Step::Body) {
            None => {}
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
            Some(_) => return Err(Closed),
        }
        let mut body = first.to_vec();
        while !body.ends_with(b"\r\n.\r\n") {
            let read = stream.read_until(b'\n', &mut body).await.map_err(|_| Closed)?;
            if read == 0 {
                return Err(Closed);
            }
        }
        body.truncate(body.len() - 3);
        match self.fault(Step::Dot) {
            Some(Fault::StoreAndDrop) => {
                self.store(recipient, &body);
                Err(Closed)
            }
            Some(Fault::StoreAndSilence) => {
                self.store(recipient, &body);
                std::future::pending().await
            }
            Some(Fault::Reply(words)) => reply(stream, words).await,
            Some(Fault::OddNo(bytes)) => send(stream, bytes).await,
            Some(Fault::OddYes(bytes)) => {
                self.store(recipient, &body);
                send(stream, bytes).await
            }
            Some(Fault::OddYesAndDrop(bytes)) => {
                self.store(recipient, &body);
                send(stream, bytes).await?;
                Err(Closed)
            }
            Some(Fault::Drop) => Err(Closed),
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::Delay(delay)) => {
                tokio::time::sleep(delay).await;
                self.store(recipient, &body);
                reply(stream, "250 2.0.0 Ok: queued").await
            }
            None => {
                self.store(recipient, &body);
                reply(stream, "250 2.0.0 Ok: queued").await
            }
        }
    }

    fn fault(&self, step: Step) -> Option<Fault> {
        let visit = {
            let mut visits = self.visits.lock().unwrap();
            let visit = visits.entry(step).or_default();
            *visit += 1;
            *visit - 1
        };
        (self.plan)(step, visit)
    }

    fn store(&self, recipient: &str, body: &[u8]) {
        // Dots at the start of lines were doubled on the way.
        let bytes = String::from_utf8_lossy(body).replace("\r\n..", "\r\n.").into_bytes();
        let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        let message_id = message.message_id().unwrap().to_owned();
        self.stored.lock().unwrap().push(Stored { recipient: recipient.to_owned(), message_id, bytes });
    }

    fn greeting(&self) -> String {
        let lines: Vec<_> = std::iter::once("fault.example").chain(self.extensions.iter().copied()).collect();
        let last = lines.len() - 1;
        let form = |(number, line): (usize, &&str)| format!("250{}{line}", if number == last { ' ' } else { '-' });
        lines.iter().enumerate().map(form).collect::<Vec<_>>().join("\r\n")
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Result<String, Closed> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(read) if read > 0 => Ok(line.trim_end().to_owned()),
        _ => Err(Closed),
    }
}

async fn reply(stream: &mut BufReader<TcpStream>, words: &str) -> Result<(), Closed> {
    send(stream, format!("{words}\r\n").as_bytes()).await
}

async fn send(stream: &mut BufReader<TcpStream>, bytes: &[u8]) -> Result<(), Closed> {
    stream.get_mut().write_all(bytes).await.map_err(|_| Closed)
}
