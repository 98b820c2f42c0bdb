//! The file as people get it wrong, and the organisation as the definition sees it.

use rapport_model::Time;

use super::lints::LINTS;
use super::*;
use crate::definition::Definition;

fn now() -> Time {
    Time::parse("2026-09-28T08:00:00Z").unwrap()
}

/// Everything that is found in a file: its form, then what the definition says.
fn found(text: &str) -> Vec<Finding> {
    let (org, mut findings) = read(text);
    if let Some(org) = org {
        findings.extend(check(&org, &Definition::ours(), Facts { traffic: &[], lean: None, now: now() }));
    }
    findings
}

fn codes(text: &str) -> Vec<&'static str> {
    found(text).into_iter().map(|f| f.code).collect()
}

#[test]
fn every_lint_is_found_in_its_bad_file_and_not_in_its_good_one() {
    for lint in LINTS {
        let bad = codes(lint.bad);
        assert!(bad.contains(&lint.code), "{}: {bad:?}", lint.code);
        let good = codes(lint.good);
        assert!(!good.contains(&lint.code), "{}: {good:?}", lint.code);
        assert!(read(lint.good).0.is_some(), "{}: {:?}", lint.code, read(lint.good).1);
        let usable = read(lint.bad).0.is_some();
        assert_eq!(usable, lint.level != Level::Error, "{}", lint.code);
        assert!(found(lint.bad).iter().all(|f| !f.says.is_empty() && !f.fix.is_empty()));
    }
}

#[test]
fn the_example_is_clean() {
    let (org, findings) = read(EXAMPLE);
    assert_eq!(findings, []);
    let org = org.unwrap();
    assert_eq!(codes(EXAMPLE), Vec::<&str>::new());
    assert_eq!(org.department("growth").unwrap().decide_within_days, 14);
    assert_eq!(org.department("product").unwrap().decide_within_days, 10);
    assert_eq!(org.counting_as("marketing").unwrap().id.as_str(), "growth");
    assert_eq!(org.priorities_on(now()).count(), 1);
    assert_eq!(
        org.priorities_on(Time::parse("2026-12-31T20:00:00Z").unwrap()).count(),
        1,
        "the day is included"
    );
    assert_eq!(org.priorities_on(Time::parse("2027-01-01T00:00:00Z").unwrap()).count(), 0);
}

#[test]
fn every_mistake_is_told_at_once_with_line_and_column() {
    let text = "[employer]\nkind = \"SaaS\"\n\n[[departments]]\nid = \"product\"\nownr = \"Ida\"\n\n[[people]]\nid = \"noor\"\n\
                reports-too = \"product\"\nhours = \"40\"\nfunctions = { developer-advocacy = 60 }\n\n[[priorities]]\n\
                id = \"v3\"\ntext = \"\"\nfrom = \"soon\"\n\n[rules]\nalive-within-days = 2.5\n";
    let (org, findings) = read(text);
    assert!(org.is_none());
    let told: Vec<(&str, u32, u32)> =
        findings.iter().map(|f| (f.code, f.at.unwrap().line, f.at.unwrap().column)).collect();
    assert_eq!(
        told,
        [
            ("ORG005", 2, 8),
            ("ORG002", 6, 1),
            ("ORG002", 10, 1),
            ("ORG003", 11, 9),
            ("ORG006", 12, 36),
            ("ORG030", 15, 6),
            ("ORG004", 16, 8),
            ("ORG007", 17, 8),
            ("ORG003", 20, 21),
        ],
        "{findings:#?}"
    );
    let fix = |code: &str, n: usize| findings.iter().filter(|f| f.code == code).nth(n).unwrap().fix.clone();
    assert_eq!(fix("ORG002", 0), "did you mean owner?");
    assert_eq!(fix("ORG002", 1), "did you mean reports-to?");
    assert_eq!(fix("ORG005", 0), "for example \"saas\"");
}

#[test]
fn a_line_without_form_hides_nothing_else() {
    let text =
        "[employer]\nkind = \"saas\nname = \"x\"\n\n[[people]]\nid = \"noor\"\nreports-too = \"product\"\n";
    let findings = codes(text);
    assert!(findings.contains(&"ORG001") && findings.contains(&"ORG002"), "{findings:?}");
}

#[test]
fn no_kind_of_employer_is_held_against_anybody() {
    let of = |kind: &str| codes(&EXAMPLE.replace("kind = \"saas\"", &format!("kind = \"{kind}\"")));
    for kind in KINDS.iter().map(|(kind, _)| *kind).chain(["cosmetics", "choir", "x9"]) {
        assert_eq!(of(kind), of("saas"), "{kind}");
    }
}

