//! `serve`: the desk in a browser.

use std::net::SocketAddr;

use clap::Args;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::{Fault, FaultKind};
use crate::web;

pub(crate) const VERB: Verb = Verb {
    name: "serve",
    about: "The desk in a browser, and the JSON API, on this machine",
    example: "rapport serve\nrapport serve --listen 127.0.0.1:9000",
    args: Serve::augment_args,
    call: |desk, matches| serve(desk, &parsed(matches)?),
};

/// Arguments of `serve`.
#[derive(Args)]
struct Serve {
    /// Where to listen; only addresses of this machine itself, until there are accounts
    #[arg(long, default_value = "127.0.0.1:7462")]
    listen: SocketAddr,
}

fn serve(desk: &Desk, args: &Serve) -> Result<Answer, Fault> {
    if !args.listen.ip().is_loopback() {
        let why =
            format!("{} can be reached from other machines, and there are no accounts yet", args.listen);
        return Err(Fault::new(FaultKind::Refused, why)
            .hint("listen on 127.0.0.1 and reach it through ssh -L 7462:127.0.0.1:7462 or a proxy that asks who comes"));
    }
    desk.reading()?; // a folder that is not there is better said here than in the browser
    web::serve(web::App::new(desk)?, args.listen)?;
    Ok(Answer { json: String::new(), text: String::new(), findings: false })
}
