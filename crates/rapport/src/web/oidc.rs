//! Logging in with the account that people have elsewhere: OpenID Connect's code flow with PKCE, at the one provider that
//! `rapport.toml` names. Between leaving and coming back nothing is kept here: state, nonce and verifier are made from one
//! secret in a cookie of the browser that left, so that nobody else can come back with it, and a restart loses nobody.

mod token;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::token::{Wanted, Wrong};
use self::wire::{Doors, Wire};
use super::guard::{named, same};
use super::{App, entry};
use crate::cli;
use crate::config::Config;
use crate::config::login::Login;
use crate::delivery::secrets::{Secret, Secrets};
use crate::desk::wall::Role;
use crate::desk::{Desk, account};
use crate::fault::Fault;

/// Doors and keys are asked for again after this time.
const KNOWN: Duration = Duration::from_secs(3_600);
/// Whoever leaves comes back within this many seconds.
const AWAY: i64 = 600;
/// The cookie of a browser that has left.
const COOKIE: &str = "rapport-login=";

/// The provider, as this desk knows it.
pub(super) struct Provider {
    login: Login,
    secret: Option<Secret>,
    wire: Wire,
    /// Where the provider sends people back to.
    returning: String,
    known: Mutex<Option<(Instant, Arc<Known>)>>,
}

struct Known {
    doors: Doors,
    keys: Vec<Value>,
}

/// Why somebody does not come in.
struct No(StatusCode, String);

impl From<Fault> for No {
    fn from(fault: Fault) -> No {
        No(StatusCode::INTERNAL_SERVER_ERROR, fault.message)
    }
}

fn far(why: String) -> No {
    No(StatusCode::BAD_GATEWAY, why)
}

impl Provider {
    /// The provider of the folder's `rapport.toml`; none where it names none.
    ///
    /// # Errors
    /// When what it says cannot work.
    pub(super) fn of(folder: &std::path::Path, public: Option<&str>) -> Result<Option<Provider>, Fault> {
        let config = Config::load(folder)?;
        if config.login.issuer.is_empty() {
            return Ok(None);
        }
        let at = public.ok_or_else(|| {
            Fault::usage("[login]: the provider has to know where to send people back to")
                .hint("rapport serve --public-url https://desk.example.org")
        })?;
        let wire = Wire::new(&config.login.issuer, &config.login.origins, &config.network)
            .map_err(|why| Fault::usage(format!("[login]: {why}")))?;
        Ok(Some(Provider {
            // A client without a secret is a public one: PKCE alone binds the code to us.
            secret: Secrets::of(folder)?.get("LOGIN", "secret").ok(),
            returning: format!("{}/login/return", at.trim_end_matches('/')),
            login: config.login,
            wire,
            known: Mutex::default(),
        }))
    }

    /// Its host, for the way in.
    pub(super) fn host(&self) -> &str {
        let bare = self.login.issuer.split_once("://").map_or("", |(_, rest)| rest);
        bare.split('/').next().unwrap_or_default()
    }

