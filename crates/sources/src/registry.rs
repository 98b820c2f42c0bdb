//! The one list of connectors. Help, detection, docs and the contract tests all follow from it.

use crate::connectors as c;
use crate::contract::Connector;

/// Every connector there is, in alphabetical order.
pub static CONNECTORS: &[&dyn Connector] = &[
    &c::activities::Activities,
    &c::bluesky::Bluesky,
    &c::conferences::Conferences,
    &c::packages::Packages(c::packages::Kind::Crates),
    &c::discord::Discord,
    &c::discourse::Discourse,
    &c::feed::Feed,
    &c::gharchive::GhArchive,
    &c::git::Git,
    &c::gitea::Gitea,
    &c::github::GitHub,
    &c::gitlab::GitLab,
    &c::hackernews::HackerNews,
    &c::ical::ICal,
    &c::mastodon::Mastodon,
    &c::matrix::Matrix,
    &c::mbox::Mbox,
    &c::packages::Packages(c::packages::Kind::Npm),
    &c::plausible::Plausible,
    &c::packages::Packages(c::packages::Kind::PyPi),
    &c::reddit::Reddit,
    &c::sessionize::Sessionize,
    &c::slack::Slack,
    &c::stackexchange::StackExchange,
    &c::youtube::YouTube,
    &c::zulip::Zulip,
];

/// The connector of this name.
#[must_use]
pub fn connector(name: &str) -> Option<&'static dyn Connector> {
    CONNECTORS.iter().copied().find(|c| c.about().name == name)
}
