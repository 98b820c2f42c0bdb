//! `serve`: the desk in a browser.

use std::net::SocketAddr;

use clap::Args;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::web;

pub(crate) const VERB: Verb = Verb {
    name: "serve",
    about: "The desk in a browser, and the JSON API, on this machine",
    example: "rapport serve\nrapport serve --listen 0.0.0.0:7462 --public-url https://desk.example.org",
    args: Serve::augment_args,
    call: |desk, matches| serve(desk, &parsed(matches)?),
};

/// Arguments of `serve`.
#[derive(Args)]
struct Serve {
    /// Where to listen; on an address that other machines reach, everybody has to log in
    #[arg(long, default_value = "127.0.0.1:7462")]
    listen: SocketAddr,
    /// Where people reach it, when a proxy stands in front: https://desk.example.org
    #[arg(long)]
    public_url: Option<String>,
    /// Look at no source by itself: only `sync` does
    #[arg(long)]
    no_sync: bool,
}

fn serve(desk: &Desk, args: &Serve) -> Result<Answer, Fault> {
    if let Some(url) = &args.public_url
        && !url.starts_with("https://")
        && !url.starts_with("http://")
    {
        return Err(Fault::usage(format!("--public-url: '{url}' is no web address"))
            .hint("rapport serve --public-url https://desk.example.org"));
    }
    // A folder that is not there is better said here than in the browser; one that `init` made is opened empty, for the
    // first export may be dropped on its page.
    if let Err(none) = desk.reading() {
        if !desk.folder.join(crate::config::FILE).is_file() {
            return Err(none.hint("rapport init  makes an empty one, to be filled in the browser"));
        }
        drop(desk.writing()?);
    }
    let shared = !args.listen.ip().is_loopback() || args.public_url.is_some();
    // At a given moment nothing new is heard.
    let looks = !args.no_sync && !desk.fixed;
    web::serve(web::App::new(desk, shared, args.public_url.clone())?, args.listen, looks)?;
    Ok(Answer { json: String::new(), text: String::new(), findings: false })
}
