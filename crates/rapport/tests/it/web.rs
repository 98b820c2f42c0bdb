//! The web app: who may ask it, that it says what the command line says, and what a real browser finds.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY};

/// A running server; it is stopped when this goes.
pub(crate) struct Served {
    child: Child,
    /// What else it says has to go somewhere.
    _said: BufReader<std::process::ChildStderr>,
    pub(crate) at: String,
}

impl Served {
    pub(crate) fn new(desk: &Desk) -> Served {
        Served::with(desk, &[]).0
    }

    /// With more options; the second line that it prints comes back, when there are options.
    pub(crate) fn with(desk: &Desk, options: &[&str]) -> (Served, String) {
        Served::by(desk.command(), options)
    }

    /// By a command that is made already.
    pub(crate) fn by(mut command: Command, options: &[&str]) -> (Served, String) {
        let mut child = command
            .args(["--as-of", MONDAY, "serve"])
            .args(["--listen", "127.0.0.1:0"].iter().filter(|_| !options.contains(&"--listen")))
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let (mut line, mut second) = (String::new(), String::new());
        said.read_line(&mut line).unwrap();
        if !options.is_empty() {
            said.read_line(&mut second).unwrap();
        }
        let at = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        (Served { child, _said: said, at }, second)
    }

    /// Status and body of one request, its headers given whole.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let answer = self.raw(method, path, headers, body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get_with(&self, path: &str, cookie: &str) -> Value {
        serde_json::from_str(&self.ask("GET", path, &[("Cookie", cookie)], "").1).unwrap()
    }

    pub(crate) fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut stream = TcpStream::connect(&self.at).unwrap();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.at));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &[], "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, body) =
            self.ask("POST", path, &[("Content-Type", "application/json")], &body.to_string());
        (status, serde_json::from_str(&body).unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn whatever_is_asked_of_the_api_its_document_foretells_the_answer() {
    let Some(programs) = crate::tools::python("schemathesis", "schemathesis==4.32.5") else { return };
    let program = programs.join("st");
    let desk = Desk::world();
    let served = Served::new(&desk);
    let checks =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let done = Command::new(program)
        .args(["run", &format!("http://{}/api/openapi.json", served.at), "--include-method", "GET"])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "2", "--generation-deterministic"])
        .args(["--checks", checks, "--continue-on-failure"])
        .current_dir(desk.0.path())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    let tested = said.lines().find_map(|line| line.trim().strip_prefix("Tested: ")).map(str::parse::<usize>);
    assert!(matches!(tested, Some(Ok(40..))), "every verb that looks was asked: {said}");
}

#[test]
fn the_api_says_what_the_command_line_says() {
    let desk = Desk::world();
    let served = Served::new(&desk);
    for (path, args) in [
        ("/api/needs", vec!["needs"]),
        (
            "/api/needs?all=true&source=github:tidewater-relay/relay",
            vec!["needs", "--all", "--source", "github:tidewater-relay/relay"],
        ),
        (
            "/api/search?words=webhook&words=signature&top=3",
            vec!["search", "webhook", "signature", "--top", "3"],
        ),
        ("/api/metrics?name=late", vec!["metrics", "late"]),
        ("/api/sources", vec!["sources"]),
    ] {
        let mut all = vec!["--as-of", MONDAY];
        all.extend(args);
        assert_eq!(served.get(path), desk.json(&all), "{path}");
    }
    // The page counts the same people as the first line in a terminal.
    let said = desk.text(&["needs", "--as-of", MONDAY]);
    let head = said.lines().next().unwrap().split("   as of").next().unwrap();
    let (_, page) = served.ask("GET", "/", &[], "");
    assert!(page.contains(&format!("<h1>{head}</h1>")), "{head}");
    let first = served.get("/api/needs")[0]["thread"].as_i64().unwrap();
    assert_eq!(served.post("/api/claim", &json!({ "thread": first })).0, 200);
    assert_eq!(served.get("/api/needs")[0]["claimed_by"], "mara", "and the kept answer is not shown again");
    let (status, fault) = served.post("/api/claim", &json!({ "thread": 999_999 }));
    assert_eq!((status, fault["error"].as_str().unwrap()), (400, "there is no thread 999999"));
    for (path, body) in [
        ("/api/nothing", json!({})),
        ("/api/claim", json!({ "thred": 1 })),
        ("/api/claim", json!({})),
        ("/api/claim", json!({ "thread": "1 --undo" })),
        ("/api/report", json!({ "out": "/tmp/x" })),
        ("/api/needs", json!({ "data": "/" })),
    ] {
        let (status, fault) = served.post(path, &body);
        assert_eq!(status, 400, "{path} {body}: {fault}");
    }
    assert_eq!(
        served.ask("GET", &format!("/api/claim?thread={first}"), &[], "").0,
        405,
        "looking changes nothing"
    );
    let document = served.get("/api/openapi.json");
    assert!(document["paths"]["/api/topics/rename"]["post"].is_object());
    assert!(document["paths"]["/api/needs"]["get"].is_object());
    // What is no verb stands in it, too, and behaves as it says: without a source, and without a secret here.
    let door = &document["paths"]["/api/activities"]["post"];
    for (path, status) in [("/api/activities", "400"), ("/api/activities?source=x", "403")] {
        assert_eq!(served.ask("POST", path, &[], "[]").0.to_string(), status);
        assert!(door["responses"][status].is_object(), "{door}");
    }
    assert!(document["paths"]["/api/report"]["get"]["parameters"].to_string().find("\"out\"").is_none());
}

