//! `connectors.md`: every kind of source, from the registry; how it is recognised is shown on the invented community.

use include_dir::Dir;
use rapport_sources::{CONNECTORS, Connector, Peek};

use super::head;
use crate::desk::demo::WORLD;

pub(super) fn page() -> String {
    let mut out = head("Connectors", "connectors");
    out.push_str(
        "`rapport add PATH` asks every connector whether it knows the shape of what it finds: the content decides, never the \
         file's name alone. The surest one reads (`--kind` overrides it), and what the content calls the place becomes the \
         source's name (`--name` overrides it), so that a newer export of the same place goes on where the older ended.\n",
    );
    out.push_str(LIVING);
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
        out.push_str(&living(about.name));
        out.push_str(&recognised(*connector));
    }
    out
}

const LIVING: &str = "
A living channel is added by its address (`rapport add github:owner/repo`, `rapport add https://forum.example.org`; an unknown web \
address is asked what it is) and read by `rapport sync`: one request at a time to a host, with the pauses that it asks for, from where \
the last look ended. A pause longer than `patience-seconds` ends the look; `rapport sources` then says when it goes on, and what came is kept. \
Tokens are looked for in a file `tokens` in the data folder that only you may read (`chmod 600`), one `host = \"token\"` a line, then in \
`RAPPORT_TOKEN_<HOST>` (`RAPPORT_TOKEN_FORUM_EXAMPLE_ORG`), then in the variables named below; they are never shown or stored. \
Nothing but the source's own host is contacted, no address inside your network without `--allow-private`, and nothing is ever posted.
";

/// How the living channel of this name is reached, where there is one.
fn living(name: &str) -> String {
    if name == "git" {
        return "- Living: `https://host/owner/repo.git` or `git:https://host/owner/repo`; a mirror in the data folder, fetched at each look\n".to_owned();
    }
    let Some(live) = rapport_sources::live::registry::live(name) else { return String::new() };
    let about = live.about();
    let quoted = |list: &[&str]| list.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", ");
    let variables =
        if about.token_env.is_empty() { String::new() } else { format!(" ({})", quoted(about.token_env)) };
    let terms = live.terms().map(|terms| format!("- Off until you agree (`add --agree`): {terms}\n"));
    format!(
        "- Living: {}; {}\n- Token: {}{variables}\n{}",
        quoted(about.addresses),
        about.limits,
        about.token,
        terms.unwrap_or_default()
    )
}

/// What the connector says to those archives of the invented community that it would read.
fn recognised(connector: &dyn Connector) -> String {
    let mut out = String::new();
    for folder in WORLD.dirs() {
        let place = Place::new(folder);
        let surest = CONNECTORS.iter().filter_map(|c| c.detect(&place)).map(|d| d.sure).max();
        if let Some(found) = connector.detect(&place).filter(|found| Some(found.sure) == surest) {
            out.push_str(&format!(
                "- Recognised, for example: `company/sources/{}` as `{}:{}`, {} % sure: {}\n",
                place.name,
                connector.about().name,
                found.what,
                found.sure,
                found.why
            ));
        }
    }
    out
}

/// A folder inside the program, looked at as if it lay on disk.
struct Place {
    folder: &'static Dir<'static>,
    name: String,
    items: Vec<String>,
}

impl Place {
    fn new(folder: &'static Dir<'static>) -> Place {
        let name = folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut items = Vec::new();
        list(folder, folder, &mut items);
        items.sort();
        Place { folder, name, items }
    }
}

fn list(top: &Dir<'_>, folder: &Dir<'_>, items: &mut Vec<String>) {
    for file in folder.files() {
        let path = file.path().strip_prefix(top.path()).unwrap_or(file.path());
        items.push(path.to_string_lossy().replace('\\', "/"));
    }
    for inner in folder.dirs() {
        list(top, inner, items);
    }
}

impl Peek for Place {
    fn name(&self) -> &str {
        &self.name
    }
    fn items(&self) -> &[String] {
        &self.items
    }
    fn is_git(&self) -> bool {
        false
    }
    fn head(&self, item: &str, most: usize) -> Vec<u8> {
        let bytes =
            WORLD.get_file(self.folder.path().join(item)).map_or(&[][..], include_dir::File::contents);
        bytes.get(..most.min(bytes.len())).unwrap_or_default().to_vec()
    }
}
