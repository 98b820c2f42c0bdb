//! Whom a person at the desk means: a number, `place:login`, a login, an address or a name.

use rapport_model::MemberKind;
use rapport_store::{IdentityRow, Store};

use crate::desk::Desk;
use crate::fault::{Fault, FaultKind};
use crate::page::line;

/// One identity as answers show it.
pub(crate) fn shown(row: &IdentityRow) -> String {
    let login = row.who.handle.as_deref().or(row.who.email.as_deref()).unwrap_or(&row.who.key);
    match row.who.shown() {
        name if name == login => format!("{} at {}", line(login, 60), row.who.place),
        name => format!("{} ({} at {})", line(name, 60), line(login, 60), row.who.place),
    }
}

/// The best name of a person: a full one before a login.
pub(crate) fn name(rows: &[IdentityRow]) -> String {
    let full = rows
        .iter()
        .filter_map(|r| r.who.name.as_deref())
        .map(str::trim)
        .find(|name| name.split_whitespace().count() >= 2 && !name.contains(['@', '(']));
    full.or_else(|| rows.first().map(|r| r.who.shown())).unwrap_or("").to_owned()
}

/// A shorter way to say one identity on the command line.
fn word(row: &IdentityRow) -> String {
    row.id.to_string()
}

/// The identity that is meant. Several of one person are that person; several persons are a question back.
pub(crate) fn find(desk: &Desk, store: &Store, meant: &str) -> Result<IdentityRow, Fault> {
    let p = desk.program();
    let nobody = || {
        Fault::new(FaultKind::Usage, format!("nobody here is '{meant}'"))
            .hint(format!("{p} people --named {}  looks for a part of a name", quoted(meant)))
    };
    let meant = meant.trim();
    if let Ok(id) = meant.trim_start_matches('#').parse::<i64>()
        && let Some(row) = store.identity(id)?
    {
        return Ok(row);
    }
    let lower = meant.to_lowercase();
    let rows = store.identities()?;
    let at_place = lower.rsplit_once(':').map(|(place, login)| (place.to_owned(), login.to_owned()));
    let is = |row: &&IdentityRow| {
        let same = |word: &str, text: Option<&String>| text.is_some_and(|t| t.trim().to_lowercase() == word);
        let who = &row.who;
        let plain = [Some(&who.key), who.handle.as_ref(), who.email.as_ref(), who.name.as_ref()];
        plain.into_iter().any(|text| same(&lower, text))
            || at_place.as_ref().is_some_and(|(place, login)| {
                (who.place.as_str() == place || who.place.as_str().split(':').next() == Some(place))
                    && plain.into_iter().any(|text| same(login, text))
            })
    };
    let found: Vec<&IdentityRow> = rows.iter().filter(is).collect();
    match found.as_slice() {
        [] => Err(nobody()),
        [first, rest @ ..] if rest.iter().all(|row| row.person == first.person) => Ok((*first).clone()),
        several => {
            let mut fault = Fault::usage(format!("'{meant}' may be several people; say which by its number"));
            for row in several.iter().take(8) {
                fault = fault.hint(format!("{} is {}", word(row), shown(row)));
            }
            Err(fault)
        }
    }
}

fn quoted(text: &str) -> String {
    if text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', ""))
    }
}

/// The kind of a person: the same for all its identities.
pub(crate) fn kind(rows: &[IdentityRow]) -> MemberKind {
    MemberKind::together(rows.iter().map(|r| r.member))
}