#[test]
fn other_sites_can_do_nothing() {
    let desk = Desk::world();
    let served = Served::new(&desk);
    let form = "application/x-www-form-urlencoded";
    let first = served.get("/api/needs")[0]["thread"].as_i64().unwrap();
    let claim = format!("/thread/{first}/claim");
    // A name of somebody else that leads here.
    assert_eq!(served.ask("GET", "/", &[("Host", "evil.example")], "").0, 403);
    // A form on another site, with and without the mark that browsers set.
    let token = "token=00000000000000000000000000000000";
    assert_eq!(
        served.ask("POST", &claim, &[("Content-Type", form), ("Sec-Fetch-Site", "cross-site")], token).0,
        403
    );
    assert_eq!(
        served.ask("POST", &claim, &[("Content-Type", form), ("Origin", "http://evil.example")], token).0,
        403
    );
    assert_eq!(
        served.ask("POST", &claim, &[("Content-Type", form)], token).0,
        400,
        "the token is ours alone"
    );
    assert_eq!(served.ask("POST", "/api/claim", &[("Content-Type", "text/plain")], "{}").0, 403);
    assert_eq!(served.ask("POST", "/sources/upload?name=a", &[("Content-Type", "text/plain")], "x").0, 403);
    assert!(served.get("/api/needs")[0].get("claimed_by").is_none());
    // With the token of a page of ours it is done.
    let (_, page) = served.ask("GET", "/", &[], "");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap();
    let (status, _) = served.ask("POST", &claim, &[("Content-Type", form)], &format!("token={token}"));
    assert_eq!(status, 303);
    assert_eq!(served.get("/api/needs")[0]["claimed_by"], "mara");
}

