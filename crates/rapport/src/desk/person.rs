//! Whom a word means, for the verbs that are about one person.

use rapport_insight::naming::namings;
use rapport_model::Naming;
use rapport_model::naming::words;
use rapport_store::{Account, Store};

use crate::fault::{Fault, FaultKind};
use crate::page::line;

/// One person: all their accounts.
pub(super) struct Person {
    pub(super) accounts: Vec<Account>,
}

impl Person {
    pub(super) fn ids(&self) -> Vec<i64> {
        self.accounts.iter().map(|account| account.id).collect()
    }
    /// The best name to show.
    pub(super) fn shown(&self) -> String {
        let named = self.accounts.iter().find(|a| a.name.as_deref().is_some_and(|n| !n.trim().is_empty()));
        named.or(self.accounts.first()).map(Account::shown).unwrap_or_default()
    }
    /// What names this person in texts, and nobody else.
    pub(super) fn names(&self, store: &Store) -> Result<Vec<Naming>, Fault> {
        let others = store.names_but(&self.ids())?;
        let taken = others
            .iter()
            .flat_map(|(_, who)| [Some(who.key.as_str()), who.handle.as_deref(), who.name.as_deref()])
            .flatten()
            .flat_map(|text| words(text).split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let own: Vec<_> = self.accounts.iter().map(Account::who).collect();
        Ok(namings(&own, &taken))
    }
}

/// The person that these words mean. Accounts that nothing links are one person only when each of them is named.
pub(super) fn person(store: &Store, named: &[String], program: &str, verb: &str) -> Result<Person, Fault> {
    let mut accounts: Vec<Account> = Vec::new();
    for word in named {
        let found = store.accounts(word)?;
        if found.is_empty() {
            return Err(Fault::usage(format!("nobody here is called '{}'", line(word, 80))).hint(
                "a name in full, a login, an address, or the number of an account; case does not matter",
            ));
        }
        let linked = found.iter().all(|a| a.person == found[0].person || shares_address(a, &found[0]));
        if !linked {
            return Err(several(word, &found, program, verb));
        }
        accounts.extend(found);
    }
    accounts.sort_by_key(|a| a.id);
    accounts.dedup_by_key(|a| a.id);
    if accounts.iter().all(Account::is_forgotten) {
        return Err(Fault::new(FaultKind::Refused, "this person was forgotten: nothing is left to show"));
    }
    Ok(Person { accounts })
}

fn shares_address(a: &Account, b: &Account) -> bool {
    let mail = |account: &Account| match &account.email {
        Some(mail) => Some(mail.to_lowercase()),
        None => (account.place == "mail").then(|| account.key.clone()),
    };
    mail(a).is_some() && mail(a) == mail(b)
}

fn several(word: &str, found: &[Account], program: &str, verb: &str) -> Fault {
    let mut fault = Fault::usage(format!(
        "'{}' may be {} people: nothing links these accounts",
        line(word, 80),
        found.len()
    ));
    for a in found {
        fault = fault.hint(described(a));
    }
    let all: Vec<String> = found.iter().map(|a| a.id.to_string()).collect();
    fault.hint(format!("{program} {verb} {}  if they are one person; else one number", all.join(" ")))
}

/// An account in a line.
pub(super) fn described(a: &Account) -> String {
    let name = a.name.as_deref().map(|n| format!(", {}", line(n, 60))).unwrap_or_default();
    let mail =
        a.email.as_deref().filter(|m| *m != a.key).map(|m| format!(", {}", line(m, 60))).unwrap_or_default();
    let login = a.handle.as_deref().unwrap_or(&a.key);
    format!("{:>5}  {} in {}{name}{mail}; {} activities", a.id, line(login, 60), a.place, a.activities)
}
