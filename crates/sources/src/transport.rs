//! The one way to the network: serial per host, patient, honest about who asks, and never to a host nobody named.
//!
//! [`Transport`] holds the manners and knows neither sockets nor the time: a [`Wire`] carries requests (in production
//! [`Http`]) and a [`Clock`] tells the time and waits. Tests give it a server in memory and a clock that jumps.

mod clone;
mod exchange;
mod guard;
mod http;
mod lists;
mod secret;

use std::collections::BTreeMap;

use rapport_model::Time;
use serde::{Deserialize, Serialize};

use crate::live::manners::doubled;
use crate::live::{Ask, Exchange, Live, Quota, Reply, Verdict, origin};

pub use clone::{Cloned, mirror, slug};
pub use http::{Http, Network, permitted};
pub use secret::{Secret, Tokens, UnsafeFile};

/// Carries one request there and its reply back.
pub trait Wire {
    /// Sends and receives.
    ///
    /// # Errors
    /// What went wrong on the way.
    fn send(&mut self, ask: &Ask, headers: &[(String, String)]) -> Result<Reply, Lost>;
}

/// A request that brought no whole reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It may work the next time: a timeout, a broken connection, a body cut short.
    Broken(String),
    /// It will not: a forbidden address, a certificate that does not fit.
    Refused(String),
}

/// Tells the time, and waits.
pub trait Clock {
    /// Now.
    fn now(&self) -> Time;
    /// Waits so many milliseconds, or until the process is to end.
    fn wait(&self, millis: u64);
    /// Why nothing more is to be asked for, once the process is to end.
    fn ends(&self) -> Option<&'static str> {
        None
    }
}

/// The clock of the machine.
pub struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "the transport waits for real; connectors never see it")]
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).ok().and_then(Time::from_millis).unwrap_or(Time::MIN)
    }
    #[expect(clippy::disallowed_methods, reason = "the transport waits for real; connectors never see it")]
    fn wait(&self, millis: u64) {
        std::thread::sleep(std::time::Duration::from_millis(millis));
    }
}

/// What is known of one bucket of a host's limits; kept between runs, so that a second run waits, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Not to be asked before.
    pub until: Option<Time>,
    /// Why, in words.
    pub why: String,
    /// What the service last said of its quota.
    pub quota: Option<Quota>,
}

/// How this client behaves. The defaults are what people are promised.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Who asks, and where its owner can be found.
    pub agent: String,
    /// The longest wait that is sat out, in milliseconds; behind a longer one the source is left for later.
    pub patience_ms: i64,
    /// How often a request that breaks is sent before the source is left for later.
    pub tries: u32,
    /// What the first pause after a break is, in milliseconds; it doubles.
    pub first_pause_ms: i64,
    /// Seeds the jitter, so that many clients do not come back in the same moment, and tests are the same every time.
    pub seed: u64,
    /// A rest between two requests to a host, in place of the channel's own; for tests.
    pub gap_ms: Option<u32>,
}

impl Default for Manners {
    fn default() -> Manners {
        Manners {
            agent: concat!("rapport/", env!("CARGO_PKG_VERSION"), " (self-hosted community inbox)")
                .to_owned(),
            patience_ms: 90_000,
            tries: 6,
            first_pause_ms: 1_000,
            seed: 0x5eed,
            gap_ms: None,
        }
    }
}

/// Why no reply came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Not now: the next try makes sense at this moment.
    Later {
        /// When.
        until: Time,
        /// Why, in words.
        why: String,
    },
    /// Not before somebody changes something.
    Denied {
        /// Why, in words.
        why: String,
        /// What to do about it.
        hint: String,
    },
}

/// A pause that begins now, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it ends.
    pub until: Time,
    /// Why, in words.
    pub why: String,
}

/// A reply, or that it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// Good (2xx or 304).
    Reply(Reply),
    /// 404 or 410.
    Gone,
}

/// One process's way to the network.
pub struct Transport<'a> {
    wire: &'a mut dyn Wire,
    clock: &'a dyn Clock,
    manners: Manners,
    /// By host and bucket; the bucket "" is the whole host.
    limits: BTreeMap<(String, String), Limit>,
    last: BTreeMap<String, Time>,
    chance: u64,
    /// Tokens that were had for an id and a secret, by where.
    bearers: BTreeMap<String, exchange::Bearer>,
    /// The last reply said that its token is none.
    unauthorized: bool,
    /// Requests that went out.
    pub sent: u64,
}

/// What a request may carry beside what it says itself.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// The channel, whose rules count.
    pub live: &'a dyn Live,
    /// The origins that the source's owner named: nothing else is contacted, and nobody else sees the token.
    pub origins: &'a [String],
    /// The token.
    pub token: Option<&'a Secret>,
    /// Where an id and a secret become the token that is shown.
    pub exchange: Option<&'a Exchange>,
    /// `ETag` and `Last-Modified` of the reply that the log remembers for this address.
    pub validators: Option<&'a (String, String)>,
}

