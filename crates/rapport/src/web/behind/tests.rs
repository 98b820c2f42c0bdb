//! What readers see while others change the folder, through the guarded router on a real data folder.

use std::path::Path;

use axum::http::{StatusCode, header};
use rapport_model::Time;

use super::*;
use crate::cli;
use crate::desk::{Desk, wall};
use crate::web::routes::{pages, router};

const MONDAY: &str = "2026-09-28T08:00:00Z";

struct Place {
    folder: tempfile::TempDir,
    app: Arc<App>,
    guarded: Router,
    inner: Router,
}

/// What came back.
struct Seen {
    status: StatusCode,
    /// It says that it is older.
    late: bool,
    body: String,
}

impl Place {
    fn new(shared: bool) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let now: Time = MONDAY.parse().unwrap();
        let desk = Desk {
            folder: folder.path().to_owned(),
            json: true,
            now,
            fixed: true,
            role: wall::Role::default(),
        };
        let mut app = App::new(&desk, shared, None).unwrap();
        app.quick = Duration::ZERO;
        let app = Arc::new(app);
        let inner = pages().with_state(Arc::clone(&app));
        let place = Place { folder, guarded: router(&app), app, inner };
        place.line(&["add", "forum"]);
        place
    }

    /// The command line, beside the web app.
    fn line(&self, words: &[&str]) -> String {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../company/sources");
        let mut all = vec!["--data".to_owned(), self.folder.path().display().to_string()];
        all.extend([format!("--as-of={MONDAY}"), "--json".to_owned()]);
        all.extend(words.iter().map(|&word| match words[0] {
            "add" if word != "add" => sources.join(word).display().to_string(),
            _ => word.to_owned(),
        }));
        cli::answer(&all).map_err(|fault| fault.message).unwrap().json
    }

    async fn ask(&self, request: Request<Body>) -> Seen {
        let response = self.guarded.clone().call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        let (late, said) = (parts.headers.contains_key(header::AGE), body.contains("<span data-age="));
        assert!(late == said, "an age stands in the headers and in the footer, or in neither");
        Seen { status: parts.status, late, body }
    }

    async fn get(&self, path: &str, cookie: &str) -> Seen {
        let request = Request::get(path).header(header::HOST, "localhost").header(header::COOKIE, cookie);
        let seen = self.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.body);
        seen
    }

    async fn post(&self, path: &str, cookie: &str, body: String) -> Seen {
        let request = Request::post(path)
            .header(header::HOST, "localhost")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/json");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    /// Makes whatever waits to be made; how much that was.
    async fn settle(&self) -> usize {
        let mut n = 0;
        while let Some(wish) = self.app.behind.newest() {
            make(&self.inner, wish).await;
            n += 1;
        }
        n
    }

    fn session(&self, name: &str, role: &str) -> String {
        format!("rapport={}", self.app.sessions.open(name, role).unwrap())
    }
}

/// How many wait, as the page says it.
fn head(page: &Seen) -> &str {
    let at = page.body.find(" wait in ").or_else(|| page.body.find(" waits in ")).expect("who waits");
    page.body[..at].rsplit('>').next().unwrap().trim()
}

#[tokio::test]
async fn what_others_changed_is_shown_late_says_so_and_is_made_behind() {
    let place = Place::new(false);
    let first = place.get("/", "").await;
    assert!(!first.late);
    assert_eq!(place.settle().await, 0, "nothing is made while nothing changed");
    place.line(&["add", "github"]);
    let late = place.get("/", "").await;
    assert!(late.late && late.body.contains("something changed since, and a newer page is being made"));
    assert_eq!(head(&late), head(&first), "the page made last");
    assert!(place.get("/", "").await.late);
    assert_eq!(place.settle().await, 1, "asked for twice it is made once");
    let fresh = place.get("/", "").await;
    assert!(!fresh.late && head(&fresh) != head(&first), "{} and {}", head(&fresh), head(&first));
    assert_eq!(place.settle().await, 0);
}

