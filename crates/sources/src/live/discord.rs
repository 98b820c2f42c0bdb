//! Discord, living, as a bot that the server's owner invited sees it: channels and active threads whose last message is
//! newer than what was known, archived threads back to the known ones, and with every look some older pages anew, for
//! what was edited or deleted there since.

mod walk;

use rapport_model::Time;
use serde::Deserialize;

use super::github::state;
use super::manners::{self, Quota, Verdict};
use super::{Ask, At, Live, LiveAbout, Place, Reply, Turn, web};
use walk::Walk;

/// The channel.
pub(super) struct Discord;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: u64,
    retry_after: Option<f64>,
    global: bool,
}

impl Live for Discord {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "discord",
            title: "Discord",
            addresses: &["discord:81384788765712384", "https://discord.com/channels/81384788765712384"],
            token: "needed: the token of a bot that the server's owner made at discord.com/developers and invited with the \
                    permissions View Channels and Read Message History; its Message Content intent has to be switched on, or \
                    messages come without words. Never a person's own token: Discord forbids that.",
            token_env: &["RAPPORT_DISCORD_TOKEN", "DISCORD_BOT_TOKEN"],
            limits: "channels that the bot may view, public threads and forum posts, never private threads or direct messages; \
                     serial requests of up to 100 messages, rests as the limit headers say, pauses exactly as told (429); a channel \
                     that is not for the bot is passed over and told once; every thread is a request of its own the first time; \
                     edits and deletions of older messages are met as ten older pages are read again with each look; reactions are \
                     only in exports",
            interval: 300,
            gap_ms: 100,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let guild = match address.strip_prefix("discord:") {
            Some(guild) => guild.to_owned(),
            None => {
                let (host, path) = web(address)?;
                (matches!(host.as_str(), "discord.com" | "discordapp.com") && path.first()? == "channels")
                    .then(|| path.get(1).cloned())??
            }
        };
        let number = !guild.is_empty() && guild.len() <= 20 && guild.bytes().all(|b| b.is_ascii_digit());
        number.then(|| Place { what: guild, base: "https://discord.com/api/v10".to_owned(), token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["messages"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        Some(state::<Walk>(at.cursor).ask(place))
    }

    fn turn(&self, place: &Place, at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        state::<Walk>(at.cursor).turn(place, at.held, ask, &reply.body)
    }

    fn gone(&self, _place: &Place, at: At<'_>, ask: &Ask) -> Option<Turn> {
        (!ask.url.contains("/guilds/")).then(|| state::<Walk>(at.cursor).passed_over())
    }

    fn verdict(&self, ask: &Ask, reply: &Reply, tries: u32, now: Time) -> Verdict {
        let refusal = || serde_json::from_slice::<Refusal>(&reply.body).unwrap_or_default();
        match reply.status {
            429 => {
                let said = refusal();
                let Some(seconds) = said.retry_after.filter(|s| s.is_finite()) else {
                    return manners::http(ask, reply, tries, now);
                };
                #[allow(clippy::cast_possible_truncation)] // in range by the clamp
                let millis = (seconds.clamp(0.0, 86_400.0) * 1000.0).ceil() as i64;
                let global = said.global || reply.header("x-ratelimit-global").is_some();
                Verdict::Later { until: now.plus_millis(millis), why: "it asks for a pause".to_owned(), host: global }
            }
            401 => Verdict::Denied {
                why: "it wants a bot's token, or does not accept this one (401)".to_owned(),
                hint: "discord.com/developers, your application, Bot, Reset Token; it goes into tokens as discord.com"
                    .to_owned(),
            },
            // 50001 Missing Access, 50013 Missing Permissions: this channel is not for the bot, others are.
            403 if !ask.url.contains("/guilds/") && matches!(refusal().code, 50_001 | 50_013) => Verdict::Gone,
            403 | 404 if ask.url.contains("/guilds/") => Verdict::Denied {
                why: format!("the bot is not in this server, or may not see it ({})", reply.status),
                hint: "invite it with View Channels and Read Message History".to_owned(),
            },
            _ => manners::http(ask, reply, tries, now),
        }
    }

    /// The limit of the request's bucket; how long it lasts is told in seconds with a fraction.
    fn quota(&self, reply: &Reply, now: Time) -> Option<Quota> {
        let number = |name: &str| reply.header(name)?.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        let remaining = reply.header("x-ratelimit-remaining")?.trim().parse().ok()?;
        #[allow(clippy::cast_possible_truncation)] // in range by the clamp
        let resets = number("x-ratelimit-reset-after")
            .map(|s| now.plus_millis((s.clamp(0.0, 86_400.0) * 1000.0).ceil() as i64));
        let limit = reply.header("x-ratelimit-limit").and_then(|t| t.trim().parse().ok());
        Some(Quota { remaining, limit, resets })
    }

    fn authorize(&self, token: &str) -> (&'static str, String) {
        ("authorization", format!("Bot {token}"))
    }
}