    fn known(&self, anew: bool) -> Result<Arc<Known>, No> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, known)) = kept.filter(|(at, _)| !anew && at.elapsed() < KNOWN) {
            let _ = at;
            return Ok(known);
        }
        let doors = self.wire.doors(&self.login.issuer).map_err(far)?;
        let keys = self.wire.keys(&doors).map_err(far)?;
        let known = Arc::new(Known { doors, keys });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }

    /// Where a browser with this secret is sent.
    fn door(&self, leave: &Leave) -> Result<String, No> {
        let door = &self.known(false)?.doors.authorize;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(leave.derived("verifier")));
        let mut scope = "openid".to_owned();
        for more in self.login.scopes.iter().filter(|more| *more != "openid") {
            scope.push(' ');
            scope.push_str(more);
        }
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.login.client_id),
            ("redirect_uri", &self.returning),
            ("scope", &scope),
            ("state", &leave.derived("state")),
            ("nonce", &leave.derived("nonce")),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(format!("{door}{}{query}", if door.contains('?') { '&' } else { '?' }))
    }

    /// What the provider says of whoever comes back with this code.
    fn claims(&self, code: &str, leave: &Leave) -> Result<Value, No> {
        let mut known = self.known(false)?;
        let verifier = leave.derived("verifier");
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.returning),
            ("code_verifier", &verifier),
        ];
        let mut basic = None;
        match &self.secret {
            Some(secret) if !known.doors.in_form => {
                let both = format!("{}:{}", encoded(&self.login.client_id), encoded(secret.reveal()));
                basic = Some(BASE64_STANDARD.encode(both));
            }
            secret => {
                fields.push(("client_id", &self.login.client_id));
                fields.extend(secret.as_ref().map(|secret| ("client_secret", secret.reveal())));
            }
        }
        let token = self.wire.token(&known.doors, &form(&fields), basic.as_deref());
        let token = token.map_err(|why| No(StatusCode::UNAUTHORIZED, why))?;
        let nonce = leave.derived("nonce");
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact in a double")]
        let now = cli::clock().millis() as f64 / 1000.0;
        for anew in [false, true] {
            if anew {
                known = self.known(true)?; // keys change: the new ones are looked at once
            }
            let wanted =
                Wanted { issuer: &known.doors.issuer, client: &self.login.client_id, nonce: &nonce, now };
            match token::claims(&token, &known.keys, &wanted) {
                Ok(claims) => return Ok(claims),
                Err(Wrong::Key) => {}
                Err(Wrong::Token(why)) => {
                    return Err(No(StatusCode::UNAUTHORIZED, format!("the provider's token: {why}")));
                }
            }
        }
        Err(No(StatusCode::UNAUTHORIZED, "the provider's token: none of its keys signed it".to_owned()))
    }
}

/// A browser that leaves for the provider.
struct Leave {
    /// Seconds since 1970.
    since: i64,
    secret: String,
    /// Where it wants to go afterwards.
    back: String,
}

impl Leave {
    fn new(back: &str) -> Result<Leave, Fault> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| Fault::usage(format!("no random bytes: {e}")))?;
        let back = Some(entry::inside(back)).filter(|back| back.len() <= 500).unwrap_or("/");
        let secret = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Ok(Leave { since: cli::clock().millis() / 1000, secret, back: back.to_owned() })
    }

    fn cookie(&self) -> String {
        format!("{COOKIE}{}.{}.{}", self.since, self.secret, encoded(&self.back).replace('.', "%2E"))
    }

    fn read(headers: &HeaderMap) -> Option<Leave> {
        let mut parts = named(headers, COOKIE)?.split('.');
        let since = parts.next()?.parse().ok()?;
        let secret = parts.next().filter(|secret| secret.len() == 43)?.to_owned();
        let age = (cli::clock().millis() / 1000).checked_sub(since)?;
        let back = decoded(parts.next()?)?;
        (0..=AWAY).contains(&age).then_some(Leave { since, secret, back })
    }

    /// State, nonce or verifier: each says nothing of the others, and all end with the moment of leaving.
    fn derived(&self, what: &str) -> String {
        let all = Sha256::digest(format!("rapport login\n{what}\n{}\n{}", self.since, self.secret));
        BASE64_URL_SAFE_NO_PAD.encode(all)
    }
}

fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let (byte, left) = match first {
            b'%' => {
                let (two, left) = after.split_at_checked(2)?;
                (u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()?, left)
            }
            byte => (byte, after),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8(bytes).ok()
}

fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

fn secure(app: &App) -> &'static str {
    if app.secure() { "; Secure" } else { "" }
}

fn refused(app: &App, no: No, back: &str) -> Response {
    let mut response = entry::again(app, no.0, no.1, back);
    let gone = HeaderValue::from_static("rapport-login=; Path=/login; Max-Age=0");
    response.headers_mut().append(header::SET_COOKIE, gone);
    response
}

fn mistake() -> No {
    No(StatusCode::INTERNAL_SERVER_ERROR, "a mistake of the program".to_owned())
}

#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    back: String,
}

