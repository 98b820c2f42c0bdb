//! Telling those who asked: what became of it, in each channel's own form. A draft is a person's to change and to send.

use rapport_model::{ThreadKind, Time};

use crate::brief::inert;

/// How a channel writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown as trackers have it: GitHub, GitLab, Gitea.
    GitHub,
    /// Markdown as forums have it.
    Discourse,
    /// Markdown on a Q&A site: a comment, short, with the disclosure that its rules ask for.
    StackExchange,
    /// Slack's own.
    Slack,
    /// Discord's Markdown; a link's preview is held back.
    Discord,
    /// Zulip's Markdown.
    Zulip,
    /// Plain text under a subject, in reply to a message.
    Mail,
    /// Plain text.
    Plain,
}

impl Form {
    /// The form of a connector's channel.
    #[must_use]
    pub fn of(connector: &str, kind: Option<ThreadKind>) -> Form {
        match (connector, kind) {
            ("github" | "gharchive" | "gitlab" | "gitea", _) => Form::GitHub,
            ("discourse", _) => Form::Discourse,
            ("stackexchange", _) => Form::StackExchange,
            ("slack", _) => Form::Slack,
            ("discord", _) => Form::Discord,
            ("zulip", _) => Form::Zulip,
            (_, Some(ThreadKind::Mail)) | ("mbox", _) => Form::Mail,
            _ => Form::Plain,
        }
    }
    /// The word as written in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Form::GitHub => "github-markdown",
            Form::Discourse => "discourse",
            Form::StackExchange => "stackexchange-comment",
            Form::Slack => "slack-mrkdwn",
            Form::Discord => "discord",
            Form::Zulip => "zulip",
            Form::Mail => "mail",
            Form::Plain => "plain",
        }
    }
}

/// What became of a feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What it was about, in a few words.
    pub title: String,
    /// It shipped; else it was declined.
    pub shipped: bool,
    /// The release it shipped in.
    pub release: Option<String>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// Where to read on.
    pub link: Option<String>,
    /// Whose product it is, for the disclosure.
    pub ours: String,
}

/// Where it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The thread's title.
    pub title: String,
    /// When it was asked.
    pub at: Time,
    /// The message that is answered, for mail.
    pub message_id: Option<String>,
}

/// One reply, ready to be read, changed and sent by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The channel's form.
    pub form: Form,
    /// A mail's subject.
    pub subject: Option<String>,
    /// The message it replies to, in angle brackets.
    pub in_reply_to: Option<String>,
    /// The words.
    pub body: String,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `15 April 2026`
fn day(at: Time) -> String {
    let date = at.date();
    let month = usize::try_from(date.month() - 1).ok().and_then(|m| MONTHS.get(m)).unwrap_or(&"");
    format!("{} {month} {}", date.day(), date.year())
}

/// The draft for one place.
#[must_use]
pub fn draft(form: Form, news: &News, asked: &Asked) -> Draft {
    let escape = |text: &str| match form {
        Form::Slack => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Form::Mail | Form::Plain => text.to_owned(),
        _ => inert(text),
    };
    let strong = |text: &str| match form {
        Form::Slack => format!("*{}*", escape(text)),
        Form::Mail | Form::Plain => escape(text),
        _ => format!("**{}**", escape(text)),
    };
    let link = |url: &str| match form {
        Form::Slack => format!("<{url}|read on>"),
        Form::Mail | Form::Plain => url.to_owned(),
        Form::Discord => format!("<{url}>"),
        _ => format!("[read on]({url})"),
    };
    let title = strong(news.title.trim());
    let mut body = format!(
        "You asked about this on {}, and we took it to the people who build it: {title}.",
        day(asked.at)
    );
    let short = form == Form::StackExchange;
    if short {
        body = format!("About {title}:");
    }
    match (news.shipped, &news.release, &news.reason) {
        (true, Some(release), _) => body.push_str(&format!(" It is out, in {}.", escape(release))),
        (true, None, _) => body.push_str(" It is out."),
        (false, _, reason) => {
            let why = reason.as_deref().unwrap_or("no reason was given").trim().trim_end_matches('.');
            body.push_str(&format!(" It will not be done for now. The reason: {}.", escape(why)));
        }
    }
    if let Some(url) = &news.link {
        body.push_str(&format!(" {}", link(url)));
        if matches!(form, Form::Mail | Form::Plain) {
            body.push_str(" has more.");
        }
    }
    match (short, news.shipped) {
        (true, _) => body.push_str(&format!(" (I work on {}.)", escape(&news.ours))),
        (false, true) => {
            body.push_str("\n\nIf it does not do what you need, please say so here. Thank you for asking: it is why this was done.");
        }
        (false, false) => {
            body.push_str(
                "\n\nIf this stops you, please say so here: it is what a decision is looked at again for.",
            );
        }
    }
    let subject = asked.title.trim().trim_start_matches("Re:").trim();
    let mail = form == Form::Mail;
    Draft {
        form,
        subject: mail.then(|| format!("Re: {subject}")),
        in_reply_to: asked
            .message_id
            .as_ref()
            .filter(|_| mail)
            .map(|id| format!("<{}>", id.trim_matches(['<', '>']))),
        body: if mail { wrapped(&body) } else { body },
    }
}

