//! Addresses: which belong to one person, which to nobody, and which carry the login of an account.

use super::names::fold;

/// Hosts where anybody may have a mailbox: sharing one says nothing.
const FREE: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "web.de",
    "mail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "protonmail.com",
    "proton.me",
    "pm.me",
    "tutanota.com",
    "tuta.io",
    "fastmail.com",
    "fastmail.fm",
    "qq.com",
    "163.com",
    "126.com",
    "foxmail.com",
    "sina.com",
    "sina.cn",
    "139.com",
    "yeah.net",
    "ya.ru",
    "linux.com",
    "naver.com",
    "hey.com",
    "zoho.com",
    "posteo.de",
    "posteo.net",
    "mailbox.org",
    "riseup.net",
    "free.fr",
    "laposte.net",
    "orange.fr",
    "wanadoo.fr",
    "ymail.com",
    "rocketmail.com",
    "rediffmail.com",
    "t-online.de",
    "bluewin.ch",
    "comcast.net",
    "verizon.net",
    "att.net",
    "libero.it",
    "seznam.cz",
    "wp.pl",
    "o2.pl",
    "interia.pl",
    "bk.ru",
    "inbox.ru",
    "list.ru",
    "rambler.ru",
    "ukr.net",
    "btinternet.com",
    "sbcglobal.net",
    "cox.net",
    "earthlink.net",
    "abv.bg",
    "hush.com",
    "users.sourceforge.net",
    "alum.mit.edu",
    "acm.org",
    "ieee.org",
];

/// Names before the @ that stand for a duty and not for a person.
const ROLES: &[&str] = &[
    "info",
    "root",
    "admin",
    "administrator",
    "noreply",
    "no-reply",
    "donotreply",
    "support",
    "contact",
    "mail",
    "email",
    "me",
    "hello",
    "hi",
    "git",
    "github",
    "gitlab",
    "dev",
    "devel",
    "team",
    "postmaster",
    "webmaster",
    "hostmaster",
    "security",
    "sales",
    "office",
    "help",
    "users",
    "user",
    "none",
    "nobody",
    "devnull",
    "null",
    "test",
    "you",
    "your_email",
    "youremail",
    "example",
    "ubuntu",
    "vagrant",
    "pi",
    "build",
    "ci",
    "jenkins",
    "bot",
    "work",
    "code",
    "opensource",
    "oss",
    "github-actions",
    "abuse",
    "list",
    "lists",
    "spam",
    "public",
    "home",
    "localhost",
    "unknown",
];

/// An address, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// As it is compared: lower-case, without a tag, Google's dots and second name folded. Empty when it is nobody's.
    pub key: String,
    /// What stands before the @, lower-case; empty when it stands for a duty.
    pub local: String,
    /// The host, when it is a real one that is not open to everybody.
    pub domain: Option<String>,
    /// The service and login that a no-reply address carries, with the account's number where it is told.
    pub login: Option<(&'static str, String, Option<String>)>,
}

/// Takes an address apart.
pub(super) fn read(text: &str) -> Address {
    let text = fold(text.trim().trim_matches(['<', '>', '"', '\'']));
    let Some((local, host)) = text.rsplit_once('@') else { return Address::default() };
    let (local, host) = (local.trim(), host.trim().trim_end_matches('.'));
    for (service, ending) in
        [("github.com", "users.noreply.github.com"), ("gitlab.com", "users.noreply.gitlab.com")]
    {
        if host == ending {
            let (number, login) = local
                .split_once(['+', '-'])
                .filter(|(n, l)| {
                    !n.is_empty()
                        && !l.is_empty()
                        && n.bytes().all(|b| b.is_ascii_digit())
                        && (local.contains('+') || service == "gitlab.com")
                })
                .map_or((None, local), |(n, l)| (Some(n.to_owned()), l));
            let login = login.to_owned();
            let key = if login.is_empty() { String::new() } else { format!("{login}@{host}") };
            return Address {
                key,
                local: String::new(),
                domain: None,
                login: Some((service, login, number)),
            };
        }
    }
    let host = if host == "googlemail.com" { "gmail.com" } else { host };
    let untagged = local.split('+').next().unwrap_or(local);
    let google = host == "gmail.com";
    let plain = if google { untagged.replace('.', "") } else { untagged.to_owned() };
    let role = ROLES.contains(&untagged) || untagged.is_empty();
    let real = real_host(host);
    let free = is_free(host);
    // A role at a person's own host is still that person's; at a shared one it is nobody's.
    let nobody = !real || (role && (free || untagged != "mail" && untagged != "me" && untagged != "github"));
    Address {
        key: if nobody && !local_is_named(untagged, host) {
            String::new()
        } else {
            format!("{plain}@{host}")
        },
        local: if role { String::new() } else { untagged.to_owned() },
        domain: (real && !free).then(|| host.to_owned()),
        login: None,
    }
}

/// A host where anybody may have a mailbox.
pub(super) fn is_free(host: &str) -> bool {
    FREE.contains(&host)
        || ["yahoo.", "hotmail.", "live.", "outlook.", "gmx."].iter().any(|begin| host.starts_with(begin))
}

/// A machine's own address still tells one person from others when both its parts are particular.
fn local_is_named(local: &str, host: &str) -> bool {
    !ROLES.contains(&local)
        && local.len() >= 3
        && host.len() >= 8
        && !["localhost", "localhost.localdomain", "localhost.local", "ubuntu.(none)", "ubuntu.ubuntu-domain"]
            .contains(&host)
        && !host.contains("192.168.")
        && !host.starts_with(local)
        && !host.starts_with("localhost")
}

/// A host that mail can be sent to: with a dot, no placeholder, no number, nothing that only a machine calls itself.
fn real_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or("");
    host.contains('.')
        && !host.starts_with('.')
        && last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_lowercase() || b >= 128)
        && !["local", "localdomain", "lan", "home", "internal", "invalid", "localhost", "none"]
            .contains(&last)
        && !host.contains("(none)")
        && !host.contains("noreply")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_person_have_one_key() {
        let key = |text: &str| read(text).key;
        assert_eq!(key("Asa.Holm@GoogleMail.com"), "asaholm@gmail.com");
        assert_eq!(key("asa+git@tidewater.example"), "asa@tidewater.example");
        for nobodys in
            ["root@localhost", "info@gmail.com", "devnull@localhost", "asa", "x@(none)", "a@192.168.1.2"]
        {
            assert_eq!(key(nobodys), "", "{nobodys}");
        }
        assert_eq!(key("you@example.com"), "");
    }

    #[test]
    fn no_reply_addresses_carry_the_login() {
        let login = |text: &str| read(text).login;
        assert_eq!(
            login("123+AsaHolm@users.noreply.github.com"),
            Some(("github.com", "asaholm".into(), Some("123".into())))
        );
        assert_eq!(login("asaholm@users.noreply.github.com"), Some(("github.com", "asaholm".into(), None)));
        assert_eq!(
            login("77-asa-holm@users.noreply.gitlab.com"),
            Some(("gitlab.com", "asa-holm".into(), Some("77".into())))
        );
        assert_eq!(login("asa@tidewater.example"), None);
    }

    #[test]
    fn shared_hosts_say_nothing() {
        assert_eq!(read("asa@yahoo.co.uk").domain, None);
        assert_eq!(read("asa@laptop.local").domain, None);
        assert_eq!(read("asa@tidewater.example").domain.as_deref(), Some("tidewater.example"));
    }
}
