//! Whether a delivery is its sender's own: signatures over the bytes as they came, compared in constant time; where the
//! sender says when it was sent, only around that moment.

use hmac::{Hmac, KeyInit, Mac};
use rapport_model::Time;
use sha2::Sha256;

use super::Hook;

/// A delivery's account of itself, once its signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its own id; the same for a second try.
    pub id: String,
    /// The event.
    pub event: String,
    /// Where it says that it comes from, when its body does not.
    pub hint: String,
}

/// Why a delivery is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing is signed.
    #[error("it bears no signature")]
    Unsigned,
    /// Signed with another secret, or changed on the way.
    #[error("the signature does not fit")]
    Wrong,
    /// The moment of sending is not told, or is not now.
    #[error("it was not sent just now")]
    Stale,
    /// The delivery has no id.
    #[error("it has no id")]
    Nameless,
}

/// How far the sender's clock and ours may be apart, and how long a delivery may be under way.
const WINDOW_MS: i64 = 300_000;

type Keyed = Hmac<Sha256>;

fn keyed(secret: &[u8], parts: &[&[u8]]) -> Option<Keyed> {
    let mut mac = Keyed::new_from_slice(secret).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

/// Compares in constant time, by way of the key.
fn fits(secrets: &[Vec<u8>], parts: &[&[u8]], said: &[u8]) -> bool {
    let mut any = false;
    for secret in secrets {
        any |= keyed(secret, parts).is_some_and(|mac| mac.verify_slice(said).is_ok());
    }
    any
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.as_bytes().chunks_exact(2);
    let bytes: Vec<u8> = pairs.map(|p| Some(digit(p[0])? * 16 + digit(p[1])?)).collect::<Option<_>>()?;
    (bytes.len() * 2 == text.len()).then_some(bytes)
}

/// Base64, strictly.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut word, mut bits) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (word, bits) = ((word << 6 | u32::from(value)) & 0xff_ffff, bits + 6);
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(word >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Checks a delivery. `header` gives a header by its lower-case name, `secrets` are all that may have signed it.
///
/// # Errors
/// [`Refused`].
pub fn check(
    hook: &Hook,
    header: &dyn Fn(&str) -> Option<String>,
    body: &[u8],
    secrets: &[Vec<u8>],
    now: Time,
) -> Result<Delivery, Refused> {
    let get = |name: &str| header(name).filter(|text| !text.is_empty() && text.len() <= 300);
    let digest = |name: &str, prefix: &str| {
        let said = get(name).ok_or(Refused::Unsigned)?;
        let said = said.strip_prefix(prefix).and_then(hex).ok_or(Refused::Wrong)?;
        if fits(secrets, &[body], &said) { Ok(()) } else { Err(Refused::Wrong) }
    };
    let named = |id: &str, event: &str, hint: &str| {
        let id = get(id).ok_or(Refused::Nameless)?;
        Ok(Delivery { id, event: get(event).unwrap_or_default(), hint: get(hint).unwrap_or_default() })
    };
    match hook.name {
        "github" => {
            digest("x-hub-signature-256", "sha256=")?;
            named("x-github-delivery", "x-github-event", "")
        }
        "gitea" => {
            digest("x-gitea-signature", "")?;
            named("x-gitea-delivery", "x-gitea-event", "")
        }
        "discourse" => {
            digest("x-discourse-event-signature", "sha256=")?;
            named("x-discourse-event-id", "x-discourse-event", "x-discourse-instance")
        }
        "gitlab" if get("webhook-signature").is_some() => {
            standard(&get, body, secrets, now)?;
            named("webhook-id", "x-gitlab-event", "")
        }
        "gitlab" => {
            let token = get("x-gitlab-token").ok_or(Refused::Unsigned)?;
            // Both sides keyed: neither where they differ nor how long they are can be timed.
            let said = keyed(token.as_bytes(), &[b"token"]).map(|mac| mac.finalize().into_bytes());
            let said = said.ok_or(Refused::Wrong)?;
            if !fits(secrets, &[b"token"], &said) {
                return Err(Refused::Wrong);
            }
            // Servers that give no id are told apart by what they send.
            named("idempotency-key", "x-gitlab-event", "")
                .or_else(|_| named("x-gitlab-event-uuid", "x-gitlab-event", ""))
                .or_else(|_| Ok(Delivery { id: print(body), event: String::new(), hint: String::new() }))
        }
        "slack" => {
            let stamp = get("x-slack-request-timestamp").ok_or(Refused::Unsigned)?;
            let said = get("x-slack-signature").ok_or(Refused::Unsigned)?;
            let said = said.strip_prefix("v0=").and_then(hex).ok_or(Refused::Wrong)?;
            if !fits(secrets, &[b"v0:", stamp.as_bytes(), b":", body], &said) {
                return Err(Refused::Wrong);
            }
            recent(&stamp, now)?;
            // Its id stands in the body; a handshake has none.
            let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            let id = value["event_id"].as_str().map_or_else(|| print(body), str::to_owned);
            let event = value["type"].as_str().unwrap_or_default().to_owned();
            Ok(Delivery { id, event, hint: String::new() })
        }
        _ => {
            standard(&get, body, secrets, now)?;
            named("webhook-id", "", "")
        }
    }
}

/// The Standard Webhooks scheme: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several signatures may
/// stand there while a secret is changed.
fn standard(
    get: &dyn Fn(&str) -> Option<String>,
    body: &[u8],
    secrets: &[Vec<u8>],
    now: Time,
) -> Result<(), Refused> {
    let id = get("webhook-id").ok_or(Refused::Nameless)?;
    let stamp = get("webhook-timestamp").ok_or(Refused::Stale)?;
    let said = get("webhook-signature").ok_or(Refused::Unsigned)?;
    let decoded = secrets.iter().map(|secret| {
        let text = std::str::from_utf8(secret).ok().and_then(|text| text.strip_prefix("whsec_"));
        text.and_then(base64).unwrap_or_else(|| secret.clone())
    });
    let decoded: Vec<Vec<u8>> = decoded.collect();
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", stamp.as_bytes(), b".", body];
    let each = said.split(' ').take(5).filter_map(|one| base64(one.strip_prefix("v1,")?));
    if !each.fold(false, |any, one| any | fits(&decoded, &parts, &one)) {
        return Err(Refused::Wrong);
    }
    recent(&stamp, now)
}

fn recent(stamp: &str, now: Time) -> Result<(), Refused> {
    let at = stamp.parse().ok().and_then(Time::from_seconds).ok_or(Refused::Stale)?;
    if (now.millis() - at.millis()).abs() <= WINDOW_MS { Ok(()) } else { Err(Refused::Stale) }
}

/// What tells bodies apart.
#[must_use]
pub fn digest(body: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    Sha256::digest(body).into()
}

fn print(body: &[u8]) -> String {
    digest(body).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::hook;

    fn headers(all: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
        let all: Vec<(String, String)> =
            all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        move |name| all.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone())
    }

    fn at(seconds: i64) -> Time {
        Time::from_seconds(seconds).unwrap()
    }

    /// The examples that the services' own documentation gives.
    #[test]
    fn published_examples_fit() {
        let github = headers(&[
            (
                "x-hub-signature-256",
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            ),
            ("x-github-delivery", "d1"),
        ]);
        let secret = [b"It's a Secret to Everybody".to_vec()];
        let taken = check(hook("github").unwrap(), &github, b"Hello, World!", &secret, at(0)).unwrap();
        assert_eq!(taken.id, "d1");
        let changed = check(hook("github").unwrap(), &github, b"Hello, World?", &secret, at(0));
        assert_eq!(changed, Err(Refused::Wrong));
        let slack = headers(&[
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ("x-slack-request-timestamp", "1531420618"),
        ]);
        let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let secret = [b"8f742231b10e8888abcd99yyyzzz85a5".to_vec()];
        let slack_hook = hook("slack").unwrap();
        assert!(check(slack_hook, &slack, body, &secret, at(1_531_420_618)).is_ok());
        assert_eq!(check(slack_hook, &slack, body, &secret, at(1_531_421_618)), Err(Refused::Stale));
        let standard = headers(&[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ]);
        let secret = [b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_vec()];
        let body = br#"{"test": 2432232314}"#;
        for name in ["activities", "gitlab"] {
            assert!(
                check(hook(name).unwrap(), &standard, body, &secret, at(1_614_265_330)).is_ok(),
                "{name}"
            );
            assert_eq!(
                check(hook(name).unwrap(), &standard, body, &secret, at(1_614_266_330)),
                Err(Refused::Stale)
            );
        }
    }

    #[test]
    fn nothing_else_fits() {
        let secret = [b"right".to_vec(), b"older".to_vec()];
        for hook in crate::hooks::HOOKS {
            assert!(check(hook, &headers(&[]), b"{}", &secret, at(0)).is_err(), "{}", hook.name);
            assert!(check(hook, &headers(&[]), b"{}", &[], at(0)).is_err(), "{}", hook.name);
        }
        let gitlab = hook("gitlab").unwrap();
        for (token, taken) in
            [("right", true), ("older", true), ("righ", false), ("rightt", false), ("", false)]
        {
            let headers = headers(&[("x-gitlab-token", token), ("x-gitlab-event-uuid", "u")]);
            assert_eq!(check(gitlab, &headers, b"{}", &secret, at(0)).is_ok(), taken, "{token}");
            assert!(
                check(gitlab, &headers, b"{}", &[], at(0)).is_err(),
                "without a secret nobody is believed"
            );
        }
        for said in ["sha256=", "sha256=zz", "757107", "sha256=00"] {
            let headers = headers(&[("x-hub-signature-256", said), ("x-github-delivery", "d")]);
            assert!(check(hook("github").unwrap(), &headers, b"{}", &secret, at(0)).is_err(), "{said}");
        }
    }
}
