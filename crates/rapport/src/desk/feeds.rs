//! `feeds`: private keys that open an account's Atom feeds in a feed reader, each of which can be taken back.

use clap::{ArgMatches, Args, Command};
use rapport_store::FeedKey;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::add::parsed;
use super::{Answer, Desk, Verb, me};
use crate::delivery::secrets::chance;
use crate::fault::Fault;
use crate::page::{count, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "feeds",
    about: "Keys that open the Atom feeds of the digest and of who waits, for feed readers",
    example: "rapport feeds new noor\nrapport feeds list\nrapport feeds revoke 1",
    args: |command| {
        command
            .subcommand_required(true)
            .subcommand(Command::new("list").about("Every key that opens feeds"))
            .subcommand(
                New::augment_args(Command::new("new")).about(
                    "Make a key for an account: what its role may see, the feeds show; it is shown once",
                ),
            )
            .subcommand(
                Revoke::augment_args(Command::new("revoke")).about("Take a key back; its feeds end at once"),
            )
    },
    call,
};

/// Arguments of `feeds new`.
#[derive(Args)]
struct New {
    /// The account
    account: String,
}

/// Arguments of `feeds revoke`.
#[derive(Args)]
struct Revoke {
    /// The key's number, as `feeds list` shows it
    id: i64,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    account: String,
    made_at: rapport_model::Time,
    made_by: String,
}

/// A new key, and what it opens.
#[derive(Serialize)]
struct Made {
    id: i64,
    account: String,
    feeds: [String; 2],
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("new", sub)) => new(desk, &parsed(sub)?),
        Some(("revoke", sub)) => revoke(desk, &parsed(sub)?),
        _ => list(desk),
    }
}

/// What is kept of a key.
pub(crate) fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(format!("rapport feed key 1\n{key}").as_bytes()).into()
}

fn new(desk: &Desk, args: &New) -> Result<Answer, Fault> {
    let mut store = desk.noting()?;
    if !store.logins()?.iter().any(|login| login.name == args.account) {
        return Err(Fault::usage(format!("there is no account '{}'", line(&args.account, 60)))
            .hint(format!("{} account list", desk.program())));
    }
    let key: String = chance(24)?.iter().map(|b| format!("{b:02x}")).collect();
    let id = store.add_feed_key(&args.account, &digest(&key), &me(), desk.now)?;
    let feeds = ["digest", "needs"].map(|feed| format!("/feeds/{feed}.atom?key={key}"));
    desk.answer(&Made { id, account: args.account.clone(), feeds: feeds.clone() }, || {
        format!(
            "Key {id} for {}. It is shown this once; behind the desk's address:\n  {}\n  {}\n",
            line(&args.account, 60),
            feeds[0],
            feeds[1]
        )
    })
}

fn list(desk: &Desk) -> Result<Answer, Fault> {
    let row = |FeedKey { id, account, made_at, made_by }| Row { id, account, made_at, made_by };
    let rows: Vec<Row> = desk.reading()?.feed_keys()?.into_iter().map(row).collect();
    desk.answer(&rows, || {
        let mut out = format!("{}\n", count(rows.len(), "key", "keys"));
        for row in &rows {
            let (account, by) = (line(&row.account, 30), line(&row.made_by, 40));
            out.push_str(&format!("  {:>4}  {account:<30} since {}, by {by}\n", row.id, moment(row.made_at)));
        }
        out
    })
}

fn revoke(desk: &Desk, args: &Revoke) -> Result<Answer, Fault> {
    if !desk.noting()?.revoke_feed_key(args.id, &me(), desk.now)? {
        return Err(Fault::usage(format!("there is no key {}", args.id))
            .hint(format!("{} feeds list", desk.program())));
    }
    desk.answer(&serde_json::json!({ "revoked": args.id }), || format!("key {} opens nothing now\n", args.id))
}
