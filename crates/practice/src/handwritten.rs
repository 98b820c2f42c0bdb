//! Files that people write by hand: what is wrong in them is said with the line, all of it at once.

use rapport_model::Time;

/// Something about one line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub say: String,
    /// The file cannot be taken as it is; else it is only worth a look.
    pub refuses: bool,
}

impl Finding {
    /// What has to be mended.
    #[must_use]
    pub fn wrong(line: usize, say: impl Into<String>) -> Finding {
        Finding { line, say: say.into(), refuses: true }
    }
    /// What is worth a look.
    #[must_use]
    pub fn odd(line: usize, say: impl Into<String>) -> Finding {
        Finding { line, say: say.into(), refuses: false }
    }
}

/// Whether a file with these findings has to be refused.
#[must_use]
pub fn refused(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.refuses)
}

/// A calendar day, `2026-09-17`, as its midnight in UTC. Nothing looser: "Friday" means another day next week.
#[must_use]
pub fn day(text: &str) -> Option<Time> {
    let text = text.trim();
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(n, b)| match n {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if shape { Time::parse(text).ok() } else { None }
}

/// `key: value` of a line whose key is one of `keys`, case and a bullet before it aside.
#[must_use]
pub fn field<'a>(line: &'a str, keys: &[&'static str]) -> Option<(&'static str, &'a str)> {
    let bare = line.trim_start().trim_start_matches(['-', '*']).trim_start();
    let (key, value) = bare.split_once(':')?;
    let key = keys.iter().find(|k| k.eq_ignore_ascii_case(key.trim()))?;
    Some((key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_fields() {
        assert_eq!(day(" 2026-09-17 ").map(|t| t.to_string()).as_deref(), Some("2026-09-17T00:00:00Z"));
        for bad in ["2026-9-17", "2026-02-30", "Friday", "2026-09-17T10:00:00Z", ""] {
            assert_eq!(day(bad), None, "{bad}");
        }
        assert_eq!(field("- Con: too long", &["pro", "con"]), Some(("con", "too long")));
        assert_eq!(field("note: x", &["pro", "con"]), None);
    }
}
