//! Whom somebody works for, and from when until when: declared, by the address, or by what the profile says.
//!
//! NEVER here: an employer from a host where anybody may have a mailbox, or from a name alone.

use std::collections::HashMap;

use rapport_model::{Because, Time};

use super::address;
use super::names::{self, fold};

/// One identity of the person, with the time in which it was seen at work.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The login or screen name.
    pub handle: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// What the profile says of the person's work.
    pub title: Option<String>,
    /// First and last activity.
    pub seen: Option<(Time, Time)>,
}

/// What a file declares of one person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// Addresses of the person.
    pub emails: Vec<String>,
    /// Logins of the person, anywhere.
    pub logins: Vec<String>,
    /// Employers in order of time: name, and the moment until which; the last one without end.
    pub employers: Vec<(String, Option<Time>)>,
}

/// An organisation and the hosts that its people write from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Hosts.
    pub domains: Vec<String>,
}

/// What is known of organisations and declared of people, ready for looking up.
#[derive(Debug, Default)]
pub struct Directory {
    people: Vec<Declared>,
    by_sign: HashMap<String, usize>,
    by_domain: HashMap<String, String>,
}

/// One stretch of work for one organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Employment {
    /// The organisation; a host's name when nobody has said what it is called.
    pub organisation: String,
    /// From when; `None` when that is not known.
    pub since: Option<Time>,
    /// Until when; `None` when it goes on or is not known.
    pub until: Option<Time>,
    /// Why.
    pub because: Because,
}

/// Names under which lists keep people who work for nobody.
const NOBODY: &[&str] = &["*independent", "independent", "*unknown", "unknown", "none", "(unknown)", "self"];
/// Parts of hosts that belong to networks and universities' graduates, where people stay after they leave.
const NO_EMPLOYER: &[&str] = &[
    "alumni",
    "alum",
    "dyn",
    "dsl",
    "cable",
    "users",
    "noreply",
    "lists",
    "googlegroups",
    "sourceforge",
    "localhost",
];
/// Places where code or pages of anybody live.
const FOR_ANYBODY: &[&str] = &[
    "github.com",
    "gitlab.com",
    "users.noreply.github.com",
    "users.noreply.gitlab.com",
    "apache.org",
    "debian.org",
    "gentoo.org",
    "fedoraproject.org",
    "gnome.org",
    "kde.org",
    "freebsd.org",
    "openbsd.org",
    "python.org",
    "php.net",
    "mozilla.org",
    "ubuntu.com",
    "opensuse.org",
    "archlinux.org",
    "launchpad.net",
    "kernel.org",
    "openstack.org",
    "r-project.org",
    "bioconductor.org",
    "launchpadlibrarian.net",
];

impl Directory {
    /// Takes what files say.
    #[must_use]
    pub fn new(people: Vec<Declared>, organisations: &[Organisation]) -> Directory {
        let mut found = Directory::default();
        for (at, person) in people.iter().enumerate() {
            let signs = person.emails.iter().filter(|e| e.contains('@')).map(|e| fold(e.trim()));
            let logins = person.logins.iter().map(|l| format!("@{}", fold(l.trim())));
            for sign in signs.chain(logins).filter(|sign| sign.len() > 1) {
                found.by_sign.entry(sign).or_insert(at);
            }
        }
        for organisation in organisations {
            for domain in organisation.domains.iter().map(|d| fold(d.trim())).filter(|d| !d.is_empty()) {
                found.by_domain.entry(domain).or_insert_with(|| organisation.name.clone());
            }
        }
        found.people = people;
        found
    }

