//! From the file to the organisation: its form, and whether what it refers to is there.

use std::collections::BTreeMap;

use rapport_model::{Department, Scope, Slug};

use super::lints::{At, Finding};
use super::sheet::{Section, Sheet};
use super::{
    Area, DepartmentEntry, Employer, Interface, Member, Organisation, Preset, Priority, Product, Route,
    Rules, lines, named, title,
};

/// Reads an organisation's file. Everything that is wrong with its form is found at once; the organisation is there
/// when nothing of that is an error.
#[must_use]
pub fn read(text: &str) -> (Option<Organisation>, Vec<Finding>) {
    read_beside(text, &BTreeMap::new())
}

/// The same where presets of one's own, by the kind of employer, declare more areas.
#[must_use]
pub fn read_beside(text: &str, presets: &BTreeMap<String, String>) -> (Option<Organisation>, Vec<Finding>) {
    let (found, mut findings) = Sheet::lay(text, |_, root| whole(root, presets));
    if let Some(org) = &found {
        findings.extend(lines::circles(org));
    }
    findings.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.code.cmp(b.code)));
    let usable = !findings.iter().any(Finding::is_error);
    (found.filter(|_| usable), findings)
}

/// A name that was used, to be looked up when all are known.
struct Used {
    name: Slug,
    at: At,
    what: String,
}

