//! Pages made while nobody waits for them: those that were shown late, the newest wish first, and after the start and
//! after every change the slow ones, once for each role that is in use. One worker does this, it takes a turn like any
//! reader, and it rests as long as it worked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Uri};
use tower_service::Service;

use super::App;
use super::app::held;
use super::kept::State;
use super::visitor::{ASKED, Asked, VISITOR, Visitor};

/// Pages over the whole log.
const SLOW: &[&str] = &["/", "/topics", "/trends", "/gaps", "/focus", "/metrics"];
/// Wishes that wait at most; the oldest are given up.
const WISHES: usize = 500;
/// A role is in use so long after somebody asked in it.
const IN_USE: Duration = Duration::from_secs(1_800);
/// For roles that nobody uses just now pages are made no more often.
const APART: Duration = Duration::from_secs(600);
/// The folder is looked at so often.
const LOOK: Duration = Duration::from_secs(1);
/// The longest rest.
const REST: Duration = Duration::from_secs(5);

/// What is to be made, and for whom.
#[derive(Default)]
pub(super) struct Behind {
    wishes: Mutex<Vec<Wish>>,
    roles: Mutex<BTreeMap<Option<String>, Role>>,
    told: tokio::sync::Notify,
}

struct Role {
    visitor: Visitor,
    used: Option<Instant>,
    /// When its pages were made last, and for which state of the folder.
    warmed: Option<(Instant, State)>,
}

struct Wish {
    visitor: Visitor,
    asked: Asked,
}

impl Behind {
    /// Somebody asks for a page in this role.
    pub(super) fn used(&self, visitor: &Visitor) {
        let mut roles = held(&self.roles);
        let used = Some(Instant::now());
        match roles.get_mut(&visitor.role) {
            Some(role) => (role.visitor, role.used) = (visitor.clone(), used),
            None => {
                roles.insert(visitor.role.clone(), Role { visitor: visitor.clone(), used, warmed: None });
                self.told.notify_one();
            }
        }
    }

    /// A role that somebody has, though nobody has asked in it yet.
    fn known(&self, visitor: Visitor) {
        let role = Role { visitor: visitor.clone(), used: None, warmed: None };
        held(&self.roles).entry(visitor.role).or_insert(role);
    }

    /// A page was shown late. Wished for again it goes to the front, and what was made since the first wish will do.
    pub(super) fn wish(&self, visitor: &Visitor, asked: &Asked) {
        let mut wishes = held(&self.wishes);
        let before = wishes.iter().position(|wish| wish.asked.key == asked.key).map(|at| wishes.remove(at));
        let since = before.and_then(|wish| wish.asked.since).or_else(|| Some(Instant::now()));
        wishes.push(Wish { visitor: visitor.clone(), asked: Asked { since, old: false, ..asked.clone() } });
        if wishes.len() > WISHES {
            wishes.remove(0);
        }
        drop(wishes);
        self.told.notify_one();
    }

    fn newest(&self) -> Option<Wish> {
        held(&self.wishes).pop()
    }

    /// The slow pages of every role whose time has come.
    fn warm(&self, state: &State) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for role in held(&self.roles).values_mut() {
            let in_use = role.used.is_some_and(|used| used.elapsed() < IN_USE);
            let due = match &role.warmed {
                None => true,
                Some((at, of)) => of != state && (in_use || at.elapsed() > APART),
            };
            if due {
                let now = Instant::now();
                role.warmed = Some((now, state.clone()));
                let since = Some(now);
                wishes.extend(SLOW.iter().rev().map(|path| Wish {
                    visitor: role.visitor.clone(),
                    asked: Asked { since, ..Asked::new(&role.visitor, &Uri::from_static(path)) },
                }));
            }
        }
        wishes
    }
}

/// Works until the desk closes. The router is the one without a guard: whom a page is for was settled when it was asked.
pub(super) async fn work(app: Arc<App>, router: Router) {
    let behind = &app.behind;
    if app.shared {
        let known = Arc::clone(&app);
        let roles = tokio::task::spawn_blocking(move || known.accounts().unwrap_or_default()).await;
        for role in roles.unwrap_or_default().into_iter().map(|login| login.role) {
            behind.known(Visitor { name: String::new(), role: Some(role), token: String::new() });
        }
    } else {
        behind.known(app.local.clone());
    }
    let mut slow: Vec<Wish> = Vec::new();
    let mut news = false;
    while !app.listeners.closed() {
        // A round is made to its end before the next begins, or its last pages would never come.
        if slow.is_empty() {
            slow = behind.warm(&app.state());
        }
        let Some(wish) = behind.newest().or_else(|| slow.pop()) else {
            if std::mem::take(&mut news) {
                app.listeners.tell();
            }
            tokio::select! { () = behind.told.notified() => {}, () = tokio::time::sleep(LOOK) => {} }
            continue;
        };
        let began = Instant::now();
        make(&router, wish).await;
        news = true;
        tokio::time::sleep(began.elapsed().min(REST)).await;
    }
}

async fn make(router: &Router, wish: Wish) {
    let Ok(request) = Request::get(wish.asked.uri.clone()).body(Body::empty()) else { return };
    let answer = router.clone().call(request);
    // The page is kept on its way; who wished for it has left.
    let _ = VISITOR.scope(wish.visitor, ASKED.scope(Some(wish.asked), answer)).await;
}

#[cfg(test)]
mod tests;
