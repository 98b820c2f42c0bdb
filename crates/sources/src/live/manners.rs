//! What a reply asks of a client: to wait, to ask again, to give up. Pure: the moment is an argument.

use rapport_model::Time;
use serde::{Deserialize, Serialize};

use super::{Ask, Reply};

/// What to do after a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Read it. `rest` is how long the same bucket has to be left alone afterwards, in milliseconds.
    Good {
        /// Milliseconds before the bucket may be asked again.
        rest: u64,
    },
    /// Nothing was given: ask the same again at this moment, not earlier.
    Later {
        /// When.
        until: Time,
        /// Why, in words.
        why: String,
        /// The whole host is meant, not the bucket alone.
        host: bool,
    },
    /// Something broke; the same request may work soon.
    Again {
        /// Why, in words.
        why: String,
    },
    /// The answer is no, and stays no until somebody changes something.
    Denied {
        /// Why, in words.
        why: String,
        /// What to do about it.
        hint: String,
    },
    /// It is not there (any more).
    Gone,
}

/// What a service says about how much may still be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// How many requests (or points) are left.
    pub remaining: u64,
    /// Of how many.
    pub limit: Option<u64>,
    /// When it is full again.
    pub resets: Option<Time>,
}

/// The rules of HTTP.
#[must_use]
pub fn http(ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
    match reply.status {
        200..=299 | 304 => Verdict::Good { rest: 0 },
        429 | 503 if reply.header("retry-after").is_some() => Verdict::Later {
            until: retry_after(reply, now).unwrap_or_else(|| now.plus_millis(60_000)),
            why: if reply.status == 429 { "it asks for a pause" } else { "it is down for a while" }
                .to_owned(),
            host: true,
        },
        // No word on how long: a minute, then twice as long each time.
        429 => Verdict::Later {
            until: now.plus_millis(doubled(60_000, tries)),
            why: "it asks for a pause".to_owned(),
            host: true,
        },
        401 => Verdict::Denied {
            why: "it wants a token, or does not accept this one (401)".to_owned(),
            hint: "a token goes into the file tokens in the data folder, as  HOST = \"TOKEN\"  (chmod 600); rapport reference connectors  has what this channel takes".to_owned(),
        },
        403 => Verdict::Denied {
            why: "it refuses this account (403)".to_owned(),
            hint: "give a token that may read this place".to_owned(),
        },
        404 | 410 => Verdict::Gone,
        408 | 425 | 500..=599 => Verdict::Again { why: format!("it answers {}", reply.status) },
        300..=399 => Verdict::Denied {
            why: format!(
                "{} leads elsewhere ({})",
                ask.url,
                reply.header("location").unwrap_or("nowhere").chars().take(200).collect::<String>()
            ),
            hint: "add the place by its new address".to_owned(),
        },
        status => Verdict::Denied {
            why: format!("it does not understand the request ({status})"),
            hint: "check the address; if it is right, please report this".to_owned(),
        },
    }
}

/// `base`, doubled with each try, at most an hour.
#[must_use]
pub fn doubled(base: i64, tries: u32) -> i64 {
    base.saturating_mul(1 << tries.min(12)).min(3_600_000)
}

/// When a `Retry-After` ends: seconds, or a date, which is measured by the server's own clock.
#[must_use]
pub fn retry_after(reply: &Reply, now: Time) -> Option<Time> {
    let text = reply.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // Discord gives fractions; a NaN becomes 0 and infinity an hour.
        #[allow(clippy::cast_possible_truncation)] // in range by the clamp
        let millis = (seconds.max(0.0) * 1000.0).ceil().min(86_400_000.0) as i64;
        return Some(now.plus_millis(millis));
    }
    Some(by_their_clock(reply, http_date(text)?, now))
}

/// A moment that a server names, on our clock: the two may differ by minutes.
#[must_use]
pub fn by_their_clock(reply: &Reply, theirs: Time, now: Time) -> Time {
    let their_now = reply.header("date").and_then(http_date).unwrap_or(now);
    now.plus_millis((theirs.millis() - their_now.millis()).clamp(0, 86_400_000))
}

pub(super) fn http_date(text: &str) -> Option<Time> {
    let stamp = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Time::from_millis(stamp.as_millisecond())
}

/// The quota that most services tell: `x-ratelimit-*` or `ratelimit-*`.
#[must_use]
pub fn quota(reply: &Reply, now: Time) -> Option<Quota> {
    let header = |name: &str| {
        reply.header(&format!("x-ratelimit-{name}")).or_else(|| reply.header(&format!("ratelimit-{name}")))
    };
    let remaining = header("remaining")?.trim().parse().ok()?;
    let resets = header("reset").and_then(|text| text.trim().parse::<i64>().ok()).and_then(|n| {
        // An epoch, or seconds from now: no service has a window of thirty years.
        if n > 1_000_000_000 {
            Time::from_seconds(n).map(|at| by_their_clock(reply, at, now))
        } else {
            Some(now.plus_millis(n.clamp(0, 86_400) * 1000))
        }
    });
    Some(Quota { remaining, limit: header("limit").and_then(|t| t.trim().parse().ok()), resets })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)]) -> Reply {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Reply { status, headers, body: Vec::new() }
    }

    #[test]
    fn a_wait_is_as_long_as_it_was_told() {
        let now = Time::parse("2026-10-21T07:28:00Z").unwrap();
        for (header, millis) in
            [("30", 30_000), ("0.35", 350), ("Wed, 21 Oct 2026 07:29:00 GMT", 60_000), ("-5", 0)]
        {
            let until = retry_after(&reply(429, &[("retry-after", header)]), now);
            assert_eq!(until, Some(now.plus_millis(millis)), "{header}");
        }
        // Their clock is five minutes ahead: the pause is what lies between their two times.
        let ahead =
            [("retry-after", "Wed, 21 Oct 2026 07:34:00 GMT"), ("date", "Wed, 21 Oct 2026 07:33:00 GMT")];
        assert_eq!(retry_after(&reply(429, &ahead), now), Some(now.plus_millis(60_000)));
        assert_eq!(retry_after(&reply(429, &[("retry-after", "soon")]), now), None);
    }

    #[test]
    fn a_quota_is_read_in_both_spellings() {
        let now = Time::parse("2026-10-21T07:28:00Z").unwrap();
        let epoch = (now.millis() / 1000 + 90).to_string();
        let told = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-limit", "60"),
            ("x-ratelimit-reset", epoch.as_str()),
        ];
        let wanted = Quota { remaining: 0, limit: Some(60), resets: Some(now.plus_millis(90_000)) };
        assert_eq!(quota(&reply(200, &told), now), Some(wanted.clone()));
        let seconds = [("ratelimit-remaining", "0"), ("ratelimit-limit", "60"), ("ratelimit-reset", "90")];
        assert_eq!(quota(&reply(200, &seconds), now), Some(wanted));
        assert_eq!(quota(&reply(200, &[]), now), None);
    }
}
