//! Mailing lists on real servers (Dovecot, public-inbox), interrupted: the line is cut in the middle of a reply, the process dies before
//! or behind a commit, and mails come and go meanwhile. In the end what stands is what stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rapport_sources::connector;
use rapport_sources::live::{Ended, Place, sync};
use rapport_sources::transport::{Http, Machine, Manners, Network, Secret, Stop, Transport};

use crate::listserver::{Inbox, LOGIN, Mailbox, mail};
use crate::played::play::Random;
use crate::played::{Log, channel, same};

/// A line to a server that can be cut.
struct Line {
    port: u16,
    /// Bytes from the server until the line drops, once.
    left: Arc<AtomicI64>,
}

impl Line {
    /// To the port that an address names; the same address by this line beside it.
    fn to(address: &str) -> (Line, String) {
        let (before, rest) = address.split_once("127.0.0.1:").unwrap();
        let (port, path) = rest.split_once('/').unwrap();
        let server: u16 = port.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line =
            Line { port: listener.local_addr().unwrap().port(), left: Arc::new(AtomicI64::new(i64::MAX)) };
        let left = Arc::clone(&line.left);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut up, &mut down); // either end may be gone
                    let _ = down.shutdown(Shutdown::Write);
                });
                let left = Arc::clone(&left);
                std::thread::spawn(move || carry(server, client, &left));
            }
        });
        let address = format!("{before}127.0.0.1:{}/{path}", line.port);
        (line, address)
    }
}

fn carry(mut server: TcpStream, mut client: TcpStream, left: &AtomicI64) {
    let mut bytes = [0; 512];
    while let Ok(n @ 1..) = server.read(&mut bytes) {
        let before = left.fetch_sub(n as i64, Ordering::SeqCst);
        let fits = usize::try_from(before).unwrap_or(0).min(n);
        let sent = client.write_all(&bytes[..fits]);
        if fits < n || sent.is_err() {
            left.store(i64::MAX, Ordering::SeqCst);
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both); // it may be gone already
    let _ = server.shutdown(Shutdown::Both);
}

/// One process's look.
fn once(place: &Place, network: &Network, token: Option<&str>, log: &mut Log, tries: u32) -> (Ended, u64) {
    let mut wire = Http::new(network).unwrap();
    let manners = Manners { gap_ms: Some(0), first_pause_ms: 1, tries, ..Manners::default() };
    let mut transport = Transport::new(&mut wire, &Machine, manners);
    let token = token.map(Secret::new);
    let ended =
        sync(channel("pipermail"), connector("mbox").unwrap(), place, token.as_ref(), &mut transport, log);
    (ended, transport.sent)
}

/// What happens at a list.
enum Event<'a> {
    Comes(&'a str),
    Goes(u32, &'a str),
}

fn hundred(
    name: &str,
    address: &str,
    network: &Network,
    token: Option<&str>,
    mut at_list: impl FnMut(Event<'_>),
) {
    let (line, address) = Line::to(address);
    let place = channel("pipermail").place(&address).unwrap();
    let place = Place { token: token.is_some(), ..place };
    let folder = tempfile::TempDir::new().unwrap();
    let mirrors = |name: &str| Network { mirrors: Some(folder.path().join(name)), ..network.clone() };
    let mut chance = Random(0xc0ffee);
    let (mut log, mut stands, mut all) = (Log::default(), BTreeMap::new(), 0);
    let (mut deaths, mut pauses, mut through, mut sent) = (0, 0, 0, 0);
    for n in 0..101 {
        let last = n == 100;
        let comes = if n == 0 { 12 } else { u64::from(chance.below(3) == 0) };
        for _ in 0..comes {
            all += 1;
            let answers = (all > 3).then(|| all - 1 - u32::try_from(chance.below(3)).unwrap());
            let text = mail(all, answers, &format!("Relay {all}"), &"It signs twice.\n".repeat(40));
            at_list(Event::Comes(&text));
            stands.insert(all, text);
        }
        // Mostly what came last: perhaps it was read, and nobody asked yet whether it stands.
        if n > 0 && chance.below(4) == 0 {
            let back = usize::try_from(chance.below(3)).unwrap();
            let gone = stands.keys().rev().nth(back).copied();
            let gone = gone.and_then(|gone| Some((gone, stands.remove(&gone)?)));
            gone.iter().for_each(|(n, text)| at_list(Event::Goes(*n, text)));
        }
        log.dies = (!last && chance.below(3) > 0).then(|| (chance.below(2), chance.below(2) == 0));
        if !last && chance.below(2) == 0 {
            line.left.store(i64::try_from(chance.below(3_000)).unwrap(), Ordering::SeqCst);
        }
        let tries = u32::try_from(chance.below(2)).unwrap();
        let (ended, asked) = once(&place, &mirrors("long"), token, &mut log, if last { 6 } else { tries });
        sent += asked;
        line.left.store(i64::MAX, Ordering::SeqCst);
        match ended {
            Ended::Unwritten(_) if !last => deaths += 1,
            Ended::Stopped(Stop::Later { .. }) if !last => pauses += 1,
            Ended::All => through += 1,
            other => panic!("{name} {n}: {other:?}"),
        }
    }
    let here: BTreeSet<String> = log.standing().into_keys().collect();
    let wanted: BTreeSet<String> = stands.keys().map(|n| format!("msg/m{n}@example.org")).collect();
    assert_eq!(here, wanted, "{name}: what stands there");
    let mut fresh = Log::default();
    assert_eq!(once(&place, &mirrors("fresh"), token, &mut fresh, 6).0, Ended::All, "{name}");
    same(&log, &fresh, name);
    assert_eq!(log.rejects, 0, "{name}");
    println!("{name} | {deaths} | {pauses} | {through} | {sent} | {} of {} |", here.len(), wanted.len());
    assert!(deaths > 15 && pauses > 3 && through > 15, "{name}: {deaths}, {pauses}, {through}");
}

#[test]
fn a_hundred_interruptions_of_a_folder_leave_no_gap_and_no_double() {
    let Some(mailbox) = Mailbox::start() else { return };
    let network = Network {
        allow_private: true,
        ca_file: Some(mailbox.authority()),
        timeout_s: 10,
        ..Network::default()
    };
    hundred("imap", &mailbox.address(), &network, Some(LOGIN), |event| match event {
        Event::Comes(text) => mailbox.deliver(text),
        Event::Goes(n, _) => mailbox.expunge(&format!("<m{n}@example.org>")),
    });
}

fn inbox(way: &str) {
    let Some(mut inbox) = Inbox::start() else { return };
    inbox.deliver(&mail(0, None, "Welcome", "To be taken back."));
    inbox.withdraw(&mail(0, None, "Welcome", "To be taken back."));
    inbox.serve();
    let address = match way {
        "nntp" => inbox.newsgroup(),
        _ => format!("public-inbox:{}", inbox.address()),
    };
    let network = Network { allow_private: true, timeout_s: 10, ..Network::default() };
    hundred(way, &address, &network, None, |event| match event {
        Event::Comes(text) => inbox.deliver(text),
        Event::Goes(_, text) => inbox.withdraw(text),
    });
}

#[test]
fn a_hundred_interruptions_of_a_newsgroup_leave_no_gap_and_no_double() {
    inbox("nntp");
}

#[test]
fn a_hundred_interruptions_of_a_public_inbox_leave_no_gap_and_no_double() {
    inbox("public-inbox");
}