#[test]
fn hostile_texts_are_refused_or_harmless() {
    let with =
        |name: &str| format!("[employer]\nkind = \"saas\"\n[[people]]\nid = \"a\"\nname = \"{name}\"\n");
    for bad in ["\\u202Etfel", "\\u001B[31mred", "a\\u200Bb", "\\u0007", "\\uFEFF"] {
        assert!(codes(&with(bad)).contains(&"ORG009"), "{bad}");
    }
    for fine in ["<script>alert(1)</script>", "'; DROP TABLE log; --", "\u{5d0}\u{5d1} \u{645}", "{{7*7}}"] {
        assert!(read(&with(fine)).0.is_some(), "{fine}");
    }
    assert!(codes(&with(&"a".repeat(3_000))).contains(&"ORG006"));
    assert_eq!(codes(&"#".repeat(2 << 20)), ["ORG001"]);
    for deep in
        ["[".repeat(5_000), format!("a = {}", "[".repeat(5_000)), format!("a{} = 1", ".b".repeat(5_000))]
    {
        assert!(read(&deep).0.is_none());
    }
    let _ = read("\u{0}\u{feff}=[[]]\r\n\t\u{85}");
}

#[test]
fn sales_is_sales_whatever_it_counts_as() {
    let of = |department: &str| {
        let text = format!(
            "[employer]\nkind = \"saas\"\n[[departments]]\n{department}\n[[people]]\nid = \"a\"\nreports-to = \"x\"\nhours = 40\n\
             functions = {{ developer-advocacy = 1 }}\n"
        );
        codes(&text.replace(
            "reports-to = \"x\"",
            &format!("reports-to = {}", department.split(['=', '\n']).nth(1).unwrap()),
        ))
    };
    for department in [
        "id = \"sales\"\ncounts-as = \"marketing\"",
        "id = \"growth\"\nname = \"Sales and Marketing\"\ncounts-as = \"marketing\"",
        "id = \"field-sales\"",
        "id = \"x\"\ncounts-as = \"business-development\"",
        "id = \"revenue\"\nname = \"The Marketing Team\"",
    ] {
        assert!(of(department).contains(&"ORG103"), "{department}: {:?}", of(department));
    }
    for department in [
        "id = \"growth\"\ncounts-as = \"marketing\"",
        "id = \"salesforce-platform\"\ncounts-as = \"product\"",
    ] {
        assert!(!of(department).contains(&"ORG103"), "{department}");
    }
}

#[test]
fn what_a_preset_declares_need_not_be_declared_again() {
    let text =
        "[employer]\nkind = \"choir\"\n[[priorities]]\nid = \"p\"\ntext = \"x\"\nareas = [\"altos\"]\n";
    assert!(codes(text).contains(&"ORG022"));
    let own = "kind = \"choir\"\nsays = \"sings\"\n[[areas]]\nid = \"altos\"\nwords = [\"alto\"]\n";
    let presets = BTreeMap::from([("choir".to_owned(), own.to_owned())]);
    assert!(read_beside(text, &presets).0.is_some());
    let ours = text.replace("choir", "saas").replace("altos", "authentication");
    assert!(read(&ours).0.is_some(), "{:?}", read(&ours).1);
}

#[test]
fn great_files_are_refused_and_long_lines_followed() {
    let chain = |n: usize| -> String {
        let people = (0..n).map(|i| format!("[[people]]\nid = \"p{i}\"\nreports-to = \"p{}\"\n", i + 1));
        let end = format!("[[people]]\nid = \"p{n}\"\nreports-to = \"product\"\nsales-quota = true\n");
        people.collect::<String>() + &end + "[[departments]]\nid = \"product\"\n"
    };
    let (org, findings) = read(&chain(499));
    let org = org.unwrap_or_else(|| panic!("{findings:?}"));
    assert_eq!(line(&org, &org.people[0]).ends[0].through.len(), 499);
    assert_eq!(codes(&chain(80)).iter().filter(|c| **c == "ORG103").count(), 1, "the last one has a quota");
    assert!(codes(&chain(9_000)).contains(&"ORG006"));
    let functions: Vec<String> = (0..200).map(|n| format!("f{n} = 0.001")).collect();
    let many = format!("[[people]]\nid = \"a\"\nfunctions = {{ {} }}\n", functions.join(", "));
    assert!(codes(&many).contains(&"ORG006"), "or the person could not be judged");
}

