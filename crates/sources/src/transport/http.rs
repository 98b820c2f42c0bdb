//! HTTP over the real network: one agent, no redirects behind our back, no address inside the house unless allowed.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::guard::is_public;
use super::lists::{self, Lists};
use super::{Lost, Wire};
use crate::live::{Ask, Reply};

/// What the owner says about the way to the network.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Addresses inside the house may be contacted, too.
    pub allow_private: bool,
    /// A proxy, in place of the one that `HTTPS_PROXY` and its like name.
    pub proxy: Option<String>,
    /// A file of certificate authorities (PEM), in place of those that ship with the program.
    pub ca_file: Option<PathBuf>,
    /// How long one reply may take, in seconds; 60 where it is 0.
    pub timeout_s: u64,
    /// Where mirrors of git repositories lie.
    pub mirrors: Option<PathBuf>,
}

/// The largest reply that is read.
const LARGEST: u64 = 64 << 20;

/// The wire to the real network.
pub struct Http {
    agent: ureq::Agent,
    lists: Lists,
}

impl Http {
    /// A wire as the owner wants it.
    ///
    /// # Errors
    /// When the certificates or the proxy make no sense, in words.
    pub fn new(network: &Network) -> Result<Http, String> {
        let seconds = if network.timeout_s == 0 { 60 } else { network.timeout_s };
        let mut config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(seconds)))
            .timeout_connect(Some(Duration::from_secs(20.min(seconds))))
            .max_idle_connections_per_host(1);
        if let Some(path) = &network.ca_file {
            config = config.tls_config(
                TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(authorities(path)?))).build(),
            );
        }
        if let Some(address) = &network.proxy {
            let proxy =
                ureq::Proxy::new(address).map_err(|_| "the proxy's address makes no sense".to_owned())?;
            config = config.proxy(Some(proxy));
        }
        let config = config.build();
        // Through a proxy, names are resolved there and the proxy itself may stand in the house: the owner named it.
        let lists = Lists::new(network, config.proxy().is_some())?;
        let allow_private = network.allow_private || config.proxy().is_some();
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), Guarded { allow_private });
        Ok(Http { agent, lists })
    }
}

#[expect(clippy::disallowed_methods, reason = "the transport reads its own certificates")]
pub(super) fn authorities(path: &std::path::Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let found: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() { Err(format!("{}: no certificate in it", path.display())) } else { Ok(found) }
}

/// Looks names up, and hands out no address inside the house.
#[derive(Debug)]
struct Guarded {
    allow_private: bool,
}

/// Whether an address may be contacted at all: for the program git, which looks names up by itself.
///
/// # Errors
/// Why not, in words.
pub fn permitted(url: &str, network: &Network) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|_| "the address makes no sense".to_owned())?;
    let host = uri.host().ok_or("the address names no host")?.trim_matches(['[', ']']);
    let found =
        (host, uri.port_u16().unwrap_or(443)).to_socket_addrs().map_err(|_| "its name is not found")?;
    if network.allow_private || found.into_iter().all(|address| is_public(address.ip())) {
        return Ok(());
    }
    Err(format!("{INSIDE}; --allow-private allows that"))
}

/// How the refusal travels through the HTTP library.
pub(super) const INSIDE: &str = "it points to an address inside this network";

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().ok_or(ureq::Error::HostNotFound)?.trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let found: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(ureq::Error::Io)?.collect();
        // One inner address among outer ones is a trick: then none is used.
        if !self.allow_private && found.iter().any(|address| !is_public(address.ip())) {
            return Err(ureq::Error::Other(INSIDE.into()));
        }
        let mut out = self.empty();
        for address in found.into_iter().take(16) {
            out.push(address);
        }
        if out.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(out) }
    }
}

impl Wire for Http {
    fn send(&mut self, ask: &Ask, headers: &[(String, String)]) -> Result<Reply, Lost> {
        if lists::carries(&ask.url) {
            return self.lists.send(ask, headers);
        }
        let reply = match &ask.post {
            None => {
                let request = headers.iter().fold(self.agent.get(&ask.url), |r, (n, v)| r.header(n, v));
                request.call()
            }
            Some(body) => {
                let typed = headers.iter().any(|(name, _)| name == "content-type");
                let request = self.agent.post(&ask.url);
                let request =
                    if typed { request } else { request.header("content-type", "application/json") };
                let request = headers.iter().fold(request, |r, (n, v)| r.header(n, v));
                request.send(body.as_str())
            }
        };
        let mut reply = reply.map_err(|error| lost(&error))?;
        let headers = reply
            .headers()
            .iter()
            .map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let status = reply.status().as_u16();
        let body =
            reply.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(|error| lost(&error))?;
        Ok(Reply { status, headers, body })
    }
}

/// The library's faults, cut by whether another try makes sense. None of them carries a header or a token.
fn lost(error: &ureq::Error) -> Lost {
    use ureq::Error as E;
    match error {
        E::Other(why) if why.to_string() == INSIDE => {
            Lost::Refused(format!("{INSIDE}; --allow-private allows that"))
        }
        E::BadUri(_) | E::Http(_) => Lost::Refused("the address makes no sense".to_owned()),
        E::Tls(why) => Lost::Refused(format!("its certificate does not hold ({why})")),
        E::Rustls(why) => Lost::Refused(format!("its certificate does not hold ({why})")),
        E::BodyExceedsLimit(_) => Lost::Refused("a reply is larger than 64 MiB".to_owned()),
        E::InvalidProxyUrl | E::ConnectProxyFailed(_) => {
            Lost::Refused("the proxy does not let us through".to_owned())
        }
        E::HostNotFound => Lost::Broken("its name is not found".to_owned()),
        E::Timeout(_) => Lost::Broken("it does not answer in time".to_owned()),
        E::Io(why) if why.to_string().contains("certificate") => {
            Lost::Refused(format!("its certificate does not hold ({why})"))
        }
        other => Lost::Broken(format!("the connection broke ({})", short(&other.to_string()))),
    }
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
