//! What an identity, or a group of them, shows of the person behind it.

use std::collections::BTreeSet;

use super::Identity;
use super::address::{self, Address};
use super::names;

/// Everything that is known of one group of identities. All sets are ordered, so that no answer depends on chance.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    /// Members, as positions in the sorted identities.
    pub members: Vec<usize>,
    /// Full names, as words.
    pub names: BTreeSet<Vec<String>>,
    /// Those of them that were written in one piece: they may be somebody's joke, and never tell against anything.
    pub pieced: BTreeSet<Vec<String>>,
    /// Names of one word, as written in the place of a name.
    pub single: BTreeSet<String>,
    /// Logins: handles, logins in no-reply addresses, names that are none.
    pub logins: BTreeSet<String>,
    /// What stands before the @ of personal addresses.
    pub locals: BTreeSet<String>,
    /// Hosts that are not open to everybody.
    pub domains: BTreeSet<String>,
    /// Personal addresses.
    pub keys: BTreeSet<String>,
    /// Accounts, as place and login: one person has one per place.
    pub accounts: BTreeSet<(String, String)>,
    /// All of it are addresses, of which a person may have many.
    pub addresses_only: bool,
    /// It has grown in the round before.
    pub grown: bool,
    /// It has grown since it was weighed first.
    pub changed: bool,
    /// What it can be found by.
    pub signs: Vec<u64>,
    /// Positions that are not the same person, as somebody said.
    pub apart: BTreeSet<usize>,
}

/// A place where addresses live and not accounts.
pub(super) fn of_addresses(identity: &Identity) -> bool {
    let place = identity.place.trim().to_lowercase();
    let kind = place.split(':').next().unwrap_or("");
    match kind {
        "" => identity.handle.is_none(),
        _ => matches!(kind, "git" | "mail" | "mbox" | "email" | "list" | "mailing-list" | "pipermail"),
    }
}

/// Letters and digits of a login, for comparing.
pub(super) fn bare(login: &str) -> String {
    names::fold(login).chars().filter(|c| c.is_alphanumeric()).collect()
}

impl Profile {
    /// What one identity shows.
    pub(super) fn of(position: usize, identity: &Identity, no_evidence: &BTreeSet<String>) -> Profile {
        let mut found =
            Profile { members: vec![position], addresses_only: of_addresses(identity), ..Profile::default() };
        let says = |text: &String| no_evidence.is_empty() || !no_evidence.contains(&names::fold(text.trim()));
        let address = identity.email.as_deref().map(address::read).unwrap_or_default();
        if identity.email.as_ref().is_none_or(says) {
            found.address(address);
        }
        if let Some(handle) = filled(identity.handle.as_deref()).filter(says) {
            found.logins.insert(bare(&handle));
        }
        if let Some(name) = filled(identity.name.as_deref()).filter(says) {
            found.name(&name);
        }
        if !found.addresses_only {
            // An account without a login is told by its number in the list: two of them are two.
            let login = filled(identity.handle.as_deref())
                .map_or_else(|| format!("\u{0}{}", identity.id), |handle| names::fold(&handle));
            found.accounts.insert((place(&identity.place), login));
        }
        if !no_evidence.is_empty() {
            for set in [&mut found.logins, &mut found.locals, &mut found.single, &mut found.domains] {
                set.retain(|text| !no_evidence.contains(text));
            }
        }
        found.logins.retain(|login| login.len() >= 2 && !names::no_name(login));
        found.locals.retain(|local| local.len() >= 2 && !names::no_name(local));
        found
    }

    fn address(&mut self, address: Address) {
        if !address.key.is_empty() {
            self.keys.insert(address.key);
        }
        if !address.local.is_empty() {
            self.locals.insert(bare(&address.local));
        }
        self.domains.extend(address.domain);
        if let Some((service, login, number)) = address.login
            && !login.is_empty()
        {
            // A login may be renamed; the number stays.
            self.keys.extend(number.map(|number| format!("#{number}@{service}")));
            self.logins.insert(bare(&login));
            self.accounts.insert((service.to_owned(), login));
        }
    }

    fn name(&mut self, name: &str) {
        if name.contains('@') && !name.contains(' ') {
            self.address(address::read(name));
            return;
        }
        // `asa at tidewater.example` is an address that an archive has put into words.
        if let [local, "at", host] = name.split_whitespace().collect::<Vec<_>>()[..]
            && host.contains('.')
        {
            self.address(address::read(&format!("{local}@{host}")));
            return;
        }
        let words: Vec<String> = names::words(name);
        let joined = !name.trim().contains([' ', '\u{a0}']);
        if words.iter().any(|word| names::no_person(word)) {
            return;
        }
        let words: Vec<String> = words.into_iter().filter(|w| !names::no_name(w)).collect();
        // One capitalised word is a given name or a family name, and no login.
        let capitalised = name.chars().next().is_some_and(char::is_uppercase)
            && name.chars().skip(1).all(char::is_lowercase);
        let long = words.iter().filter(|w| w.chars().count() > 1 || !w.is_ascii()).count();
        if words.len() >= 2 && long >= 1 && words.len() <= 6 {
            if joined {
                self.pieced.insert(words.clone());
            }
            self.names.insert(words);
        } else if let [word] = words.as_slice() {
            self.single.insert(word.clone());
        }
        if joined && !capitalised {
            self.logins.insert(bare(name));
        }
    }

    /// Adds what another shows.
    pub(super) fn join(&mut self, other: &Profile) {
        self.members.extend(&other.members);
        self.members.sort_unstable();
        self.names.extend(other.names.iter().cloned());
        self.pieced.extend(other.pieced.iter().cloned());
        self.single.extend(other.single.iter().cloned());
        self.logins.extend(other.logins.iter().cloned());
        self.locals.extend(other.locals.iter().cloned());
        self.domains.extend(other.domains.iter().cloned());
        self.keys.extend(other.keys.iter().cloned());
        self.accounts.extend(other.accounts.iter().cloned());
        self.addresses_only &= other.addresses_only;
        self.apart.extend(&other.apart);
    }

    /// Whether somebody said that the two are not the same person.
    pub(super) fn is_apart(&self, other: &Profile) -> bool {
        !self.apart.is_empty() && other.members.iter().any(|at| self.apart.contains(at))
    }

    /// The place where both have an account, and not the same one.
    pub(super) fn two_accounts<'a>(&'a self, other: &Profile) -> Option<&'a str> {
        self.accounts
            .iter()
            .find(|(place, login)| {
                let mut there = other.accounts.iter().filter(|(p, _)| p == place).peekable();
                there.peek().is_some() && !there.any(|(_, l)| l == login)
            })
            .map(|(place, _)| place.as_str())
    }
}

/// A place by one spelling.
pub(super) fn place(text: &str) -> String {
    let place = text.trim().to_lowercase();
    match place.as_str() {
        "github" => "github.com".to_owned(),
        "gitlab" => "gitlab.com".to_owned(),
        _ => place,
    }
}

fn filled(text: Option<&str>) -> Option<String> {
    text.map(|text| text.trim().trim_start_matches('@').to_owned()).filter(|text| !text.is_empty())
}