impl<'a> Transport<'a> {
    /// A transport over a wire and a clock.
    pub fn new(wire: &'a mut dyn Wire, clock: &'a dyn Clock, manners: Manners) -> Transport<'a> {
        let chance = manners.seed | 1;
        Transport {
            wire,
            clock,
            manners,
            limits: BTreeMap::new(),
            last: BTreeMap::new(),
            chance,
            bearers: BTreeMap::new(),
            unauthorized: false,
            sent: 0,
        }
    }

    /// Takes over what an earlier run learned of a host's limits.
    pub fn remember(&mut self, host: &str, bucket: &str, limit: Limit) {
        self.limits.insert((host.to_owned(), bucket.to_owned()), limit);
    }

    /// What is known of limits, by host and bucket.
    #[must_use]
    pub fn limits(&self) -> &BTreeMap<(String, String), Limit> {
        &self.limits
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Sends one request as often as manners allow; `pause` is told of every wait as it begins.
    ///
    /// # Errors
    /// [`Stop`] when no good reply can be had now.
    pub fn ask(&mut self, ask: &Ask, pass: Pass<'_>, pause: &mut dyn FnMut(Pause)) -> Result<Got, Stop> {
        let Some((exchange, pair)) = pass.exchange.zip(pass.token.filter(|token| token.is_pair())) else {
            return self.carry(ask, pass, &[], pause);
        };
        let mut renewed = false;
        loop {
            let bearer = self.bearer(exchange, pair, pass, pause)?;
            self.unauthorized = false;
            let got = self.carry(ask, Pass { token: Some(&bearer), ..pass }, &[], pause);
            if !self.unauthorized || renewed {
                return got;
            }
            // It ended before its time, or somebody took it back: once more with a new one.
            self.bearers.remove(&exchange.url);
            renewed = true;
        }
    }

    /// One request, with these headers beside the usual ones.
    fn carry(
        &mut self,
        ask: &Ask,
        pass: Pass<'_>,
        more: &[(String, String)],
        pause: &mut dyn FnMut(Pause),
    ) -> Result<Got, Stop> {
        let mut ask = ask.clone();
        let mut broken = 0;
        let mut paused = 0;
        let mut moves = 0;
        loop {
            let host = self.permitted(&ask, pass)?;
            self.sit_out(&host, &ask.bucket, pass.live.about().gap_ms, pause)?;
            let headers = [self.headers(&ask, pass), more.to_vec()].concat();
            let asked = Ask { url: with_token(&ask, pass), ..ask.clone() };
            self.sent += 1;
            let sent = self.wire.send(&asked, &headers);
            let now = self.clock.now();
            self.last.insert(host.clone(), now);
            let reply = match sent {
                Ok(reply) => reply,
                Err(Lost::Refused(why)) => {
                    let hint = advice(&why).to_owned();
                    return Err(Stop::Denied { why, hint });
                }
                Err(Lost::Broken(why)) => {
                    self.back_off(&host, &mut broken, &why)?;
                    continue;
                }
            };
            if matches!(reply.status, 301 | 302 | 307 | 308)
                && ask.post.is_none()
                && moves < 5
                && let Some(url) = reply.header("location").and_then(|to| beside(&ask.url, to))
            {
                // Where it leads is held to the same rules: another host is refused there.
                ask.url = url;
                moves += 1;
                continue;
            }
            self.unauthorized = reply.status == 401;
            if let Some(quota) = pass.live.quota(&reply, now) {
                let limit = self.limits.entry((host.clone(), ask.bucket.clone())).or_default();
                if quota.remaining == 0 && quota.resets.is_some() {
                    (limit.until, limit.why) = (quota.resets, "the quota is used up".to_owned());
                }
                limit.quota = Some(quota);
            }
            match pass.live.verdict(&ask, &reply, paused, now) {
                Verdict::Good { rest } => {
                    if rest > 0 {
                        let until = now.plus_millis(i64::try_from(rest).unwrap_or(i64::MAX));
                        self.hold(&host, &ask.bucket, until, "it asks for a pause");
                    }
                    return Ok(Got::Reply(reply));
                }
                Verdict::Gone => return Ok(Got::Gone),
                Verdict::Denied { why, hint } => return Err(Stop::Denied { why, hint }),
                Verdict::Later { until, why, host: whole } => {
                    paused += 1;
                    self.hold(&host, if whole { "" } else { &ask.bucket }, until, &why);
                }
                Verdict::Again { why } => self.back_off(&host, &mut broken, &why)?,
            }
        }
    }

    /// The host of a request, when the source's owner named it.
    fn permitted(&self, ask: &Ask, pass: Pass<'_>) -> Result<String, Stop> {
        let denied = |why: String| Stop::Denied {
            why,
            hint: "nothing but the source's own host is ever contacted; add the place by its present address"
                .to_owned(),
        };
        let Some(origin) = origin(&ask.url) else {
            return Err(denied(format!("'{}' is no web address", ask.url)));
        };
        if !pass.origins.contains(&origin) {
            return Err(denied(format!("it leads to {origin}, which nobody named")));
        }
        Ok(origin.split_once("://").map_or(origin.as_str(), |(_, host)| host).to_owned())
    }

    /// Waits until the host may be asked, or says when.
    fn sit_out(
        &mut self,
        host: &str,
        bucket: &str,
        gap: u32,
        pause: &mut dyn FnMut(Pause),
    ) -> Result<(), Stop> {
        loop {
            let now = self.clock.now();
            if let Some(why) = self.clock.ends() {
                // What came is in, and the next look goes on behind it.
                return Err(Stop::Later { until: now, why: why.to_owned() });
            }
            let limit = |bucket: &str| {
                let limit = self.limits.get(&(host.to_owned(), bucket.to_owned()))?;
                Some((limit.until?, limit.why.clone()))
            };
            let held =
                [limit(""), limit(bucket)].into_iter().flatten().filter(|(until, _)| *until > now).max();
            if let Some((until, why)) = held {
                if until.millis() - now.millis() > self.manners.patience_ms {
                    return Err(Stop::Later { until, why });
                }
                pause(Pause { until, why });
                self.clock.wait((until.millis() - now.millis()).unsigned_abs());
                continue;
            }
            let gap = i64::from(self.manners.gap_ms.unwrap_or(gap));
            let ready = self.last.get(host).map_or(now, |last| last.plus_millis(gap));
            if ready > now {
                self.clock.wait((ready.millis() - now.millis()).unsigned_abs());
                continue;
            }
            return Ok(());
        }
    }

    fn hold(&mut self, host: &str, bucket: &str, until: Time, why: &str) {
        let limit = self.limits.entry((host.to_owned(), bucket.to_owned())).or_default();
        if limit.until.is_none_or(|held| held < until) {
            (limit.until, limit.why) = (Some(until), why.to_owned());
        }
    }

    /// After a break: a pause that doubles, and a little chance on top of it. Too many, and the source waits.
    fn back_off(&mut self, host: &str, broken: &mut u32, why: &str) -> Result<(), Stop> {
        let now = self.clock.now();
        let pause = doubled(self.manners.first_pause_ms, *broken);
        *broken += 1;
        if *broken >= self.manners.tries {
            let until = now.plus_millis(300_000 + self.jitter(60_000));
            self.hold(host, "", until, why);
            return Err(Stop::Later { until, why: format!("{why}, {broken} times in a row") });
        }
        let until = now.plus_millis(pause + self.jitter(pause / 2));
        self.hold(host, "", until, why);
        Ok(())
    }

    fn jitter(&mut self, most: i64) -> i64 {
        // xorshift64: enough to keep clients apart
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        if most <= 0 { 0 } else { i64::try_from(self.chance % most.unsigned_abs()).unwrap_or(0) }
    }

    fn headers(&self, ask: &Ask, pass: Pass<'_>) -> Vec<(String, String)> {
        let mut headers = vec![
            ("user-agent".to_owned(), self.manners.agent.clone()),
            ("accept".to_owned(), ask.accept.to_owned()),
        ];
        if let Some((etag, modified)) = pass.validators {
            if !etag.is_empty() {
                headers.push(("if-none-match".to_owned(), etag.clone()));
            }
            if !modified.is_empty() {
                headers.push(("if-modified-since".to_owned(), modified.clone()));
            }
        }
        if let (Some(token), None) = (pass.token, pass.live.token_parameter()) {
            let (name, value) = pass.live.authorize(token.reveal());
            headers.push((name.to_owned(), value));
        }
        headers
    }
}

