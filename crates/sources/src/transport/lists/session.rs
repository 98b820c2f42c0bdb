//! One line to a server that speaks in lines: guarded, timed, bounded, and encrypted when asked.
#![expect(clippy::disallowed_types, reason = "the transport alone opens sockets")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};

use super::super::Lost;
use super::super::guard::is_public;
use super::super::http::{INSIDE, tls, unsealed};
use super::{Fault, broken, refused};

/// The longest line that is no content.
const LINE: u64 = 1 << 20;

/// How a server is reached.
pub(super) struct Way<'a> {
    pub(super) host: &'a str,
    pub(super) allow_private: bool,
    pub(super) timeout: Duration,
    pub(super) trusted: &'a Arc<rustls::ClientConfig>,
}

enum Stream {
    Plain(TcpStream),
    Sealed(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.read(into),
            Stream::Sealed(stream) => stream.read(into),
        }
    }
}

/// A line.
pub(super) struct Session {
    stream: BufReader<Stream>,
}

impl Session {
    pub(super) fn open(way: &Way<'_>, port: u16, sealed: bool) -> Result<Session, Fault> {
        let found: Vec<SocketAddr> =
            (way.host, port).to_socket_addrs().map_err(|_| broken("its name is not found"))?.collect();
        // One inner address among outer ones is a trick: then none is used.
        if !way.allow_private && found.iter().any(|address| !is_public(address.ip())) {
            return Err(refused(&format!("{INSIDE}; --allow-private allows that")));
        }
        let mut last = broken("its name is not found");
        for address in found.iter().take(4) {
            match TcpStream::connect_timeout(address, way.timeout.min(Duration::from_secs(20))) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(way.timeout))?;
                    stream.set_write_timeout(Some(way.timeout))?;
                    stream.set_nodelay(true)?;
                    let session = Session { stream: BufReader::new(Stream::Plain(stream)) };
                    return if sealed { session.seal(way) } else { Ok(session) };
                }
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    /// Goes on behind TLS. What came unencrypted ahead of it is not taken for something said inside.
    pub(super) fn seal(self, way: &Way<'_>) -> Result<Session, Fault> {
        if !self.stream.buffer().is_empty() {
            return Err(refused("it spoke on while the line was being encrypted"));
        }
        let Stream::Plain(mut socket) = self.stream.into_inner() else {
            return Err(refused("the line is encrypted already"));
        };
        let name = rustls::pki_types::ServerName::try_from(way.host.to_owned())
            .map_err(|_| refused("the address makes no sense"))?;
        let mut tls = ClientConnection::new(Arc::clone(way.trusted), name)
            .map_err(|e| refused(&format!("no encrypted line can be opened ({e})")))?;
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)?;
        }
        let sealed = Stream::Sealed(Box::new(StreamOwned::new(tls, socket)));
        Ok(Session { stream: BufReader::with_capacity(64 * 1024, sealed) })
    }

    /// Sends a line (or several).
    pub(super) fn say(&mut self, line: &str) -> Result<(), Fault> {
        let bytes = format!("{line}\r\n");
        match self.stream.get_mut() {
            Stream::Plain(stream) => stream.write_all(bytes.as_bytes())?,
            Stream::Sealed(stream) => {
                stream.write_all(bytes.as_bytes())?;
                stream.flush()?;
            }
        }
        Ok(())
    }

    /// Reads a line, without its end.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, Fault> {
        let mut line = Vec::new();
        (&mut self.stream).take(LINE).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(broken("the connection broke"));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(line)
    }

    /// Reads so many bytes; those over `most` are read past.
    pub(super) fn exactly(&mut self, len: u64, most: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        (&mut self.stream).take(len.min(most)).read_to_end(&mut bytes)?;
        let passed = io::copy(&mut (&mut self.stream).take(len.saturating_sub(most)), &mut io::sink())?;
        if bytes.len() as u64 + passed < len {
            return Err(broken("the connection broke"));
        }
        Ok(bytes)
    }
}

/// A fault of the line, cut by whether another try makes sense.
pub(super) fn lost(error: &io::Error) -> Lost {
    if let Some(why) = tls(error) {
        return unsealed(why);
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Lost::Broken("it does not answer in time".to_owned())
        }
        _ => Lost::Broken(format!("the connection broke ({error})").chars().take(160).collect()),
    }
}
