//! Whom people work for, against a list that a community keeps of its own people: what addresses tell, without the list's
//! own lines on the people asked about. Half of the people teach which hosts belong to which organisation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rapport_insight::people::employers::{Directory, Organisation, Trace, employers};
use serde::Deserialize;

use crate::Fault;
use crate::random::Random;

#[derive(Deserialize)]
struct List {
    users: Vec<User>,
    companies: Vec<Company>,
}
#[derive(Deserialize)]
struct User {
    user_name: String,
    emails: Vec<String>,
    #[serde(default)]
    companies: Vec<Stretch>,
}
#[derive(Deserialize)]
struct Stretch {
    company_name: String,
    end_date: Option<String>,
}
#[derive(Deserialize)]
struct Company {
    company_name: String,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

/// Prints precision and recall over pairs of person and organisation, ever and last, with and without known hosts.
pub(crate) fn employers_judged(data: &Path) -> Result<(), Fault> {
    let path = data.join("affiliations/stackalytics.json");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let list: List = serde_json::from_str(&text)?;
    let mut alias: BTreeMap<String, &str> = BTreeMap::new();
    for company in &list.companies {
        for name in company.aliases.iter().chain([&company.company_name]) {
            alias.insert(name.trim().to_lowercase(), &company.company_name);
        }
    }
    let known: Vec<Organisation> = list
        .companies
        .iter()
        .map(|c| Organisation { name: c.company_name.clone(), domains: c.domains.clone() })
        .collect();
    let none = Directory::default();
    let listed = Directory::new(Vec::new(), &known);
    let (looked_at, kept): (Vec<&User>, Vec<&User>) =
        list.users.iter().partition(|user| Random::new(5, &user.user_name).next().is_multiple_of(2));
    println!(
        "{:<52} {:>6} {:>9} {:>7} {:>7}",
        "person and organisation", "people", "precision", "recall", "F1"
    );
    for (half, users) in [("half looked at", &looked_at), ("half kept apart", &kept)] {
        score(&format!("{half}, hosts of the list, ever"), users, &listed, &alias, false);
        score(&format!("{half}, hosts of the list, the last one"), users, &listed, &alias, true);
        score(&format!("{half}, no list: the host names it, ever"), users, &none, &alias, false);
    }
    Ok(())
}

fn is_one(name: &str) -> bool {
    !["*independent", "*robots", "(unknown)", "unknown", ""].contains(&name.to_lowercase().as_str())
}

fn score(what: &str, users: &[&User], directory: &Directory, alias: &BTreeMap<String, &str>, last: bool) {
    let (mut right, mut said, mut wanted) = (0_u32, 0_u32, 0_u32);
    for user in users {
        let traces: Vec<Trace> = user
            .emails
            .iter()
            .map(|email| Trace {
                name: Some(user.user_name.clone()),
                email: Some(email.clone()),
                ..Trace::default()
            })
            .collect();
        let found = employers(&traces, directory);
        let canonical =
            |name: &str| alias.get(&name.trim().to_lowercase()).map_or(name.to_owned(), |n| (*n).to_owned());
        let truth: BTreeSet<String> = user
            .companies
            .iter()
            .filter(|c| !last || c.end_date.is_none())
            .map(|c| canonical(&c.company_name))
            .filter(|name| is_one(name))
            .collect();
        let found: BTreeSet<String> = found.iter().map(|e| canonical(&e.organisation)).collect();
        // Without a list the host stands for the organisation: `redhat.com` is right for `Red Hat`.
        let same = |said: &String, wanted: &String| {
            let bare =
                |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let host = bare(said.split('.').next().unwrap_or_default());
            said == wanted
                || (said.contains('.') && host.len() >= 2 && bare(wanted).starts_with(&host))
                || (said.contains('.') && bare(wanted).len() >= 3 && host.starts_with(&bare(wanted)))
        };
        wanted += u32::try_from(truth.len()).unwrap_or(0);
        said += u32::try_from(found.len()).unwrap_or(0);
        right +=
            u32::try_from(found.iter().filter(|f| truth.iter().any(|t| same(f, t))).count()).unwrap_or(0);
        if std::env::var_os("MISTAKES").is_some() {
            for f in found.iter().filter(|f| !truth.iter().any(|t| same(f, t))) {
                println!("WRONG\t{f}\t{truth:?}\t{:?}", user.emails);
            }
        }
    }
    let share = |part: u32, whole: u32| if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) };
    let (precision, recall) = (share(right, said), share(right, wanted));
    println!(
        "{what:<52} {:>6} {precision:>9.4} {recall:>7.4} {:>7.4}",
        users.len(),
        2.0 * precision * recall / (precision + recall)
    );
}
