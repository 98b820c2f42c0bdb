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
        out.push_str(&recognised(*connector));
    }
    out
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