    /// The organisation of a host, by the longest of its endings that is known.
    fn of_host(&self, host: &str) -> Option<&str> {
        let mut rest = host;
        loop {
            if let Some(name) = self.by_domain.get(rest) {
                return Some(name);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    fn declared(&self, traces: &[Trace]) -> Option<(&Declared, String)> {
        let by_mail = traces.iter().filter_map(|t| t.email.as_ref()).map(|email| fold(email.trim()));
        let by_login =
            traces.iter().filter_map(|t| t.handle.as_ref()).map(|h| format!("@{}", fold(h.trim())));
        by_mail.chain(by_login).find_map(|sign| {
            self.by_sign.get(&sign).map(|at| (&self.people[*at], sign.trim_start_matches('@').to_owned()))
        })
    }
}

/// Whom a person worked for, in order of time: what is declared of the person, else what addresses and profiles say.
#[must_use]
pub fn employers(traces: &[Trace], directory: &Directory) -> Vec<Employment> {
    if let Some((declared, by)) = directory.declared(traces) {
        let mut since = None;
        let mut found = Vec::new();
        for (name, until) in &declared.employers {
            if !NOBODY.contains(&name.trim().to_lowercase().as_str()) {
                found.push(Employment {
                    organisation: name.clone(),
                    since,
                    until: *until,
                    because: format!("declared for {by}"),
                });
            }
            since = *until;
        }
        return found;
    }
    let mut found: Vec<Employment> = Vec::new();
    for trace in traces {
        let Some((organisation, because)) = by_address(trace, traces, directory) else { continue };
        add(&mut found, organisation, because, trace.seen);
    }
    if found.is_empty() {
        for trace in traces {
            let Some((organisation, because)) = by_title(trace) else { continue };
            add(&mut found, organisation, because, trace.seen);
        }
    }
    // An employment lasts until the next one is seen.
    found.sort_by(|x, y| x.since.cmp(&y.since).then_with(|| x.organisation.cmp(&y.organisation)));
    let begins: Vec<Option<Time>> = found.iter().skip(1).map(|next| next.since).chain([None]).collect();
    for (employment, next) in found.iter_mut().zip(begins) {
        employment.until = match (employment.until, next) {
            // Two addresses used side by side: the older was not left when the newer came.
            (Some(last), Some(next)) if last < next => Some(next),
            (Some(last), Some(_)) => Some(last),
            (_, _) => None,
        };
    }
    found
}

fn add(found: &mut Vec<Employment>, organisation: String, because: Because, seen: Option<(Time, Time)>) {
    let (first, last) = (seen.map(|s| s.0), seen.map(|s| s.1));
    match found.iter_mut().find(|e| e.organisation == organisation) {
        Some(known) => {
            known.since = [known.since, first].into_iter().flatten().min();
            known.until = [known.until, last].into_iter().flatten().max();
        }
        None => found.push(Employment { organisation, since: first, until: last, because }),
    }
}

/// By the host of an address: the organisation known to write from it, else the host itself when it is nobody's own and
/// not open to everybody.
fn by_address(trace: &Trace, all: &[Trace], directory: &Directory) -> Option<(String, Because)> {
    let email = fold(trace.email.as_deref()?.trim());
    let (local, host) = email.rsplit_once('@')?;
    // The company that runs a place for everybody's mail employs few who write from it.
    if address::is_free(host) {
        return None;
    }
    if let Some(name) = directory.of_host(host) {
        return (!NOBODY.contains(&name.to_lowercase().as_str()))
            .then(|| (name.to_owned(), format!("writes from {host}")));
    }
    let host = address::read(&email).domain?;
    let parts: Vec<&str> = host.split('.').collect();
    if FOR_ANYBODY.iter().any(|any| host == *any || host.ends_with(&format!(".{any}")))
        || parts.iter().any(|part| NO_EMPLOYER.contains(part))
        || is_own(local, all, &parts)
        || matches!(parts.last(), Some(&("me" | "name")))
        || ["example.com", "example.org", "example.net"].contains(&host.as_str())
    {
        return None;
    }
    let organisation = registered(&parts);
    Some((organisation, format!("writes from {host}")))
}

/// The part of a host that somebody registered: `mail.acme.co.uk` is `acme.co.uk`.
fn registered(parts: &[&str]) -> String {
    let second = parts.len() >= 3
        && parts[parts.len() - 1].len() == 2
        && matches!(
            parts[parts.len() - 2],
            "co" | "com" | "org" | "net" | "ac" | "edu" | "gov" | "or" | "ne" | "go" | "gob"
        );
    // Reserved names stand where a real ending would.
    let reserved = parts.len() >= 3 && parts[parts.len() - 2] == "example";
    parts[parts.len().saturating_sub(if second || reserved { 3 } else { 2 })..].join(".")
}

/// A host that is somebody's own: named like the person.
fn is_own(local: &str, all: &[Trace], parts: &[&str]) -> bool {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let registered = registered(parts);
    let name = bare(registered.split('.').next().unwrap_or_default());
    let called = all.iter().filter_map(|t| t.name.as_deref()).flat_map(names::words);
    let words: Vec<String> = local
        .split(|c: char| !c.is_alphanumeric())
        .map(bare)
        .filter(|w| w.len() >= 3)
        .chain(called.filter(|w| w.chars().count() >= 4))
        .collect();
    words.iter().any(|word| name.contains(word.as_str()) || (name.len() >= 4 && word.contains(name.as_str())))
        || name == bare(local)
}

/// By what a profile says: `Engineer at Acme`, `Engineer @ Acme`, `Developer Advocate, Acme`.
fn by_title(trace: &Trace) -> Option<(String, Because)> {
    let title = trace.title.as_deref()?.trim();
    let named = [" at ", " @ ", " @"].iter().find_map(|sign| title.split_once(sign)).map(|(_, rest)| rest)?;
    let name = named.split([',', '|', ';', '(', '/']).next().unwrap_or_default().trim();
    let fits = name.chars().next().is_some_and(char::is_uppercase) && name.chars().count() <= 40;
    fits.then(|| (name.to_owned(), format!("the profile says '{title}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> Time {
        Time::from_seconds(n * 86_400).unwrap()
    }

    fn trace(email: &str, first: i64, last: i64) -> Trace {
        Trace { email: Some(email.into()), seen: Some((day(first), day(last))), ..Trace::default() }
    }

    fn check(traces: &[Trace], wanted: &[(&str, Option<i64>, Option<i64>)]) {
        let organisations =
            [Organisation { name: "Harbour Foods".into(), domains: vec!["harbourfoods.example.com".into()] }];
        let people = vec![Declared {
            emails: vec!["rosa@gmail.com".into()],
            logins: vec!["rosa-q".into()],
            employers: vec![
                ("Acme".into(), Some(day(9))),
                ("*independent".into(), Some(day(12))),
                ("Brass".into(), None),
            ],
        }];
        let found = employers(traces, &Directory::new(people, &organisations));
        let found: Vec<_> = found.iter().map(|e| (e.organisation.as_str(), e.since, e.until)).collect();
        let wanted: Vec<_> = wanted.iter().map(|(o, s, u)| (*o, s.map(day), u.map(day))).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn addresses_tell_employers_and_dates() {
        check(&[trace("sam@mail.harbourfoods.example.com", 3, 5)], &[("Harbour Foods", Some(3), None)]);
        check(
            &[trace("ada@brass.co.uk", 30, 44), trace("ada@acme.example", 3, 9)],
            &[("acme.example", Some(3), Some(30)), ("brass.co.uk", Some(30), None)],
        );
    }

    #[test]
    fn a_mailbox_that_anybody_may_have_and_ones_own_host_tell_nothing() {
        let holm = Trace { name: Some("Anders Holm".into()), ..trace("anders@holm.example.org", 1, 2) };
        check(&[holm], &[]);
        for email in [
            "ada@gmail.com",
            "ada@lovelace-ada.example",
            "tomas@arrieta.tomas.example",
            "ada@alumni.uni.example",
            "1+ada@users.noreply.github.com",
            "root@localhost",
            "ada.holm@holm.example",
        ] {
            check(&[trace(email, 1, 2)], &[]);
        }
    }

    #[test]
    fn what_is_declared_goes_first_and_a_profile_last() {
        check(&[trace("rosa@gmail.com", 1, 2)], &[("Acme", None, Some(9)), ("Brass", Some(12), None)]);
        let login = Trace { handle: Some("Rosa-Q".into()), ..Trace::default() };
        check(&[login], &[("Acme", None, Some(9)), ("Brass", Some(12), None)]);
        let title = |title: &str| Trace { title: Some(title.into()), ..Trace::default() };
        check(&[title("Engineer at Acme, Berlin")], &[("Acme", None, None)]);
        check(&[title("looking at things")], &[]);
    }
}
