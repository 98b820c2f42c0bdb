//! HTTP over the real network: one agent, no redirects behind our back, no address inside the house unless allowed.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ureq::Proxy;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::guard::{is_inside, is_public};
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
    proxy: Option<Proxy>,
    allow_private: bool,
}

/// The proxy that leads to the network: the owner's, else the one that `HTTPS_PROXY` and its like name. `NO_PROXY` says
/// what goes past either.
#[expect(
    clippy::disallowed_methods,
    reason = "the transport asks the environment for the way to the network"
)]
pub(super) fn proxy(network: &Network) -> Result<Option<Proxy>, String> {
    let Some(address) = &network.proxy else { return Ok(Proxy::try_from_env()) };
    let nonsense = |_| "the proxy's address makes no sense".to_owned();
    let named = Proxy::new(address).map_err(nonsense)?;
    let mut built = Proxy::builder(named.protocol()).host(named.host()).port(named.port());
    if let Some(name) = named.username() {
        built = built.username(name);
    }
    if let Some(password) = named.password() {
        built = built.password(password);
    }
    let past = ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    for place in past.split(',').map(str::trim).filter(|place| !place.is_empty()) {
        built = built.no_proxy(place);
    }
    built.build().map(Some).map_err(nonsense)
}

/// Whether an address is reached through a proxy.
pub(super) fn proxied(proxy: Option<&Proxy>, uri: &Uri) -> bool {
    proxy.is_some_and(|proxy| !proxy.is_no_proxy(uri))
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
        let proxy = proxy(network)?;
        let config = config.proxy(proxy.clone()).build();
        let lists = Lists::new(network, proxy.clone())?;
        let allow_private = network.allow_private;
        // Through a proxy, names are resolved there. The proxy itself may stand in the house: the owner named it.
        let named = proxy.as_ref().map(|proxy| (proxy.host().to_owned(), proxy.port()));
        let guarded = Guarded { allow_private, named };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), guarded);
        Ok(Http { agent, lists, proxy, allow_private })
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
    /// The proxy's host and port.
    named: Option<(String, u16)>,
}

/// Whether an address may be contacted at all: for the program git, which looks names up by itself.
///
/// # Errors
/// Why not, in words.
pub fn permitted(url: &str, network: &Network) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|_| "the address makes no sense".to_owned())?;
    let host = uri.host().ok_or("the address names no host")?.trim_matches(['[', ']']);
    if proxied(proxy(network)?.as_ref(), &uri) {
        // Its name is looked up there, and perhaps cannot be here.
        let inside = !network.allow_private && is_inside(host);
        return if inside { Err(format!("{INSIDE}; --allow-private allows that")) } else { Ok(()) };
    }
    let found =
        (host, uri.port_u16().unwrap_or(443)).to_socket_addrs().map_err(|_| "its name is not found")?;
    if network.allow_private || found.into_iter().all(|address| is_public(address.ip())) {
        return Ok(());
    }
    Err(format!("{INSIDE}; --allow-private allows that"))
}

/// How refusals begin; the advice on what to do about them hangs on that.
pub(super) const CERTIFICATE: &str = "its certificate does not hold";
pub(super) const PROXY: &str = "the proxy";

/// How the refusal travels through the HTTP library.
pub(super) const INSIDE: &str = "it points to an address inside this network";

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().ok_or(ureq::Error::HostNotFound)?.trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let found: Vec<SocketAddr> =
            (host, port).to_socket_addrs().map_err(|_| ureq::Error::HostNotFound)?.collect();
        // One inner address among outer ones is a trick: then none is used.
        let named = self
            .named
            .as_ref()
            .is_some_and(|(name, its)| name.trim_matches(['[', ']']) == host && *its == port);
        if !self.allow_private && !named && found.iter().any(|address| !is_public(address.ip())) {
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
        let uri: Uri = ask.url.parse().map_err(|_| Lost::Refused("the address makes no sense".to_owned()))?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if !self.allow_private && proxied(self.proxy.as_ref(), &uri) && is_inside(host) {
            return Err(Lost::Refused(format!("{INSIDE}; --allow-private allows that")));
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
        E::Tls(why) => Lost::Refused(format!("{CERTIFICATE} ({why})")),
        E::Rustls(why) => unsealed(why),
        E::BodyExceedsLimit(_) => Lost::Refused("a reply is larger than 64 MiB".to_owned()),
        E::InvalidProxyUrl | E::ConnectProxyFailed(_) => {
            Lost::Refused(format!("{PROXY} does not let us through"))
        }
        E::HostNotFound => Lost::Broken("its name is not found".to_owned()),
        E::Timeout(_) => Lost::Broken("it does not answer in time".to_owned()),
        E::Io(io) => tls(io).map_or_else(|| Lost::Broken(broke(error)), unsealed),
        other => Lost::Broken(broke(other)),
    }
}

fn broke(error: &ureq::Error) -> String {
    format!("the connection broke ({})", short(&error.to_string()))
}

/// What broke TLS, inside a fault of the line.
pub(super) fn tls(error: &std::io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref::<rustls::Error>()
}

/// No encrypted line: a certificate that does not hold stays so, and so does a port where nobody speaks TLS.
pub(super) fn unsealed(why: &rustls::Error) -> Lost {
    match why {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            Lost::Refused(format!("{CERTIFICATE} ({why})"))
        }
        rustls::Error::InvalidMessage(_) => Lost::Refused(format!("no TLS is spoken there ({why})")),
        other => Lost::Broken(format!("no encrypted line can be opened ({})", short(&other.to_string()))),
    }
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
