//! Which replies are evidence, too: somebody else tells that they have the same.

/// Letters from the beginning that are looked at: who has the same says so first.
const FIRST: usize = 120;
const MINE: &[&str] = &["i", "we", "my", "our", "me", "us", "i'm", "i've", "we're", "we've"];
const SAME: &[&str] =
    &["same", "too", "also", "again", "variant", "likewise", "similar", "similarly", "+1", "affected"];
const HELPS: &[&str] =
    &["you can", "you could", "you need", "you should", "try ", "thank", "solved", "fixed it"];

/// Whether a reply, cleaned, tells of the writer's own case of what the thread is about. Short and careful: one who
/// goes on to help is no evidence.
#[must_use]
pub fn has_it_too(text: &str) -> bool {
    let low: String = text.chars().take(FIRST).collect::<String>().to_lowercase().replace('\u{2019}', "'");
    if HELPS.iter().any(|h| low.contains(h)) {
        return false;
    }
    let words: Vec<&str> = low
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '+'))
        .filter(|w| !w.is_empty())
        .collect();
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    let bare = words.len() <= 6 && (low.starts_with("same ") || low.starts_with("+1"));
    bare || has(MINE) && has(SAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_own_case_and_not_an_answer() {
        for yes in [
            "Same here.",
            "+1",
            "We also lose events after a deploy",
            "I ran into this again with the other service",
            "our CI has a variant of it",
        ] {
            assert!(has_it_too(yes), "{yes}");
        }
        for no in [
            "",
            "The timestamp is part of it.",
            "I also had this, you can set the flag",
            "Thank you, same to us",
            "Which version is that?",
        ] {
            assert!(!has_it_too(no), "{no}");
        }
    }
}
