//! `metrics.md`: every metric's definition, from the list that computes them.

use super::head;
use crate::desk::metrics::NAMES;

pub(super) fn page() -> String {
    let mut out = head("Metrics", "metrics");
    out.push_str(
        "`rapport metrics NAME` computes one, `--period` and `--source` narrow it, `--rows` opens what is behind it. Medians \
         and 90th percentiles, not means.\n",
    );
    for (name, definition) in NAMES {
        out.push_str(&format!("\n## {name}\n\n{definition}\n\n```sh\nrapport metrics {name} --rows\n```\n"));
    }
    out
}
