//! One file per kind of source. Each is pure; [`crate::registry`] lists them.

pub(crate) mod activities;
pub(crate) mod bluesky;
pub(crate) mod conferences;
pub(crate) mod discord;
pub(crate) mod discourse;
pub(crate) mod feed;
pub(crate) mod gharchive;
pub(crate) mod git;
pub(crate) mod gitea;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod hackernews;
pub(crate) mod ical;
pub(crate) mod mastodon;
pub(crate) mod matrix;
pub(crate) mod mbox;
pub(crate) mod packages;
pub(crate) mod plausible;
pub(crate) mod reddit;
pub(crate) mod sessionize;
pub(crate) mod slack;
pub(crate) mod stackexchange;
pub(crate) mod youtube;
pub(crate) mod zulip;
