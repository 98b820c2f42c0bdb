//! Real servers of mailing lists (public-inbox, Dovecot) and of repositories (git daemon), for as long as a test needs
//! them, on free ports of this machine.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// One invented mail.
pub(crate) fn mail(n: u32, answers: Option<u32>, subject: &str, text: &str) -> String {
    let answers = answers.map_or(String::new(), |to| format!("In-Reply-To: <m{to}@example.org>\n"));
    let (who, minute) = if n.is_multiple_of(2) { ("Bruno", n % 60) } else { ("Ada", n % 60) };
    format!(
        "From: {who} <{}@example.org>\nTo: relay-users@example.org\nSubject: {subject}\nDate: Mon, 02 Nov 2026 10:{minute:02}:00 +0000\nMessage-ID: <m{n}@example.org>\n{answers}List-Id: <relay-users.example.org>\n\n{text}\n",
        who.to_lowercase()
    )
}

/// An mbox export of mails.
pub(crate) fn export(mails: &[String]) -> String {
    let one = |mail: &String| format!("From ada@example.org Mon Nov  2 10:00:00 2026\n{mail}\n");
    mails.iter().map(one).collect()
}

/// Whether these programs are here. Absent: the test says so and passes, but not under `CI=true`.
pub(crate) fn here(programs: &[&str], package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    if programs.iter().all(|program| folders.iter().any(|folder| folder.join(program).is_file())) {
        return true;
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{package} is missing");
    println!("skipped: no {package} here");
    false
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn up(port: u16) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "the server does not come up");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn done(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A list kept by public-inbox, served over HTTP and as a newsgroup.
pub(crate) struct Inbox {
    folder: tempfile::TempDir,
    web: u16,
    news: u16,
    servers: Vec<Child>,
}

impl Inbox {
    pub(crate) fn start() -> Option<Inbox> {
        if !here(&["public-inbox-init", "public-inbox-httpd", "public-inbox-nntpd"], "public-inbox") {
            return None;
        }
        let folder = tempfile::TempDir::new().unwrap();
        let inbox = Inbox { web: free_port(), news: free_port(), folder, servers: Vec::new() };
        let place = inbox.folder.path().join("inbox");
        let address = inbox.address();
        let mut init = inbox.command("public-inbox-init");
        init.args(["-V2", "--ng", "org.example.relay-users", "relay-users"]).arg(place);
        done(init.args([&address, "relay-users@example.org"]), "");
        let config = inbox.folder.path().join("config");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text + "[publicinboxmda]\n\tspamcheck = none\n").unwrap();
        Some(inbox)
    }

    /// `http://127.0.0.1:PORT/relay-users`
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/relay-users", self.web)
    }

    /// `nntp://127.0.0.1:PORT/org.example.relay-users`
    pub(crate) fn newsgroup(&self) -> String {
        format!("nntp://127.0.0.1:{}/org.example.relay-users", self.news)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.folder.path()).env("PI_CONFIG", self.folder.path().join("config"));
        command.env("ORIGINAL_RECIPIENT", "relay-users@example.org");
        command
    }

    pub(crate) fn serve(&mut self) {
        for (program, scheme, port) in
            [("public-inbox-httpd", "http", self.web), ("public-inbox-nntpd", "nntp", self.news)]
        {
            let mut command = self.command(program);
            // Without workers it is one process, which ends at once.
            command.args(["-W0", "-l", &format!("{scheme}://127.0.0.1:{port}")]);
            self.servers.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        }
        up(self.web);
        up(self.news);
    }

    pub(crate) fn deliver(&self, mail: &str) {
        done(self.command("public-inbox-mda").arg("--no-precheck"), mail);
    }

    pub(crate) fn withdraw(&self, mail: &str) {
        done(self.command("public-inbox-learn").args(["rm", "--all"]), mail);
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill(); // it may be gone already
            let _ = server.wait();
        }
    }
}

