//! The online consultation, as its visitors and those who would like to be use it.

mod access;
mod attacks;
mod browser;
mod codes;
mod corrections;
mod downloads;
mod imports;
mod live;
mod pages;
mod parts;
mod passwords;
mod revisions;
mod second_factor;
mod staff;
mod staff_away;
mod staff_pages;
mod staff_reruns;

use crate::support::{Program, Running, free_port};
use browser::Browser;

/// 22:00 in Paris: three months are closed, May is running.
const EVENING: &str = "2009-05-31T20:00:00Z";
const PASSWORD: &str = "blau regnet kamel";
const OWNER: &str = "compta@phoenix.example";
const HOLDER: &str = "mariline.ballester@phoenix.example";

/// The daemon with the sample in it, three months closed, the listener on.
pub struct Site {
    pub program: Program,
    pub running: Running,
    address: String,
}

impl Site {
    pub fn start() -> Self {
        Self::with(Program::new(), "", &[])
    }

    /// `extra`: further configuration; `arguments`: before the command.
    pub fn with(program: Program, extra: &str, arguments: &[&str]) -> Self {
        program.import_sample();
        program.run(&["close", "--period", "2009-04", "--as-of", EVENING, "--force"]);
        Self::serving(program, extra, arguments)
    }

    pub fn serving(program: Program, extra: &str, arguments: &[&str]) -> Self {
        Self::started(program, extra, arguments, |program, arguments| program.start(arguments))
    }

    /// `start` starts the program with these arguments.
    pub fn started(
        program: Program,
        extra: &str,
        arguments: &[&str],
        start: impl FnOnce(&Program, &[&str]) -> Running,
    ) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let portal = format!("[portal]\nlisten = \"{address}\"\nurl = \"http://{address}\"\n{extra}\n");
        let file = program.write("portal.toml", portal);
        let arguments: Vec<&str> =
            arguments.iter().copied().chain(["--config", &file, "run", "--as-of", EVENING]).collect();
        let mut running = start(&program, &arguments);
        running.until_logged("The online consultation is served");
        Self { program, running, address }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.address)
    }

    pub fn browser_address(&self) -> &str {
        &self.address
    }

    /// Asks for a link, as a person without a password does, and returns where it leads.
    pub fn link(&mut self, number: &str, email: &str) -> String {
        let before = self.links();
        let asked = self.browser().post("/password/forgot", &[("number", number), ("email", email)]);
        assert_eq!(asked.status, 200, "{}", asked.text());
        let mail = self.program.mail();
        self.running.until("a mail with a link", || links_in(&mail).len() > before.len());
        self.links().into_iter().find(|link| !before.contains(link)).unwrap()
    }

    /// The paths of all links that were mailed.
    pub fn links(&self) -> Vec<String> {
        links_in(&self.program.mail())
    }

    /// Sets a password by a link; returns the browser, which is signed in then.
    pub fn signed_in(&mut self, number: &str, email: &str) -> Browser {
        let link = self.link(number, email);
        let mut browser = self.browser();
        let set = browser.post(&link, &[("password", PASSWORD)]);
        assert_eq!((set.status, set.location()), (303, "/"), "{}", set.text());
        browser
    }
}

fn links_in(mail: &std::path::Path) -> Vec<String> {
    let mut links = Vec::new();
    let Ok(files) = std::fs::read_dir(mail) else { return links };
    for file in files.map_while(Result::ok).filter(|file| file.path().extension().is_some_and(|end| end == "eml")) {
        let text = std::fs::read_to_string(file.path()).unwrap_or_default().replace("=\r\n", "");
        // The text part comes first; the HTML part has the same link.
        if let Some((_, after)) = text.split_once("/password/") {
            let token: String =
                after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
            if token.len() == 43 {
                links.push(format!("/password/{token}"));
            }
        }
    }
    links.sort();
    links
}
