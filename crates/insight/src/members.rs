//! What kind of member an identity is: a bot, one of ours, or of the community. Always with the reason.

use rapport_model::{Because, MemberKind, Who};

use crate::people::behaviour::SURE;

/// What the owner has declared about people.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Mail domains of staff, lower-case, for example `acme.example`.
    pub staff_domains: Vec<String>,
    /// Logins, addresses or keys of staff, lower-case.
    pub staff: Vec<String>,
    /// The same of practitioners.
    pub practitioners: Vec<String>,
    /// The same of bots.
    pub bots: Vec<String>,
    /// The same of people whom the rules take for bots wrongly.
    pub humans: Vec<String>,
    /// Words in a profile title that mark staff, lower-case.
    pub staff_titles: Vec<String>,
}

/// Accounts of well-known services that never carry a mark.
const KNOWN_BOTS: &[&str] = &[
    "dependabot",
    "dependabot-preview",
    "github-actions",
    "renovate",
    "renovate-bot",
    "codecov",
    "codecov-io",
    "codecov-commenter",
    "coveralls",
    "netlify",
    "vercel",
    "stale",
    "allcontributors",
    "greenkeeper",
    "snyk-bot",
    "mergify",
    "pre-commit-ci",
    "sonarcloud",
    "slackbot",
    "discobot",
    "system",
    "travis-ci",
    "k8s-ci-robot",
    "rustbot",
    "bors",
    "rust-highfive",
    "homu",
    "googlebot",
    "cla-bot",
    "claassistant",
    "cla-assistant",
    "linux-foundation-easycla",
    "mailer-daemon",
    "notification bot",
    "welcome bot",
    "reminder bot",
    "coderabbitai",
    "copilot",
    "web-flow",
];

/// Judges one identity. `behaviour` is what [`crate::people::behaviour`] found in the way it writes, or nothing.
#[must_use]
pub fn member(who: &Who, declared: &Declared, behaviour: &str) -> (MemberKind, Because) {
    let names: Vec<String> = [Some(&who.key), who.handle.as_ref(), who.email.as_ref(), who.name.as_ref()]
        .into_iter()
        .flatten()
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let listed = |list: &[String]| names.iter().find(|name| list.contains(name)).cloned();
    if let Some(name) = listed(&declared.humans) {
        return (MemberKind::Community, format!("'{name}' is declared human"));
    }
    if let Some(name) = listed(&declared.bots) {
        return (MemberKind::Bot, format!("'{name}' is declared a bot"));
    }
    if let Some(name) = listed(&declared.practitioners) {
        return (MemberKind::Practitioner, format!("'{name}' is declared a practitioner"));
    }
    if let Some(name) = listed(&declared.staff) {
        return (MemberKind::Staff, format!("'{name}' is declared staff"));
    }
    if who.bot {
        return (MemberKind::Bot, "the source marks this account as a program".to_owned());
    }
    if let Some(name) = names.iter().find(|name| looks_like_bot(name)) {
        return (MemberKind::Bot, format!("'{name}' is named like a bot"));
    }
    if let Some(domain) =
        who.email.as_deref().and_then(|mail| mail.rsplit_once('@')).map(|(_, d)| d.to_lowercase())
        && declared.staff_domains.contains(&domain)
    {
        return (MemberKind::Staff, format!("the address is at {domain}"));
    }
    let title = who.title.as_deref().unwrap_or("").to_lowercase();
    if let Some(word) =
        declared.staff_titles.iter().find(|word| !word.is_empty() && title.contains(word.as_str()))
    {
        return (MemberKind::Staff, format!("the profile says '{word}'"));
    }
    if let Some(why) = behaviour.strip_prefix(SURE) {
        return (MemberKind::Bot, format!("writes like a program: {why}"));
    }
    (MemberKind::Community, "nothing says otherwise".to_owned())
}

/// Names that only programs have. A name that merely contains "bot" (Abbott, botanist) is none.
fn looks_like_bot(name: &str) -> bool {
    let local = name.split('@').next().unwrap_or(name);
    name.ends_with("[bot]")
        || KNOWN_BOTS.contains(&name)
        || local.ends_with("-bot")
        || local.ends_with("_bot")
        || local.ends_with(" bot")
        || local.starts_with("bot-")
        || matches!(local, "noreply" | "no-reply" | "mailer-daemon" | "postmaster" | "donotreply")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_model::Place;

    #[test]
    fn bots_are_told_from_people_with_similar_names() {
        let place = Place::new("github.com");
        let judge = |key: &str| member(&Who::new(&place, key), &Declared::default(), "").0;
        for bot in ["dependabot[bot]", "acme-bot", "github-actions", "codecov"] {
            assert_eq!(judge(bot), MemberKind::Bot, "{bot}");
        }
        for human in ["abbott", "botanist", "robot-fan", "lin"] {
            assert_eq!(judge(human), MemberKind::Community, "{human}");
        }
    }

    #[test]
    fn what_the_owner_declares_wins() {
        let declared = Declared {
            humans: vec!["helper-bot".into()],
            staff_domains: vec!["acme.example".into()],
            ..Declared::default()
        };
        let place = Place::new("mail");
        assert_eq!(member(&Who::new(&place, "helper-bot"), &declared, "").0, MemberKind::Community);
        let mut ada = Who::new(&place, "ada@acme.example");
        ada.email = Some("ada@acme.example".into());
        assert_eq!(member(&ada, &declared, "").0, MemberKind::Staff);
    }
}
