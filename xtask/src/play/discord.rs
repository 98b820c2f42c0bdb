//! A Discord server: chatter in a channel, threads that began with a message there, forum posts, and a room that is not
//! for the bot.

use serde_json::{Value, json};

use super::{Post, Request, Response, Stage, Thread, stamp};

/// The server.
pub const GUILD: &str = "500";
/// The text channel, the forum, and the room that is not for us.
pub const SUPPORT: u64 = 1_103_000_000_000_000_100;
pub const IDEAS: u64 = 1_103_000_000_000_000_200;
const LOUNGE: u64 = 1_103_000_000_000_000_300;
/// A thread sleeps when nobody wrote for so long.
const SLEEPS: i64 = 7 * 86_400;

/// Where a thread of the community stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Messages and replies in the channel.
    Chatter,
    /// A thread that began with a message in the channel.
    Thread,
    /// A post of the forum.
    Forum,
}

pub fn kind(t: &Thread) -> Kind {
    match t.number % 3 {
        0 => Kind::Chatter,
        1 => Kind::Thread,
        _ => Kind::Forum,
    }
}

/// A moment as an id; even ones are messages, the odd ones begin threads.
pub fn snowflake(p: &Post) -> u64 {
    (u64::try_from(p.at).unwrap_or(0) * 1_000 - 1_420_070_400_000) << 22 | (p.id * 2)
}

fn author(stage: &Stage, n: usize) -> Value {
    let name = stage.community.people[n];
    json!({"id": format!("90{n:03}"), "username": name, "global_name": name, "discriminator": "0", "bot": false})
}

/// A message in the channel with this id; a reply in plain chatter says what it answers.
fn message(stage: &Stage, t: &Thread, p: &Post, channel: u64, answers: bool) -> Value {
    let mut message = json!({"id": snowflake(p).to_string(), "type": 0, "channel_id": channel.to_string(), "author": author(stage, p.author),
        "timestamp": stamp(p.at).replace('Z', ".000000+00:00"), "edited_timestamp": null, "content": p.text, "attachments": [], "embeds": [],
        "mentions": [], "pinned": false, "tts": false, "reactions": [{"emoji": {"id": null, "name": "👍"}, "count": 1, "me": false}]});
    if p.edited > p.at {
        message["edited_timestamp"] = stamp(p.edited).replace('Z', ".000000+00:00").into();
    }
    if answers {
        message["type"] = 19.into();
        message["message_reference"] = json!({"message_id": snowflake(&t.posts[0]).to_string(), "channel_id": channel.to_string(), "guild_id": GUILD});
    }
    message
}

/// What stands in the text channel behind an id, by id, so many at most.
pub fn support(stage: &Stage, after: u64, most: usize) -> Vec<(u64, Value)> {
    let mut all: Vec<(u64, &Thread, &Post, bool)> = Vec::new();
    for t in &stage.community.threads {
        if kind(t) != Kind::Forum {
            all.push((snowflake(&t.posts[0]), t, &t.posts[0], false));
        }
        if kind(t) == Kind::Chatter {
            all.extend(t.replies().map(|p| (snowflake(p), t, p, true)));
        }
    }
    all.retain(|(id, ..)| *id > after);
    all.sort_unstable_by_key(|(id, ..)| *id);
    // Written out only where it is asked for: with ten thousand threads that is most of the time.
    let page = all.into_iter().take(most);
    page.map(|(id, t, p, answers)| (id, message(stage, t, p, SUPPORT, answers))).collect()
}

/// All that stands in a thread, by id.
pub fn inside(stage: &Stage, t: &Thread) -> Vec<(u64, Value)> {
    let id = snowflake(&t.posts[0]);
    let mut all = if kind(t) == Kind::Forum {
        vec![(id, message(stage, t, &t.posts[0], id, false))]
    } else {
        vec![(
            id + 1,
            json!({"id": (id + 1).to_string(), "type": 21, "channel_id": id.to_string(), "author": author(stage, t.posts[0].author),
                "timestamp": stamp(t.posts[0].at), "edited_timestamp": null, "content": "", "attachments": [], "embeds": [], "mentions": [],
                "message_reference": {"message_id": id.to_string(), "channel_id": SUPPORT.to_string(), "guild_id": GUILD}}),
        )]
    };
    all.extend(t.replies().map(|p| (snowflake(p), message(stage, t, p, id, false))));
    all.sort_by_key(|(id, _)| *id);
    all
}

/// When somebody wrote last, whether or not it still stands.
fn last(t: &Thread) -> &Post {
    t.posts.iter().max_by_key(|p| (p.at, p.id)).unwrap_or(&t.posts[0])
}

