//! What a file in the data folder declares of organisations and of people's employers: `affiliations.toml`, or
//! `affiliations.json` in the shape that Stackalytics and others keep.

use std::path::Path;

use rapport_insight::people::employers::{Declared, Directory, Organisation};
use rapport_model::Time;
use serde::Deserialize;

use crate::fault::Fault;

const TOML: &str = "affiliations.toml";
const JSON: &str = "affiliations.json";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    organisation: Vec<WrittenOrganisation>,
    person: Vec<WrittenPerson>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOrganisation {
    name: String,
    #[serde(default)]
    domains: Vec<String>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPerson {
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    logins: Vec<String>,
    employers: Vec<WrittenEmployer>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEmployer {
    name: String,
    #[serde(default)]
    until: Option<String>,
}

/// The part of a Stackalytics file that tells employers.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    users: Vec<KeptUser>,
    #[serde(default)]
    companies: Vec<KeptCompany>,
}
#[derive(Deserialize)]
struct KeptUser {
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    github_id: Option<String>,
    #[serde(default)]
    companies: Vec<KeptStretch>,
}
#[derive(Deserialize)]
struct KeptStretch {
    company_name: String,
    #[serde(default)]
    end_date: Option<String>,
}
#[derive(Deserialize)]
struct KeptCompany {
    company_name: String,
    #[serde(default)]
    domains: Vec<String>,
}

/// Everything that the folder's files declare; nothing where there are none.
pub(crate) fn read(folder: &Path) -> Result<Directory, Fault> {
    let (mut people, mut organisations) = (Vec::new(), Vec::new());
    if let Some(text) = text(&folder.join(TOML))? {
        let bad = |why: String| {
            Fault::usage(format!("{}: {why}", folder.join(TOML).display()))
                .hint("mend the line, or move the file away")
        };
        let written: Written = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
        organisations.extend(
            written.organisation.into_iter().map(|o| Organisation { name: o.name, domains: o.domains }),
        );
        for person in written.person {
            let mut employers = Vec::new();
            for employer in person.employers {
                let until = match &employer.until {
                    None => None,
                    Some(text) => {
                        Some(day(text).ok_or_else(|| bad(format!("'{text}' is no day: 2026-09-28")))?)
                    }
                };
                employers.push((employer.name, until));
            }
            people.push(Declared { emails: person.emails, logins: person.logins, employers });
        }
    }
    if let Some(text) = text(&folder.join(JSON))? {
        let kept: Kept = serde_json::from_str(&text).map_err(|e| {
            Fault::usage(format!("{}: {e}", folder.join(JSON).display()))
                .hint("mend it, or move the file away")
        })?;
        organisations.extend(
            kept.companies.into_iter().map(|c| Organisation { name: c.company_name, domains: c.domains }),
        );
        people.extend(kept.users.into_iter().map(|user| {
            Declared {
                emails: user.emails,
                logins: user.github_id.into_iter().collect(),
                employers: user
                    .companies
                    .into_iter()
                    .map(|c| (c.company_name, c.end_date.as_deref().and_then(day)))
                    .collect(),
            }
        }));
    }
    Ok(Directory::new(people, &organisations))
}

fn text(path: &Path) -> Result<Option<String>, Fault> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::usage(format!("{}: {error}", path.display()))),
    }
}

/// `2026-09-28`, `2017-Nov-03` or a whole moment.
pub(super) fn day(text: &str) -> Option<Time> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Ok(time) = Time::parse(text) {
        return Some(time);
    }
    let [year, month, day] = text.trim().split('-').collect::<Vec<_>>()[..] else { return None };
    let month = match MONTHS.iter().position(|name| month.to_lowercase().starts_with(name)) {
        Some(at) => at + 1,
        None => month.parse().ok()?,
    };
    Time::parse(&format!("{year}-{month:02}-{day:0>2}T00:00:00Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rapport_insight::people::employers::{Trace, employers};

    #[test]
    fn both_files_are_read() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(
            folder.path().join(TOML),
            "[[organisation]]\nname = \"Brass\"\ndomains = [\"brass.example\"]\n[[person]]\nlogins = [\"ada\"]\n\
             employers = [{ name = \"Acme\", until = \"2026-03-01\" }, { name = \"Brass\" }]\n",
        )
        .unwrap();
        std::fs::write(
            folder.path().join(JSON),
            r#"{"users":[{"emails":["per@gmail.com"],"companies":[{"company_name":"Holm","end_date":"2017-Nov-03"}]}],
                "companies":[{"company_name":"Holm","domains":["holm.example"]}]}"#,
        )
        .unwrap();
        let directory = read(folder.path()).unwrap();
        let of = |trace: Trace| {
            let found = employers(&[trace], &directory);
            found
                .iter()
                .map(|e| format!("{} {:?}", e.organisation, e.until.map(|t| t.to_string())))
                .collect::<Vec<_>>()
        };
        let mail = |email: &str| Trace { email: Some(email.into()), ..Trace::default() };
        assert_eq!(
            of(Trace { handle: Some("Ada".into()), ..Trace::default() }),
            ["Acme Some(\"2026-03-01T00:00:00Z\")", "Brass None"]
        );
        assert_eq!(of(mail("per@gmail.com")), ["Holm Some(\"2017-11-03T00:00:00Z\")"]);
        assert_eq!(of(mail("kim@holm.example")), ["Holm None"]);
        std::fs::write(folder.path().join(TOML), "[[person]]\nnick = 1\n").unwrap();
        assert!(read(folder.path()).is_err());
    }
}
