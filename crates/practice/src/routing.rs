//! Which department something concerns, and why: the organisation's own routes first, then what is usual at its kind of
//! employer, then the plain rule.

use rapport_model::{Department, NeedKind, Scope};
use serde::Serialize;

use crate::lean::standing_for;
use crate::org::{Area, Organisation, Preset, Route};
use crate::words::Words;

/// What sort of gap it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapKind {
    /// The product lacks something or does it wrongly.
    Product,
    /// An answer exists, and people do not find it.
    Docs,
    /// Nobody answers.
    Support,
    /// Something outside the product that people turn to.
    Market,
}

impl GapKind {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            GapKind::Product => "product",
            GapKind::Docs => "docs",
            GapKind::Support => "support",
            GapKind::Market => "market",
        }
    }
}

/// Where something goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Routed {
    /// The department.
    pub department: Department,
    /// Why, in words.
    pub because: String,
    /// It was a route of the organisation's own.
    pub own: bool,
}

/// What is asked, as routes look at it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What it says: a need's text, or a topic's name, terms and titles.
    pub words: &'a Words,
    /// What is asked for.
    pub kind: &'a NeedKind,
    /// Where.
    pub scope: Scope,
}

/// Where a need goes. The last resort is product, which every employer has.
#[must_use]
pub fn route(org: &Organisation, preset: &Preset, asked: Asked<'_>) -> Routed {
    own_route(org, preset, asked).or_else(|| usual(org, preset, asked)).unwrap_or_else(|| Routed {
        department: stands("product", org),
        because: "no route fits".to_owned(),
        own: false,
    })
}

/// Where a gap goes. `bugs` and `wishes` are how many of its needs are bugs and feature requests.
#[must_use]
pub fn gap(
    org: &Organisation,
    preset: &Preset,
    kind: GapKind,
    (bugs, wishes): (u64, u64),
    asked: Asked<'_>,
) -> Routed {
    if let Some(own) = own_route(org, preset, asked) {
        return own;
    }
    let (duty, because) = department(kind, bugs, wishes);
    if kind == GapKind::Support
        && bugs <= wishes
        && let Some(usual) = usual(org, preset, asked)
    {
        return Routed { because: format!("{because}, and {}", usual.because), ..usual };
    }
    Routed { department: stands(duty, org), because, own: false }
}

fn stands(duty: &str, org: &Organisation) -> Department {
    standing_for(org, duty).unwrap_or_else(|| unreachable!("'{duty}' is a name"))
}

fn own_route(org: &Organisation, preset: &Preset, asked: Asked<'_>) -> Option<Routed> {
    let areas = preset.areas_with(org);
    org.routes.iter().find_map(|route| {
        let because = holds(route, &areas, asked)?;
        let because = match (&route.because, because.as_str()) {
            (Some(said), "") => said.clone(),
            (Some(said), found) => format!("{said} ({found})"),
            (None, "") => "everything else goes there".to_owned(),
            (None, found) => found.to_owned(),
        };
        Some(Routed { department: route.to.clone(), because, own: true })
    })
}

fn usual(org: &Organisation, preset: &Preset, asked: Asked<'_>) -> Option<Routed> {
    preset.routes.iter().find(|route| holds(route, &preset.areas, asked).is_some()).map(|route| Routed {
        department: stands(route.to.as_str(), org),
        because: route.because.clone().unwrap_or_default(),
        own: false,
    })
}

/// What makes a route hold, in words; nothing when it does not.
fn holds(route: &Route, areas: &[Area], asked: Asked<'_>) -> Option<String> {
    let mut found = Vec::new();
    if !route.kinds.is_empty() {
        route.kinds.contains(&asked.kind.0).then_some(())?;
        found.push(format!("it is mostly {}", asked.kind.as_str()));
    }
    if let Some(scope) = route.scope {
        (scope == asked.scope).then_some(())?;
        found.push(format!("it comes from the {} side", scope.as_str()));
    }
    if !route.words.is_empty() {
        found.push(format!("it speaks of \u{201c}{}\u{201d}", asked.words.first(&route.words)?));
    }
    if !route.areas.is_empty() {
        let (area, word) = route.areas.iter().find_map(|name| {
            let area = areas.iter().find(|a| a.id == *name)?;
            Some((name, asked.words.first(&area.words)?))
        })?;
        found.push(format!("it is about {area}: \u{201c}{word}\u{201d}"));
    }
    Some(found.join(", "))
}

