//! What is usual at a kind of employer: areas of need, routes, the report's sections. Data files; a kind that nobody has
//! listed takes the plain one, and nothing is held against it.

use std::collections::BTreeMap;

use rapport_model::{Department, Scope, Slug};
use serde::Deserialize;

use super::{Area, Organisation, Route};

/// The kinds of employer that come with the program, the commonest of an open list.
pub const KINDS: [(&str, &str); 6] = [
    ("language", include_str!("../../presets/language.toml")),
    ("framework", include_str!("../../presets/framework.toml")),
    ("saas", include_str!("../../presets/saas.toml")),
    ("cloud-provider", include_str!("../../presets/cloud-provider.toml")),
    ("ecosystem", include_str!("../../presets/ecosystem.toml")),
    ("other", include_str!("../../presets/other.toml")),
];

/// What is usual at one kind of employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The kind.
    pub kind: Slug,
    /// What it is, in a sentence.
    pub says: String,
    /// Areas of need that come up there.
    pub areas: Vec<Area>,
    /// What goes where.
    pub routes: Vec<Route>,
    /// The report's sections, in order.
    pub report: Vec<Slug>,
}

/// A preset that cannot be used; the message says where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPreset(pub String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Slug,
    says: String,
    #[serde(default)]
    areas: Vec<AreaText>,
    #[serde(default)]
    routes: Vec<RouteText>,
    #[serde(default)]
    report: Vec<Slug>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaText {
    id: Slug,
    words: Vec<String>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteText {
    to: Department,
    because: String,
    #[serde(default)]
    kinds: Vec<Slug>,
    #[serde(default)]
    words: Vec<String>,
    scope: Option<String>,
}

impl Preset {
    /// Reads a preset's file.
    ///
    /// # Errors
    /// When it is no TOML of this shape.
    pub fn read(text: &str) -> Result<Preset, BadPreset> {
        let file: File = toml::from_str(text).map_err(|e| BadPreset(e.to_string()))?;
        let scope = |word: Option<String>| match word {
            None => Ok(None),
            Some(word) => {
                Scope::from_word(&word).map(Some).ok_or_else(|| BadPreset(format!("'{word}' is no scope")))
            }
        };
        let routes: Result<Vec<Route>, BadPreset> = file
            .routes
            .into_iter()
            .map(|r| {
                Ok(Route {
                    to: r.to,
                    because: Some(r.because),
                    words: r.words,
                    kinds: r.kinds,
                    areas: Vec::new(),
                    scope: scope(r.scope)?,
                })
            })
            .collect();
        let areas = file.areas.into_iter().map(|a| Area { id: a.id, product: None, words: a.words });
        Ok(Preset {
            kind: file.kind,
            says: file.says,
            areas: areas.collect(),
            routes: routes?,
            report: file.report,
        })
    }

    /// The preset of a kind, from `more` (the user's own, by kind), else from those that come with the program, else the
    /// plain one.
    ///
    /// # Errors
    /// When one of the user's own cannot be used.
    pub fn of(kind: &Slug, more: &BTreeMap<String, String>) -> Result<Preset, BadPreset> {
        if let Some(text) = more.get(kind.as_str()) {
            return Preset::read(text).map_err(|e| BadPreset(format!("the preset of {kind}: {e}")));
        }
        let text = KINDS.iter().find(|(name, _)| *name == kind.as_str()).or(KINDS.last());
        Preset::read(text.map_or("", |(_, text)| text))
    }

    /// The areas of an organisation: its own, and those of the preset whose names it does not use itself.
    #[must_use]
    pub fn areas_with(&self, org: &Organisation) -> Vec<Area> {
        let usual = self.areas.iter().filter(|a| !org.areas.iter().any(|own| own.id == a.id));
        org.areas.iter().chain(usual).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_an_unknown_one_works() {
        let none = BTreeMap::new();
        for (kind, text) in KINDS {
            let preset = Preset::read(text).unwrap_or_else(|e| panic!("{kind}: {e}"));
            assert_eq!(preset.kind.as_str(), kind);
            assert!(
                !preset.routes.is_empty() && !preset.report.is_empty() && !preset.areas.is_empty(),
                "{kind}"
            );
        }
        let plain = Preset::of(&Slug::new("choir").unwrap(), &none).unwrap();
        assert_eq!(plain.kind.as_str(), "other");
        let own = BTreeMap::from([("choir".to_owned(), "kind = \"choir\"\nsays = \"sings\"\n".to_owned())]);
        assert_eq!(Preset::of(&Slug::new("choir").unwrap(), &own).unwrap().says, "sings");
        let broken = BTreeMap::from([("choir".to_owned(), "kind = 7".to_owned())]);
        assert!(Preset::of(&Slug::new("choir").unwrap(), &broken).unwrap_err().to_string().contains("choir"));
    }
}
