//! Logging in at a real OpenID Connect provider (oidc-provider-mock, in a Python environment of its own), and what
//! happens when somebody on the way is wrong.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::web::{Served, browser, node};
use crate::world::Desk;

const WANTED: &str = "oidc-provider-mock==0.3.4";
const DESK: &str = "desk.example.org";

/// A provider with one client, the desk.
struct Provider {
    at: String,
    client: Value,
    child: Child,
}

/// The whole answer to one request.
fn http(at: &str, method: &str, path: &str, kind: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
    );
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn header<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let named = head.lines().filter_map(|line| line.split_once(": "));
    named.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn field<'a>(url: &'a str, name: &str) -> &'a str {
    let query = url.split_once('?').unwrap().1;
    query
        .split('&')
        .find_map(|part| part.strip_prefix(&format!("{name}=")))
        .unwrap_or_else(|| panic!("{url}"))
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Provider {
    fn new() -> Option<Provider> {
        Provider::returning(&format!("https://{DESK}"))
    }

    /// Its client, the desk, is at this address.
    fn returning(desk: &str) -> Option<Provider> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/oidc.py");
        let mut child = Command::new(crate::tools::python("oidc-venv", WANTED)?.join("python"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let at = format!("127.0.0.1:{}", port.trim());
        let body = json!({ "redirect_uris": [format!("{desk}/login/return")] }).to_string();
        let made = http(&at, "POST", "/oauth2/clients", "application/json", &body);
        let client = serde_json::from_str(made.split_once("\r\n\r\n").unwrap().1).unwrap();
        Some(Provider { at, client, child })
    }

    fn be(&self, mode: &str) {
        assert_eq!(status(&http(&self.at, "POST", &format!("/test/be?mode={mode}"), FORM, "")), 200);
    }

    /// Somebody says yes at the provider; where their browser is sent then.
    fn consent(&self, door: &str, sub: &str) -> String {
        let path = door.strip_prefix(&format!("http://{}", self.at)).unwrap_or_else(|| panic!("{door}"));
        let answer = http(&self.at, "POST", path, FORM, &format!("sub={sub}"));
        header(&answer, "location").first().unwrap_or_else(|| panic!("{answer}")).to_string()
    }

    /// A desk that knows this provider, before anybody has an account.
    fn desk(&self, more: &str, secret: &str) -> Desk {
        let desk = Desk::new();
        let archive = crate::world::archives().into_iter().find(|(path, _)| path.is_file()).unwrap().0;
        desk.json(&["add", archive.to_str().unwrap()]);
        let config = format!(
            "[login]\nissuer = \"http://{}\"\nclient-id = {}\nscopes = [\"profile\"]\nname-claim = \"preferred_username\"\n{more}\n\
             [login.roles]\nhead = [\"devrel-leads\"]\nviewer = [\"everyone\"]\n",
            self.at, self.client["client_id"]
        );
        std::fs::write(desk.0.path().join("rapport.toml"), config).unwrap();
        let secrets = desk.0.path().join("secrets.toml");
        std::fs::write(&secrets, format!("RAPPORT_LOGIN_SECRET = \"{secret}\"\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        desk
    }

    fn served(&self) -> (Desk, Served) {
        let desk = self.desk("", self.client["client_secret"].as_str().unwrap());
        let served = serve(&desk);
        (desk, served)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(desk: &Desk) -> Served {
    Served::with(desk, &["--public-url", &format!("https://{DESK}")]).0
}

/// A browser at the desk, with its cookies.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    fn ask(&mut self, served: &Served, method: &str, path: &str, body: &str) -> String {
        let cookies: Vec<String> = self.0.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let headers = [("Host", DESK), ("Cookie", &cookies.join("; ")), ("Content-Type", FORM)];
        let answer = served.raw(method, path, &headers, body);
        for set in header(&answer, "set-cookie") {
            assert!(set.contains("Max-Age=0") || set.contains("; HttpOnly; SameSite=Lax"), "{set}");
            assert!(set.contains("Max-Age=0") || set.ends_with("; Secure"), "{set}");
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn leave(&mut self, served: &Served, back: &str) -> String {
        let answer = self.ask(served, "GET", &format!("/login/leave?back={back}"), "");
        assert_eq!(status(&answer), 303, "{answer}");
        header(&answer, "location")[0].to_owned()
    }

    fn come_back(&mut self, served: &Served, location: &str) -> String {
        let path = location.strip_prefix(&format!("https://{DESK}")).unwrap_or_else(|| panic!("{location}"));
        self.ask(served, "GET", path, "")
    }

    /// All of it; the answer that ends it.
    fn login(&mut self, served: &Served, provider: &Provider, sub: &str) -> String {
        let door = self.leave(served, "/topics");
        self.come_back(served, &provider.consent(&door, sub))
    }

    fn inside(&mut self, served: &Served) -> bool {
        status(&self.ask(served, "GET", "/api/needs", "")) == 200
    }
}

fn accounts(desk: &Desk) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = desk.json(&["account", "list"]);
    rows.as_array().unwrap().iter().map(|row| (text(row, "name"), text(row, "role"))).collect()
}

fn is(name: &str, role: &str) -> (String, String) {
    (name.to_owned(), role.to_owned())
}

#[test]
fn somebody_logs_in_with_the_account_they_have_and_out_again() {
    let Some(provider) = Provider::new() else { return };
    let (desk, served) = provider.served();
    let mut noor = Browser::default();
    let page = noor.ask(&served, "GET", "/login?back=/topics", "");
    let host = &provider.at;
    assert!(
        page.contains(&format!("<a href=\"/login/leave?back=/topics\">Log in with {host}</a>")),
        "{page}"
    );
    let door = noor.leave(&served, "/topics");
    assert_eq!((field(&door, "scope"), field(&door, "code_challenge_method")), ("openid%20profile", "S256"));
    let leaving = noor.0["rapport-login"].clone();
    for derived in ["state", "nonce", "code_challenge"] {
        assert!(field(&door, derived).len() == 43 && !leaving.contains(field(&door, derived)), "{derived}");
    }
    let answer = noor.come_back(&served, &provider.consent(&door, "u-noor"));
    assert_eq!((status(&answer), header(&answer, "location")), (303, vec!["/topics"]), "{answer}");
    assert!(!noor.0.contains_key("rapport-login"), "the way back is used up");
    assert!(noor.inside(&served));
    assert_eq!(accounts(&desk), [is("noor", "head")]);
    assert!(desk.text(&["account", "list"]).contains(&format!("by http://{host}")));
    // A form needs this session's own token, as with a password; logging out ends it.
    let page = noor.ask(&served, "GET", "/", "");
    assert!(page.contains("noor, head"), "{page}");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap();
    noor.ask(&served, "POST", "/logout", "token=0");
    let mut same = Browser(BTreeMap::new());
    let again = noor.login(&served, &provider, "u-noor");
    assert_eq!(status(&again), 303);
    same.0.clone_from(&noor.0);
    let page = same.ask(&served, "GET", "/", "");
    let newer = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_ne!(newer, token, "another session, other forms");
    noor.ask(&served, "POST", "/logout", &format!("token={newer}"));
    assert!(!same.inside(&served), "logged out is logged out, for a copied cookie, too");
    // Nobody gets in with what stands in place of a password, nor by the name alone.
    let tried =
        Browser::default().ask(&served, "POST", "/login", "name=noor&password=elsewhere%3A0000000000");
    assert_eq!(status(&tried), 401);
    // A page elsewhere is never where one arrives.
    for back in ["https://evil.example/", "//evil.example/", "/%5Cevil.example", "/%09/evil.example"] {
        let mut browser = Browser::default();
        let door = browser.leave(&served, back);
        let answer = browser.come_back(&served, &provider.consent(&door, "u-noor"));
        let to = header(&answer, "location");
        assert!(to == ["/"], "{back}: {to:?}");
    }
    assert_eq!(accounts(&desk), [is("noor", "head")], "one person, one account");
}

#[test]
fn whoever_or_whatever_is_wrong_does_not_come_in() {
    let Some(provider) = Provider::new() else { return };
    let (desk, served) = provider.served();
    // What comes back to another browser, or with another state, is no login.
    let (mut noor, mut mallory) = (Browser::default(), Browser::default());
    let door = noor.leave(&served, "/");
    let good = provider.consent(&door, "u-noor");
    let none = Browser::default().come_back(&served, &good);
    assert!(status(&none) == 400 && none.contains("another browser"), "{none}");
    mallory.leave(&served, "/");
    let other = mallory.come_back(&served, &good);
    assert!(status(&other) == 400 && other.contains("another login"), "{other}");
    let state = field(&good, "state");
    let forged = noor.come_back(&served, &good.replace(state, &state.to_uppercase()));
    assert_eq!(status(&forged), 400, "{forged}");
    // A code of another login: PKCE stops it at the provider, and the nonce here, where a provider has no PKCE.
    for (mode, says) in [("good", "PKCE does not hold"), ("lax", "it belongs to another login")] {
        provider.be(mode);
        let (mine, theirs) = (noor.leave(&served, "/"), mallory.leave(&served, "/"));
        let stolen = provider.consent(&mine, "u-noor");
        let own = provider.consent(&theirs, "u-piet");
        let mixed = own.replace(field(&own, "code"), field(&stolen, "code"));
        let answer = mallory.come_back(&served, &mixed);
        assert!(status(&answer) == 401 && answer.contains(says), "{mode}: {answer}");
        assert!(!mallory.inside(&served));
    }
    // Tokens that the provider itself (or somebody in its place) gets wrong.
    for (mode, says) in [
        ("audience", "it was made for somebody else"),
        ("expired", "it has expired"),
        ("issuer", "another provider made it"),
        ("nonce", "it belongs to another login"),
        ("key", "none of its keys signed it"),
    ] {
        provider.be(mode);
        let answer = Browser::default().login(&served, &provider, "u-noor");
        assert!(status(&answer) == 401 && answer.contains(says), "{mode}: {answer}");
        assert_eq!(header(&answer, "set-cookie").len(), 1, "{mode}: only the way back ends");
    }
    assert_eq!(accounts(&desk), []);
    // New keys are met by looking once more.
    provider.be("rotated");
    assert_eq!(status(&Browser::default().login(&served, &provider, "u-noor")), 303);
    provider.be("good");
    assert_eq!(status(&Browser::default().login(&served, &provider, "u-noor")), 303);
    // A code counts once, and a refusal at the provider is shown as one.
    let mut twice = Browser::default();
    let door = twice.leave(&served, "/");
    let used = provider.consent(&door, "u-noor");
    let cookies = twice.0.clone();
    assert_eq!(status(&twice.come_back(&served, &used)), 303);
    assert_eq!(status(&Browser(cookies).come_back(&served, &used)), 401);
    let mut no = Browser::default();
    let door = no.leave(&served, "/");
    let denied =
        format!("https://{DESK}/login/return?error=access_denied%3Cb%3E&state={}", field(&door, "state"));
    let answer = no.come_back(&served, &denied);
    assert!(status(&answer) == 401 && answer.contains("access_denied&#60;b&#62;"), "{answer}");
    assert!(!answer.contains(provider.client["client_secret"].as_str().unwrap()));
}

#[test]
fn a_provider_that_sends_us_elsewhere_or_is_not_there_is_refused() {
    let Some(provider) = Provider::new() else { return };
    let secret = provider.client["client_secret"].as_str().unwrap();
    for mode in
        ["elsewhere:token_endpoint", "elsewhere:jwks_uri", "elsewhere:authorization_endpoint", "moved"]
    {
        let desk = provider.desk("", secret);
        let served = serve(&desk);
        provider.be(mode);
        let answer = Browser::default().ask(&served, "GET", "/login/leave", "");
        let says = if mode == "moved" { "answered 302" } else { "elsewhere, to http://localhost" };
        assert!(status(&answer) == 502 && answer.contains(says), "{mode}: {answer}");
        assert!(answer.contains("name=\"password\""), "the password still opens");
        provider.be("good");
        let well = Browser::default().login(&served, &provider, "u-noor");
        assert_eq!(status(&well), 303, "{mode}: when it is mended, so is the login");
    }
    // What the owner names belongs to it.
    let port = provider.at.split(':').nth(1).unwrap();
    let desk = provider.desk(&format!("origins = [\"http://localhost:{port}\"]"), secret);
    let served = serve(&desk);
    provider.be("elsewhere:jwks_uri");
    assert_eq!(status(&Browser::default().login(&served, &provider, "u-noor")), 303);
    provider.be("good");
    // A wrong secret is said to be refused, and not shown.
    let desk = provider.desk("", "no-such-secret");
    let answer = Browser::default().login(&serve(&desk), &provider, "u-noor");
    assert!(status(&answer) == 401 && answer.contains("refused the code"), "{answer}");
    assert!(!answer.contains("no-such-secret"));
    // Gone altogether.
    let (_desk, served) = provider.served();
    drop(provider);
    let answer = Browser::default().ask(&served, "GET", "/login/leave", "");
    assert!(status(&answer) == 502 && answer.contains("cannot be reached"), "{answer}");
}

#[test]
fn a_role_is_what_the_provider_says_and_a_name_stays_with_its_person() {
    let Some(provider) = Provider::new() else { return };
    let (desk, served) = provider.served();
    let groups = |sub: &str, all: &[&str]| {
        let list: String = all.iter().map(|group| format!("&group={group}")).collect();
        http(&provider.at, "POST", &format!("/test/groups?sub={sub}{list}"), FORM, "");
    };
    let mut piet = Browser::default();
    assert_eq!(status(&piet.login(&served, &provider, "u-piet")), 303);
    assert_eq!(accounts(&desk), [is("piet", "viewer")]);
    let claim = piet.ask(&served, "GET", "/api/people", "");
    assert_ne!(status(&claim), 200, "a viewer sees no people: {claim}");
    // None of the listed groups: no way in, and no account.
    let nel = Browser::default().login(&served, &provider, "u-none");
    assert!(status(&nel) == 403 && nel.contains("none of your groups has a role here"), "{nel}");
    let bare = Browser::default().login(&served, &provider, "u-bare");
    assert_eq!(status(&bare), 403, "{bare}");
    // Somebody with another's name does not become them; what does not belong into a name goes.
    assert_eq!(status(&Browser::default().login(&served, &provider, "u-noor")), 303);
    let twin = Browser::default().login(&served, &provider, "u-noor2");
    assert!(status(&twin) == 403 && twin.contains("Noor is the name of another account"), "{twin}");
    let mut odd = Browser::default();
    assert_eq!(status(&odd.login(&served, &provider, "u-odd")), 303);
    assert!(odd.ask(&served, "GET", "/", "").contains("&#60;b&#62;odd&#60;/b&#62;, viewer"));
    assert_eq!(accounts(&desk), [is("<b>odd</b>", "viewer"), is("noor", "head"), is("piet", "viewer")]);
    // A new role: the sessions of the old one end. None any more: out everywhere.
    groups("u-piet", &["devrel-leads"]);
    let mut second = Browser::default();
    assert_eq!(status(&second.login(&served, &provider, "u-piet")), 303);
    assert!(second.inside(&served) && !piet.inside(&served));
    assert!(accounts(&desk).contains(&is("piet", "head")));
    groups("u-piet", &["accounting"]);
    assert_eq!(status(&Browser::default().login(&served, &provider, "u-piet")), 403);
    assert!(!second.inside(&served));
    assert!(!accounts(&desk).iter().any(|(name, _)| name == "piet"));
    // A role for everybody else, where the owner wants that; the name is the subject where no claim is chosen.
    let desk = provider.desk("otherwise = \"sales\"", provider.client["client_secret"].as_str().unwrap());
    let text = std::fs::read_to_string(desk.0.path().join("rapport.toml")).unwrap();
    let text = text.replace("name-claim = \"preferred_username\"\n", "");
    std::fs::write(desk.0.path().join("rapport.toml"), text).unwrap();
    let served = serve(&desk);
    assert_eq!(status(&Browser::default().login(&served, &provider, "u-none")), 303);
    assert_eq!(accounts(&desk), [is("u-none", "sales")]);
}

#[test]
fn a_real_browser_goes_there_and_comes_back() {
    let Some((chromium, modules)) = browser() else { return };
    // The desk has to be where its public address says; another host name than the provider's, so that both are strangers.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://localhost:{}", free.port());
    let Some(provider) = Provider::returning(&base) else { return };
    let desk = provider.desk("", provider.client["client_secret"].as_str().unwrap());
    let _served = Served::with(&desk, &["--listen", &free.to_string(), "--public-url", &base]).0;
    let args = [chromium.as_os_str(), modules.as_os_str(), base.as_ref(), "u-piet".as_ref()];
    let seen: Value = serde_json::from_str(&node("login.mjs", &args)).unwrap();
    assert_eq!(seen["asked"], format!("{base}/login?back=/topics"));
    assert_eq!(seen["axe"], json!([]), "{seen}");
    assert!(seen["width"].as_i64().unwrap() <= 390, "{seen}");
    assert_eq!(seen["provider"], provider.at);
    assert_eq!(seen["arrived"], format!("{base}/topics"), "{seen}");
    assert!(seen["who"].as_str().unwrap().starts_with("piet, viewer"), "{seen}");
    assert_eq!(seen["cookies"], json!([["rapport", true, "Lax"]]));
}

#[test]
fn what_cannot_work_is_said_before_anybody_comes() {
    let desk = Desk::world();
    let file = desk.0.path().join("rapport.toml");
    let world = std::fs::read_to_string(&file).unwrap();
    let says = |login: &str, options: &[&str]| {
        std::fs::write(&file, format!("{world}\n[login]\n{login}\n")).unwrap();
        let output = desk.command().arg("serve").args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let at = ["--listen", "127.0.0.1:0", "--public-url", "https://desk.example.org"];
    assert!(says("issuer = \"https://id.example.org\"", &at).contains("client-id is missing"));
    let issuer = "client-id = \"x\"\nissuer =";
    assert!(says(&format!("{issuer} \"http://id.example.org\""), &at).contains("no https:// address"));
    assert!(says("otherwise = \"guest\"", &at).contains("there is no role 'guest'"));
    let nowhere = says(&format!("{issuer} \"https://id.example.org\""), &["--listen", "0.0.0.0:0"]);
    assert!(nowhere.contains("--public-url https://desk.example.org"), "{nowhere}");
}