fn thread(t: &Thread, now: i64) -> Value {
    let parent = if kind(t) == Kind::Forum { IDEAS } else { SUPPORT };
    let asleep = last(t).at + SLEEPS;
    json!({"id": snowflake(&t.posts[0]).to_string(), "type": 11, "guild_id": GUILD, "parent_id": parent.to_string(), "name": t.title,
        "last_message_id": snowflake(last(t)).to_string(),
        "thread_metadata": {"archived": asleep <= now, "archive_timestamp": fine(t), "auto_archive_duration": 10_080, "locked": false}})
}

/// When it fell asleep; no two do in the same moment.
fn fine(t: &Thread) -> String {
    stamp(last(t).at + SLEEPS).replace('Z', &format!(".{:06}+00:00", t.number % 1_000_000))
}

fn refused(status: u16, code: u64, why: &str) -> Response {
    Response::status(status, &json!({"message": why, "code": code}))
}

/// The limit that a request counts against.
pub fn bucket(request: &Request) -> &'static str {
    match request.bare() {
        path if path.ends_with("/messages") => "messages",
        path if path.ends_with("/archived/public") => "archived",
        path if path.ends_with("/active") => "threads",
        _ => "channels",
    }
}

pub fn answer(stage: &mut Stage, request: &Request, now: i64) -> Response {
    if stage.token.as_ref().is_some_and(|token| {
        request.headers.get("authorization").is_none_or(|given| *given != format!("Bot {token}"))
    }) {
        return refused(401, 0, "401: Unauthorized");
    }
    let now = now / 1000;
    let parts: Vec<&str> = request.bare().split('/').filter(|p| !p.is_empty()).collect();
    let threads = &stage.community.threads;
    let asleep = |t: &&Thread| last(t).at + SLEEPS <= now;
    let own = |t: &&Thread| kind(t) != Kind::Chatter;
    let most = usize::try_from(request.number("limit").unwrap_or(50).clamp(1, 100)).unwrap_or(50);
    match parts.as_slice() {
        ["guilds", guild, ..] if *guild != GUILD => refused(404, 10_004, "Unknown Guild"),
        ["guilds", _, "channels"] => {
            let plain = threads.iter().filter(|t| kind(t) != Kind::Forum);
            let said = plain
                .flat_map(|t| t.posts.iter().take(if kind(t) == Kind::Chatter { usize::MAX } else { 1 }));
            let newest = said.map(snowflake).max().map(|id| id.to_string());
            let mut channels = vec![
                json!({"id": SUPPORT.to_string(), "type": 0, "name": "support", "parent_id": null, "last_message_id": newest}),
                json!({"id": IDEAS.to_string(), "type": 15, "name": "ideas", "parent_id": null, "last_message_id": null}),
                json!({"id": "1103000000000000050", "type": 4, "name": "Community", "parent_id": null}),
            ];
            if stage.shut {
                channels.push(json!({"id": LOUNGE.to_string(), "type": 0, "name": "lounge", "parent_id": null, "last_message_id": "1103000000000000999"}));
            }
            Response::json(&channels.into())
        }
        ["guilds", _, "threads", "active"] => {
            let active: Vec<Value> =
                threads.iter().filter(own).filter(|t| !asleep(t)).map(|t| thread(t, now)).collect();
            Response::json(&json!({"threads": active, "members": []}))
        }
        ["channels", id, "threads", "archived", "public"] => {
            let forum = *id == IDEAS.to_string();
            if !forum && *id != SUPPORT.to_string() {
                return refused(403, 50_001, "Missing Access");
            }
            let before = request.query("before");
            let mut all: Vec<&Thread> = threads.iter().filter(own).filter(asleep).collect();
            all.retain(|t| (kind(t) == Kind::Forum) == forum && before.as_ref().is_none_or(|b| fine(t) < *b));
            all.sort_by_key(|t| std::cmp::Reverse(fine(t)));
            let page: Vec<Value> = all.iter().take(most).map(|t| thread(t, now)).collect();
            Response::json(&json!({"threads": page, "members": [], "has_more": all.len() > most}))
        }
        ["channels", id, "messages"] => {
            let id: u64 = id.parse().unwrap_or(0);
            let after = request.number("after").unwrap_or(0);
            let all = if id == SUPPORT {
                support(stage, after, most)
            } else if id == LOUNGE {
                return refused(403, 50_001, "Missing Access");
            } else if let Some(t) = threads.iter().filter(own).find(|t| snowflake(&t.posts[0]) == id) {
                inside(stage, t)
            } else {
                return refused(404, 10_003, "Unknown Channel");
            };
            let mut page: Vec<Value> =
                all.into_iter().filter(|(id, _)| *id > after).take(most).map(|(_, m)| m).collect();
            page.reverse();
            Response::json(&page.into())
        }
        _ => refused(404, 0, "404: Not Found"),
    }
}
