//! What a department says, by the verb or through a link: read, accepted, declined with a reason, shipped.

use clap::Args;
use rapport_practice::feedback::{State, Step};
use rapport_practice::link as signed;
use rapport_store::{AnswerLink, Feedback, Store};

use super::{find, shown, take, whole};
use crate::delivery::secrets::key;
use crate::desk::{Answer, Desk, me};
use crate::fault::{Fault, FaultKind};

/// Arguments of `feedback answer`.
#[derive(Args)]
pub(super) struct AnswerArgs {
    /// The feedback; not with --link
    #[arg(required_unless_present = "link")]
    feedback: Option<i64>,
    /// Answer with a link that `feedback link` made, or its last part
    #[arg(long, conflicts_with = "feedback")]
    link: Option<String>,
    /// Somebody there has read it
    #[arg(long, group = "answered")]
    acknowledge: bool,
    /// It will be done
    #[arg(long, group = "answered")]
    accept: bool,
    /// It will not be done; takes a --reason
    #[arg(long, group = "answered")]
    decline: bool,
    /// It is looked at again, or was taken back; takes a --reason
    #[arg(long, group = "answered")]
    reopen: bool,
    /// The release it is accepted for
    #[arg(long)]
    release: Option<String>,
    /// Why: those who asked will read it
    #[arg(long)]
    reason: Option<String>,
    /// Who says so, if not you
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

/// Arguments of `feedback shipped`.
#[derive(Args)]
pub(super) struct Shipped {
    /// The feedback
    feedback: i64,
    /// In which release
    #[arg(long)]
    release: Option<String>,
}

pub(super) fn answer(desk: &Desk, args: &AnswerArgs) -> Result<Answer, Fault> {
    desk.reading()?;
    let reason = args.reason.clone().unwrap_or_default();
    let step = match (args.acknowledge, args.accept, args.decline, args.reopen) {
        (true, ..) => Step::Acknowledge,
        (_, true, ..) => Step::Accept { release: args.release.clone() },
        (_, _, true, _) => Step::Decline { reason },
        (.., true) => Step::Reopen { reason },
        _ => {
            return Err(Fault::usage("what do they say?").hint(
                "--acknowledge, --accept, --decline --reason \"\u{2026}\", or --reopen --reason \"\u{2026}\"",
            ));
        }
    };
    let mut store = desk.writing()?;
    let id = match (&args.link, args.feedback) {
        (Some(word), _) => by_link(desk, &mut store, word, &step, args.by.as_deref())?,
        (None, Some(id)) => {
            let f = find(&store, id)?;
            take(desk, &mut store, &f, &step, args.by.as_deref().unwrap_or(&me()), "verb")?;
            id
        }
        (None, None) => return Err(Fault::usage("which feedback?")),
    };
    stands(desk, &store, id)
}

/// Answers through a link: nobody has to be known, the signature says that we made it.
pub(super) fn by_link(
    desk: &Desk,
    store: &mut Store,
    word: &str,
    step: &Step,
    by: Option<&str>,
) -> Result<i64, Fault> {
    let (link, f) = through(desk, store, word)?;
    let who = by.map_or_else(|| format!("whoever holds a link of {}", link.by), str::to_owned);
    take(desk, store, &f, step, &who, "link")?;
    store.use_link(&link.id, desk.now)?;
    Ok(f.id)
}

/// The link that a word is, and what it opens; refused when it is not ours, over, or taken back.
pub(super) fn through(desk: &Desk, store: &Store, word: &str) -> Result<(AnswerLink, Feedback), Fault> {
    let refuse =
        |why: String| Fault::new(FaultKind::Refused, why).hint("ask for a new one: rapport feedback link");
    let word = word.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let link = signed::read(&key(&desk.folder)?, word, desk.now).map_err(|e| refuse(e.to_string()))?;
    let known = store.link(&link.id)?.filter(|known| known.feedback == link.feedback);
    let known = known.ok_or_else(|| refuse(signed::BadLink::Unknown.to_string()))?;
    if known.revoked_at.is_some() {
        return Err(refuse("this link was taken back".to_owned()));
    }
    let f = find(store, link.feedback)?;
    Ok((known, f))
}

fn stands(desk: &Desk, store: &Store, id: i64) -> Result<Answer, Fault> {
    let f = find(store, id)?;
    let row = whole(desk, store, &f)?;
    desk.answer(&row, || shown(desk, &row))
}

pub(super) fn shipped(desk: &Desk, args: &Shipped) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let f = find(&store, args.feedback)?;
    let step = Step::Ship { release: args.release.clone() };
    let to = take(desk, &mut store, &f, &step, &me(), "verb")?;
    debug_assert_eq!(to, State::Shipped);
    stands(desk, &store, args.feedback)
}