/// A mailbox kept by Dovecot, which speaks IMAP behind STARTTLS only, with a certificate of an authority of its own.
pub(crate) struct Mailbox {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

pub(crate) const LOGIN: &str = "listener@example.org:long-and-invented";
const FOLDER: &str = "Lists/relay-users";

impl Mailbox {
    pub(crate) fn start() -> Option<Mailbox> {
        if !(here(&["dovecot", "doveadm"], "dovecot-imapd") && here(&["openssl"], "openssl")) {
            return None;
        }
        let folder = tempfile::TempDir::new().unwrap();
        let at = folder.path();
        std::fs::create_dir(at.join("mail")).unwrap();
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        // Dovecot reads no mail as root: there it does so as the system's own user for mail.
        let (user, group) = if std::fs::metadata(at).unwrap().uid() == 0 {
            done(Command::new("chown").arg("mail:mail").arg(at.join("mail")), "");
            ("mail".to_owned(), "mail".to_owned())
        } else {
            let id = |what: &str| {
                let told = done(Command::new("id").arg(what), "").stdout;
                String::from_utf8(told).unwrap().trim().to_owned()
            };
            (id("-un"), id("-gn"))
        };
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap();
        crate::tls::certify(at, "IP:127.0.0.1");
        let (login, password) = LOGIN.split_once(':').unwrap();
        std::fs::write(at.join("users"), format!("{login}:{{PLAIN}}{password}\n")).unwrap();
        let port = free_port();
        std::fs::write(at.join("dovecot.conf"), config(at, &user, &group, port)).unwrap();
        let server = Command::new("dovecot")
            .env("PATH", path())
            .args(["-F", "-c"])
            .arg(at.join("dovecot.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mailbox = Mailbox { folder, port, server };
        up(port);
        mailbox.admin(&["mailbox", "create"], &[FOLDER], "");
        Some(mailbox)
    }

    /// `imap://127.0.0.1:PORT/Lists/relay-users`
    pub(crate) fn address(&self) -> String {
        format!("imap://127.0.0.1:{}/{FOLDER}", self.port)
    }

    /// The authority that signed the server's certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn admin(&self, command: &[&str], about: &[&str], input: &str) -> String {
        let mut doveadm = Command::new("doveadm");
        doveadm.arg("-c").arg(self.folder.path().join("dovecot.conf")).args(command);
        doveadm.args(["-u", LOGIN.split(':').next().unwrap()]).args(about);
        String::from_utf8(done(&mut doveadm, input).stdout).unwrap()
    }

    pub(crate) fn deliver(&self, mail: &str) {
        self.admin(&["save"], &["-m", FOLDER], mail);
    }

    pub(crate) fn expunge(&self, id: &str) {
        self.admin(&["expunge"], &["mailbox", FOLDER, "HEADER", "Message-ID", id], "");
    }

    pub(crate) fn renumber(&self, validity: u32) {
        self.admin(&["mailbox", "update"], &["--uid-validity", &validity.to_string(), FOLDER], "");
    }

    /// How many mails nobody has seen.
    pub(crate) fn unseen(&self) -> String {
        self.admin(&["mailbox", "status"], &["unseen", FOLDER], "").trim().to_owned()
    }
}

/// Debian keeps Dovecot where not everybody's programs are looked for.
fn path() -> String {
    format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default())
}

fn config(at: &Path, user: &str, group: &str, port: u16) -> String {
    let at = at.display();
    // Who is not root changes to nobody else and into no other root.
    let own = if user == "mail" {
        String::new()
    } else {
        let services = ["anvil", "imap-login", "stats", "ipc"];
        let free: String = services.iter().map(|s| format!("service {s} {{\n  chroot =\n}}\n")).collect();
        format!(
            "default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n{free}"
        )
    };
    format!(
        "base_dir = {at}/run
state_dir = {at}/run
log_path = {at}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{at}/cert.pem
ssl_key = <{at}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain
auth_failure_delay = 0
mail_location = maildir:{at}/mail/box:LAYOUT=fs
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {at}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={at}/mail/home
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
{own}"
    )
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        // Asked to, it ends its own processes, too.
        let _ = Command::new("kill").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
    }
}

/// A repository that `git daemon` serves.
pub(crate) struct Remote {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Remote {
    pub(crate) fn start() -> Remote {
        let folder = tempfile::TempDir::new().unwrap();
        let port = free_port();
        let git = |words: &[&str]| {
            String::from_utf8(done(Command::new("git").args(words).current_dir(folder.path()), "").stdout)
                .unwrap()
        };
        git(&["init", "-q", "-b", "main", "--bare", "relay"]);
        git(&["init", "-q", "-b", "main", "desk"]);
        // The daemon itself, not through `git`: what is killed is what serves.
        let server = Command::new(Path::new(git(&["--exec-path"]).trim()).join("git-daemon"))
            .args(["--export-all", "--listen=127.0.0.1", "--reuseaddr", &format!("--port={port}")])
            .arg(format!("--base-path={}", folder.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        up(port);
        Remote { folder, port, server }
    }

    /// `git://127.0.0.1:PORT/relay`
    pub(crate) fn address(&self) -> String {
        format!("git://127.0.0.1:{}/relay", self.port)
    }

    /// Runs git on somebody's desk; the remote is `../relay`.
    pub(crate) fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.folder.path().join("desk"));
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(words);
        for date in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            git.env(date, "2026-11-02T10:00:00Z");
        }
        done(&mut git, "");
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let _ = self.server.kill(); // it may be gone already
        let _ = self.server.wait();
    }
}
