//! A chat message through a Slack-compatible webhook. Its address is the secret; nobody can ask afterwards whether a
//! message came through, so one whose answer was cut off is not sent again by itself.

use serde_json::json;

use super::http::{Caller, Trouble, host};
use super::{Errand, Outcome, Parcel};

pub(super) fn send(parcel: &Parcel, errand: &Errand<'_>) -> Outcome {
    let undelivered = |why: String| Outcome::Undelivered { why, retry_at: None };
    let address = match errand.secrets.get("WEBHOOK", errand.department) {
        Ok(address) => address,
        Err(why) => return undelivered(why),
    };
    let caller = match Caller::new(address.reveal(), Vec::new(), errand.timeout_seconds, errand.now) {
        Ok(caller) => caller,
        Err(why) => return undelivered(why),
    };
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let link = parcel.url.as_ref().map(|url| format!("\n<{url}|open it>")).unwrap_or_default();
    let text = format!("*{}*\n{}{link}", escape(&parcel.title), escape(&parcel.ask));
    let at = host(address.reveal());
    // The whole address is the root: nothing is put behind it.
    match caller.call(
        "POST",
        address.reveal().trim().trim_end_matches('/'),
        Some(&json!({ "text": text }).to_string()),
    ) {
        Ok(reply) if (200..300).contains(&reply.status) => {
            Outcome::Sent { remote: None, url: None, note: Some(format!("taken by {at}")) }
        }
        Ok(reply) => {
            let retry_at = reply.wait.map(|s| errand.now.plus_millis(s.saturating_mul(1000)));
            let says = crate::page::line(&reply.body, 80);
            let why = match (reply.status, retry_at) {
                (429, Some(_)) => format!("{at} asks to wait {} s (429)", reply.wait.unwrap_or(0)),
                (404 | 410, _) => format!("{at} has no such webhook any more ({}): {says}", reply.status),
                (status, _) => format!("{at} said {status}: {says}"),
            };
            Outcome::Undelivered { why, retry_at }
        }
        Err(Trouble::NotSent(why)) => undelivered(why),
        Err(Trouble::Unclear(why)) => undelivered(format!("{why}; the message {UNCLEAR}")),
    }
}

/// What marks an outcome that must not be tried again by itself.
pub(crate) const UNCLEAR: &str = "may have come through all the same";
