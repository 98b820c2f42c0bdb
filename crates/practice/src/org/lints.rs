//! What can be found in an organisation's file: stable codes, what each means, and how to mend it.

mod pages;

use serde::Serialize;

pub use pages::page;

/// Line and column in the file, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct At {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The file cannot be used as it is: the last good one stays in force.
    Error,
    /// The organisation is not as the definition describes it.
    Finding,
    /// Something to know.
    Note,
}

impl Level {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Finding => "finding",
            Level::Note => "note",
        }
    }
}

/// One kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Its code, which never changes its meaning.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What it says, in one sentence.
    pub says: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What the definition says about it.
    pub clause: Option<&'static str>,
    /// A whole file that has it.
    pub bad: &'static str,
    /// The same without it.
    pub good: &'static str,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The code of its [`Lint`].
    pub code: &'static str,
    /// The lint's name.
    pub name: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// Where in the file; nothing when it is about what is not there.
    pub at: Option<At>,
    /// What was found.
    pub says: String,
    /// How to mend it.
    pub fix: String,
    /// What the definition says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<&'static str>,
}

impl Finding {
    /// Whether it keeps the file from being used.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

/// The lint of a code.
#[must_use]
pub fn lint(code: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.code.eq_ignore_ascii_case(code))
}

/// A finding of a lint.
pub(super) fn finding(
    code: &'static str,
    at: Option<At>,
    says: impl Into<String>,
    fix: impl Into<String>,
) -> Finding {
    let Some(lint) = lint(code) else { unreachable!("{code} is no lint") };
    Finding {
        code,
        name: lint.name,
        level: lint.level,
        at,
        says: says.into(),
        fix: fix.into(),
        clause: lint.clause,
    }
}

/// What the definition says about lines and interfaces, in our words.
pub(super) const LINES: &str = "practitioners report to one of product, marketing and engineering, and interface with the \
                                other two";
/// What it says about sales.
pub(super) const SALES: &str = "practitioners may interact with business development and sales; reporting there is a \
                                conflict of interest";
/// What it says about the lean.
pub(super) const LEAN: &str =
    "the line makes the work lean to product, marketing or engineering, though never exclusively";
/// What it says about who counts.
pub(super) const SOLE: &str =
    "a practitioner does the work of Developer Relations as the only, full-time job";
/// What it says about the area.
pub(super) const AREA: &str = "the area of specialisation comes from where the industry's needs and the employer's \
                               priorities meet, never from one alone";

/// A file that has nothing to be found in it, for the examples to differ from.
macro_rules! base {
    ($more:literal) => {
        concat!(
            "[employer]\nkind = \"saas\"\n\n",
            "[[departments]]\nid = \"product\"\n[[departments]]\nid = \"marketing\"\n[[departments]]\nid = \"engineering\"\n\n",
            "[[interfaces]]\nwith = \"product\"\nperson = \"Ida Holm\"\nlast-spoke = 2026-09-20\n",
            "[[interfaces]]\nwith = \"engineering\"\nperson = \"Per Lund\"\nlast-spoke = 2026-09-21\n\n",
            "[[people]]\nid = \"noor\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n",
            $more
        )
    };
}