fn whole(root: Section<'_, '_>, presets: &BTreeMap<String, String>) -> Organisation {
    let rules = root.section("rules").map_or_else(Rules::default, rules);
    let employer = root.section("employer").map_or_else(
        || Employer { name: None, kind: named("other") },
        |s| {
            let kind = s.needed_slug("kind", "\"saas\"").unwrap_or_else(|| named("other"));
            let employer = Employer { name: s.text("name"), kind };
            s.close();
            employer
        },
    );
    let mut departments: Vec<DepartmentEntry> = Vec::new();
    let (mut used_departments, mut used_people, mut used_areas) = (Vec::new(), Vec::new(), Vec::new());
    for s in root.sections("departments") {
        let above = one(&s, "reports-to", "the department that departments report to", &mut used_departments);
        let name = s.text("name");
        let counts_as = s.slug("counts-as");
        let owner = s.text("owner");
        let days = s.days("decide-within-days");
        if let Some(id) = s.needed_slug("id", "\"product\"") {
            twice(&s, departments.iter().any(|d| d.id.0 == id), "department", &id);
            departments.push(DepartmentEntry {
                name: name.unwrap_or_else(|| title(id.as_str())),
                counts_as: counts_as.unwrap_or_else(|| id.clone()),
                id: Department(id),
                owner,
                decide_within_days: days.unwrap_or(rules.decide_within_days),
                reports_to: above.map(Department),
                at: Some(s.at()),
            });
        }
        s.close();
    }
    let mut people: Vec<Member> = Vec::new();
    for s in root.sections("people") {
        if let Some(member) = member(&s, &mut used_departments, &mut used_people) {
            twice(&s, people.iter().any(|p| p.id == member.id), "person", &member.id);
            if departments.iter().any(|d| d.id.0 == member.id) {
                let says = format!("{} is a department and a person", member.id);
                s.note("ORG008", "id", says, "give one of them another name");
            }
            people.push(member);
        }
        s.close();
    }
    let interfaces = root
        .sections("interfaces")
        .into_iter()
        .filter_map(|s| interface(s, &mut used_departments, &mut used_people))
        .collect();
    let mut products: Vec<Product> = Vec::new();
    for s in root.sections("products") {
        let name = s.text("name");
        if let Some(id) = s.needed_slug("id", "\"relay\"") {
            twice(&s, products.iter().any(|p| p.id == id), "product", &id);
            products.push(Product { name: name.unwrap_or_else(|| title(id.as_str())), id });
        }
        s.close();
    }
    let mut areas: Vec<Area> = Vec::new();
    for s in root.sections("areas") {
        let product = s.slug("product");
        if let Some(product) = product.as_ref().filter(|p| !products.iter().any(|known| known.id == **p)) {
            s.note(
                "ORG022",
                "product",
                format!("there is no product {product}"),
                "declare it as [[products]]",
            );
        }
        let words = s.texts("words");
        if let Some(id) = s.needed_slug("id", "\"sdk\"") {
            twice(&s, areas.iter().any(|a| a.id == id), "area", &id);
            areas.push(Area { id, product, words });
        }
        s.close();
    }
    let mut priorities: Vec<Priority> = Vec::new();
    for s in root.sections("priorities") {
        if let Some(priority) = priority(&s, &mut used_areas) {
            twice(&s, priorities.iter().any(|p| p.id == priority.id), "priority", &priority.id);
            priorities.push(priority);
        }
        s.close();
    }
    let routes = routes(&root, &mut used_departments, &mut used_areas);
    if departments.is_empty() && !root.has("departments") {
        departments = Organisation::default().departments;
    }
    for used in used_departments.iter().filter(|u| !departments.iter().any(|d| d.id.0 == u.name)) {
        let known = listed(departments.iter().map(|d| d.id.as_str()));
        let says = format!("{}: there is no department {}", used.what, used.name);
        root.note_at("ORG020", used.at, says, format!("declare it as [[departments]]; there are {known}"));
    }
    for used in &used_people {
        let there = people.iter().any(|p| p.id == used.name)
            || (used.what == "reports-to" && departments.iter().any(|d| d.id.0 == used.name));
        if !there {
            let known = listed(people.iter().map(|p| p.id.as_str()));
            let says = format!("{}: there is nobody and no department called {}", used.what, used.name);
            root.note_at("ORG021", used.at, says, format!("declare it; people here: {known}"));
        }
    }
    // A preset that cannot be read is told of where it is used.
    let usual = Preset::of(&employer.kind, presets).map_or_else(|_| Vec::new(), |preset| preset.areas);
    for used in used_areas.iter().filter(|u| !areas.iter().chain(&usual).any(|a| a.id == u.name)) {
        let says = format!("{}: there is no area {}", used.what, used.name);
        root.note_at("ORG022", used.at, says, "declare it as [[areas]]");
    }
    let expected = rules.expected_lean.keys().filter(|d| !departments.iter().any(|known| known.id == **d));
    for department in expected {
        root.note(
            "ORG020",
            "rules",
            format!("rules.expected-lean: there is no department {department}"),
            "declare it as [[departments]]",
        );
    }
    root.close();
    Organisation { employer, departments, people, interfaces, products, areas, priorities, routes, rules }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.take(12).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn twice(section: &Section<'_, '_>, there: bool, what: &str, id: &Slug) {
    if there {
        section.note(
            "ORG008",
            "id",
            format!("the {what} {id} is declared twice"),
            "give one of them another name",
        );
    }
}

/// The name behind a key, to be looked up later.
fn one(section: &Section<'_, '_>, key: &'static str, what: &str, used: &mut Vec<Used>) -> Option<Slug> {
    let name = section.slug(key)?;
    used.push(Used { name: name.clone(), at: section.at_key(key), what: what.to_owned() });
    Some(name)
}

fn departments_of(shares: BTreeMap<Slug, f64>) -> BTreeMap<Department, f64> {
    shares.into_iter().map(|(name, share)| (Department(name), share)).collect()
}

/// Shares of one whole: empty, or together 1.
fn whole_of(section: &Section<'_, '_>, key: &str, shares: &BTreeMap<Slug, f64>) {
    let sum: f64 = shares.values().sum();
    if !shares.is_empty() && (sum - 1.0).abs() > 0.011 {
        section.note("ORG024", key, format!("{key} adds up to {sum:.2}; wanted is 1"), "60 % is written 0.6");
    }
}

fn rules(s: Section<'_, '_>) -> Rules {
    let usual = Rules::default();
    let lean = s.shares("expected-lean");
    whole_of(&s, "expected-lean", &lean);
    let rules = Rules {
        alive_within_days: s.days("alive-within-days").unwrap_or(usual.alive_within_days),
        decide_within_days: s.days("decide-within-days").unwrap_or(usual.decide_within_days),
        expected_lean: departments_of(lean),
    };
    s.close();
    rules
}

fn member(s: &Section<'_, '_>, departments: &mut Vec<Used>, people: &mut Vec<Used>) -> Option<Member> {
    let name = s.text("name");
    let title_of_job = s.text("title");
    let lines = s.slugs("reports-to");
    people.extend(lines.iter().map(|(name, at)| Used {
        name: name.clone(),
        at: *at,
        what: "reports-to".to_owned(),
    }));
    let functions = s.shares("functions");
    let total: f64 = functions.values().sum();
    if total > 1.011 {
        let says = format!("functions adds up to {total:.2}; wanted is at most 1");
        s.note("ORG024", "functions", says, "60 % is written 0.6");
    }
    let hours = s.number("hours", 0.0, 168.0);
    let works_for = s.shares("works-for");
    whole_of(s, "works-for", &works_for);
    departments.extend(works_for.keys().map(|name| Used {
        name: name.clone(),
        at: s.at_key("works-for"),
        what: "works-for".to_owned(),
    }));
    let sales_quota = s.flag("sales-quota");
    let id = s.needed_slug("id", "\"noor\"")?;
    Some(Member {
        name: name.unwrap_or_else(|| title(id.as_str())),
        id,
        title: title_of_job,
        reports_to: lines.into_iter().map(|(name, _)| name).collect(),
        functions,
        hours,
        works_for: departments_of(works_for),
        sales_quota,
        at: Some(s.at()),
    })
}

fn interface(s: Section<'_, '_>, departments: &mut Vec<Used>, people: &mut Vec<Used>) -> Option<Interface> {
    let with = if s.has("with") {
        one(&s, "with", "with", departments)
    } else {
        s.needed_slug("with", "\"engineering\"")
    };
    let (person, channel, last_spoke) = (s.text("person"), s.text("channel"), s.day("last-spoke"));
    let kept_by = one(&s, "kept-by", "kept-by", people);
    let through = one(&s, "through", "through", departments).map(Department);
    let at = Some(s.at());
    s.close();
    Some(Interface { with: Department(with?), person, kept_by, channel, through, last_spoke, at })
}

fn priority(s: &Section<'_, '_>, areas: &mut Vec<Used>) -> Option<Priority> {
    let text = s.needed("text", "\"what the employer wants\"");
    let weight = s.number("weight", 0.0, 100.0);
    let (from, until) = (s.day("from"), s.day("until"));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        s.note("ORG007", "until", "until comes before from".to_owned(), "exchange the two days");
    }
    let words = s.texts("words");
    let about = s.slugs("areas");
    if words.is_empty() && about.is_empty() {
        s.note(
            "ORG030",
            "id",
            "this priority has neither words nor areas".to_owned(),
            "add words = [...]: what people would write who need it",
        );
    }
    areas.extend(about.iter().map(|(name, at)| Used {
        name: name.clone(),
        at: *at,
        what: "priorities.areas".to_owned(),
    }));
    let id = s.needed_slug("id", "\"move-to-v3\"")?;
    Some(Priority {
        id,
        text: text?,
        weight: weight.unwrap_or(1.0),
        from,
        until,
        words,
        areas: about.into_iter().map(|(name, _)| name).collect(),
    })
}

