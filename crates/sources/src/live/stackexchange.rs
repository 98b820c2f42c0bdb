//! Stack Exchange, living: questions by their last activity, a hundred a request, each with all answers and comments.

use rapport_model::Time;
use serde::{Deserialize, Serialize};

use super::github::{state, value};
use super::manners::{self, Quota, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, encoded, web};

/// The channel.
pub(super) struct StackExchange;

/// How far the walk by last activity has come.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// The service's name for the fields that are wanted: made once, good for ever.
    filter: Option<String>,
    /// Begin at this activity, in seconds.
    min: Option<i64>,
    page: u64,
    last: Option<i64>,
    progress: Progress,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    items: Vec<Item>,
    #[serde(default)]
    has_more: bool,
    total: Option<u64>,
}

#[derive(Deserialize)]
struct Item {
    last_activity_date: Option<i64>,
    filter: Option<String>,
}

/// What stands around every answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    backoff: Option<u64>,
    quota_remaining: Option<u64>,
    quota_max: Option<u64>,
    error_id: Option<u64>,
    error_message: Option<String>,
}

/// The fields that are wanted beyond the service's usual ones.
const FIELDS: &[&str] = &[
    "question.body",
    "question.answers",
    "question.comments",
    "question.comment_count",
    "question.answer_count",
    "question.last_activity_date",
    "question.closed_date",
    "question.closed_reason",
    "answer.body",
    "answer.comments",
    "answer.comment_count",
    "comment.body",
    "comment.link",
    ".total",
    ".backoff",
];

impl Live for StackExchange {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "stackexchange",
            title: "Stack Exchange",
            addresses: &[
                "stackexchange:stackoverflow.com/tag",
                "https://stackoverflow.com/questions/tagged/tag",
            ],
            token: "Without a key 300 requests a day, with one 10,000. A key is no secret and needs no account's consent.",
            token_env: &["RAPPORT_STACKEXCHANGE_KEY"],
            limits: "serial requests; `backoff` is kept per method, exactly; the day's quota is shown",
            interval: 1_800,
            gap_ms: 100,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let (host, tags) = match address.strip_prefix("stackexchange:") {
            Some(rest) => {
                let (site, tags) = rest.split_once('/').unwrap_or((rest, ""));
                let host =
                    if site.contains('.') { site.to_owned() } else { format!("{site}.stackexchange.com") };
                (host.to_lowercase(), tags.to_lowercase())
            }
            None => {
                let (host, path) = web(address)?;
                const SITES: [&str; 8] = [
                    "stackoverflow.com",
                    "serverfault.com",
                    "superuser.com",
                    "askubuntu.com",
                    "mathoverflow.net",
                    "stackapps.com",
                    "ru.stackoverflow.com",
                    "es.stackoverflow.com",
                ];
                (SITES.contains(&host.as_str()) || host.ends_with(".stackexchange.com")).then_some(())?;
                let tags = path.iter().skip_while(|p| *p != "tagged").nth(1).cloned().unwrap_or_default();
                (host, tags.to_lowercase().replace([' ', '+'], "+"))
            }
        };
        let what = if tags.is_empty() { host } else { format!("{host}/{tags}") };
        Some(Place { what, base: "https://api.stackexchange.com".to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["questions"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let at: Walk = state(at.cursor);
        let Some(filter) = &at.filter else {
            let fields = encoded(&FIELDS.join(";"));
            let url = format!("{}/2.3/filters/create?base=default&unsafe=false&include={fields}", place.base);
            return Some(Ask::get(url, "/filters/create"));
        };
        let (site, tags) = place.what.split_once('/').unwrap_or((&place.what, ""));
        let tagged = if tags.is_empty() {
            String::new()
        } else {
            format!("&tagged={}", encoded(&tags.replace('+', ";")))
        };
        let min = at.min.map_or_else(String::new, |min| format!("&min={min}"));
        let page = if at.page > 1 { format!("&page={}", at.page) } else { String::new() };
        let url = format!(
            "{}/2.3/questions?site={}&sort=activity&order=asc&pagesize=100&filter={}{tagged}{min}{page}",
            place.base,
            encoded(site.strip_suffix(".stackexchange.com").unwrap_or(site)),
            encoded(filter)
        );
        Some(Ask::get(url, "/questions"))
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let At { cursor, .. } = at;
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let mut at: Walk = state(cursor);
        if at.filter.is_none() {
            at.filter = answer.items.into_iter().find_map(|i| i.filter);
            if at.filter.is_none() {
                return Err("no filter was made".to_owned());
            }
            return Ok(Turn { cursor: value(&at), progress: at.progress, ..Turn::default() });
        }
        let stamps = || answer.items.iter().filter_map(|i| i.last_activity_date);
        if at.page <= 1 {
            at.progress.about = answer.total.map(|total| at.progress.done + total);
        }
        at.progress.done += stamps().filter(|stamp| at.last.is_none_or(|last| *stamp > last)).count() as u64;
        if let Some(newest) = stamps().max() {
            // Every page begins at the last activity of the one before: what moves meanwhile moves to the end.
            if at.min.is_none_or(|min| min < newest) {
                (at.min, at.page) = (Some(newest), 1);
            } else if answer.has_more {
                at.page = at.page.max(1) + 1;
            }
            at.last = at.last.max(Some(newest));
        }
        let end = !answer.has_more;
        if end {
            at.page = 1;
            at.progress.about = Some(at.progress.done);
        }
        let item = Some("live/questions.json".to_owned());
        Ok(Turn { cursor: value(&at), item, end, progress: at.progress, ..Turn::default() })
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let told: Envelope = serde_json::from_slice(&reply.body).unwrap_or_default();
        match (told.error_id, told.backoff) {
            // throttle_violation: "more requests available in 1234 seconds"
            (Some(502), _) => {
                let message = told.error_message.unwrap_or_default();
                let seconds = message.split_whitespace().find_map(|word| word.parse::<i64>().ok());
                let wait =
                    seconds.map_or_else(|| manners::doubled(60_000, tries), |s| s.clamp(0, 86_400) * 1000);
                Verdict::Later {
                    until: now.plus_millis(wait),
                    why: "too many requests".to_owned(),
                    host: true,
                }
            }
            (Some(500 | 503), _) => Verdict::Again { why: "it is not available".to_owned() },
            (Some(_), _) => Verdict::Denied {
                why: told
                    .error_message
                    .unwrap_or_else(|| "it refuses".to_owned())
                    .chars()
                    .take(200)
                    .collect(),
                hint: "check the site's name and the tags".to_owned(),
            },
            (None, Some(seconds)) if reply.status == 200 => {
                Verdict::Good { rest: seconds.min(86_400) * 1000 }
            }
            _ => manners::http(ask, reply, tries, now),
        }
    }

    fn quota(&self, reply: &Reply, now: Time) -> Option<Quota> {
        let told: Envelope = serde_json::from_slice(&reply.body).ok()?;
        let remaining = told.quota_remaining?;
        // The day's quota is new at midnight, UTC.
        let midnight = Time::from_millis((now.millis().div_euclid(86_400_000) + 1) * 86_400_000);
        Some(Quota { remaining, limit: told.quota_max, resets: midnight })
    }

    fn token_parameter(&self) -> Option<&'static str> {
        Some("key")
    }
}
