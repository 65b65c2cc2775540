//! Postfix in a folder of its own: plain, STARTTLS with authentication, TLS from the first byte; its own authority;
//! maildirs; one recipient that it puts off, one that it refuses, and one that it takes and cannot deliver to.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::{free_port, wait_until};

pub const USER: &str = "statementd@mx.test.example";
pub const PASSWORD: &str = "correct horse";
/// Delivered into a maildir.
pub const GOOD: &str = "good@customer.example";
/// 450 at RCPT.
pub const LATER: &str = "later@customer.example";
/// 550 at RCPT.
pub const REFUSED: &str = "refused@customer.example";
/// Taken, and returned to the sender afterwards.
pub const RETURNED: &str = "returned@customer.example";

/// Owns the maildirs: the user `nobody`.
const MAIL_OWNER: u32 = 65_534;

pub struct PostfixServer {
    folder: TempDir,
    pub plain: u16,
    pub starttls: u16,
    pub tls: u16,
}

impl PostfixServer {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let [plain, starttls, tls] = [(); 3].map(|()| free_port());
        let server = Self { folder, plain, starttls, tls };
        server.write_files();
        run(Command::new("postfix").arg("-c").arg(server.path("etc")).arg("start"));
        for port in [plain, starttls, tls] {
            wait_until("an answer of Postfix", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        }
        server
    }

    pub fn ca_file(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// Messages delivered to GOOD.
    pub fn delivered(&self) -> Vec<Vec<u8>> {
        files_in(&self.good_box().join("new"))
    }

    pub fn good_box(&self) -> PathBuf {
        self.path("mail/customer/good")
    }

    /// The maildir of the statements' sender, where reports of failure arrive.
    pub fn sender_box(&self) -> PathBuf {
        self.path("mail/operator/billing")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_files(&self) {
        use std::os::unix::fs::{PermissionsExt, chown};
        std::fs::set_permissions(self.folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        for folder in ["etc", "etc/sasl", "queue", "data", "mail"] {
            std::fs::create_dir(self.path(folder)).unwrap();
        }
        chown(self.path("mail"), Some(MAIL_OWNER), Some(MAIL_OWNER)).unwrap();
        self.make_certificates();
        self.make_user();
        self.write("etc/main.cf", &self.main_cf());
        self.write("etc/master.cf", &self.master_cf());
        self.write("etc/mailboxes", &format!("{GOOD} customer/good/\nbilling@operator.example operator/billing/\n"));
        let access = format!("{LATER} 450 4.2.0 try again later\n{REFUSED} 550 5.1.1 no such user\n");
        self.write("etc/access", &access);
        run(Command::new("chown").arg("postfix").arg(self.path("data")).arg(self.path("sasldb2")));
    }

    fn make_certificates(&self) {
        let openssl = |arguments: &str| {
            let mut command = Command::new("openssl");
            command.args(arguments.split(' ')).current_dir(self.folder.path());
            run(&mut command);
        };
        self.write("extensions", "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem");
        openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
        openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions \
             -out server.pem",
        );
    }

    fn make_user(&self) {
        let sasldb = self.path("sasldb2").display().to_string();
        let settings = ["pwcheck_method: auxprop", "auxprop_plugin: sasldb", "mech_list: PLAIN LOGIN"].join("\n");
        // Debian looks there, whatever cyrus_sasl_config_path says.
        self.write("etc/sasl/smtpd.conf", &format!("{settings}\nsasldb_path: {sasldb}\n"));
        let (user, realm) = USER.split_once('@').unwrap();
        let command = format!("printf '{PASSWORD}' | saslpasswd2 -p -c -f {sasldb} -u {realm} {user}");
        run(Command::new("sh").args(["-c", &command]));
    }

    fn main_cf(&self) -> String {
        let root = self.folder.path().display();
        format!(
            "compatibility_level = 3.6\nqueue_directory = {root}/queue\ndata_directory = {root}/data\n\
             command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\n\
             setgid_group = postdrop\nmyhostname = mx.test.example\nmydestination =\ninet_interfaces = 127.0.0.1\n\
             inet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n\
             virtual_mailbox_domains = customer.example operator.example\nvirtual_mailbox_base = {root}/mail\n\
             virtual_mailbox_maps = texthash:{root}/etc/mailboxes\nvirtual_uid_maps = static:{MAIL_OWNER}\n\
             virtual_gid_maps = static:{MAIL_OWNER}\nsmtpd_reject_unlisted_recipient = no\n\
             smtpd_recipient_restrictions = check_recipient_access texthash:{root}/etc/access, permit_mynetworks\n\
             smtpd_tls_cert_file = {root}/server.pem\nsmtpd_tls_key_file = {root}/server.key\n\
             smtpd_tls_security_level = may\nsmtpd_sasl_path = smtpd\n\
             maillog_file = {root}/maillog\nmaillog_file_prefixes = {root}\n"
        )
    }

    fn master_cf(&self) -> String {
        let authenticated = format!(
            "-o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=\
             check_recipient_access,texthash:{}/etc/access,permit_sasl_authenticated,reject",
            self.folder.path().display()
        );
        let listeners = [
            format!("127.0.0.1:{} inet n - n - - smtpd", self.plain),
            format!(
                "127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {authenticated}",
                self.starttls
            ),
            format!("127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {authenticated}", self.tls),
        ];
        let services = "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\ntlsmgr unix - - n 1000? 1 tlsmgr\n\
             rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n\
             trace unix - - n - 0 bounce\nproxymap unix - - n - - proxymap\nerror unix - - n - - error\n\
             retry unix - - n - - error\nvirtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\n\
             postlog unix-dgram n - n - 1 postlogd\n";
        format!("{}\n{services}", listeners.join("\n"))
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }
}

impl Drop for PostfixServer {
    #[expect(clippy::print_stderr, reason = "the server's log explains a failed test")]
    fn drop(&mut self) {
        let stopped = Command::new("postfix").arg("-c").arg(self.path("etc")).arg("stop").output();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.path("maillog")).unwrap_or_default();
            eprintln!("{stopped:?}\n{log}");
        }
    }
}

pub fn wait_for_mail(maildir: &Path) {
    wait_until("the arrival of mail", || !files_in(&maildir.join("new")).is_empty());
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; the test set-up installs it"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn files_in(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}