/// The department that a gap concerns by itself, and the reason in words.
#[must_use]
pub fn department(kind: GapKind, bugs: u64, wishes: u64) -> (&'static str, String) {
    match kind {
        GapKind::Product if bugs > wishes => {
            ("engineering", format!("{bugs} of its needs are bugs, {wishes} are wishes"))
        }
        GapKind::Product => ("product", format!("{wishes} of its needs are wishes, {bugs} are bugs")),
        GapKind::Docs => {
            ("product", "an answer exists and is asked for again: it has to be found".to_owned())
        }
        GapKind::Support if bugs > wishes => {
            ("engineering", "nobody who knows replies, and most of it is bugs".to_owned())
        }
        GapKind::Support => ("product", "nobody who knows replies".to_owned()),
        GapKind::Market => ("marketing", "it rises outside the product".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::org::read;

    #[test]
    fn bugs_go_to_engineering_and_wishes_to_product() {
        assert_eq!(department(GapKind::Product, 5, 2).0, "engineering");
        assert_eq!(department(GapKind::Product, 2, 5).0, "product");
        assert_eq!(department(GapKind::Market, 0, 0).0, "marketing");
    }

    fn check(org: &str, text: &str, kind: &str, scope: Scope, to: &str, because: &str) {
        let org = read(org).0.unwrap();
        let preset = Preset::of(&org.employer.kind, &BTreeMap::new()).unwrap();
        let (words, kind) = (Words::new(text), NeedKind::named(kind));
        let routed = route(&org, &preset, Asked { words: &words, kind: &kind, scope });
        assert_eq!(routed.department.as_str(), to, "{text}: {}", routed.because);
        assert!(routed.because.contains(because), "{text}: {}", routed.because);
    }

    #[test]
    fn own_routes_come_first_and_say_why() {
        let org = "[employer]\nkind = \"saas\"\n[[departments]]\nid = \"product\"\n[[departments]]\nid = \"growth\"\n\
                   counts-as = \"marketing\"\n[[departments]]\nid = \"engineering\"\n[[areas]]\nid = \"sdk\"\n\
                   words = [\"client library\"]\n[[routes]]\nto = \"growth\"\nbecause = \"their page\"\nwords = [\"pricing\"]\n\
                   [[routes]]\nto = \"engineering\"\nareas = [\"sdk\"]\nkinds = [\"question\"]\n";
        let product = Scope::Product;
        check(
            org,
            "Pricing of big messages",
            "question",
            product,
            "growth",
            "their page (it speaks of \u{201c}pricing\u{201d}",
        );
        check(org, "which client library?", "question", product, "engineering", "about sdk");
        check(org, "which client library?", "feature", product, "product", "a wish");
        check(org, "which broker?", "question", Scope::Market, "growth", "chosen");
        check(org, "it crashes", "bug", product, "engineering", "broken");
        check(org, "what is it?", "other", product, "product", "no route");
        // The kind of employer changes where a question goes, and nothing else.
        let framework = org.replace("saas", "framework");
        check(&framework, "how does it work?", "question", product, "engineering", "maintainers");
        check(org, "how does it work?", "question", product, "product", "hard about it");
    }

    #[test]
    fn a_gap_follows_its_kind_unless_a_route_says_otherwise() {
        let org =
            read("[employer]\nkind = \"saas\"\n[[routes]]\nto = \"marketing\"\nwords = [\"pricing\"]\n")
                .0
                .unwrap();
        let preset = Preset::of(&org.employer.kind, &BTreeMap::new()).unwrap();
        let of = |text: &str, gap_kind| {
            let (words, kind) = (Words::new(text), NeedKind::named("question"));
            gap(&org, &preset, gap_kind, (0, 0), Asked { words: &words, kind: &kind, scope: Scope::Product })
        };
        assert_eq!(of("pricing page", GapKind::Docs).department.as_str(), "marketing");
        assert!(of("pricing page", GapKind::Docs).own);
        assert_eq!(of("webhooks", GapKind::Docs).department.as_str(), "product");
        assert_eq!(
            of("webhooks", GapKind::Support).because,
            "nobody who knows replies, and how it is used shows what is hard about it"
        );
    }
}
