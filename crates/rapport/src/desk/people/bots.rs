//! `bots`: everything that is taken for a program, in one list, with the reason; corrected in a word.

use clap::{ArgMatches, Args, Command};
use rapport_insight::people::behaviour::MAYBE;
use rapport_model::MemberKind;
use serde::Serialize;

use super::find::shown;
use super::say::mark_as;
use crate::desk::add::parsed;
use crate::desk::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};

pub(crate) const VERB: Verb = Verb {
    name: "bots",
    about: "Everything that is taken for a program, with the reason, and what may be one",
    example: "rapport bots\nrapport bots add 12 --because \"posts the release notes\"\nrapport bots remove abbot",
    args: |command| {
        Bots::augment_args(command).args_conflicts_with_subcommands(true).subcommands([
            Add::augment_args(Command::new("add")).about("Say that an account is a program"),
            Add::augment_args(Command::new("remove")).about("Say that an account is a person's"),
        ])
    },
    call,
};

/// Arguments of `bots`.
#[derive(Args)]
struct Bots {}

/// Arguments of `bots add` and `bots remove`.
#[derive(Args)]
struct Add {
    /// Which account: a number, login, address or name
    who: String,
    /// Why
    #[arg(long, default_value = "")]
    because: String,
}

/// One account.
#[derive(Serialize)]
struct Row {
    id: i64,
    shown: String,
    place: String,
    /// It is taken for a program; else it may be one, and a person says.
    bot: bool,
    because: String,
    messages: i64,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("add", matches)) => {
            let args: Add = parsed(matches)?;
            mark_as(desk, &args.who, MemberKind::Bot, &args.because, false)
        }
        Some(("remove", matches)) => {
            let args: Add = parsed(matches)?;
            mark_as(desk, &args.who, MemberKind::Community, &args.because, false)
        }
        _ => bots(desk),
    }
}

fn bots(desk: &Desk) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let mut rows = Vec::new();
    for row in store.identities()? {
        let maybe = row.behaviour.as_deref().and_then(|text| text.strip_prefix(MAYBE));
        let bot = row.member == MemberKind::Bot;
        let corrected = row.because.contains(" said so");
        let because = match maybe {
            _ if bot => row.because.clone(),
            Some(why) if row.member == MemberKind::Community && !corrected => format!("may be one: {why}"),
            _ => continue,
        };
        rows.push(Row {
            id: row.id,
            shown: shown(&row),
            place: row.who.place.as_str().to_owned(),
            bot,
            because,
            messages: store.messages_of(&[row.id])?,
        });
    }
    rows.sort_by(|a, b| b.bot.cmp(&a.bot).then_with(|| a.shown.cmp(&b.shown)));
    desk.answer(&rows, || {
        let p = desk.program();
        let sure = rows.iter().filter(|r| r.bot).count();
        let mut out = format!(
            "{}\n\n",
            bold(&format!("{} taken for a program", count(sure, "account is", "accounts are")))
        );
        for row in &rows {
            out.push_str(&format!("{:>6}  {}\n", row.id, bold(&line(&row.shown, 100))));
            out.push_str(&dim(&format!(
                "        {}; {}\n",
                line(&row.because, 140),
                count(usize::try_from(row.messages).unwrap_or(0), "message", "messages")
            )));
        }
        out.push_str(&dim(&format!(
            "\nnext: {p} bots add WHO \u{b7} a person after all: {p} bots remove WHO\n"
        )));
        out
    })
}
