//! `account`: who may sit down at the desk over the network.

use std::io::{BufRead, IsTerminal};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use clap::{ArgMatches, Args, Command};
use rapport_store::Login;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::add::parsed;
use super::wall::Role;
use super::{Answer, Desk, Verb, me};
use crate::fault::Fault;
use crate::page::{count, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "account",
    about: "Who may sit down at the desk over the network, and in which role",
    example: "rapport account add noor --as head\nrapport account list\nrapport account remove noor",
    args: |command| {
        command
            .subcommand_required(true)
            .subcommand(
                Add::augment_args(Command::new("add"))
                    .about("Make an account, or set its role and password anew; the password is asked for"),
            )
            .subcommand(Command::new("list").about("Every account"))
            .subcommand(
                Remove::augment_args(Command::new("remove"))
                    .about("Remove an account; who is inside with it is out within a minute"),
            )
    },
    call,
};

/// Shorter passwords are refused; nothing else is demanded of them.
const SHORTEST: usize = 10;
/// Longer ones are no passwords, and cost time to digest.
const LONGEST: usize = 200;

/// Arguments of `account add`.
#[derive(Args)]
struct Add {
    /// The name that its owner types
    name: String,
    /// What its owner may see and do
    #[arg(long = "as", value_parser = Role::ALL.map(Role::as_str))]
    works_as: String,
}

/// Arguments of `account remove`.
#[derive(Args)]
struct Remove {
    /// The account's name
    name: String,
}

/// One account, without what is nobody's business.
#[derive(Serialize)]
struct Row {
    name: String,
    role: String,
    made_at: rapport_model::Time,
    made_by: String,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("add", sub)) => add(desk, &parsed(sub)?),
        Some(("remove", sub)) => remove(desk, &parsed(sub)?),
        _ => list(desk),
    }
}

fn add(desk: &Desk, args: &Add) -> Result<Answer, Fault> {
    let unknown = || Fault::usage(format!("there is no role '{}'", args.works_as));
    let role = Role::from_word(&args.works_as).ok_or_else(unknown)?;
    let password = asked()?;
    keep(desk, &args.name, role, &password)?;
    desk.answer(&serde_json::json!({ "name": args.name, "role": role.as_str() }), || {
        format!("{} may sit down as {}: {} serve --listen …\n", line(&args.name, 60), role, desk.program())
    })
}

/// Makes an account or changes it.
///
/// # Errors
/// When name or password will not do, or the folder cannot be written.
pub(crate) fn keep(desk: &Desk, name: &str, role: Role, password: &str) -> Result<(), Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(Fault::usage("an account's name has 1 to 60 characters"));
    }
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Fault::usage(format!("a password has {SHORTEST} to {LONGEST} characters"))
            .hint("a few words in a row are easy to keep"));
    }
    let account = Login {
        name: name.to_owned(),
        role: role.as_str().to_owned(),
        password: digest(password)?,
        made_at: desk.now,
        made_by: me(),
    };
    Ok(desk.noting()?.keep_login(&account)?)
}

fn digest(password: &str) -> Result<String, Fault> {
    let wrong = |e: &dyn std::fmt::Display| Fault::usage(format!("the password cannot be digested: {e}"));
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| wrong(&e))?;
    let digest = Argon2::default().hash_password_with_salt(password.as_bytes(), &bytes);
    Ok(digest.map_err(|e| wrong(&e))?.to_string())
}

