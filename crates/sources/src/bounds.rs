//! How long anything may be that comes out of a read. Foreign bytes may call a person by a name of a megabyte; lists,
//! indexes and pages are made for people. The record's own bytes stay whole beside it.

use rapport_model::{Key, Record, Reject, Who};

/// The longest text of one activity.
const TEXT: usize = 1 << 20;
/// The longest name, title or label.
const NAME: usize = 500;
/// The longest link; a longer one opens nothing.
const LINK: usize = 4_096;
/// The most labels.
const LABELS: usize = 100;

/// Cuts what is too long, at a character.
pub(crate) fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most.saturating_sub('…'.len_utf8())));
        text.push('…');
    }
    text
}

fn maybe(text: &mut Option<String>, most: usize) {
    if let Some(text) = text.as_mut().filter(|text| text.len() > most) {
        *text = cut(std::mem::take(text), most);
    }
}

fn link(url: &mut Option<String>) {
    url.take_if(|url| url.len() > LINK);
}

fn who(who: &mut Who) {
    if who.key.len() > NAME {
        who.key = Key::new(&who.key).as_str().to_owned(); // ends in its own digest: still the same for the same account
    }
    for text in [&mut who.handle, &mut who.name, &mut who.title] {
        maybe(text, NAME);
    }
    who.email.take_if(|mail| mail.len() > NAME);
}

/// Brings a record's activities and rejects within bounds.
pub(crate) fn record(record: &mut Record) {
    for activity in &mut record.activities {
        if activity.text.len() > TEXT {
            activity.text = cut(std::mem::take(&mut activity.text), TEXT);
        }
        link(&mut activity.url);
        maybe(&mut activity.detail, NAME);
        if let Some(someone) = &mut activity.who {
            who(someone);
        }
        if let Some(facts) = &mut activity.facts {
            maybe(&mut facts.title, NAME);
            maybe(&mut facts.container, NAME);
            link(&mut facts.url);
            facts.labels.truncate(LABELS);
            for label in facts.labels.iter_mut().filter(|label| label.len() > NAME) {
                *label = cut(std::mem::take(label), NAME);
            }
        }
    }
    for told in &mut record.rejects {
        *told = reject(std::mem::replace(told, Reject::new("", "", b"")));
    }
}

/// Brings a reject's words within bounds: a parser's message may quote the whole value.
pub(crate) fn reject(told: Reject) -> Reject {
    Reject { at: cut(told.at, NAME), why: cut(told.why, NAME), raw: told.raw }
}