/// Lines of at most 72 characters, as mail has them.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for (n, paragraph) in text.split("\n\n").enumerate() {
        out.push_str(if n > 0 { "\n\n" } else { "" });
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            let long = word.chars().count();
            if length > 0 && length + 1 + long > 72 {
                out.push('\n');
                length = 0;
            } else if length > 0 {
                out.push(' ');
                length += 1;
            }
            out.push_str(word);
            length += long;
        }
    }
    out
}

/// How many of those who asked have heard back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// People who asked.
    pub asked: usize,
    /// Of them, people who heard back.
    pub told: usize,
    /// Of them, people who asked not to be contacted.
    pub leave_alone: usize,
}

/// One place where somebody asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The person who asked, as a number.
    pub person: i64,
    /// A reply was sent here.
    pub told: bool,
    /// That person asked not to be contacted.
    pub leave_alone: bool,
}

impl Count {
    /// Counts people: who asked in two places has heard back when one of them was answered.
    #[must_use]
    pub fn of(spots: &[Spot]) -> Count {
        let distinct = |which: &dyn Fn(&Spot) -> bool| {
            spots
                .iter()
                .filter(|s| which(s))
                .map(|s| s.person)
                .collect::<std::collections::BTreeSet<_>>()
                .len()
        };
        let told = distinct(&|s| s.told);
        let alone = |s: &Spot| s.leave_alone && !spots.iter().any(|o| o.person == s.person && o.told);
        Count { asked: distinct(&|_| true), told, leave_alone: distinct(&alone) }
    }
    /// People who wait to hear back and may be written to.
    #[must_use]
    pub const fn untold(&self) -> usize {
        self.asked.saturating_sub(self.told + self.leave_alone)
    }
    /// `told 11 of 12; 1 asked not to be contacted`
    #[must_use]
    pub fn words(&self) -> String {
        let alone = match self.leave_alone {
            0 => String::new(),
            n => format!("; {n} asked not to be contacted"),
        };
        format!("told {} of {}{alone}", self.told, self.asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: Form, shipped: bool, wanted: &[&str], never: &[&str]) {
        let news = News {
            title: "Replay <failed> deliveries".to_owned(),
            shipped,
            release: Some("3.1".to_owned()),
            reason: Some("it costs too much.".to_owned()),
            link: Some("https://docs.example/replay".to_owned()),
            ours: "Relay".to_owned(),
        };
        let asked = Asked {
            title: "Re: Replay all".to_owned(),
            at: Time::parse("2026-04-15T13:05:00Z").unwrap(),
            message_id: Some("a1@list.example".to_owned()),
        };
        let draft = draft(form, &news, &asked);
        let all = format!("{:?} {:?}\n{}", draft.subject, draft.in_reply_to, draft.body);
        for says in wanted {
            assert!(all.contains(says), "{says} in {all}");
        }
        for says in never {
            assert!(!all.contains(says), "{says} in {all}");
        }
    }

    #[test]
    fn each_channel_gets_its_own_form() {
        check(
            Form::GitHub,
            true,
            &["**Replay &lt;failed> deliveries**", "on 15 April 2026", "in 3.1. [read on](https"],
            &["Re:"],
        );
        check(
            Form::Slack,
            true,
            &["*Replay &lt;failed&gt; deliveries*", "<https://docs.example/replay|read on>"],
            &["**"],
        );
        check(
            Form::Mail,
            true,
            &["Some(\"Re: Replay all\")", "Some(\"<a1@list.example>\")", "Replay <failed>"],
            &["**", "Re: Re:"],
        );
        check(Form::Discord, true, &["<https://docs.example/replay>"], &["]("]);
        check(Form::StackExchange, true, &["(I work on Relay.)"], &["Thank you"]);
        check(
            Form::Plain,
            false,
            &["will not be done for now. The reason: it costs too much."],
            &["3.1", ".."],
        );
        assert_eq!(Form::of("activities", Some(ThreadKind::Chat)), Form::Plain);
        assert_eq!(Form::of("mbox", Some(ThreadKind::Mail)), Form::Mail);
        let long = wrapped(&"word ".repeat(40));
        assert!(long.lines().all(|l| l.len() <= 72) && long.lines().count() == 3, "{long}");
    }

    #[test]
    fn people_are_counted_and_who_wants_peace_has_it() {
        let spot = |person, told, leave_alone| Spot { person, told, leave_alone };
        let count = Count::of(&[
            spot(1, true, false),
            spot(1, false, false),
            spot(2, false, true),
            spot(3, false, false),
        ]);
        assert_eq!(count, Count { asked: 3, told: 1, leave_alone: 1 });
        assert_eq!(
            (count.untold(), count.words()),
            (1, "told 1 of 3; 1 asked not to be contacted".to_owned())
        );
    }
}