#[tokio::test]
async fn whoever_acts_sees_what_they_did() {
    let place = Place::new(true);
    let (noor, piet) = (place.session("noor", "head"), place.session("piet", "viewer"));
    let before = place.get("/", &noor).await;
    let theirs = place.get("/", &piet).await;
    let needs: serde_json::Value = serde_json::from_str(&place.line(&["needs"])).unwrap();
    let thread = needs[0]["thread"].as_i64().unwrap();
    let claimed = place.post("/api/claim", &noor, serde_json::json!({ "thread": thread }).to_string()).await;
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.body);
    let mine = place.get("/", &noor).await;
    assert!(!mine.late && mine.body != before.body, "no page from before the act");
    assert!(!place.get("/topics", &noor).await.late, "nor an answer from before it");
    // To a colleague it is somebody else's change; and in no page stands what is another's.
    let late = place.get("/", &piet).await;
    assert!(late.late && theirs.body.contains("piet, viewer") && late.body.contains("piet, viewer"));
    let token =
        |page: &Seen| page.body.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(token(&late), token(&theirs));
    assert!(
        token(&mine) != token(&theirs)
            && !late.body.contains(&token(&mine))
            && !late.body.contains("noor, head")
    );
    // Another's change after that is somebody else's again.
    place.line(&["add", "github"]);
    assert!(place.get("/", &noor).await.late);
}

#[tokio::test]
async fn a_role_never_sees_what_was_made_for_another() {
    let place = Place::new(true);
    let (noor, sal) = (place.session("noor", "head"), place.session("sal", "sales"));
    let request = |cookie: &str| {
        let request = Request::get("/").header(header::HOST, "localhost").header(header::COOKIE, cookie);
        place.ask(request.body(Body::empty()).unwrap())
    };
    let asker =
        serde_json::from_str::<serde_json::Value>(&place.line(&["needs"])).unwrap()[0]["asker"].clone();
    let asker = asker.as_str().unwrap().to_owned();
    assert!(request(&noor).await.body.contains(&asker));
    assert!(!request(&sal).await.body.contains(&asker));
    place.line(&["add", "github"]);
    assert!(request(&noor).await.body.contains(&asker));
    // A colleague of another role who comes for the first time is not given the answer made for the first.
    assert!(!request(&sal).await.body.contains(&asker));
    assert!(!request(&place.session("sam", "sales")).await.body.contains(&asker));
}

#[tokio::test]
async fn the_slow_pages_wait_for_their_first_reader() {
    let place = Place::new(true);
    let nobody = Visitor { name: String::new(), role: Some("head".to_owned()), token: String::new() };
    place.app.behind.known(nobody);
    let round = place.app.behind.warm(&place.app.state());
    assert_eq!(round.len(), SLOW.len());
    for wish in round.into_iter().rev() {
        make(&place.inner, wish).await;
    }
    // Topics are filed in the log when they are first found: one round more, and then it is quiet.
    let noor = place.session("noor", "head");
    for path in SLOW {
        place.get(path, &noor).await;
    }
    for wish in place.app.behind.warm(&place.app.state()) {
        make(&place.inner, wish).await;
    }
    place.settle().await;
    place.app.behind.warm(&place.app.state());
    assert!(place.app.behind.warm(&place.app.state()).is_empty(), "without a change nothing is made anew");
    place.line(&["add", "github"]);
    assert_eq!(
        place.app.behind.warm(&place.app.state()).len(),
        SLOW.len(),
        "once for the role, not for each person"
    );
    assert!(place.app.behind.warm(&place.app.state()).is_empty());
}

#[tokio::test]
async fn whoever_loads_again_and_every_program_gets_what_is_so_now() {
    let place = Place::new(false);
    let first = place.get("/", "").await;
    let count = |seen: &Seen| serde_json::from_str::<Vec<serde_json::Value>>(&seen.body).unwrap().len();
    let before = count(&place.get("/api/needs", "").await);
    place.line(&["add", "github"]);
    assert!(count(&place.get("/api/needs", "").await) > before);
    let again =
        Request::get("/").header(header::HOST, "localhost").header(header::CACHE_CONTROL, "max-age=0");
    let again = place.ask(again.body(Body::empty()).unwrap()).await;
    assert!(!again.late && head(&again) != head(&first));
}

#[tokio::test]
async fn nobody_sees_who_was_forgotten() {
    let place = Place::new(false);
    let first = place.get("/", "").await;
    let asker =
        serde_json::from_str::<serde_json::Value>(&place.line(&["needs"])).unwrap()[0]["asker"].clone();
    let asker = asker.as_str().unwrap().to_owned();
    assert!(first.body.contains(&asker));
    place.line(&["forget", &asker, "--yes"]);
    let after = place.get("/", "").await;
    assert!(!after.late && !after.body.contains(&asker), "{asker}");
}