#[test]
fn where_others_may_come_everybody_logs_in() {
    let desk = Desk::world();
    let (served, second) = Served::with(&desk, &["--public-url", "https://desk.example.org"]);
    let key = second.trim().split("/setup?key=").nth(1).unwrap().to_owned();
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Host", "desk.example.org")];
    assert_eq!(served.ask("GET", "/", &[("Host", "desk.example.org")], "").0, 303, "to the login page");
    assert_eq!(served.ask("GET", "/api/needs", &[], "").0, 401);
    assert_eq!(served.ask("GET", "/api/needs", &[("Cookie", "rapport=abc")], "").0, 401);
    assert_eq!(served.ask("GET", "/", &[("Host", "evil.example")], "").0, 403);
    let account = |key: &str, password: &str| format!("name=noor&password={password}&key={key}");
    assert_eq!(served.ask("GET", "/setup?key=0", &[], "").0, 303);
    assert_eq!(served.ask("POST", "/setup", &form, &account("0", "a+few+words+in+a+row")).0, 303);
    assert_eq!(desk.json(&["account", "list"]), json!([]), "a wrong key makes nobody");
    assert_eq!(served.ask("POST", "/setup", &form, &account(&key, "short")).0, 400);
    let raw = served.raw("POST", "/setup", &form, &account(&key, "a+few+words+in+a+row"));
    let cookie = raw.split("rapport=").nth(1).unwrap().split(';').next().unwrap().to_owned();
    assert!(raw.contains("HttpOnly; SameSite=Lax; Secure"), "{raw}");
    assert_eq!(desk.json(&["account", "list"])[0]["role"], "head");
    let inside = format!("rapport={cookie}");
    let (status, page) = served.ask("GET", "/", &[("Cookie", inside.as_str())], "");
    assert_eq!(status, 200);
    assert!(page.contains("noor, head"));
    // The first account is the only one that this page makes.
    assert_eq!(served.ask("POST", "/setup", &form, &account(&key, "another+long+password")).0, 303);
    assert_eq!(desk.json(&["account", "list"]).as_array().unwrap().len(), 1);
    // What is done over the network is done in the visitor's name.
    let first = served.get_with("/api/needs", &inside)[0]["thread"].as_i64().unwrap();
    let body = json!({ "thread": first }).to_string();
    let json_post = [("Content-Type", "application/json"), ("Cookie", inside.as_str())];
    assert_eq!(served.ask("POST", "/api/claim", &json_post, &body).0, 200);
    assert_eq!(served.get_with("/api/needs", &inside)[0]["claimed_by"], "noor");
    // Somebody else's page cannot use the session.
    let foreign = [
        ("Content-Type", "application/json"),
        ("Cookie", inside.as_str()),
        ("Origin", "https://evil.example"),
    ];
    assert_eq!(served.ask("POST", "/api/claim", &foreign, &body).0, 403);
    // Guessing slows down.
    let login =
        |password: &str| served.ask("POST", "/login", &form, &format!("name=noor&password={password}")).0;
    let tried: Vec<u16> = (0..7).map(|_| login("wrong")).collect();
    assert_eq!(tried[..5], [401; 5]);
    assert_eq!(tried[6], 429, "{tried:?}");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap();
    let out = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", inside.as_str())];
    assert_eq!(served.ask("POST", "/logout", &out, &format!("token={token}")).0, 303);
    assert_eq!(served.ask("GET", "/api/needs", &[("Cookie", inside.as_str())], "").0, 401);
}

#[test]
fn a_department_answers_without_an_account() {
    let desk = Desk::world();
    let topic = desk.json(&["topics", "--as-of", MONDAY])[0]["id"].to_string();
    desk.text(&["feedback", "new", "--topic", &topic, "--title", "Say what is signed", "--as-of", MONDAY]);
    desk.text(&["feedback", "deliver", "1", "--by-hand", "in the meeting", "--yes", "--as-of", MONDAY]);
    let link = desk.json(&["feedback", "link", "1", "--as-of", MONDAY])["link"].as_str().unwrap().to_owned();
    let (served, _) = Served::with(&desk, &["--public-url", "https://desk.example.org"]);
    let host = ("Host", "desk.example.org");
    let (status, page) = served.ask("GET", &format!("/answer/{link}"), &[host], "");
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Say what is signed") && page.contains("Your answer"));
    for name in ["Farah", "olu-adeyemi", "Carmen", "quandt", "@example"] {
        assert!(!page.to_lowercase().contains(&name.to_lowercase()), "{name}");
    }
    // The link opens this one thing and nothing else.
    assert_eq!(served.ask("GET", "/feedback/1", &[host], "").0, 303);
    let forged = format!("{}x", &link[..link.len() - 1]);
    assert_eq!(served.ask("GET", &format!("/answer/{forged}"), &[host], "").0, 409);
    let form = [("Content-Type", "application/x-www-form-urlencoded"), host];
    let say = |body: &str| served.ask("POST", &format!("/answer/{link}"), &form, body).0;
    assert_ne!(say("act=decline&by=Ida"), 303, "a no takes a reason");
    assert_ne!(say("act=told&by=Ida"), 303, "it is not theirs to close");
    assert_eq!(say("act=accept&by=Ida&release=3.1"), 303);
    let row = &desk.json(&["feedback", "show", "1", "--as-of", MONDAY]);
    assert_eq!((row["state"].as_str(), row["release"].as_str()), (Some("accepted"), Some("3.1")));
    assert_eq!(row["steps"].as_array().unwrap().last().unwrap()["who"], "Ida");
    desk.text(&["feedback", "link", "1", "--revoke", "--as-of", MONDAY]);
    assert_eq!(served.ask("GET", &format!("/answer/{link}"), &[host], "").0, 409, "taken back");
}

/// The browser and its driver, or nothing where there is none (a failure under `CI=true`).
pub(crate) fn browser() -> Option<(PathBuf, PathBuf)> {
    let found = |name: &str| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    };
    let chromium = found("chromium").or_else(|| found("chromium-browser")).or_else(|| found("google-chrome"));
    let Some(chromium) = chromium else {
        crate::tools::missing("chromium");
        return None;
    };
    let modules = crate::tools::modules("browser", include_str!("../browser/package.json"))?;
    Some((chromium, modules))
}

