//! What stands beside a thread: answered threads like it, and the draft of a reply. The draft lives in the page alone: the
//! person copies it and posts it; nothing here leaves the machine.

use serde::Deserialize;

use crate::fault::Fault;
use crate::web::texts::Texts;
use crate::web::{App, markup, words};

/// `similar`, as far as the page shows it.
#[derive(Deserialize)]
struct Row {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    state: String,
    why: String,
    answer: Option<Reply>,
}

#[derive(Deserialize)]
struct Reply {
    who: Option<String>,
    text: String,
    url: Option<String>,
}

/// One answered thread that may help with this one.
pub(super) struct Like {
    pub(super) thread: i64,
    pub(super) source: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) why: String,
    /// Who answered, and how it begins.
    pub(super) answer: Option<(String, String)>,
    /// What is put into the draft: the answer's own address, else the thread's.
    pub(super) url: Option<String>,
}

/// Letters of a draft; a longer one is not taken, rather than cut.
const DRAFT: usize = 60_000;

/// Answered threads like this one.
pub(super) fn likes(app: &App, thread: i64) -> Result<Vec<Like>, Fault> {
    let rows: Vec<Row> = app.ask(&["similar", "--", &thread.to_string()])?;
    Ok(rows.into_iter().map(|row| like(app, row)).collect())
}

fn like(app: &App, row: Row) -> Like {
    let answered = row.answer.as_ref().and_then(|reply| markup::link(reply.url.as_deref()));
    let url = answered.or_else(|| markup::link(row.url.as_deref())).map(str::to_owned);
    Like {
        thread: row.thread,
        source: words::short(&row.source, 60),
        title: words::short(&row.title, 160),
        state: row.state,
        why: words::short(&row.why, 200),
        answer: row.answer.map(|reply| {
            let who = words::short(&words::named(app.texts, reply.who.as_deref()), 60);
            (who, words::short(&reply.text, 280))
        }),
        url,
    }
}

/// The draft with an address on a line of its own at its end; once is enough.
///
/// # Errors
/// When the draft is too long, or the address is none that a page links to.
pub(super) fn with_link(texts: &Texts, draft: &str, url: Option<&str>) -> Result<String, Fault> {
    if draft.len() > DRAFT {
        return Err(Fault::usage(texts.t("thread-draft-long")).hint(texts.t("thread-draft-long-next")));
    }
    let draft = draft.replace("\r\n", "\n");
    let Some(url) = url else { return Ok(draft) };
    let url = markup::link(Some(url)).ok_or_else(|| Fault::usage(texts.t("thread-draft-address")))?;
    if draft.lines().any(|line| line.trim() == url) {
        return Ok(draft);
    }
    let before = draft.trim_end();
    let gap = if before.is_empty() { "" } else { "\n\n" };
    Ok(format!("{before}{gap}{url}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_added_once_and_only_a_real_one() {
        let texts = Texts::of("en").unwrap();
        let url = "https://forum.example.org/t/1";
        let once = with_link(texts, "Have a look:\r\n", Some(url)).unwrap();
        assert_eq!(once, "Have a look:\n\nhttps://forum.example.org/t/1\n");
        assert_eq!(with_link(texts, &once, Some(url)).unwrap(), once);
        assert_eq!(with_link(texts, "", Some(url)).unwrap(), format!("{url}\n"));
        assert_eq!(with_link(texts, "as it is ", None).unwrap(), "as it is ");
        assert!(with_link(texts, "", Some("javascript:alert(1)")).is_err());
        assert!(with_link(texts, &"x".repeat(DRAFT + 1), None).is_err());
    }
}
