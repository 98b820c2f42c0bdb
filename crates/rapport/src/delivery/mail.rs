//! Mail over SMTP. Its Message-ID is made of the marker: a mail that is sent again is the same mail to every reader that
//! sorts out doubles.

use std::time::Duration;

use lettre::message::{Mailbox, SinglePart, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};

use super::webhook::UNCLEAR;
use super::{Errand, Outcome, Parcel};
use crate::config::deliver::{Mail, Security};

pub(super) fn send(at: &Mail, parcel: &Parcel, errand: &Errand<'_>) -> Outcome {
    let undelivered = |why: String| Outcome::Undelivered { why, retry_at: None };
    let (message, id) = match message(at, parcel) {
        Ok(made) => made,
        Err(why) => return undelivered(why),
    };
    let transport = match transport(at, errand) {
        Ok(transport) => transport,
        Err(why) => return undelivered(why),
    };
    match transport.send(&message) {
        Ok(answer) => {
            let says: Vec<&str> = answer.message().collect();
            Outcome::Sent { remote: Some(id), url: None, note: Some(crate::page::line(&says.join(" "), 80)) }
        }
        Err(error) => {
            let says = crate::page::line(&error.to_string(), 160);
            let server = &at.server;
            let code = error.status().map(|c| u16::from(c.severity as u8) * 100).unwrap_or_default();
            undelivered(match code {
                // The server has said no: nothing is on its way.
                500 => format!("{server} refuses it: {says}"),
                400 => format!("{server} asks to try later: {says}"),
                _ if error.is_timeout() || error.is_response() => {
                    format!("{server} broke off ({says}); the mail {UNCLEAR}")
                }
                _ => format!("{server} is not reached: {}", innermost(&error)),
            })
        }
    }
}

/// The reason at the bottom of an error.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    crate::page::line(&at.to_string(), 160)
}

fn transport(at: &Mail, errand: &Errand<'_>) -> Result<SmtpTransport, String> {
    let (host, port) = at.server.rsplit_once(':').unwrap_or((&at.server, "587"));
    let port: u16 = port.parse().map_err(|_| format!("'{}' is no server: wanted is host:port", at.server))?;
    let near = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let tls = || TlsParameters::new(host.to_owned()).map_err(|e| format!("{host}: {e}"));
    let mut builder = SmtpTransport::builder_dangerous(host)
        .port(port)
        .timeout(Some(Duration::from_secs(errand.timeout_seconds.max(1))));
    builder = match at.security {
        Security::Tls => builder.tls(Tls::Wrapper(tls()?)),
        Security::Starttls => builder.tls(Tls::Required(tls()?)),
        Security::None if near => builder.tls(Tls::None),
        Security::None => return Err(format!("{host} is not this machine: nothing is sent in the clear")),
    };
    // A server may want no login; one that does says so.
    if let Ok(login) = errand.secrets.get("MAIL", errand.department) {
        let (user, password) = login.reveal().split_once(':').ok_or_else(|| {
            format!("{} is wanted as user:password", super::secrets::name("MAIL", errand.department))
        })?;
        builder = builder.credentials(Credentials::new(user.to_owned(), password.to_owned()));
    }
    Ok(builder.build())
}

fn message(at: &Mail, parcel: &Parcel) -> Result<(Message, String), String> {
    let mailbox = |text: &String| text.parse::<Mailbox>().map_err(|_| format!("'{text}' is no mail address"));
    let from = mailbox(&at.from)?;
    let id = format!("<rapport.{}@{}>", parcel.marker, from.email.domain());
    let mut builder = Message::builder()
        .from(from)
        .subject(crate::page::line(&parcel.title, 150))
        .message_id(Some(id.clone()))
        .header(header::MIME_VERSION_1_0);
    for to in &at.to {
        builder = builder.to(mailbox(to)?);
    }
    let link = parcel.url.as_ref().map(|url| format!("In the tracker: {url}\n")).unwrap_or_default();
    let answer = parcel.answer.as_ref().map(|url| format!("To answer without an account: {url}\n"));
    let text = format!("{}\n{link}{}", parcel.page, answer.unwrap_or_default());
    Ok((builder.singlepart(SinglePart::plain(text)).map_err(|e| e.to_string())?, id))
}