/// How the account of somebody who logs in at a provider is told from all others; no password has this digest.
pub(crate) fn elsewhere(issuer: &str, subject: &str) -> String {
    let digest = Sha256::digest(format!("{issuer}\n{subject}"));
    digest.iter().fold("elsewhere:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// Makes the account of somebody who logs in at a provider, or gives it another role; `key` is [`elsewhere`]'s.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn keep_from_elsewhere(
    desk: &Desk,
    name: &str,
    role: Role,
    key: String,
    issuer: &str,
) -> Result<(), Fault> {
    let account = Login {
        name: name.to_owned(),
        role: role.as_str().to_owned(),
        password: key,
        made_at: desk.now,
        made_by: issuer.to_owned(),
    };
    Ok(desk.noting()?.keep_login(&account)?)
}

/// A digest that no password has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$WrYXfbRkTC3qhwpDkKGJ5bPDz1+OoFzYQl4DOFsJ1hk";

/// Whether name and password belong together, and the role. It takes as long for a name that nobody has.
pub(crate) fn role_of(accounts: &[Login], name: &str, password: &str) -> Option<String> {
    let known = accounts.iter().find(|account| account.name == name && account.password.starts_with('$'));
    let kept = PasswordHash::new(known.map_or(NOBODY, |account| account.password.as_str())).ok()?;
    let right = password.chars().count() <= LONGEST
        && Argon2::default().verify_password(password.as_bytes(), &kept).is_ok();
    known.filter(|_| right).map(|account| account.role.clone())
}

thread_local! {
    /// What somebody typed into a page of ours.
    static TYPED: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

/// Calls `act` with a password that was typed elsewhere than at a terminal.
pub(crate) fn typed<T>(password: String, act: impl FnOnce() -> T) -> T {
    TYPED.set(Some(password));
    let done = act();
    TYPED.set(None);
    done
}

/// The password: as it was typed, from a terminal without showing it, else the first line of standard input.
fn asked() -> Result<String, Fault> {
    if let Some(password) = TYPED.take() {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("Password: ")?);
    }
    let mut first = String::new();
    std::io::stdin().lock().read_line(&mut first)?;
    Ok(first.trim_end_matches(['\r', '\n']).to_owned())
}

fn list(desk: &Desk) -> Result<Answer, Fault> {
    let rows: Vec<Row> = desk
        .reading()?
        .logins()?
        .into_iter()
        .map(|a| Row { name: a.name, role: a.role, made_at: a.made_at, made_by: a.made_by })
        .collect();
    desk.answer(&rows, || {
        let mut out = format!("{}\n", count(rows.len(), "account", "accounts"));
        for row in &rows {
            out.push_str(&format!(
                "  {:<20} {:<13} since {}, by {}\n",
                line(&row.name, 20),
                row.role,
                moment(row.made_at),
                line(&row.made_by, 40)
            ));
        }
        if rows.is_empty() {
            out.push_str(&format!("next: {} account add NAME --as head\n", desk.program()));
        }
        out
    })
}

fn remove(desk: &Desk, args: &Remove) -> Result<Answer, Fault> {
    if !desk.noting()?.remove_login(&args.name, &me(), desk.now)? {
        return Err(Fault::usage(format!("there is no account '{}'", line(&args.name, 60)))
            .hint(format!("{} account list", desk.program())));
    }
    desk.answer(&serde_json::json!({ "removed": args.name }), || format!("{} is out\n", line(&args.name, 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_opens() {
        let account = Login {
            name: "noor".to_owned(),
            role: "head".to_owned(),
            password: digest("a few words in a row").unwrap(),
            made_at: rapport_model::Time::MIN,
            made_by: String::new(),
        };
        let away =
            Login { name: "away".to_owned(), password: elsewhere("https://id", "1"), ..account.clone() };
        let accounts = [account, away];
        assert_eq!(role_of(&accounts, "away", &accounts[1].password), None, "only the provider lets in");
        assert_ne!(elsewhere("https://id", "1"), elsewhere("https://id", "2"));
        assert_eq!(role_of(&accounts, "noor", "a few words in a row").as_deref(), Some("head"));
        assert_eq!(role_of(&accounts, "noor", "a few words in a ro"), None);
        assert_eq!(role_of(&accounts, "Noor", "a few words in a row"), None);
        assert_eq!(role_of(&[], "noor", ""), None);
        assert_eq!(
            PasswordHash::new(NOBODY).unwrap().hash.unwrap().len(),
            32,
            "a name nobody has costs the same"
        );
        assert!(!accounts[0].password.contains("words"));
    }

    #[test]
    fn a_digest_of_another_implementation_of_argon2_is_read() {
        // PyPI argon2-cffi 25.1, with our costs.
        let kept = "$argon2id$v=19$m=19456,t=2,p=1$7IsHU4D+v6NWR53QFezTAw$gRA3+wYynygWJmQublMOrQZZUp3Q5aJQ+UyFnqVRQvU";
        let kept = PasswordHash::new(kept).unwrap();
        assert!(Argon2::default().verify_password(b"a few words in a row", &kept).is_ok());
        assert!(Argon2::default().verify_password(b"a few words in a ro", &kept).is_err());
    }
}
