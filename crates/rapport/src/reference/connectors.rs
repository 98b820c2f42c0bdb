//! `connectors.md`: every kind of source, from the registry.

use rapport_sources::CONNECTORS;

use super::head;

pub(super) fn page() -> String {
    let mut out = head("Connectors", "connectors");
    out.push_str(
        "`rapport add PATH` asks every connector whether it knows the shape of what it finds: the content decides, never the \
         file's name alone. The surest one reads (`--kind` overrides it), and what the content calls the place becomes the \
         source's name (`--name` overrides it), so that a newer export of the same place goes on where the older ended.\n",
    );
    for connector in CONNECTORS {
        let about = connector.about();
        let limits = if about.limits.is_empty() { "none known" } else { about.limits };
        out.push_str(&format!(
            "\n## {}\n\n{}.\n\n- How to get one: {}\n- Terms: {}\n- What its numbers cannot tell: {}\n- By hand: `rapport add PATH --kind {}`\n",
            about.name,
            about.reads.trim_end_matches('.'),
            about.how_to_get,
            about.terms,
            limits,
            about.name
        ));
    }
    out
}
