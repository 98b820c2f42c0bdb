//! A real Matrix server (Synapse, in a Python environment of its own), for as long as a test needs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const WANTED: &str = "matrix-synapse==1.163.2";

pub(crate) struct Homeserver {
    /// `http://127.0.0.1:PORT`
    pub(crate) at: String,
    _folder: tempfile::TempDir,
    child: Child,
    sent: std::cell::Cell<u64>,
}

/// What the server is told: SQLite, one port on this machine, everybody may register, nobody outside is asked.
fn config(folder: &Path, port: u16) -> String {
    let path = |name: &str| json!(folder.join(name)).to_string();
    let free = "{per_second: 1000, burst_count: 1000}";
    format!(
        "server_name: relay.localhost
listeners: [{{bind_addresses: [127.0.0.1], port: {port}, type: http, tls: false, resources: [{{names: [client], compress: false}}]}}]
database: {{name: sqlite3, args: {{database: {}}}}}
media_store_path: {}
signing_key_path: {}
pid_file: {}
enable_registration: true
enable_registration_without_verification: true
report_stats: false
macaroon_secret_key: invented
form_secret: invented
trusted_key_servers: []
rc_message: {free}
rc_registration: {free}
rc_joins: {{local: {free}, remote: {free}}}
rc_login: {{address: {free}, account: {free}, failed_attempts: {free}}}
",
        path("homeserver.db"),
        path("media"),
        path("signing.key"),
        path("homeserver.pid"),
    )
}

impl Homeserver {
    /// Starts one on a free port; none where it cannot be had.
    pub(crate) fn start() -> Option<Homeserver> {
        let python = crate::tools::python("matrix-venv", WANTED)?.join("python");
        let folder = tempfile::TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = folder.path().join("homeserver.yaml");
        std::fs::write(&file, config(folder.path(), port)).unwrap();
        let synapse = |more: &[&str]| {
            let mut command = Command::new(&python);
            command.args(["-m", "synapse.app.homeserver", "-c"]).arg(&file).args(more);
            command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        assert!(synapse(&["--generate-keys"]).status().unwrap().success());
        let child = synapse(&[]).spawn().unwrap();
        let server =
            Homeserver { at: format!("http://127.0.0.1:{port}"), _folder: folder, child, sent: 0.into() };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(120), "the server does not come up");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(server)
    }

    /// One request of the client-server API; its answer has to be a good one.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value, token: &str) -> Value {
        let host = self.at.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let body = body.to_string();
        let bearer =
            if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
        write!(
            stream,
            "{method} /_matrix/client/v3{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n{bearer}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status).unwrap();
        let mut chunked = false;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            chunked |= line.to_lowercase().starts_with("transfer-encoding: chunked");
            if line.trim().is_empty() {
                break;
            }
        }
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        let text = String::from_utf8(all).unwrap();
        // These answers are small: JSON in one line, between the lines that say how long a chunk is.
        let text: String = if chunked { text.lines().skip(1).step_by(2).collect() } else { text };
        assert!(status.contains(" 200 "), "{method} {path}: {status}{text}");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{method} {path}: {e}: {text}"))
    }

    /// A new account: its access token.
    pub(crate) fn register(&self, name: &str) -> String {
        let account =
            json!({"username": name, "password": "long-and-invented", "auth": {"type": "m.login.dummy"}});
        self.call("POST", "/register", &account, "")["access_token"].as_str().unwrap().to_owned()
    }

    /// A room that everybody may join: its id.
    pub(crate) fn room(&self, alias: &str, token: &str, more: &Value) -> String {
        let mut room = json!({"room_alias_name": alias, "preset": "public_chat", "name": alias});
        room.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("POST", "/createRoom", &room, token)["room_id"].as_str().unwrap().to_owned()
    }

    /// Sends an event: its id.
    pub(crate) fn send(&self, room: &str, kind: &str, content: &Value, token: &str) -> String {
        self.sent.set(self.sent.get() + 1);
        let path = format!("/rooms/{room}/send/{kind}/{}", self.sent.get());
        self.call("PUT", &path, content, token)["event_id"].as_str().unwrap().to_owned()
    }

    /// A plain message, with a relation where there is one.
    pub(crate) fn say(&self, room: &str, words: &str, relation: &Value, token: &str) -> String {
        let mut content = json!({"msgtype": "m.text", "body": words});
        if !relation.is_null() {
            content["m.relates_to"] = relation.clone();
        }
        self.send(room, "m.room.message", &content, token)
    }

    /// Takes an event back.
    pub(crate) fn redact(&self, room: &str, event: &str, token: &str) {
        self.sent.set(self.sent.get() + 1);
        let path = format!("/rooms/{room}/redact/{event}/{}", self.sent.get());
        self.call("PUT", &path, &json!({}), token);
    }
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may be gone already
        let _ = self.child.wait();
    }
}
