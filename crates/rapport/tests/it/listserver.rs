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
        assert!(began.elapsed() < Duration::from_secs(120), "the server does not come up");
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

/// A list kept by public-inbox, served over HTTP and as a newsgroup, the latter behind TLS, too: from the beginning on a port
/// of its own, or when somebody asks for it.
pub(crate) struct Inbox {
    folder: tempfile::TempDir,
    web: u16,
    news: u16,
    sealed: u16,
    servers: Vec<Child>,
}

impl Inbox {
    pub(crate) fn start() -> Option<Inbox> {
        Inbox::of("-V2")
    }

    /// In the layout that it has today (`-V2`) or in the older one, a mail a path (`-V1`).
    pub(crate) fn of(layout: &str) -> Option<Inbox> {
        let programs = ["public-inbox-init", "public-inbox-httpd", "public-inbox-nntpd"];
        if !(here(&programs, "public-inbox") && here(&["openssl"], "openssl")) {
            return None;
        }
        let folder = tempfile::TempDir::new().unwrap();
        let (web, news, sealed) = (free_port(), free_port(), free_port());
        let inbox = Inbox { web, news, sealed, folder, servers: Vec::new() };
        let place = inbox.folder.path().join("inbox");
        let address = inbox.address();
        let mut init = inbox.command("public-inbox-init");
        init.args([layout, "--ng", "org.example.relay-users", "relay-users"]).arg(place);
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

    /// `nntps://127.0.0.1:PORT/org.example.relay-users`
    pub(crate) fn sealed_newsgroup(&self) -> String {
        format!("nntps://127.0.0.1:{}/org.example.relay-users", self.sealed)
    }

    /// The authority that signed the news server's certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.folder.path()).env("PI_CONFIG", self.folder.path().join("config"));
        command.env("ORIGINAL_RECIPIENT", "relay-users@example.org");
        command
    }

    pub(crate) fn serve(&mut self) {
        let at = self.folder.path();
        crate::tls::certify(at, "IP:127.0.0.1");
        let listen = |scheme: &str, port: u16| format!("{scheme}://127.0.0.1:{port}");
        for (program, doors) in [
            ("public-inbox-httpd", vec![listen("http", self.web)]),
            ("public-inbox-nntpd", vec![listen("nntp", self.news), listen("nntps", self.sealed)]),
        ] {
            let mut command = self.command(program);
            // Without workers it is one process, which ends at once.
            command.arg("-W0");
            doors.iter().for_each(|door| {
                command.args(["-l", door]);
            });
            if doors.len() > 1 {
                command.arg(format!("--cert={}", at.join("cert.pem").display()));
                command.arg(format!("--key={}", at.join("key.pem").display()));
            }
            self.servers.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        }
        [self.web, self.news, self.sealed].into_iter().for_each(up);
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

/// A mailbox kept by Dovecot, which speaks IMAP behind TLS only (from the beginning, or behind STARTTLS), with a certificate
/// of an authority of its own.
pub(crate) struct Mailbox {
    folder: tempfile::TempDir,
    port: u16,
    sealed: u16,
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
        let (port, sealed) = (free_port(), free_port());
        std::fs::write(at.join("dovecot.conf"), config(at, &user, &group, port, sealed)).unwrap();
        let server = Command::new("dovecot")
            .env("PATH", path())
            .args(["-F", "-c"])
            .arg(at.join("dovecot.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mailbox = Mailbox { folder, port, sealed, server };
        up(port);
        up(sealed);
        mailbox.admin(&["mailbox", "create"], &[FOLDER], "");
        Some(mailbox)
    }

    /// `imap://127.0.0.1:PORT/Lists/relay-users`
    pub(crate) fn address(&self) -> String {
        format!("imap://127.0.0.1:{}/{FOLDER}", self.port)
    }

    /// `imaps://127.0.0.1:PORT/Lists/relay-users`
    pub(crate) fn sealed_address(&self) -> String {
        format!("imaps://127.0.0.1:{}/{FOLDER}", self.sealed)
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

fn config(at: &Path, user: &str, group: &str, port: u16, sealed: u16) -> String {
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
    port = {sealed}
    ssl = yes
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