/// A generator of chance with a seed, for whole files of mistakes.
struct Chance(u64);
impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

#[test]
fn no_damage_makes_it_fall_over() {
    let mut chance = Chance(7);
    let whole: Vec<char> = EXAMPLE.chars().collect();
    for _ in 0..400 {
        let mut text = whole.clone();
        for _ in 0..=chance.below(6) {
            let at = chance.below(text.len());
            match chance.below(4) {
                0 => {
                    text.remove(at);
                }
                1 => text.insert(at, ['"', '[', ']', '=', '\n', '{', '\u{202e}', '9'][chance.below(8)]),
                2 => text.truncate(at.max(1)),
                _ => {
                    let to = (at + chance.below(200)).min(text.len());
                    let part: Vec<char> = text[at..to].to_vec();
                    text.extend(part);
                }
            }
        }
        let text: String = text.into_iter().collect();
        let (org, findings) = read(&text);
        assert_eq!(org.is_none(), findings.iter().any(Finding::is_error), "{text}");
        let lines = u32::try_from(text.lines().count()).unwrap() + 1;
        assert!(findings.iter().filter_map(|f| f.at).all(|at| at.line <= lines && at.column >= 1));
        if let Some(org) = org {
            let _ = check(&org, &Definition::ours(), Facts { traffic: &[], lean: None, now: now() });
        }
    }
}

/// Any organisation of a few people: each practitioner has exactly one line, or a finding says so.
#[test]
fn exactly_one_line_or_a_finding() {
    let definition = Definition::ours();
    let mut chance = Chance(11);
    let targets = ["product", "marketing", "engineering", "sales", "executive", "p0", "p1", "p2", "p3", "p4"];
    let (mut whole, mut circles) = (0, 0);
    for _ in 0..600 {
        let mut text = "[employer]\nkind = \"saas\"\n".to_owned();
        for department in &targets[..5] {
            text.push_str(&format!("[[departments]]\nid = \"{department}\"\n"));
        }
        for n in 0..5 {
            let to: Vec<String> = (0..chance.below(3))
                .map(|_| format!("\"{}\"", targets[chance.below(targets.len())]))
                .collect();
            text.push_str(&format!(
                "[[people]]\nid = \"p{n}\"\nreports-to = [{}]\nhours = 40\nfunctions = {{ developer-advocacy = 1 }}\n",
                to.join(", ")
            ));
        }
        let (org, findings) = read(&text);
        let Some(org) = org else {
            assert!(findings.iter().any(|f| f.code == "ORG023"), "{findings:?}");
            circles += 1;
            continue;
        };
        whole += 1;
        let findings = check(&org, &definition, Facts { traffic: &[], lean: None, now: now() });
        for member in &org.people {
            let about = |code: &str| findings.iter().any(|f| f.code == code && f.at == member.at);
            let ends = line(&org, member).ends;
            assert_eq!(about("ORG101"), ends.is_empty(), "{text}");
            assert_eq!(about("ORG102"), ends.len() > 1, "{text}");
            let ends_in = |department: &str| ends.iter().any(|e| e.department.as_str() == department);
            assert_eq!(about("ORG103"), ends_in("sales"), "{text}");
            assert_eq!(about("ORG104"), ends_in("executive"), "{text}");
        }
    }
    assert!(whole > 100 && circles > 100, "{whole} {circles}");
}

#[test]
fn traffic_keeps_an_interface_alive() {
    let text = LINTS.iter().find(|l| l.code == "ORG106").unwrap().bad;
    let (org, _) = read(text);
    let org = org.unwrap();
    let silent = |traffic: &[Traffic]| {
        let facts = Facts { traffic, lean: None, now: now() };
        let all = check(&org, &Definition::ours(), facts);
        all.iter().filter(|f| f.code == "ORG106" && f.says.contains("Product")).count()
    };
    assert_eq!(silent(&[]), 1);
    let said = |at: &str| Traffic {
        department: Department::new("product").unwrap(),
        at: Time::parse(at).unwrap(),
        what: "feedback delivered".to_owned(),
    };
    assert_eq!(silent(&[said("2026-09-01T00:00:00Z")]), 0);
    assert_eq!(silent(&[said("2026-06-01T00:00:00Z")]), 1, "too long ago");
    assert_eq!(silent(&[said("2026-10-01T00:00:00Z")]), 1, "not yet");
}