fn routes(root: &Section<'_, '_>, departments: &mut Vec<Used>, areas: &mut Vec<Used>) -> Vec<Route> {
    let mut routes = Vec::new();
    let sections = root.sections("routes");
    let last = sections.len().saturating_sub(1);
    for (n, s) in sections.into_iter().enumerate() {
        let to =
            if s.has("to") { one(&s, "to", "to", departments) } else { s.needed_slug("to", "\"product\"") };
        let because = s.text("because");
        let words = s.texts("words");
        let kinds: Vec<Slug> = s.slugs("kinds").into_iter().map(|(name, _)| name).collect();
        let about = s.slugs("areas");
        areas.extend(about.iter().map(|(name, at)| Used {
            name: name.clone(),
            at: *at,
            what: "routes.areas".to_owned(),
        }));
        let scope = s.text("scope").and_then(|word| {
            let scope = Scope::from_word(&word);
            if scope.is_none() {
                s.note(
                    "ORG003",
                    "scope",
                    "scope is neither product nor market".to_owned(),
                    "write one of them",
                );
            }
            scope
        });
        if n < last && words.is_empty() && kinds.is_empty() && about.is_empty() && scope.is_none() {
            let says = "this route has no condition: what follows it never holds".to_owned();
            s.note("ORG031", "to", says, "move it to the end");
        }
        s.close();
        if let Some(to) = to {
            routes.push(Route {
                to: Department(to),
                because,
                words,
                kinds,
                areas: about.into_iter().map(|(name, _)| name).collect(),
                scope,
            });
        }
    }
    routes
}