/// Each script has a browser of its own: one after the other, as several of them on two cores wait for each other until
/// they give up.
pub(crate) fn node(script: &str, args: &[&std::ffi::OsStr]) -> String {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(script);
    let done = Command::new("node").arg(script).args(args).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The invented world with something on every page, and the address of each.
pub(crate) fn every_page() -> (Desk, Vec<String>) {
    let desk = Desk::world();
    let topic = desk.json(&["topics", "--as-of", MONDAY])[0]["id"].to_string();
    desk.text(&["feedback", "new", "--topic", &topic, "--title", "Say what is signed", "--as-of", MONDAY]);
    desk.text(&["feedback", "new", "--topic", &topic, "--title", "Tell why it fails", "--as-of", MONDAY]);
    desk.text(&["feedback", "deliver", "1", "--by-hand", "in the meeting", "--yes", "--as-of", MONDAY]);
    let link = desk.json(&["feedback", "link", "1", "--as-of", MONDAY])["link"].as_str().unwrap().to_owned();
    desk.text(&["evidence", "mark", "1", "--message", "1"]);
    let calendar = desk.0.path().join("quay.ics");
    std::fs::write(&calendar, crate::events::CALENDAR).unwrap();
    desk.text(&["add", calendar.to_str().unwrap(), "--as-of", MONDAY]);
    desk.text(&["notes", "add", &crate::world::field_file("harbour-dev-days.txt"), "--as-of", MONDAY]);
    let call = "[{\"name\":\"Quay <b>Conf</b>\",\"url\":\"https://quay.example.org\",\"startDate\":\"2026-12-01\",\"endDate\":\"2026-12-02\",\"city\":\"Quay\",\"cfpUrl\":\"https://quay.example.org/cfp\",\"cfpEndDate\":\"2026-10-10\"}]";
    std::fs::write(desk.0.path().join("rust.json"), call).unwrap();
    desk.text(&["talks", "import", desk.0.path().join("rust.json").to_str().unwrap(), "--as-of", MONDAY]);
    desk.text(&[
        "talks",
        "propose",
        "Retries <i>that</i> end",
        "--event",
        "Quay <b>Conf</b>",
        "--as-of",
        MONDAY,
    ]);
    let application = desk.0.path().join("dana.jsonl");
    std::fs::write(&application, "{\"id\":\"<b>dana</b>\",\"person\":{\"hours_per_week\":40}}\n").unwrap();
    desk.text(&["roster", "apply", application.to_str().unwrap()]);
    let mut paths: Vec<String> = [
        "/",
        "/topics",
        "/topics/1",
        "/trends",
        "/trends?by=source",
        "/gaps",
        "/metrics",
        "/metrics?name=late&rows=1",
        "/metrics?name=contributors&behind=contributors",
        "/metrics?name=time-to-first-response&behind=n",
        "/topics/1?state=waiting",
        "/report?period=2026-Q3",
        "/sources",
        "/search?q=webhook",
        "/desk",
        "/desk/needs?all=true",
        "/desk/claim",
        "/feedback",
        "/feedback/1",
        "/feedback/2",
        "/people",
        "/people?named=keller",
        "/people/1",
        "/people/review",
        "/people/champions",
        "/people/recognition",
        "/people/recognition?period=2026-Q3&ours=1",
        "/introduce",
        "/introduce?person=1",
        "/focus",
        "/organisation",
        "/organisation?what=line+of+nobody+to+nowhere",
        "/docs",
        "/settings",
        "/settings/log",
        "/roster",
        "/roster/1",
        "/friction",
        "/events",
        "/events?past=1&days=400",
        "/notes",
        "/notes/report?event=Harbour+Dev+Days+2026",
        "/notes/report?event=Harbour+Dev+Days+2026&outside=1",
        "/talks",
        "/talks?event=Quay+%3Cb%3E&on=2026-12-01",
        "/relations",
        "/report?of=product&period=2026-Q3",
        "/report?of=digest",
        "/desk/focus",
        "/desk/org/show",
        "/desk/people/suggest",
        "/nothing-here",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/answer/{link}"));
    // Every thread that anybody wrote something hostile into, too: all of them.
    let threads = desk.json(&["sql", "SELECT id FROM threads ORDER BY id"]);
    paths.extend(
        threads.as_array().unwrap().iter().map(|row| format!("/thread/{}", row["id"].as_i64().unwrap())),
    );
    assert!(paths.len() > 60);
    (desk, paths)
}

#[test]
fn every_page_in_a_browser() {
    let Some((chromium, modules)) = browser() else { return };
    let (desk, paths) = every_page();
    let served = Served::new(&desk);
    let base = format!("http://{}", served.at);
    let shots = std::env::var("RAPPORT_SHOTS").unwrap_or_else(|_| "-".to_owned());
    let mut args: Vec<&std::ffi::OsStr> =
        vec![chromium.as_os_str(), modules.as_os_str(), base.as_ref(), shots.as_ref()];
    args.extend(paths.iter().map(|path| -> &std::ffi::OsStr { path.as_ref() }));
    let said = node("pages.mjs", &args);
    let mut pages = 0;
    for line in said.lines() {
        let found: Value = serde_json::from_str(line).unwrap();
        let path = &found["path"];
        let wanted = if path == "/nothing-here" { 404 } else { 200 };
        assert_eq!(found["status"], wanted, "{path}");
        for what in ["axe", "narrow", "foreign", "dialogs"] {
            assert_eq!(found[what], json!([]), "{path} ({}): {what}", found["scheme"]);
        }
        let errors: Vec<&str> =
            found["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(errors.iter().all(|e| wanted == 404 && e.contains("404")), "{path}: {errors:?}");
        assert!(found["weight"].as_u64().unwrap() < 400_000, "{path}: {} bytes", found["weight"]);
        pages += 1;
    }
    let once = paths.iter().filter(|path| path.starts_with("/thread/") && *path != "/thread/1").count();
    assert_eq!(pages, paths.len() * 2 - once, "each, and those of more than one look in light and dark");
}

#[test]
fn triage_with_the_keyboard_and_without_scripts() {
    let Some((chromium, modules)) = browser() else { return };
    let desk = Desk::world();
    let served = Served::new(&desk);
    let base = format!("http://{}", served.at);
    let said = node("triage.mjs", &[chromium.as_os_str(), modules.as_os_str(), base.as_ref()]);
    let found: Value = serde_json::from_str(said.trim()).unwrap();
    let titles = |key: &str| -> Vec<String> {
        found[key].as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap().to_owned()).collect()
    };
    let before = titles("before");
    assert_eq!(before.len(), 3);
    assert_eq!(found["claimed"][0]["claimed"], true);
    assert_eq!(found["claimed"][1]["claimed"], false);
    assert_eq!(titles("snoozed"), [before[0].clone(), before[2].clone()], "the second was put aside");
    assert_eq!(found["help"], true);
    for key in ["c", "s", "m", "e", "z"] {
        assert!(found["keys"].as_array().unwrap().contains(&json!(key)), "{key}: {}", found["keys"]);
    }
    // What was done last is said and taken back, also after the list came anew.
    for (n, words) in ["is put aside for three days", "is marked as met", "is evidence"].iter().enumerate() {
        assert!(found["told"][n].as_str().unwrap().contains(words), "{}", found["told"]);
    }
    assert_eq!((titles("woken"), titles("unmet")), (before.clone(), before.clone()));
    let evidence = desk.json(&["evidence", "--as-of", MONDAY]);
    assert_eq!(evidence.as_array().unwrap().len(), 1, "the first mark was taken back: {evidence}");
    assert!(found["plainly"]["told"].as_str().unwrap().contains("is marked as met"), "{}", found["plainly"]);
    assert_eq!((&found["plainly"]["left"], &found["plainly"]["back"]), (&json!(1), &json!(2)));
    assert_eq!(found["opened"], before[0].as_str());
    assert_eq!(found["unscripted"], json!([before[0], before[2]]));
    assert_eq!(found["given"], 0, "given back without scripts");
}

#[test]
fn a_thread_is_worked_on_with_scripts_and_without() {
    let Some((chromium, modules)) = browser() else { return };
    let desk = Desk::world();
    let topic = desk.json(&["topics", "--as-of", MONDAY])[0]["id"].to_string();
    desk.text(&["feedback", "new", "--topic", &topic, "--title", "Say what is signed", "--as-of", MONDAY]);
    let threads = desk.json(&["needs", "--as-of", MONDAY]);
    let threads = threads.as_array().unwrap().iter().map(|row| row["thread"].to_string());
    let answered =
        |thread: &String| desk.json(&["similar", thread, "--as-of", MONDAY])[0]["answer"]["url"].is_string();
    let thread = threads.into_iter().find(answered).expect("somebody waits for what was answered before");
    let served = Served::new(&desk);
    let (base, path) = (format!("http://{}", served.at), format!("/thread/{thread}"));
    let said = node(
        "thread.mjs",
        &[chromium.as_os_str(), modules.as_os_str(), base.as_ref(), path.as_ref(), "1".as_ref()],
    );
    let found: Value = serde_json::from_str(said.trim()).unwrap();
    let url = found["url"].as_str().unwrap();
    assert!(found["whys"][0].as_str().unwrap().contains("say"), "why it is like it: {}", found["whys"]);
    assert_eq!(found["draft"], format!("Hello, see here:\n\n{url}\n"));
    assert_eq!(found["unscripted"], format!("By hand\n\n{url}\n"));
    assert_eq!(found["over"], 0, "390 wide");
    assert_eq!(found["left"], json!([]), "nothing left the machine");
    let of_it = |act: &str| json!(format!("{path}/{act}"));
    let posted = [of_it("draft"), of_it("draft"), of_it("evidence"), of_it("draft")];
    assert_eq!(found["posted"], json!(posted), "looked, put in, marked, looked again");
    let of_thread = desk.json(&["evidence", "--thread", &thread, "--as-of", MONDAY]);
    let of_feedback = desk.json(&["evidence", "--feedback", "1", "--as-of", MONDAY]);
    let quote = &found["selected"];
    let has = |all: &Value| all.as_array().unwrap().iter().any(|piece| piece["quote"] == *quote);
    assert!(has(&of_thread) && has(&of_feedback), "{quote}: {of_feedback}");
    assert_eq!(found["twice"].as_u64().unwrap(), found["once"].as_u64().unwrap() + 1);
    assert_eq!(found["kind"], "docs");
    assert_eq!(desk.json(&["thread", &thread, "--as-of", MONDAY])["need"], "docs");
}

#[test]
fn topics_are_corrected_without_scripts() {
    let Some((chromium, modules)) = browser() else { return };
    let desk = Desk::world();
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let largest = topics.as_array().unwrap().iter().max_by_key(|row| row["threads"].as_u64()).unwrap();
    let topic = largest["id"].to_string();
    let shown = desk.json(&["topics", "show", &topic, "--as-of", MONDAY]);
    let served = Served::new(&desk);
    let base = format!("http://{}", served.at);
    let said =
        node("topics.mjs", &[chromium.as_os_str(), modules.as_os_str(), base.as_ref(), topic.as_ref()]);
    let found: Value = serde_json::from_str(said.trim()).unwrap();
    let weeks = shown["timeline"].as_array().unwrap();
    let people: Vec<&Value> = weeks.iter().map(|week| &week["people"]).collect();
    assert_eq!(json!(people), shown["weeks"], "the timeline is the weeks");
    assert_eq!(found["rows"], shown["weeks"], "the table says what is drawn");
    let drawn = found["people"].as_array().unwrap();
    assert!(drawn.iter().zip(&people).all(|(high, n)| (high.as_f64() > Some(0.0)) == (n.as_u64() > Some(0))));
    let released = weeks.iter().filter(|week| !week["released"].as_array().unwrap().is_empty()).count();
    assert!(released > 0, "the invented community released something");
    assert!(found["events"].as_u64() >= u64::try_from(released).ok(), "{} of {released}", found["events"]);
    assert!(
        found["drawn"].as_str().unwrap().contains(" happened meanwhile, the last: "),
        "{}",
        found["drawn"]
    );
    assert_eq!(found["named"], "Its own name");
    let titles = |key: &str| found[key].as_array().unwrap().clone();
    let (before, after, split) = (titles("before"), titles("after"), titles("split"));
    assert_eq!(after, before[..before.len() - 1], "not this one");
    assert!(split.iter().all(|title| !after[..2].contains(title)), "{split:?}");
    assert!(titles("listed").contains(&json!("Split away")), "{}", found["listed"]);
    assert_eq!(found["over"], 0, "390 wide");
    assert!(found["said"].as_u64() >= Some(4), "renamed, not, split, declared: {}", found["said"]);
    let gone = json!(format!("/topics/{topic}"));
    assert!(!titles("merged").contains(&gone), "merged into {}", found["into"]);
}
