//! What is asked of the provider: where its doors are, its keys, and a token for a code. Only the origins that the owner
//! named are asked, no redirect is followed, nothing goes in the clear, and every answer is bounded.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::network::Network;

/// Larger answers are none.
const LARGEST: u64 = 1 << 20;

/// The way to one provider.
pub(super) struct Wire {
    agent: ureq::Agent,
    origins: Vec<String>,
}

/// Where a provider's doors are.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    pub(super) issuer: String,
    pub(super) authorize: String,
    pub(super) token: String,
    pub(super) keys: String,
    /// The client's secret goes into the form, not into a header.
    pub(super) in_form: bool,
}

impl Wire {
    /// A wire to the issuer, and to what else the owner says belongs to it.
    pub(super) fn new(issuer: &str, more: &[String], network: &Network) -> Result<Wire, String> {
        let one = |address: &str| {
            origin(address).ok_or_else(|| format!("'{address}' is no https:// address of a provider"))
        };
        let all = Some(issuer).into_iter().chain(more.iter().map(String::as_str));
        let origins = all.map(one).collect::<Result<Vec<String>, String>>()?;
        let mut config = ureq::config::Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = network.authorities() {
            let pem = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let roots = parse_pem(&pem).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            });
            let roots = RootCerts::Specific(Arc::new(roots.collect()));
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        if let Some(address) = &network.proxy {
            let proxy = ureq::Proxy::new(address).map_err(|_| "the proxy's address makes no sense")?;
            config = config.proxy(Some(proxy));
        }
        Ok(Wire { agent: config.build().into(), origins })
    }

    fn ours(&self, url: &str) -> Result<(), String> {
        match origin(url) {
            Some(at) if self.origins.contains(&at) => Ok(()),
            _ => Err(format!(
                "the provider sends us elsewhere, to {}; [login] origins does not name it",
                crate::page::line(url, 80)
            )),
        }
    }

    fn read(reply: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<(u16, Value), String> {
        // The library's own words carry neither header nor body.
        let mut reply = reply.map_err(|error| format!("the provider cannot be reached ({error})"))?;
        let status = reply.status().as_u16();
        let body = reply.body_mut().with_config().limit(LARGEST).read_to_vec();
        let body = body.map_err(|error| format!("the provider's answer broke off ({error})"))?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    fn get(&self, url: &str) -> Result<Value, String> {
        self.ours(url)?;
        match Self::read(self.agent.get(url).header("accept", "application/json").call())? {
            (200, value) if value.is_object() => Ok(value),
            (status, _) => Err(format!("the provider answered {status} to {}", crate::page::line(url, 120))),
        }
    }

    /// Where the doors are, as the issuer itself says.
    pub(super) fn doors(&self, issuer: &str) -> Result<Doors, String> {
        let bare = issuer.trim_end_matches('/');
        let about = self.get(&format!("{bare}/.well-known/openid-configuration"))?;
        let text = |name: &str| about[name].as_str().unwrap_or_default().to_owned();
        if text("issuer").trim_end_matches('/') != bare {
            return Err("the provider calls itself otherwise than [login] issuer does".to_owned());
        }
        let ways = about["token_endpoint_auth_methods_supported"].as_array();
        let can = |way: &str| ways.is_none_or(|all| all.iter().any(|known| known == way));
        let doors = Doors {
            issuer: text("issuer"),
            authorize: text("authorization_endpoint"),
            token: text("token_endpoint"),
            keys: text("jwks_uri"),
            in_form: !can("client_secret_basic"),
        };
        [&doors.authorize, &doors.token, &doors.keys].into_iter().try_for_each(|url| self.ours(url))?;
        Ok(doors)
    }

    /// The keys that the provider signs with now.
    pub(super) fn keys(&self, doors: &Doors) -> Result<Vec<Value>, String> {
        let keys = self.get(&doors.keys)?["keys"].as_array().cloned();
        keys.ok_or_else(|| "the provider shows no keys".to_owned())
    }

    /// The ID token for a code.
    pub(super) fn token(&self, doors: &Doors, form: &str, basic: Option<&str>) -> Result<String, String> {
        self.ours(&doors.token)?;
        let mut request = self
            .agent
            .post(&doors.token)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(basic) = basic {
            request = request.header("authorization", format!("Basic {basic}"));
        }
        let (status, value) = Self::read(request.send(form))?;
        match value["id_token"].as_str() {
            Some(token) if status == 200 => Ok(token.to_owned()),
            _ => {
                let why = value["error_description"].as_str().or_else(|| value["error"].as_str());
                let why = crate::page::line(why.unwrap_or("no ID token"), 200);
                Err(format!("the provider refused the code ({status}: {why})"))
            }
        }
    }
}

/// Scheme, host and port of an address that may be asked: `https`, or `http` on this machine.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host()?.to_lowercase());
    let near = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    if uri.authority()?.as_str().contains('@') || !(scheme == "https" || scheme == "http" && near) {
        return None;
    }
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some(format!("{scheme}://{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_owner_named_is_asked() {
        let more = ["https://keys.example.org".to_owned()];
        let wire = Wire::new("https://id.example.org/realms/x", &more, &Network::default()).unwrap();
        for good in ["https://ID.example.org:443/token", "https://keys.example.org/jwks"] {
            assert_eq!(wire.ours(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/token",
            "http://id.example.org/token",
            "https://id.example.org:8443/token",
            "https://id.example.org.evil.example/",
            "https://id.example.org@evil.example/",
            "https://evil.example\\@id.example.org/",
            "https://evil.example/?https://id.example.org/",
        ] {
            assert!(wire.ours(bad).is_err(), "{bad}");
        }
        for no in ["http://id.example.org", "id.example.org", "ftp://id.example.org"] {
            assert!(Wire::new(no, &[], &Network::default()).is_err(), "{no}");
        }
        assert!(Wire::new("http://127.0.0.1:9400", &[], &Network::default()).is_ok());
    }
}
