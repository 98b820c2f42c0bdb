//! TLS with certificates of an authority of the test's own: made by openssl, thrown away afterwards; and a door that takes
//! TLS off in front of a played server and remembers who came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::listserver::done;

/// An authority (`ca.pem`) in a folder, and what it signed for these names: `cert.pem` and `key.pem`.
pub(crate) fn certify(at: &Path, names: &str) {
    let key = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    std::fs::write(at.join("names"), format!("subjectAltName={names}\n")).unwrap();
    for words in [
        format!(
            "{key} -x509 -keyout ca.key -out ca.pem -days 2 -subj /CN=Invented -addext basicConstraints=critical,CA:TRUE"
        ),
        format!("{key} -keyout key.pem -out asked.pem -subj /CN=localhost"),
        "x509 -req -in asked.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem"
            .to_owned(),
    ] {
        done(Command::new("openssl").args(words.split(' ')).current_dir(at), "");
    }
}

/// Takes TLS off in front of a server without.
pub(crate) struct Door {
    pub(crate) port: u16,
    /// Requests: the host that each was for, its path, and whether a token was shown.
    seen: Arc<Mutex<Vec<(String, String, bool)>>>,
    /// 0, or the status of a redirect that everybody gets.
    moved: Arc<AtomicU16>,
}

impl Door {
    /// In front of `http://127.0.0.1:PORT`, with the certificate that lies in a folder; redirects lead to another host.
    pub(crate) fn open(behind: &str, certificate: &Path, elsewhere: &str) -> Door {
        let chain = CertificateDer::pem_file_iter(certificate.join("cert.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(certificate.join("key.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.map(Result::unwrap).collect(), key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let door = Door { port, seen: Arc::default(), moved: Arc::default() };
        let (seen, moved) = (Arc::clone(&door.seen), Arc::clone(&door.moved));
        let behind = behind.trim_start_matches("http://").to_owned();
        let (config, elsewhere) = (Arc::new(config), elsewhere.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, moved) = (Arc::clone(&seen), Arc::clone(&moved));
                let (config, behind, elsewhere) = (Arc::clone(&config), behind.clone(), elsewhere.clone());
                std::thread::spawn(move || {
                    let session = ServerConnection::new(config).unwrap();
                    let stream = BufReader::new(StreamOwned::new(session, stream));
                    // Whoever does not trust the certificate hangs up.
                    let _ = serve(stream, &behind, &elsewhere, &seen, &moved);
                });
            }
        });
        door
    }

    /// From now on everybody is sent elsewhere.
    pub(crate) fn moves(&self, status: u16) {
        self.moved.store(status, Ordering::SeqCst);
    }

    /// What came since the last time.
    pub(crate) fn seen(&self) -> Vec<(String, String, bool)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn head(from: &mut impl BufRead) -> std::io::Result<Option<(Vec<String>, usize)>> {
    let (mut lines, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            return Ok(Some((lines, length)));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        lines.push(line);
    }
}

fn serve(
    mut client: BufReader<StreamOwned<ServerConnection, TcpStream>>,
    behind: &str,
    elsewhere: &str,
    seen: &Mutex<Vec<(String, String, bool)>>,
    moved: &AtomicU16,
) -> std::io::Result<()> {
    let server = TcpStream::connect(behind)?;
    let (mut replies, mut asks) = (BufReader::new(server.try_clone()?), server);
    while let Some((lines, length)) = head(&mut client)? {
        let mut body = vec![0; length];
        client.read_exact(&mut body)?;
        let named = |name: &str| {
            lines.iter().find_map(|l| l.split_once(':').filter(|(n, _)| n.eq_ignore_ascii_case(name)))
        };
        let path = lines[0].split(' ').nth(1).unwrap_or("").to_owned();
        let host = named("host").map_or(String::new(), |(_, host)| host.trim().to_owned());
        let token = named("api-key").or_else(|| named("authorization")).is_some();
        seen.lock().unwrap().push((host, path.clone(), token));
        let status = moved.load(Ordering::SeqCst);
        if status > 0 {
            let there = format!(
                "HTTP/1.1 {status} Moved\r\nLocation: {elsewhere}{path}\r\nContent-Length: 0\r\n\r\n"
            );
            client.get_mut().write_all(there.as_bytes())?;
            client.get_mut().flush()?;
            continue;
        }
        asks.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())?;
        asks.write_all(&body)?;
        let Some((lines, length)) = head(&mut replies)? else { return Ok(()) };
        let mut body = vec![0; length];
        replies.read_exact(&mut body)?;
        let client = client.get_mut();
        client.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())?;
        client.write_all(&body)?;
        client.flush()?;
    }
    Ok(())
}
