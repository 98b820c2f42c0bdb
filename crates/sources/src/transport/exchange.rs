//! An id and a secret become a token that soon ends. It stays in memory and ends with the process; the log never sees it.

use rapport_model::Time;
use serde::Deserialize;

use super::{Got, Pass, Pause, Secret, Stop, Transport};
use crate::live::{Ask, Exchange, base64};

/// A token, and when another is wanted.
pub(super) struct Bearer {
    token: Secret,
    until: Time,
}

/// What an OAuth server grants.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: i64,
}

impl Transport<'_> {
    /// The token for now: the one at hand, or a new one. Asking for it keeps the same manners as every request.
    pub(super) fn bearer(
        &mut self,
        exchange: &Exchange,
        pair: &Secret,
        pass: Pass<'_>,
        pause: &mut dyn FnMut(Pause),
    ) -> Result<Secret, Stop> {
        let now = self.now();
        if let Some(held) = self.bearers.get(&exchange.url).filter(|held| now < held.until) {
            return Ok(held.token.clone());
        }
        let ask = Ask { post: Some(exchange.form.to_owned()), ..Ask::get(exchange.url.clone(), "") };
        let headers = [
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("authorization".to_owned(), format!("Basic {}", base64(pair.reveal().as_bytes()))),
        ];
        let pass = Pass { token: None, exchange: None, validators: None, ..pass };
        let none = |why: &str| Stop::Denied {
            why: format!("no token is had for this id and secret: {why}"),
            hint: "check both; they are written ID:SECRET".to_owned(),
        };
        let Got::Reply(reply) = self.carry(&ask, pass, &headers, pause)? else {
            return Err(none("there is nobody at its address"));
        };
        // What it says instead is not repeated: it may hold what was sent.
        let granted: Granted =
            serde_json::from_slice(&reply.body).map_err(|_| none("its answer holds no token"))?;
        if granted.access_token.trim().is_empty() {
            return Err(none("its answer holds no token"));
        }
        let token = Secret::new(&granted.access_token);
        // A minute early, so that none ends on its way; where nothing is said, an hour.
        let seconds = if granted.expires_in > 0 { granted.expires_in.min(86_400) } else { 3_600 };
        let until = self.now().plus_millis((seconds - 60).max(1) * 1_000);
        self.bearers.insert(exchange.url.clone(), Bearer { token: token.clone(), until });
        Ok(token)
    }
}
