//! Drafts of letters, one per verdict: kind, plain, and with the reason. They are sent by a person, or not at all.

use super::judge::{Judgement, Verdict};

/// The draft for one judgement.
pub(super) fn draft(judgement: &Judgement) -> String {
    let reasons: Vec<String> = judgement
        .clauses
        .iter()
        .filter(|c| c.holds == Some(false))
        .map(|c| format!("that somebody {} ({})", c.words, c.because))
        .collect();
    let conflict = judgement.findings.iter().any(|f| f.0 == "conflict-of-interest");
    let mut text = match judgement.verdict {
        Verdict::Practitioner => {
            "Hello,\n\nwelcome. What you told us is what we mean by a practitioner of Developer \
             Relations: the work itself, as your one full-time job.\n"
                .to_owned()
        }
        Verdict::Recognised => {
            let thanks = match judgement.recognises.as_slice() {
                [] => "what you do".to_owned(),
                named => named.join("; "),
            };
            format!(
                "Hello,\n\nthank you for what you give to the community: {thanks}. It is needed, and we count on it.\n\n\
                 We keep the word 'practitioner' for those whose only, full-time job this is. Our definition says {}. \
                 This says nothing about the worth of your work.\n\nIt would change with: {}. If we have \
                 misunderstood something, please tell us: two people read every answer like this one.\n",
                reasons.join(", and "),
                judgement.what_would_change_it.join("; ")
            )
        }
        Verdict::Open => format!(
            "Hello,\n\nthank you for writing. One thing decides, and we would rather ask than guess:\n\n    {}\n\nA \
             sentence or two is enough. Nothing is decided until then.\n",
            judgement.question.as_deref().unwrap_or("What does your working time go into?")
        ),
    };
    if conflict {
        text.push_str(
            "\nOne remark, which changes nothing above: a line to sales, or a sum of sales to reach, pulls against the \
             people this work is for. If it helps, we will gladly say so to your company.\n",
        );
    }
    text.push_str("\nWith kind regards\n");
    text
}
