//! The web app: the verbs in a browser. Every page asks a verb and shows its answer; no page holds a rule.

mod api;
mod app;
mod assets;
mod behind;
mod chart;
mod entry;
mod feeds;
mod guard;
mod hooks;
mod kept;
mod live;
mod markup;
mod menu;
mod oidc;
mod pages;
mod routes;
mod schedule;
mod sent;
mod texts;
mod timeline;
mod visitor;
mod words;

pub(crate) use app::App;
pub(crate) use routes::serve;
