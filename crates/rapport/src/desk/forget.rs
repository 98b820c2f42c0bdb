//! `forget`: a person asked to be deleted. A plan first; carried out on a word.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use rapport_model::Naming;
use rapport_model::naming::words;
use rapport_store::{Erased, Erasure, Store};
use serde::Serialize;

use super::add::parsed;
use super::person::{described, person};
use super::{Answer, Desk, Verb, learned, me, with_judge};
use crate::config::FILE as CONFIG;
use crate::fault::Fault;
use crate::page::{bold, count, dim, line};

pub(crate) const VERB: Verb = Verb {
    name: "forget",
    about: "Erase a person: names, addresses, words, raw bytes; counts stay, and nothing comes back with the next read",
    example: "rapport forget ines.quandt@example.org\nrapport forget ines.quandt@example.org --yes\nrapport forget 12 45 --yes",
    args: Forget::augment_args,
    call: |desk, matches| forget(desk, &parsed(matches)?),
};

/// Arguments of `forget`.
#[derive(Args)]
struct Forget {
    /// Who: a name in full, a login, an address or the numbers of all their accounts
    #[arg(required = true)]
    person: Vec<String>,
    /// Do it; without this the plan is shown and nothing changes
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Forgot {
    /// Carried out, or only planned.
    done: bool,
    /// The accounts that are meant; empty once they are forgotten.
    accounts: Vec<String>,
    /// What names the person in texts; empty once forgotten.
    names: Vec<Name>,
    #[serde(flatten)]
    erased: Erased,
    /// Copies that migrations left in the folder: deleted, too.
    copies: Vec<PathBuf>,
    /// Files of the folder that still hold the letters of a name, with how often.
    remains: Vec<Remains>,
    /// Accounts of others that carry one of the names, and the like.
    notes: Vec<String>,
    /// False: another process reads, and old pages go when the next command writes.
    clean: bool,
}

#[derive(Serialize)]
struct Name {
    name: String,
    /// An everyday word: replaced only where a name is meant.
    everyday: bool,
}

#[derive(Serialize)]
struct Remains {
    file: PathBuf,
    times: usize,
}

fn forget(desk: &Desk, args: &Forget) -> Result<Answer, Fault> {
    desk.reading()?;
    let declared = desk.config()?.declared();
    let mut store = desk.writing()?;
    // What was delivered and not read yet may speak of the person.
    super::hooks::drain(desk, &mut store)?;
    if args.yes {
        store.clear_reasons()?;
    }
    let found = person(&store, &args.person, &desk.program(), "forget")?;
    let names = found.names(&store)?;
    let notes = notes(&store, &found.ids(), &names)?;
    let copies = store.older_copies();
    let who = me();
    let ids = found.ids();
    let erasure = Erasure {
        identities: &ids,
        names: &names,
        trace: &rapport_insight::naming::trace,
        at: desk.now,
        who: &who,
    };
    let bar = indicatif::ProgressBar::new_spinner();
    bar.set_message(if args.yes { "erasing" } else { "looking through everything; nothing is changed" });
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let known = learned(&store)?;
    let erased = with_judge(&declared, &known, |judge| store.forget(&erasure, judge, !args.yes))?;
    bar.set_message("looking whether anything is left");
    let remains = if args.yes { remains(&desk.folder, &names)? } else { Vec::new() };
    bar.finish_and_clear();
    let config = std::fs::read_to_string(desk.folder.join(CONFIG)).unwrap_or_default();
    let mut notes = notes;
    if !args.yes && times(config.as_bytes(), &names) > 0 {
        notes.push(format!("{CONFIG} names this person: the name is replaced there"));
    }
    let kept = |text: Vec<String>| if args.yes { Vec::new() } else { text };
    let said = Forgot {
        done: args.yes,
        accounts: kept(found.accounts.iter().map(described).collect()),
        names: if args.yes {
            Vec::new()
        } else {
            names.iter().map(|n| Name { name: n.text.clone(), everyday: n.weak }).collect()
        },
        erased,
        copies,
        remains,
        notes,
        clean: store.is_clean()?,
    };
    desk.answer(&said, || text(desk, args, &said))
}

/// What the person who decides should know.
fn notes(store: &Store, ids: &[i64], names: &[Naming]) -> Result<Vec<String>, Fault> {
    let mut notes = Vec::new();
    let logins: Vec<String> = names.iter().filter(|n| !n.weak).map(|n| words(&n.text)).collect();
    for (id, who) in store.names_but(ids)? {
        let shared = [Some(who.key.as_str()), who.handle.as_deref(), who.name.as_deref()]
            .into_iter()
            .flatten()
            .map(|text| format!(" {} ", words(text)))
            .any(|text| logins.iter().any(|login| text.contains(&format!(" {login} "))));
        if shared {
            notes.push(format!(
                "account {id} ({} in {}) bears one of the names and is not part of this: if it is the same person, name it, too",
                line(who.shown(), 60),
                who.place
            ));
        }
    }
    for source in store.sources()? {
        if times(source.name.as_str().as_bytes(), names) > 0 || times(source.location.as_bytes(), names) > 0 {
            notes.push(format!(
                "the source {} is called by one of the names; it keeps its name and place",
                source.name
            ));
        }
    }
    Ok(notes)
}

/// Every file of the folder that still holds one of the names that are no everyday words.
fn remains(folder: &Path, names: &[Naming]) -> Result<Vec<Remains>, Fault> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(place) = todo.pop() {
        for entry in std::fs::read_dir(&place)?.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => todo.push(path),
                Ok(kind) if kind.is_file() => {
                    let times = in_file(&path, names)?;
                    if times > 0 {
                        found.push(Remains { file: path, times });
                    }
                }
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(found)
}

const PIECE: usize = 4 << 20;

/// In pieces that overlap, so that a folder of any size is looked through.
fn in_file(path: &Path, names: &[Naming]) -> Result<usize, Fault> {
    let mut file = std::fs::File::open(path)?;
    let mut piece = Vec::new();
    let mut found = 0;
    loop {
        let kept = piece.len().min(512);
        piece.drain(..piece.len() - kept);
        let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
        if read == 0 {
            return Ok(found);
        }
        found += letters(&piece, names).saturating_sub(letters(&piece[..kept], names));
    }
}

/// How often bytes hold the letters of a name that is long enough to be told by them, inside longer words, too: in the
/// database one value stands right behind the other.
fn letters(bytes: &[u8], names: &[Naming]) -> usize {
    let lower = bytes.to_ascii_lowercase();
    let told = names.iter().filter(|n| !n.weak && n.text.len() > 4);
    told.map(|name| memchr::memmem::find_iter(&lower, name.text.to_ascii_lowercase().as_bytes()).count())
        .sum()
}

/// How often bytes hold one of the names as a whole word, as it is written.
fn times(bytes: &[u8], names: &[Naming]) -> usize {
    let lower = bytes.to_ascii_lowercase();
    let wordy = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    let strong = names.iter().filter(|n| !n.weak && n.text.len() > 3);
    strong
        .map(|name| {
            let name = name.text.to_ascii_lowercase();
            memchr::memmem::find_iter(&lower, name.as_bytes())
                .filter(|at| {
                    !wordy(at.checked_sub(1).and_then(|b| lower.get(b))) && !wordy(lower.get(at + name.len()))
                })
                .count()
        })
        .sum()
}

fn text(desk: &Desk, args: &Forget, said: &Forgot) -> String {
    let e = &said.erased;
    let n = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let mut out = if said.done {
        format!("{}\n", bold(&format!("Forgotten. From now on: {}", e.pseudonym)))
    } else {
        format!("{}\n\n", bold("This would be erased (nothing is changed yet)"))
    };
    for account in &said.accounts {
        out.push_str(&format!("  {account}\n"));
    }
    if !said.names.is_empty() {
        let shown = |everyday: bool| {
            let names: Vec<String> =
                said.names.iter().filter(|n| n.everyday == everyday).map(|n| line(&n.name, 60)).collect();
            names.join(", ")
        };
        out.push_str(&format!("\n  found in texts by: {}\n", shown(false)));
        if said.names.iter().any(|n| n.everyday) {
            out.push_str(&format!(
                "  everyday words, replaced only where a name is meant (@…, Hi …): {}\n",
                shown(true)
            ));
        }
    }
    out.push_str(&format!(
        "\n  {}: name, address and profile go\n  {} ({}): the words go, each still counts\n  {}: the title goes\n  \
         {} by others: a name or a quote is replaced\n  {}: dropped; what it meant stays in the log\n",
        count(n(e.identities), "account", "accounts"),
        count(n(e.activities), "activity", "activities"),
        count(n(e.revisions), "revision", "revisions"),
        count(n(e.threads), "thread opened", "threads opened"),
        count(n(e.mentions), "message", "messages"),
        count(n(e.payloads), "raw record", "raw records"),
    ));
    if e.rejects > 0 {
        out.push_str(&format!(
            "  {} set aside earlier: the bytes go\n",
            count(n(e.rejects), "record", "records")
        ));
    }
    for (table, rows) in &e.elsewhere {
        out.push_str(&format!("  {} in {table} cleared\n", count(n(*rows), "row", "rows")));
    }
    for copy in &said.copies {
        out.push_str(&format!("  {} {}\n", copy.display(), if said.done { "deleted" } else { "is deleted" }));
    }
    for note in &said.notes {
        out.push_str(&format!("\n  note: {note}\n"));
    }
    for r in &said.remains {
        out.push_str(&format!(
            "\n  still there: {} holds the letters of a name {} times, perhaps inside longer words\n",
            r.file.display(),
            r.times
        ));
    }
    if said.done && said.remains.is_empty() {
        out.push_str("\n  Looked through every file of the folder afterwards: the names stand in none.\n");
    }
    if !said.clean {
        out.push_str("\n  Another process reads this folder: what still stands in old pages goes with the next command that writes.\n");
    }
    out.push_str(if said.done {
        "\n  Not reached from here: backups and exports made before, and the source itself.\n"
    } else {
        "\n  Not reached from here: backups and exports made elsewhere, and the source itself.\n"
    });
    let p = desk.program();
    let named: Vec<String> =
        args.person.iter().map(|w| if w.contains(' ') { format!("\"{w}\"") } else { w.clone() }).collect();
    out.push_str(&dim(&if said.done {
        format!("\nnext: {p} backup FILE, and delete older ones \u{b7} {p} check\n")
    } else {
        format!("\nnext: {p} export-person {0} --to FOLDER \u{b7} {p} forget {0} --yes\n", named.join(" "))
    }));
    out
}
