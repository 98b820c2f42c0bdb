//! The cases as data: what is asked, what has to come out, and why.

use serde_json::Value;

use super::*;

fn lines(text: &str) -> Vec<Value> {
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).expect(l)).collect()
}

fn check(definition: &Definition, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let expect = &case["expect"];
    let read: Result<Person, _> = serde_json::from_value(case["person"].clone());
    if let Some(error) = expect["error"].as_str() {
        let said = match read {
            Err(e) => e.to_string(),
            Ok(person) => judge(definition, &person).expect_err(id).to_string(),
        };
        assert!(said.contains(error), "{id}: {said}");
        return;
    }
    let person = read.unwrap_or_else(|e| panic!("{id}: {e}"));
    let judgement = judge(definition, &person).unwrap_or_else(|e| panic!("{id}: {e}"));
    assert_eq!(
        judgement,
        judge(definition, &person).unwrap(),
        "{id}: the same application, the same verdict"
    );
    let said = serde_json::to_value(&judgement).unwrap();
    assert_eq!(said["verdict"], expect["verdict"], "{id}: {judgement:#?}");
    for (field, wanted) in expect.as_object().unwrap() {
        match field.as_str() {
            "verdict" => {}
            "question" => assert_eq!(said["question"].is_string(), wanted.as_bool().unwrap(), "{id}"),
            "asks" => assert!(
                said["question"].as_str().unwrap().contains(wanted.as_str().unwrap()),
                "{id}: {said:#}"
            ),
            "says_what_would_change_it" => {
                assert!(!said["what_would_change_it"].as_array().unwrap().is_empty(), "{id}");
            }
            "note" => {
                assert!(said["note"].as_str().unwrap().contains(wanted.as_str().unwrap()), "{id}: {said:#}");
            }
            other => assert_eq!(&said[other], wanted, "{id}: {other} in {said:#}"),
        }
    }
    assert!(!judgement.what_would_change_it.is_empty(), "{id}");
    assert_eq!(judgement.verdict == Verdict::Open, judgement.question.is_some(), "{id}");
    assert!(judgement.clauses.iter().all(|c| !c.words.is_empty() && !c.because.is_empty()), "{id}");
    if judgement.verdict == Verdict::Recognised {
        assert!(!judgement.recognises.is_empty() && judgement.clause.is_some(), "{id}");
    }
    assert!(!judgement.letter.chars().any(|c| c.is_control() && c != '\n'), "{id}");
}

#[test]
fn the_vectors_behave_as_written() {
    let cases = lines(include_str!("../../tests/roster/vectors.jsonl"));
    assert_eq!(cases.len(), 15);
    cases.iter().for_each(|case| check(&Definition::ours(), case));
}

#[test]
fn every_other_case_has_a_reason_and_behaves() {
    let cases = lines(include_str!("../../tests/roster/cases.jsonl"));
    assert!(cases.len() >= 40, "{}", cases.len());
    for case in &cases {
        assert!(case["why"].as_str().is_some_and(|why| why.len() > 10), "{}", case["id"]);
        check(&Definition::ours(), case);
    }
}

#[test]
fn a_title_never_decides() {
    let cases = lines(include_str!("../../tests/roster/vectors.jsonl"));
    for case in cases {
        let verdict = |title: Option<&str>| {
            let mut person: Person = serde_json::from_value(case["person"].clone()).unwrap();
            person.title = title.map(str::to_owned);
            judge(&Definition::ours(), &person).unwrap().verdict
        };
        for title in ["CEO", "Developer Advocate", "Intern", "", "xyzzy"] {
            assert_eq!(verdict(Some(title)), verdict(None), "{} as {title}", case["id"]);
        }
    }
}

#[test]
fn a_changed_definition_lists_who_would_flip() {
    let people: Vec<(String, Person)> = lines(include_str!("../../tests/roster/vectors.jsonl"))
        .into_iter()
        .map(|c| (c["id"].as_str().unwrap().to_owned(), serde_json::from_value(c["person"].clone()).unwrap()))
        .collect();
    let old = Definition::ours();
    assert!(flips(&old, &old, &people).is_empty());
    let text = OURS
        .replace("from = 32\nsurely_below = 25", "from = 18\nsurely_below = 15")
        .replace("version = 1", "version = 2");
    let new = Definition::read(&text).unwrap();
    let found = flips(&old, &new, &people);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].before, found[0].after),
        ("V13", Verdict::Recognised, Verdict::Practitioner)
    );
    assert_eq!(found[0].clause_before.as_deref(), Some("full-time"));
    // A function that a second definition lists is known there without a change to the program.
    let mut more = OURS.to_owned();
    more.push_str("\n[[functions]]\nid = \"ecosystem-gardening\"\nkind = \"devrel\"\n");
    let gardener: Person = serde_json::from_str(
        r#"{"duties":[{"function":"Ecosystem Gardening","share":1}],"hours_per_week":40,"reports_to":"product"}"#,
    )
    .unwrap();
    assert_eq!(judge(&old, &gardener).unwrap().verdict, Verdict::Open);
    assert_eq!(judge(&Definition::read(&more).unwrap(), &gardener).unwrap().verdict, Verdict::Practitioner);
}

#[test]
fn a_definition_that_cannot_be_used_says_why() {
    let broken = |from: &str, to: &str| Definition::read(&OURS.replace(from, to)).unwrap_err().to_string();
    assert!(broken("from = 0.95", "from = 1.95").contains("sole.from"));
    assert!(broken("from = 32", "from = 320").contains("full_time"));
    assert!(broken("[sole]", "[soul]").contains("soul"));
    assert!(broken("\"dx\"", "\"devrel\"").contains("twice"));
}
