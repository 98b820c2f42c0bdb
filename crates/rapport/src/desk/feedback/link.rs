//! `feedback link`: a link that answers without an account: signed, with a last day, to be taken back at any time.

use clap::Args;
use rapport_model::Time;
use rapport_practice::link::{Link as Signed, write};
use rapport_store::{AnswerLink, Feedback, Store};

use super::{find, state};
use crate::delivery::secrets::{chance, key};
use crate::desk::{Answer, Desk, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{dim, moment};

/// Arguments of `feedback link`.
#[derive(Args)]
pub(super) struct Link {
    /// The feedback
    feedback: i64,
    /// For how many days it holds
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// Take back every link of this feedback instead
    #[arg(long)]
    revoke: bool,
}

/// Days that a link in a mail holds.
const DAYS: u32 = 30;

fn make(desk: &Desk, store: &mut Store, f: &Feedback, days: u32) -> Result<(String, Time), Fault> {
    let id: String = chance(12)?.iter().map(|b| format!("{b:02x}")).collect();
    // A link names whole seconds.
    let until = desk.now.plus_millis(i64::from(days) * 86_400_000).millis() / 1000;
    let expires = Time::from_seconds(until).unwrap_or(desk.now);
    let word = write(&key(&desk.folder)?, &Signed { id: id.clone(), feedback: f.id, expires });
    let link =
        AnswerLink { id, feedback: f.id, by: me(), at: desk.now, expires, revoked_at: None, used_at: None };
    store.add_link(&link)?;
    Ok((word, expires))
}

/// A link for a mail, as an address.
pub(super) fn made(desk: &Desk, store: &mut Store, f: &Feedback, at: &str) -> Result<String, Fault> {
    let (word, _) = make(desk, store, f, DAYS)?;
    Ok(format!("{}/{word}", at.trim_end_matches('/')))
}

pub(super) fn link(desk: &Desk, args: &Link) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let f = find(&store, args.feedback)?;
    if args.revoke {
        let n = store.revoke_links(f.id, &me(), desk.now)?;
        return desk.answer(&serde_json::json!({ "feedback": f.id, "revoked": n }), || {
            format!("{n} taken back: nobody can answer feedback {} through them\n", f.id)
        });
    }
    if state(&f) == rapport_practice::feedback::State::Draft {
        return Err(Fault::new(
            FaultKind::Refused,
            format!("feedback {} is a draft: nobody has read it", f.id),
        )
        .hint(format!("{} feedback deliver {}", desk.program(), f.id)));
    }
    let (word, expires) = make(desk, &mut store, &f, args.days)?;
    let config = desk.config()?;
    let at = config.deliver.get(&f.department).map(|d| d.answer_at.trim_end_matches('/').to_owned());
    let url = at.filter(|at| !at.is_empty()).map(|at| format!("{at}/{word}"));
    let shown = serde_json::json!({ "feedback": f.id, "link": word, "url": url, "expires": expires });
    desk.answer(&shown, || {
        let p = desk.program();
        format!(
            "{}\n{}",
            url.as_deref().unwrap_or(&word),
            dim(&format!(
                "\nIt answers feedback {} until {}, for whoever holds it.\nnext: {p} feedback answer --link LINK --accept \u{b7} {p} feedback link {} --revoke\n",
                f.id,
                moment(expires),
                f.id
            ))
        )
    })
}
