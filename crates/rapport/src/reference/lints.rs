//! `lints.md`: every code of `org check`; each has a page of its own, which `rapport org lint CODE` prints.

use rapport_practice::org::lints::LINTS;

use super::{cell, head};

pub(super) fn page() -> String {
    let mut out = head("Lints of the organisation", "lints");
    out.push_str(
        "`rapport org check` reads the organisation's file and says all that it finds at once, each with line and column. Codes \
         keep their meaning. An error keeps the file from being used, and the last good copy stays in force; a finding ends \
         with exit code 1; a note is something to know. `rapport org lint CODE` prints a code's page.\n\n| code | | | |\n|---|---|---|---|\n",
    );
    for lint in LINTS {
        out.push_str(&format!(
            "| [{code}](lints/{code}.md) | {} | {} | {} |\n",
            lint.name,
            lint.level.as_str(),
            cell(lint.says),
            code = lint.code
        ));
    }
    out
}
