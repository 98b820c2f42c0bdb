//! The one list of living channels. Addresses, help, docs and the contract tests follow from it.

use super::events::{Events, Kind as Of};
use super::{Live, Place};
use crate::connectors::packages::Kind;

/// Every living channel there is, in alphabetical order.
pub static LIVE: &[&dyn Live] = &[
    &super::bluesky::Bluesky,
    &Events(Of::Conferences),
    &super::packages::Packages(Kind::Crates),
    &super::discord::Discord,
    &super::discourse::Forum,
    &super::feed::Feed,
    &super::gitea::Gitea,
    &super::github::GitHub,
    &super::gitlab::GitLab,
    &super::hackernews::HackerNews,
    &Events(Of::Calendar),
    &super::mastodon::Mastodon,
    &super::matrix::Matrix,
    &super::mbox::Lists,
    &super::packages::Packages(Kind::Npm),
    &super::plausible::Plausible,
    &super::packages::Packages(Kind::PyPi),
    &super::reddit::Reddit,
    &Events(Of::Sessionize),
    &super::slack::Slack,
    &super::stackexchange::StackExchange,
    &super::youtube::YouTube,
    &super::zulip::Zulip,
];

/// The channel of this name.
#[must_use]
pub fn live(name: &str) -> Option<&'static dyn Live> {
    LIVE.iter().copied().find(|l| l.about().name == name)
}

/// The channel that an address surely names.
#[must_use]
pub fn located(address: &str) -> Option<(&'static dyn Live, Place)> {
    LIVE.iter().find_map(|l| Some((*l, l.place(address)?)))
}

/// The channels that may be asked whether an unknown web address is theirs.
pub fn probes(url: &str) -> impl Iterator<Item = (&'static dyn Live, super::Ask)> {
    LIVE.iter().filter_map(move |l| Some((*l, l.probe(url)?)))
}
