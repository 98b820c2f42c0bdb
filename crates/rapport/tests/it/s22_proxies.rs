//! s22 behind a proxy and an authority of one's own: a real forward proxy, a forum behind TLS whose name nobody knows here,
//! and a certificate that nobody else trusts. What the proxy was asked for says who was contacted.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::listserver::{free_port, here, up};
use crate::s22_living::play::socket::Server;
use crate::s22_living::{messages, none, played, standing};
use crate::tls::{Door, certify};
use crate::world::Desk;

const TOKEN: &str = "s3cret-t0ken";

/// The proxy finds every name on this machine, and writes down what it was asked for.
const PLUGIN: &str = "
import os
from proxy.http.proxy import HttpProxyBasePlugin

class Names(HttpProxyBasePlugin):
    def resolve_dns(self, host, port):
        with open(os.environ['ASKED'], 'a') as out:
            out.write(f'{host}:{port}\\n')
        return '127.0.0.1', None
";

/// A forward proxy (the program `proxy.py`), for as long as a test needs it.
struct Proxy {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Proxy {
    fn start(more: &[&str]) -> Option<Proxy> {
        let programs = crate::tools::python("proxy-venv", "proxy.py==2.4.10")?;
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("names.py"), PLUGIN).unwrap();
        let port = free_port();
        let server = Command::new(programs.join("python"))
            .args(["-m", "proxy", "--hostname", "127.0.0.1", "--num-workers", "1", "--num-acceptors", "1"])
            .args(["--plugins", "names.Names", "--log-level", "d", "--port", &port.to_string()])
            .arg("--log-file")
            .arg(folder.path().join("log"))
            .args(more)
            .current_dir(folder.path())
            .env("PYTHONPATH", folder.path())
            .env("HOME", folder.path())
            .env("ASKED", folder.path().join("asked"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        up(port);
        Some(Proxy { folder, port, server })
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it was asked for since the last time, each once.
    fn asked(&self) -> Vec<String> {
        let file = self.folder.path().join("asked");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(file); // it may not be there
        let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
        all.sort();
        all.dedup();
        all
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Asked to, it ends its own processes, too.
        let _ = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
    }
}

struct Scene {
    desk: Desk,
    server: Server,
    door: Door,
    proxy: Proxy,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new(more: &[&str]) -> Option<Scene> {
        if !here(&["openssl"], "openssl") {
            return None;
        }
        let proxy = Proxy::start(more)?;
        let (desk, server) = played(12, |stage| stage.token = Some(TOKEN.to_owned()));
        let folder = tempfile::TempDir::new().unwrap();
        certify(folder.path(), "DNS:forum.tidewater.example,DNS:elsewhere.tidewater.example,IP:127.0.0.1");
        let door = Door::open(&server.address, folder.path(), "https://elsewhere.tidewater.example");
        let scene = Scene { desk, server, door, proxy, folder };
        scene.says("");
        Some(scene)
    }

    /// Writes `rapport.toml`.
    fn says(&self, network: &str) {
        // What is not there now is left for later at once.
        let text = format!("[network]\npatience-seconds = 0\n{network}");
        std::fs::write(self.desk.0.path().join("rapport.toml"), text).unwrap();
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn forum(&self) -> String {
        format!("https://forum.tidewater.example:{}/discourse", self.door.port)
    }

    fn run(&self, words: &[&str], set: &[(&str, &str)]) -> Output {
        let mut command = self.desk.command();
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.envs(set.iter().copied()).args(words).output().unwrap()
    }

    /// What a refusal says; nothing secret is ever in it.
    fn refused(&self, words: &[&str], set: &[(&str, &str)]) -> String {
        let output = self.run(words, set);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(!said.contains(TOKEN) && !said.contains("hunter2"), "{said}");
        said
    }

    fn added(&self, set: &[(&str, &str)]) {
        let output = self.run(&["--json", "add", &self.forum(), "--kind", "discourse"], set);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told[0]["threads"], 12, "{told}");
        assert_eq!(messages(&self.desk), standing(&self.server, "discourse"));
        none(&self.server);
    }

    /// The forum's own place, as the proxy knows it.
    fn alone(&self) -> Vec<String> {
        vec![format!("forum.tidewater.example:{}", self.door.port)]
    }
}

#[test]
fn the_owners_proxy_and_authority_are_the_way_and_nobody_else_is_contacted() {
    let Some(scene) = Scene::new(&[]) else { return };
    let (proxy, forum) = (scene.proxy.address(), scene.forum());
    // The proxy is there, but nobody vouches for the certificate: told, with what to do about it.
    scene.says(&format!("proxy = {proxy:?}\n"));
    let said = scene.refused(&["add", &forum, "--kind", "discourse"], &[]);
    assert!(said.contains("certificate does not hold") && said.contains("ca-file"), "{said}");
    assert_eq!((scene.proxy.asked(), scene.door.seen()), (scene.alone(), Vec::new()));
    // A file without certificates, and none at all.
    for (file, why) in [("names", "no certificate in it"), ("nowhere.pem", "No such file")] {
        scene.says(&format!("ca-file = {:?}\n", scene.folder.path().join(file)));
        let output = scene.run(&["add", &forum, "--kind", "discourse"], &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(why), "{said}");
    }
    let both = format!("proxy = {proxy:?}\nca-file = {:?}\n", scene.authority());
    scene.says(&both);
    scene.added(&[]);
    assert_eq!(scene.proxy.asked(), scene.alone());
    assert!(scene.door.seen().iter().all(|(_, _, token)| !token));
    // A token goes to the forum, through a tunnel that the proxy cannot look into.
    let file = scene.desk.0.path().join("tokens");
    std::fs::write(&file, format!("\"forum.tidewater.example:{}\" = \"{TOKEN}\"\n", scene.door.port))
        .unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(scene.run(&["sync"], &[]).status.success());
    let seen = scene.door.seen();
    assert!(
        !seen.is_empty() && seen.iter().all(|(host, _, token)| *token && host.starts_with("forum.")),
        "{seen:?}"
    );
    // The forum sends us elsewhere, by every kind of redirect: nobody goes there, and no token either.
    for status in [301, 302, 307, 308] {
        scene.door.moves(status);
        let said = scene.refused(&["sync"], &[]);
        assert!(said.contains("elsewhere.tidewater.example") && said.contains("nobody named"), "{said}");
        assert_eq!(scene.proxy.asked(), scene.alone(), "{status}");
        assert_eq!(scene.door.seen().len(), 1, "{status}: asked once, and not again");
    }
    let log = std::fs::read_to_string(scene.proxy.folder.path().join("log")).unwrap();
    assert!(!log.contains(TOKEN), "the proxy saw nothing of it");
}

#[test]
fn the_environments_proxy_authority_and_exceptions_hold() {
    let Some(scene) = Scene::new(&[]) else { return };
    let (proxy, authority) = (scene.proxy.address(), scene.authority());
    let authority = authority.to_str().unwrap();
    let way = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", authority)];
    scene.added(&way);
    assert_eq!(scene.proxy.asked(), scene.alone());
    // Past the proxy there is no such name.
    let past = [way[0], way[1], ("NO_PROXY", "forum.tidewater.example")];
    let output = scene.run(&["--json", "sync"], &past);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told[0]["next_try"].is_string(), "not found for now: {told}");
    assert_eq!(scene.proxy.asked(), Vec::<String>::new());
    // An exception holds for the owner's proxy, too, and is no way into the house.
    let inner = format!("https://127.0.0.1:{}/discourse", scene.door.port);
    for (network, set) in [
        (String::new(), [way[0], way[1], ("NO_PROXY", "127.0.0.1")]),
        (format!("proxy = {proxy:?}\n"), [("UNSET", ""), way[1], ("NO_PROXY", "other.example, 127.0.0.1")]),
        // Through the proxy it would be the proxy's own house.
        (format!("proxy = {proxy:?}\n"), [("UNSET", ""), way[1], ("NO_PROXY", "")]),
    ] {
        scene.says(&network);
        scene.door.seen();
        let said = scene.refused(&["add", &inner, "--kind", "discourse"], &set);
        assert!(said.contains("inside this network") && said.contains("--allow-private"), "{said}");
        assert_eq!((scene.proxy.asked(), scene.door.seen()), (Vec::new(), Vec::new()), "{network}");
    }
    scene.says("");
    let set = [way[0], way[1], ("NO_PROXY", "127.0.0.1")];
    let output = scene.run(&["add", &inner, "--kind", "discourse", "--allow-private"], &set);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(scene.proxy.asked(), Vec::<String>::new(), "past the proxy, as told");
    assert!(!scene.door.seen().is_empty());
    // A mail server does not go through a proxy for the web, and is told so before anybody is asked.
    scene.says("");
    let said = scene.refused(&["add", "imaps://forum.tidewater.example/Lists"], &way);
    assert!(said.contains("does not carry imaps") && said.contains("NO_PROXY"), "{said}");
    // The program git takes the same way: it trusts the same authorities and asks the same proxy.
    let remote = format!("git:https://forum.tidewater.example:{}/relay.git", scene.door.port);
    scene.door.seen();
    let said = scene.refused(&["add", &remote], &way[..1]);
    assert!(said.contains("certificate"), "{said}");
    assert_eq!((scene.proxy.asked(), scene.door.seen()), (scene.alone(), Vec::new()));
    let said = scene.refused(&["add", &remote], &way);
    assert!(said.contains("not found"), "{said}");
    assert_eq!(scene.proxy.asked(), scene.alone());
    assert!(scene.door.seen()[0].1.starts_with("/relay.git/info/refs"));
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_is_told_without_its_password() {
    let Some(scene) = Scene::new(&["--basic-auth", "ada:hunter2"]) else { return };
    let forum = scene.forum();
    let port = scene.proxy.port;
    let authority = format!("ca-file = {:?}\n", scene.authority());
    // Without a login, and with a wrong one.
    for login in ["", "ada:hunter2-but-wrong@"] {
        scene.says(&format!("{authority}proxy = \"http://{login}127.0.0.1:{port}\"\n"));
        let said = scene.refused(&["add", &forum, "--kind", "discourse"], &[]);
        assert!(said.contains("the proxy does not let us through") && said.contains("HTTPS_PROXY"), "{said}");
        assert_eq!(scene.proxy.asked(), Vec::<String>::new());
    }
    scene.says(&format!("{authority}proxy = \"http://ada:hunter2@127.0.0.1:{port}\"\n"));
    scene.added(&[]);
    assert_eq!(scene.proxy.asked(), scene.alone());
    let bytes = std::fs::read(scene.desk.0.path().join("rapport.sqlite")).unwrap();
    assert!(!bytes.windows(7).any(|w| w == b"hunter2"), "nothing of it is stored");
    // Nobody listens there: for now, so the next try is told.
    scene.says(&format!("{authority}proxy = \"http://ada:hunter2@127.0.0.1:{}\"\n", free_port()));
    let output = scene.run(&["sync"], &[]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("next try") && !said.contains("hunter2"), "{said}");
    scene.says("proxy = \"::nonsense::hunter2\"\n");
    let output = scene.run(&["sync"], &[]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("makes no sense") && !said.contains("hunter2"), "{said}");
}