/// What to do about a refusal on the way.
fn advice(why: &str) -> &'static str {
    if why.starts_with(http::CERTIFICATE) {
        "where an authority of your own signs: ca-file = \"/path/to/authorities.pem\" under [network] in rapport.toml, or SSL_CERT_FILE"
    } else if why.starts_with(http::INSIDE) {
        "for good: allow-private = true under [network] in rapport.toml"
    } else if why.starts_with(http::PROXY) {
        "see proxy under [network] in rapport.toml, HTTPS_PROXY, and what the proxy lets through"
    } else {
        "see [network] in rapport.toml"
    }
}

fn with_token(ask: &Ask, pass: Pass<'_>) -> String {
    match (pass.token, pass.live.token_parameter()) {
        (Some(token), Some(name)) => {
            let joint = if ask.url.contains('?') { '&' } else { '?' };
            format!("{}{joint}{name}={}", ask.url, crate::live::encoded(token.reveal()))
        }
        _ => ask.url.clone(),
    }
}

/// An address as it stands in a `Location` header of another. One that begins with `//` names a host: it is not taken.
fn beside(url: &str, to: &str) -> Option<String> {
    if to.contains("://") {
        return Some(to.to_owned());
    }
    (to.starts_with('/') && !to.starts_with("//")).then(|| Some(format!("{}{to}", origin(url)?)))?
}