/// Sends a browser to the provider.
pub(super) async fn leave(State(app): State<Arc<App>>, Query(wish): Query<Wish>) -> Response {
    let asking = Arc::clone(&app);
    let gone = tokio::task::spawn_blocking(move || {
        let Some(provider) = &asking.provider else { return Ok(None) };
        let leave = Leave::new(&wish.back)?;
        Ok(Some((provider.door(&leave)?, leave.cookie())))
    });
    match gone.await.unwrap_or_else(|_| Err(mistake())) {
        Ok(Some((door, cookie))) => {
            let secure = secure(&app);
            let cookie = format!("{cookie}; Path=/login; HttpOnly; SameSite=Lax; Max-Age={AWAY}{secure}");
            ([(header::SET_COOKIE, cookie)], Redirect::to(&door)).into_response()
        }
        Ok(None) => Redirect::to("/login").into_response(),
        Err(no) => refused(&app, no, "/"),
    }
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Returned {
    code: String,
    state: String,
    error: String,
    error_description: String,
    iss: String,
}

/// Takes a browser back that the provider sends.
pub(super) async fn come_back(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(said): Query<Returned>,
) -> Response {
    let Some(leave) = Leave::read(&headers) else {
        let why = app.t("entry-other-browser").to_string();
        return refused(&app, No(StatusCode::BAD_REQUEST, why), "/");
    };
    let back = entry::inside(&leave.back).to_owned();
    if !same(leave.derived("state").as_bytes(), said.state.as_bytes()) {
        let why = app.t("entry-other-login").to_string();
        return refused(&app, No(StatusCode::BAD_REQUEST, why), "/");
    }
    let working = Arc::clone(&app);
    let who = tokio::task::spawn_blocking(move || {
        let provider = working.provider.as_ref().ok_or_else(mistake)?;
        if !said.error.is_empty() {
            let why = crate::page::line(&format!("{} {}", said.error, said.error_description), 200);
            return Err(No(
                StatusCode::UNAUTHORIZED,
                working.t("entry-provider-no").with("why", why).to_string(),
            ));
        }
        if !said.iss.is_empty() && said.iss != provider.known(false)?.doors.issuer {
            return Err(No(StatusCode::BAD_REQUEST, working.t("entry-other-provider").to_string()));
        }
        let claims = provider.claims(&said.code, &leave)?;
        admit(&working, &provider.login, &claims)
    });
    match who.await.unwrap_or_else(|_| Err(mistake())) {
        Ok((name, role)) => {
            let mut response = entry::opened(&app, &name, role.as_str(), &back);
            let gone = HeaderValue::from_static("rapport-login=; Path=/login; Max-Age=0");
            response.headers_mut().append(header::SET_COOKIE, gone);
            response
        }
        Err(no) => refused(&app, no, &back),
    }
}

/// The account of whoever the claims speak of: the same for the same person, whatever else changes about them.
fn admit(app: &App, login: &Login, claims: &Value) -> Result<(String, Role), No> {
    let text = |claim: &str| claims[claim].as_str().unwrap_or_default();
    let forbidden = |why: String| No(StatusCode::FORBIDDEN, why);
    let key = account::elsewhere(text("iss"), text("sub"));
    let accounts = app.accounts()?;
    let mine = accounts.iter().find(|account| account.password == key);
    let desk =
        Desk { folder: app.folder.clone(), json: true, now: app.now(), fixed: false, role: Role::Head };
    let Some(role) = login.role(claims) else {
        if let Some(mine) = mine {
            // Whoever had a role and has none now is out, everywhere.
            desk.noting()?.remove_login(&mine.name, &login.issuer, desk.now).map_err(Fault::from)?;
            entry::recheck(app);
        }
        return Err(forbidden(app.t("entry-no-role").with("file", "rapport.toml").to_string()));
    };
    let name = match mine {
        Some(mine) => mine.name.clone(),
        None => {
            if login.name_claim == "email" && claims["email_verified"] == false {
                return Err(forbidden(app.t("entry-not-checked").to_string()));
            }
            let name = login.name(claims).map(|name| crate::page::line(&name, 60)).unwrap_or_default();
            if name.is_empty() {
                let claim = crate::page::line(&login.name_claim, 40);
                return Err(forbidden(app.t("entry-no-name").with("claim", claim).to_string()));
            }
            let lower = name.to_lowercase();
            if accounts.iter().any(|account| account.name.to_lowercase() == lower) {
                let why =
                    app.t("entry-name-taken").with("name", name).with("command", "rapport account remove");
                return Err(forbidden(why.to_string()));
            }
            name
        }
    };
    if mine.is_none_or(|mine| mine.role != role.as_str()) {
        account::keep_from_elsewhere(&desk, &name, role, key, &login.issuer)?;
        entry::recheck(app);
    }
    Ok((name, role))
}
