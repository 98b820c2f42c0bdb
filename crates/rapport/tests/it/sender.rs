//! A served desk that webhooks are delivered to, and the sender that signs them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::world::Desk;

pub(crate) const SECRET: &str = "a-long-secret-of-this-test";

pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub(crate) fn mac(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let word = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for n in 0..4 {
            let letter = char::from(LETTERS[(word >> (18 - 6 * n) & 63) as usize]);
            out.push(if n <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

/// A served desk with the secrets of every hook; stopped when this goes.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) at: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    pub(crate) fn new(desk: &Desk, options: &[&str]) -> Served {
        let mut command = desk.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(options).stderr(Stdio::piped());
        for hook in ["ACTIVITIES", "DISCOURSE", "GITEA", "GITHUB", "GITLAB", "SLACK"] {
            command.env(format!("RAPPORT_HOOK_{hook}"), format!("{SECRET} an-older-secret"));
        }
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let at = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        // Whoever writes errors must find somebody who reads them.
        std::thread::spawn(move || {
            let mut rest = String::new();
            while said.read_line(&mut rest).is_ok_and(|n| n > 0) {
                eprint!("{rest}");
                rest.clear();
            }
        });
        Served { child, at }
    }

    /// Sends one request; none when the line drops.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Option<(u16, String)> {
        send_to(&self.at, method, path, headers, body)
    }

    pub(crate) fn github(&self, id: &str, event: &str, body: &Value, secret: &str) -> Option<u16> {
        github_to(&self.at, id, event, body, secret)
    }

    pub(crate) fn standard(&self, path: &str, id: &str, at: i64, body: &str) -> (u16, String) {
        let stamp = at.to_string();
        let signed = mac(SECRET, &[id.as_bytes(), b".", stamp.as_bytes(), b".", body.as_bytes()]);
        let headers = [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", stamp),
            ("webhook-signature", format!("v1,{}", base64(&signed))),
            ("Content-Type", "application/json".to_owned()),
        ];
        self.send("POST", path, &headers, body.as_bytes()).unwrap()
    }
}

fn send_to(
    at: &str,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(at).ok()?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    let _ = stream.write_all(body); // it may be refused before its end
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

pub(crate) fn github_to(at: &str, id: &str, event: &str, body: &Value, secret: &str) -> Option<u16> {
    let body = body.to_string();
    let signature = format!("sha256={}", hex(&mac(secret, &[body.as_bytes()])));
    let headers = [
        ("Content-Type", "application/json".to_owned()),
        ("X-GitHub-Event", event.to_owned()),
        ("X-GitHub-Delivery", id.to_owned()),
        ("X-Hub-Signature-256", signature),
    ];
    Some(send_to(at, "POST", "/hooks/github", &headers, body.as_bytes())?.0)
}