/// Every lint, in the order of its code: the file's form, what it refers to, what the definition says.
pub static LINTS: &[Lint] = &[
    Lint {
        code: "ORG001",
        name: "not-toml",
        level: Level::Error,
        says: "The file cannot be read as TOML.",
        why: "Nothing can be said about a line that has no form. The rest of the file is read all the same, so that one \
              missing quote does not hide other mistakes.",
        clause: None,
        bad: "[employer\nkind = \"saas\"\n",
        good: base!(""),
    },
    Lint {
        code: "ORG002",
        name: "unknown-key",
        level: Level::Error,
        says: "A key does not exist.",
        why: "A misspelt key would silently do nothing.",
        clause: None,
        bad: base!("raports-to = \"marketing\"\n"),
        good: base!(""),
    },
    Lint {
        code: "ORG003",
        name: "wrong-type",
        level: Level::Error,
        says: "A value is of another type than the key takes.",
        why: "A number in quotes is no number, and a lone table is no list of tables.",
        clause: None,
        bad: base!("sales-quota = \"no\"\n"),
        good: base!("sales-quota = false\n"),
    },
    Lint {
        code: "ORG004",
        name: "missing-key",
        level: Level::Error,
        says: "Something that has to be said is missing or empty.",
        why: "Other parts of the file refer to it.",
        clause: None,
        bad: base!("\n[[priorities]]\nid = \"v3\"\n"),
        good: base!("\n[[priorities]]\nid = \"v3\"\ntext = \"Everybody can move to version 3\"\n"),
    },
    Lint {
        code: "ORG005",
        name: "not-a-name",
        level: Level::Error,
        says: "A text cannot be a name.",
        why: "Names stand in commands, links and other files: 1 to 64 of a-z, 0-9 and '-', beginning with a letter.",
        clause: None,
        bad: base!("\n[[areas]]\nid = \"Client SDKs\"\n"),
        good: base!("\n[[areas]]\nid = \"client-sdks\"\n"),
    },
    Lint {
        code: "ORG006",
        name: "out-of-bounds",
        level: Level::Error,
        says: "A number or a text is beyond what can be.",
        why: "A share is 0 to 1, a week has 168 hours, and a weight of a million would silence every other priority.",
        clause: None,
        bad: base!("\n[[people]]\nid = \"piet\"\nreports-to = \"marketing\"\nhours = 400\n"),
        good: base!("\n[[people]]\nid = \"piet\"\nreports-to = \"marketing\"\nhours = 40\n"),
    },
    Lint {
        code: "ORG007",
        name: "no-date",
        level: Level::Error,
        says: "A date cannot be, or an end comes before its beginning.",
        why: "A priority holds from a day until a day.",
        clause: None,
        bad: base!(
            "\n[[priorities]]\nid = \"v3\"\ntext = \"Move to v3\"\nfrom = 2026-09-01\nuntil = 2026-01-01\n"
        ),
        good: base!(
            "\n[[priorities]]\nid = \"v3\"\ntext = \"Move to v3\"\nfrom = 2026-01-01\nuntil = 2026-09-01\n"
        ),
    },
    Lint {
        code: "ORG008",
        name: "declared-twice",
        level: Level::Error,
        says: "Two things have one name.",
        why: "Whoever refers to the name would mean either.",
        clause: None,
        bad: base!("\n[[people]]\nid = \"noor\"\nreports-to = \"product\"\n"),
        good: base!("\n[[people]]\nid = \"noor-h\"\nreports-to = \"product\"\n"),
    },
    Lint {
        code: "ORG009",
        name: "hidden-characters",
        level: Level::Error,
        says: "A text holds characters that nobody sees.",
        why: "Marks that turn the direction of writing or control a terminal would rearrange every page that shows them.",
        clause: None,
        bad: base!("title = \"Advocate\\u202E\"\n"),
        good: base!("title = \"Advocate\"\n"),
    },
    Lint {
        code: "ORG020",
        name: "no-such-department",
        level: Level::Error,
        says: "A department is named that the file does not declare.",
        why: "Feedback cannot be delivered to it, and nobody would notice.",
        clause: None,
        bad: base!("\n[[routes]]\nto = \"growth\"\nwords = [\"pricing\"]\n"),
        good: base!(
            "\n[[departments]]\nid = \"growth\"\n[[routes]]\nto = \"growth\"\nwords = [\"pricing\"]\n"
        ),
    },
    Lint {
        code: "ORG021",
        name: "no-such-person",
        level: Level::Error,
        says: "Somebody is named who is neither a person nor a department of the file.",
        why: "A line that leads to nobody cannot be judged.",
        clause: None,
        bad: base!("\n[[people]]\nid = \"piet\"\nreports-to = \"nor\"\n"),
        good: base!("\n[[people]]\nid = \"piet\"\nreports-to = \"noor\"\n"),
    },
    Lint {
        code: "ORG022",
        name: "no-such-area",
        level: Level::Error,
        says: "An area is named that the file does not declare.",
        why: "Nothing would ever match it.",
        clause: None,
        bad: base!("\n[[priorities]]\nid = \"v3\"\ntext = \"Move to v3\"\nareas = [\"sdk\"]\n"),
        good: base!(
            "\n[[areas]]\nid = \"sdk\"\nwords = [\"sdk\"]\n[[priorities]]\nid = \"v3\"\ntext = \"Move to v3\"\nareas = [\"sdk\"]\n"
        ),
    },
    Lint {
        code: "ORG023",
        name: "lines-in-a-circle",
        level: Level::Error,
        says: "Lines lead in a circle.",
        why: "Whoever is in it reports to nobody in the end.",
        clause: None,
        bad: base!(
            "\n[[people]]\nid = \"a\"\nreports-to = \"b\"\n[[people]]\nid = \"b\"\nreports-to = \"a\"\n"
        ),
        good: base!(
            "\n[[people]]\nid = \"a\"\nreports-to = \"b\"\n[[people]]\nid = \"b\"\nreports-to = \"marketing\"\n"
        ),
    },
    Lint {
        code: "ORG024",
        name: "shares-do-not-add-up",
        level: Level::Error,
        says: "Shares of one whole do not make one whole.",
        why: "A mix is compared with another mix only when both are of the same whole.",
        clause: None,
        bad: base!("works-for = { product = 0.9, marketing = 0.9 }\n"),
        good: base!("works-for = { product = 0.5, marketing = 0.5 }\n"),
    },
    Lint {
        code: "ORG030",
        name: "nothing-can-match",
        level: Level::Note,
        says: "A priority has neither words nor areas.",
        why: "Without them only the likeness of texts speaks for a topic, and that is support, no proof.",
        clause: Some(AREA),
        bad: base!("\n[[priorities]]\nid = \"v3\"\ntext = \"Move to v3\"\n"),
        good: base!("\n[[priorities]]\nid = \"v3\"\ntext = \"Move to v3\"\nwords = [\"v3\"]\n"),
    },
    Lint {
        code: "ORG031",
        name: "route-hides-others",
        level: Level::Finding,
        says: "A route takes everything, so that the routes after it never hold.",
        why: "The first route that fits decides.",
        clause: None,
        bad: base!("\n[[routes]]\nto = \"product\"\n[[routes]]\nto = \"marketing\"\nwords = [\"pricing\"]\n"),
        good: base!(
            "\n[[routes]]\nto = \"marketing\"\nwords = [\"pricing\"]\n[[routes]]\nto = \"product\"\n"
        ),
    },
    Lint {
        code: "ORG101",
        name: "no-line",
        level: Level::Finding,
        says: "A practitioner reports to nobody.",
        why: "Without a line the work has nobody who speaks for it when means are given out.",
        clause: Some(LINES),
        bad: base!("\n[[people]]\nid = \"piet\"\nhours = 40\nfunctions = { developer-experience = 1.0 }\n"),
        good: base!(
            "\n[[people]]\nid = \"piet\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-experience = 1.0 }\n"
        ),
    },
    Lint {
        code: "ORG102",
        name: "more-than-one-line",
        level: Level::Finding,
        says: "A practitioner reports to more than one department.",
        why: "Two lines pull in two directions. One is the line; the other is an interface.",
        clause: Some(LINES),
        bad: base!(
            "\n[[people]]\nid = \"piet\"\nreports-to = [\"marketing\", \"product\"]\nhours = 40\nfunctions = { developer-experience = 1.0 }\n"
        ),
        good: base!(
            "\n[[people]]\nid = \"piet\"\nreports-to = \"noor\"\nhours = 40\nfunctions = { developer-experience = 1.0 }\n"
        ),
    },
    Lint {
        code: "ORG103",
        name: "conflict-of-interest",
        level: Level::Finding,
        says: "A practitioner reports to sales or business development, or has a sum of sales to reach.",
        why: "Whoever is measured by what people buy cannot tell them freely what they need. To interact with sales is fine: \
              declare it as an interface.",
        clause: Some(SALES),
        bad: base!(
            "\n[[departments]]\nid = \"sales\"\n[[people]]\nid = \"piet\"\nreports-to = \"sales\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n"
        ),
        good: base!(
            "\n[[departments]]\nid = \"sales\"\n[[interfaces]]\nwith = \"sales\"\nperson = \"Al Moss\"\nlast-spoke = 2026-09-01\n"
        ),
    },
    Lint {
        code: "ORG104",
        name: "outside-the-definition",
        level: Level::Finding,
        says: "A practitioner reports to a department that is neither product, marketing, engineering nor sales.",
        why: "It is no conflict, but not what the definition describes: the two interfaces that a line implies are then three.",
        clause: Some(LINES),
        bad: base!(
            "\n[[departments]]\nid = \"executive\"\n[[people]]\nid = \"piet\"\nreports-to = \"executive\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n"
        ),
        good: base!(
            "\n[[departments]]\nid = \"growth\"\ncounts-as = \"marketing\"\n[[people]]\nid = \"piet\"\nreports-to = \"growth\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n"
        ),
    },
    Lint {
        code: "ORG105",
        name: "interface-without-a-person",
        level: Level::Finding,
        says: "One of the departments that a team interfaces with has no named person.",
        why: "A department answers nobody; a person does.",
        clause: Some(LINES),
        bad: "[employer]\nkind = \"saas\"\n[[departments]]\nid = \"product\"\n[[departments]]\nid = \"marketing\"\n[[departments]]\nid = \"engineering\"\n[[interfaces]]\nwith = \"product\"\n[[people]]\nid = \"noor\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n",
        good: base!(""),
    },
    Lint {
        code: "ORG106",
        name: "interface-silent",
        level: Level::Finding,
        says: "Nothing was said between the team and a department for longer than agreed.",
        why: "An interface lives by traffic: a delivery, an answer, a talk. `[rules] alive-within-days` says how long it lasts.",
        clause: Some(LINES),
        bad: "[employer]\nkind = \"saas\"\n[[departments]]\nid = \"product\"\n[[departments]]\nid = \"marketing\"\n[[departments]]\nid = \"engineering\"\n[[interfaces]]\nwith = \"product\"\nperson = \"Ida Holm\"\nlast-spoke = 2025-01-10\n[[people]]\nid = \"noor\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n",
        good: base!(""),
    },
    Lint {
        code: "ORG107",
        name: "one-of-the-three-is-missing",
        level: Level::Finding,
        says: "Product, marketing or engineering does not stand in the file.",
        why: "If another department does its work, `counts-as` says so.",
        clause: Some(LINES),
        bad: "[employer]\nkind = \"saas\"\n[[departments]]\nid = \"product\"\n[[departments]]\nid = \"marketing\"\n[[people]]\nid = \"noor\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n",
        good: base!(""),
    },
    Lint {
        code: "ORG108",
        name: "lean-exclusive",
        level: Level::Finding,
        says: "All of the work is for one department.",
        why: "A team that serves one department alone is that department's team.",
        clause: Some(LEAN),
        bad: base!("works-for = { marketing = 1.0 }\n"),
        good: base!("works-for = { marketing = 0.6, product = 0.4 }\n"),
    },
    Lint {
        code: "ORG109",
        name: "lean-unexpected",
        level: Level::Note,
        says: "The work leans elsewhere than the line makes one expect.",
        why: "It may be right. Then say so with `[rules] expected-lean`, so that next quarter's change is seen.",
        clause: Some(LEAN),
        bad: base!("works-for = { engineering = 0.9, marketing = 0.1 }\n"),
        good: base!("works-for = { engineering = 0.4, marketing = 0.6 }\n"),
    },
    Lint {
        code: "ORG110",
        name: "line-goes-on-to-sales",
        level: Level::Note,
        says: "The department that a practitioner reports to reports to sales itself.",
        why: "The direct line is as the definition describes it; the next one above pulls as a line to sales would.",
        clause: Some(SALES),
        bad: "[employer]\nkind = \"saas\"\n[[departments]]\nid = \"sales\"\n[[departments]]\nid = \"marketing\"\nreports-to = \"sales\"\n[[people]]\nid = \"noor\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n",
        good: base!(""),
    },
    Lint {
        code: "ORG111",
        name: "not-known-whether-a-practitioner",
        level: Level::Note,
        says: "It depends on an answer whether somebody is a practitioner.",
        why: "Lines, interfaces and the lean are judged for practitioners. Until the answer is there, somebody open is \
              judged with them.",
        clause: Some(SOLE),
        bad: base!(
            "\n[[people]]\nid = \"piet\"\nreports-to = \"marketing\"\nfunctions = { developer-advocacy = 1.0 }\n"
        ),
        good: base!(
            "\n[[people]]\nid = \"piet\"\nreports-to = \"marketing\"\nhours = 40\nfunctions = { developer-advocacy = 1.0 }\n"
        ),
    },
    Lint {
        code: "ORG112",
        name: "nobody-is-a-practitioner",
        level: Level::Note,
        says: "Nobody in the file is a practitioner.",
        why: "Lines and interfaces of a team without practitioners cannot be judged. Whoever does some of the work beside \
              another role is recognised, and not counted.",
        clause: Some(SOLE),
        bad: "[employer]\nkind = \"saas\"\n[[departments]]\nid = \"product\"\n[[departments]]\nid = \"marketing\"\n[[departments]]\nid = \"engineering\"\n[[people]]\nid = \"ada\"\nreports-to = \"engineering\"\nhours = 40\nfunctions = { software-engineering = 1.0 }\n",
        good: base!(""),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable_names_in_order() {
        assert!(LINTS.is_sorted_by(|a, b| a.code < b.code));
        for lint in LINTS {
            assert!(lint.code.len() == 6 && lint.code.starts_with("ORG"), "{}", lint.code);
            assert!(lint.says.ends_with('.') && lint.why.len() > 20, "{}", lint.code);
        }
        assert_eq!(lint("org103").map(|l| l.name), Some("conflict-of-interest"));
    }
}
