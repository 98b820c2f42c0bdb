//! Lines that a form put there: its headings, its checkboxes, its empty answers.

/// Headings of issue forms and templates, lower-cased without marks. In a title or a sentence these words stay.
const HEADINGS: &[&str] = &[
    "actual behavior",
    "actual behaviour",
    "actual result",
    "actual results",
    "additional comments",
    "additional context",
    "additional information",
    "alternatives considered",
    "any other comments",
    "bug description",
    "bug report",
    "checklist",
    "code of conduct",
    "context",
    "current behavior",
    "current behaviour",
    "debug output",
    "describe alternatives you've considered",
    "describe the bug",
    "describe the feature",
    "describe the solution you'd like",
    "describe your problem",
    "description",
    "desktop",
    "details",
    "environment",
    "environment information",
    "expected behavior",
    "expected behaviour",
    "expected result",
    "expected results",
    "feature description",
    "feature request",
    "how to reproduce",
    "is there an existing issue for this",
    "is your feature request related to a problem? please describe",
    "issue description",
    "link to minimal reproduction",
    "link to the code that reproduces this issue",
    "log output",
    "logs",
    "minimal reproduction",
    "motivation",
    "operating system",
    "other information",
    "platform",
    "prerequisites",
    "proposed solution",
    "relevant log output",
    "reproducible example",
    "reproduction",
    "reproduction steps",
    "screenshots",
    "smartphone",
    "stack trace",
    "steps to reproduce",
    "steps to reproduce the issue",
    "summary",
    "system info",
    "system information",
    "to reproduce",
    "version",
    "versions",
    "what did you do",
    "what did you expect to see",
    "what did you see instead",
    "what happened",
    "what is the current behavior",
    "what is the expected behavior",
    "what version are you using",
    "which version are you using",
    "your environment",
];

/// What a form writes where nobody answered.
const EMPTY: &[&str] = &["_no response_", "no response", "n/a", "none", "_none_"];

/// A form's line, not its author's.
pub(super) fn belongs_to_form(line: &str) -> bool {
    if line.len() > 200 {
        return false;
    }
    let item = line.trim_start_matches(['-', '*', '+']).trim_start();
    if item.len() < line.len() && ["[ ]", "[x]", "[X]"].iter().any(|mark| item.starts_with(mark)) {
        return true;
    }
    let plain = line.trim_matches(['#', '*', '_', ':', '?', ' ', '.', '-']).to_lowercase();
    let marked = line.starts_with(['#', '*', '_']) || line.ends_with([':', '?']);
    EMPTY.contains(&line.to_lowercase().as_str())
        || marked && HEADINGS.binary_search(&plain.as_str()).is_ok()
        // "Please fill in this form", in all its forms
        || line.starts_with("Thanks for taking the time to fill out")
        || line.starts_with("Please search to see if an issue already exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_in_order_and_found() {
        let mut sorted = HEADINGS.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, HEADINGS);
        for line in
            ["### Steps to Reproduce", "**Environment:**", "- [ ] I agree", "Expected behavior:", "N/A"]
        {
            assert!(belongs_to_form(line), "{line}");
        }
        for line in ["The environment is broken", "Logs", "[x] alone", "context matters"] {
            assert!(!belongs_to_form(line), "{line}");
        }
    }
}
