//! The map on small worlds, and its law on many.

use super::*;

fn slug(word: &str) -> Slug {
    Slug::new(word).unwrap()
}
fn priority(id: &str, weight: f64, words: &[&str]) -> Priority {
    Priority {
        id: slug(id),
        text: id.to_owned(),
        weight,
        from: None,
        until: None,
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        areas: Vec::new(),
    }
}
fn topic(id: u32, name: &str, asked: &[(i64, Scope, &str)]) -> Topic {
    Topic {
        id,
        label: name.to_owned(),
        name: Words::new(name),
        asked: asked.iter().map(|(who, scope, text)| (*who, *scope, Words::new(text))).collect(),
        likeness: BTreeMap::new(),
    }
}

const P: Scope = Scope::Product;
const M: Scope = Scope::Market;

#[test]
fn three_lists_with_reasons_and_what_moves_says_why() {
    let topics = [
        topic(1, "webhooks", &[(1, P, "my webhooks fail"), (2, M, "webhook retries"), (3, P, "signature")]),
        topic(2, "memory", &[(4, P, "slow"), (5, P, "memory"), (6, P, "memory"), (7, P, "memory")]),
        topic(3, "kotlin sdk", &[]),
    ];
    let (hooks, kotlin, choir) = (
        priority("hooks", 2.0, &["webhook"]),
        priority("jvm", 5.0, &["kotlin"]),
        priority("choir", 9.0, &["singing"]),
    );
    let map = focus(&topics, &[&hooks, &kotlin, &choir], &[]);
    assert_eq!(map.both.iter().map(|s| s.topic).collect::<Vec<_>>(), [1]);
    assert_eq!(
        map.both[0].because,
        "3 people asked, 1 of them in the market; hooks: 67 % of them speak of it, like \u{201c}webhook\u{201d}"
    );
    assert_eq!(map.industry_only[0].because, "4 people asked; no priority speaks of it");
    let unasked: Vec<&str> = map.employer_only.iter().map(|u| u.priority.as_str()).collect();
    assert_eq!(unasked, ["choir", "jvm"], "what nobody asks about is never in the plan, whatever it weighs");
    assert_eq!(map.silent[0].topic, 3);
    let without = focus(&topics, &[&kotlin, &choir], &[]);
    let moved = moves(&map, &without);
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].from, moved[0].to), (Place::Both(1), Place::IndustryOnly));
    assert_eq!(moved[0].because, "hooks was its only priority");
    assert!(moves(&map, &map).is_empty());
}

#[test]
fn likeness_supports_and_never_decides_more_than_half() {
    let mut like = topic(1, "x", &[(1, P, "nothing of the kind")]);
    let hooks = priority("hooks", 2.0, &["webhook"]);
    for (cosine, strength) in [(0.2, 0.0), (0.49, 0.0), (0.75, 0.25), (1.0, 0.5), (f64::NAN, 0.0), (7.0, 0.0)]
    {
        like.likeness = BTreeMap::from([(slug("hooks"), cosine)]);
        let map = focus(std::slice::from_ref(&like), &[&hooks], &[]);
        let found = map.both.first().map_or(0.0, |s| s.matches[0].strength);
        assert!((found - strength).abs() < 1e-9, "{cosine}: {found}");
    }
}

#[test]
fn areas_speak_for_a_priority_and_a_stray_word_does_not() {
    let areas = [Area { id: slug("sdk"), product: None, words: vec!["client library".to_owned()] }];
    let mut p = priority("sdks", 1.0, &[]);
    p.areas = vec![slug("sdk")];
    let map = focus(&[topic(1, "x", &[(1, P, "the client library hangs")])], &[&p], &areas);
    assert_eq!(map.both.len(), 1);
    let crowd: Vec<(i64, Scope, &str)> =
        (0..30).map(|n| (n, P, if n == 0 { "client library" } else { "other" })).collect();
    assert!(focus(&[topic(1, "x", &crowd)], &[&p], &areas).both.is_empty());
    for (speakers, both) in [(5, 0), (6, 1)] {
        let crowd: Vec<(i64, Scope, &str)> =
            (0..30).map(|n| (n, P, if n < speakers { "client library" } else { "other" })).collect();
        assert_eq!(
            focus(&[topic(1, "x", &crowd)], &[&p], &areas).both.len(),
            both,
            "one in five speaks of it"
        );
    }
    assert!(
        focus(&[topic(1, "x", &crowd[..5])], &[&p], &areas).both.is_empty(),
        "one of five is a stray word"
    );
    assert_eq!(focus(&[topic(1, "x", &crowd[..3])], &[&p], &areas).both.len(), 1, "one of three is not");
}

#[test]
fn zero_on_either_side_is_never_in_the_plan() {
    let words = ["alpha", "beta", "gamma", "delta"];
    let mut state = 5_u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let (mut planned, mut left) = (0, 0);
    for _ in 0..2_000 {
        let topics: Vec<Topic> = (0..below(6))
            .map(|id| {
                let asked: Vec<(i64, Scope, &str)> = (0..below(5))
                    .map(|_| {
                        let scope = if below(2) == 0 { P } else { M };
                        (i64::try_from(below(9)).unwrap(), scope, words[usize::try_from(below(4)).unwrap()])
                    })
                    .collect();
                topic(u32::try_from(id).unwrap(), words[usize::try_from(below(4)).unwrap()], &asked)
            })
            .collect();
        let priorities: Vec<Priority> = (0..below(4))
            .map(|n| {
                #[allow(clippy::cast_precision_loss)] // 0 to 3
                priority(&format!("p{n}"), below(4) as f64, &[words[usize::try_from(below(4)).unwrap()]])
            })
            .collect();
        let map = focus(&topics, &priorities.iter().collect::<Vec<_>>(), &[]);
        for spot in &map.both {
            let asked = topics.iter().find(|t| t.id == spot.topic).unwrap();
            assert!(spot.people > 0 && !asked.asked.is_empty(), "nobody asks: {spot:?}");
            let wanted = priorities.iter().any(|p| {
                p.weight > 0.0 && asked.asked.iter().any(|(_, _, said)| said.first(&p.words).is_some())
            });
            assert!(wanted && spot.priority > 0.0, "no priority: {spot:?}");
            assert!((spot.score - spot.need * spot.priority).abs() < 1e-12);
        }
        assert!(map.both.is_sorted_by(|a, b| a.score >= b.score));
        let sum: f64 = map.both.iter().map(|s| s.share).sum();
        assert!(map.both.is_empty() || (sum - 1.0).abs() < 1e-9, "{sum}");
        let people = |list: &[Spot]| list.len();
        assert_eq!(
            people(&map.both) + people(&map.industry_only),
            topics.iter().filter(|t| !t.asked.is_empty()).count(),
            "every topic in which somebody asks stands once"
        );
        planned += map.both.len();
        left += map.industry_only.len() + map.employer_only.len();
    }
    assert!(planned > 500 && left > 500, "{planned} {left}");
}
