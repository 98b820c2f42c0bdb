//! The menu: a few groups, and beside the one that is open its pages. Links alone: it is read and used without scripts. Each
//! role sees what the wall opens to it; a group of which one page is left is that page.

use super::texts::key;
use crate::desk::wall::{self, Role};

/// One page in the menu.
pub(super) struct Entry {
    /// The name that a page gives itself.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// What it is called.
    pub(super) says: &'static str,
    /// The verb that a reader has to be allowed; none: everybody may.
    verb: &'static str,
}

const fn entry(name: &'static str, path: &'static str, says: &'static str, verb: &'static str) -> Entry {
    Entry { name, path, says, verb }
}

/// What each group is called, and its pages.
static GROUPS: [(&str, &[Entry]); 8] = [
    (key("base-today"), &[entry("today", "/", key("base-today"), "needs")]),
    (
        key("base-topics"),
        &[
            entry("topics", "/topics", key("base-topics"), "topics"),
            entry("trends", "/trends", key("base-trends"), "trends"),
            entry("gaps", "/gaps", key("base-gaps"), "gaps"),
            entry("focus", "/focus", key("base-focus"), "focus"),
            entry("docs", "/docs", key("docs-title"), "docs gaps"),
            entry("friction", "/friction", key("friction-head"), "friction list"),
        ],
    ),
    (key("base-feedback"), &[entry("feedback", "/feedback", key("base-feedback"), "feedback")]),
    (
        key("base-people"),
        &[
            entry("people", "/people", key("base-people"), "people"),
            entry("recognition", "/people/recognition", key("recognition-title"), "people recognise"),
            entry("champions", "/people/champions", key("recognition-champions"), "champions"),
            entry("introduce", "/introduce", key("introduce-head"), ""),
        ],
    ),
    (
        key("events-head"),
        &[
            entry("events", "/events", key("events-head"), "events"),
            entry("talks", "/talks", key("talks-title"), "talks"),
            entry("notes", "/notes", key("notes-head"), "notes"),
        ],
    ),
    (
        key("base-numbers"),
        &[
            entry("metrics", "/metrics", key("base-metrics"), "metrics"),
            entry("report", "/report", key("base-report"), "report"),
        ],
    ),
    (
        key("base-organisation"),
        &[
            entry("organisation", "/organisation", key("base-organisation"), "org"),
            entry("relations", "/relations", key("organisation-relations-title"), "relations"),
            entry("roster", "/roster", key("roster-back"), "roster"),
        ],
    ),
    (
        key("base-desk"),
        &[
            entry("sources", "/sources", key("base-sources"), "sources"),
            entry("settings", "/settings", key("base-settings"), "settings"),
            entry("desk", "/desk", key("base-everything"), ""),
        ],
    ),
];

/// One entry of the first row.
pub(super) struct Group {
    pub(super) says: &'static str,
    pub(super) path: &'static str,
    /// The page that is shown is in it.
    pub(super) here: bool,
    pub(super) pages: Vec<&'static Entry>,
}

/// The groups that a role has, while the page of this name is shown.
pub(super) fn menu(role: Role, active: &str) -> Vec<Group> {
    let open = |entry: &&Entry| entry.verb.is_empty() || wall::open(role, entry.verb);
    let group = |(says, entries): &(&'static str, &'static [Entry])| {
        let pages: Vec<&'static Entry> = entries.iter().filter(open).collect();
        let first = pages.first()?;
        let says = if pages.len() == 1 { first.says } else { says };
        Some(Group { says, path: first.path, here: pages.iter().any(|page| page.name == active), pages })
    };
    GROUPS.iter().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_finds_what_it_may_open_and_no_more() {
        let first = |role, active| {
            let groups = menu(role, active).into_iter();
            groups.map(|g| (g.says, g.path, g.here, g.pages.len())).collect::<Vec<_>>()
        };
        assert_eq!(first(Role::Practitioner, "talks").len(), GROUPS.len());
        assert!(first(Role::Practitioner, "talks").contains(&("events-head", "/events", true, 3)));
        let sales = [
            ("base-topics", "/topics", true, 3),
            ("introduce-head", "/introduce", false, 1),
            ("base-metrics", "/metrics", false, 1),
            ("base-everything", "/desk", false, 1),
        ];
        assert_eq!(first(Role::Sales, "gaps"), sales);
        assert!(!first(Role::Product, "today").iter().any(|group| group.1.starts_with("/people")));
    }
}
