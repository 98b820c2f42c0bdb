//! What the desk does by itself while it is served: it looks at living sources when their time comes, one at a time
//! on every host, and brings what webhooks delivered into the log.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rapport_store::Store;

use super::App;
use crate::desk::{hooks, sync};

/// Hosts that are asked at the same time.
const AT_ONCE: usize = 4;

/// Begins both; they end with the process.
pub(super) fn start(app: &Arc<App>, looks: bool) {
    let behind = Arc::clone(app);
    std::thread::spawn(move || deliveries(&behind));
    if looks {
        let behind = Arc::clone(app);
        std::thread::spawn(move || rounds(&behind));
    }
}

/// Waits until nobody writes and keeps it so: the process may end then. Looks that wait for the network or sit out a
/// pause are left where they are; what they stored stands, and the next one goes on there.
pub(super) fn stop(app: &App) -> Option<Store> {
    app.stopping.store(true, Ordering::SeqCst);
    app.door.knock();
    Store::open(&app.folder).ok()
}

fn stopping(app: &App) -> bool {
    app.stopping.load(Ordering::SeqCst)
}

/// New people are weighed no more often than this, however many deliveries come.
const WEIGHED: Duration = Duration::from_secs(30);

/// Brings deliveries into the log as they come, and what was left by a process that died.
fn deliveries(app: &App) {
    let mut trouble = String::new();
    let (mut new, mut weighed) = (0, Instant::now());
    while !stopping(app) {
        for (hook, times, at, why) in app.door.refusals() {
            // A refusal that cannot be written down is not worth an error.
            let _ = Store::noting(&app.folder).and_then(|mut store| store.refused(hook, times, at, &why));
        }
        let desk = app.background();
        let done = hooks::drain_now(&desk).and_then(|stored| {
            new += stored;
            if new > 0 && weighed.elapsed() > WEIGHED {
                (new, weighed) = (0, Instant::now());
                hooks::weigh(&desk)?;
            }
            Ok(())
        });
        match done {
            Ok(()) => trouble.clear(),
            Err(fault) => said_once(&mut trouble, "deliveries", &fault.message),
        }
        app.door.wait(Duration::from_secs(2));
    }
}

/// Says what goes wrong again and again only once.
fn said_once(before: &mut String, what: &str, why: &str) {
    if before != why {
        eprintln!("rapport: {what}: {why}");
        why.clone_into(before);
    }
}

/// Looks at what is due, each host by itself.
fn rounds(app: &Arc<App>) {
    let asked: Arc<Mutex<HashSet<String>>> = Arc::default();
    let mut trouble = String::new();
    while !stopping(app) {
        match sync::due(&app.background()) {
            Err(fault) => said_once(&mut trouble, "schedule", &fault.message),
            Ok(due) => {
                trouble.clear();
                for one in due {
                    let mut hosts = asked.lock().unwrap_or_else(PoisonError::into_inner);
                    if hosts.len() >= AT_ONCE || !hosts.insert(one.host.clone()) {
                        continue;
                    }
                    drop(hosts);
                    let (app, asked) = (Arc::clone(app), Arc::clone(&asked));
                    std::thread::spawn(move || {
                        let host = Host { name: one.host.clone(), asked };
                        if let Err(fault) = sync::look_now(&app.background(), &one) {
                            eprintln!("rapport: {}: {}", host.name, fault.message);
                            // Not at once again: whatever it is does not pass in a moment.
                            std::thread::sleep(Duration::from_secs(30));
                        }
                    });
                }
            }
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// A host that is being asked; it is free again when this goes, however the look ended.
struct Host {
    name: String,
    asked: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// Whether the desk is closing, for whoever runs beside it.
pub(super) type Stopping = AtomicBool;
