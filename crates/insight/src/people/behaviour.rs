//! Does somebody write like a program? Within seconds, to everything, in the same words.

use std::collections::BTreeMap;

/// What is found begins with this when both signs are there: it is taken for a program.
pub const SURE: &str = "bot: ";
/// And with this when one is: a person is asked.
pub const MAYBE: &str = "maybe: ";

/// One message of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Seconds since the message before it by somebody else in the thread; `None` when it began the thread.
    pub after_s: Option<f64>,
    /// Its words.
    pub text: String,
}

/// Fewer messages tell nothing.
pub const LEAST: usize = 12;
/// A reply that came sooner was not typed.
const SECONDS: f64 = 15.0;
/// So many of a hundred have to be alike, or so quick.
const PERCENT: usize = 90;

/// Looks at messages of one account, in any order. Empty when they are nothing particular.
#[must_use]
pub fn behaviour(messages: &[Message]) -> String {
    let quick = messages.iter().filter(|m| m.after_s.is_some_and(|s| s <= SECONDS)).count();
    let replies = messages.iter().filter(|m| m.after_s.is_some()).count();
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    for message in messages {
        *shapes.entry(shape(&message.text)).or_default() += 1;
    }
    let alike =
        shapes.iter().filter(|(shape, n)| shape.len() >= 12 && **n >= 4).map(|(_, n)| n).sum::<usize>();
    let many = messages.len() >= LEAST;
    let is_quick = many && replies >= LEAST && quick * 100 >= replies * PERCENT;
    let is_alike = many && alike * 100 >= messages.len() * PERCENT;
    let quickly = format!("{quick} of {replies} replies within {SECONDS} seconds");
    let same = format!("{alike} of {} messages in the same words", messages.len());
    match (is_quick, is_alike) {
        (true, true) => format!("{SURE}{quickly}, {same}"),
        (true, false) => format!("{MAYBE}{quickly}"),
        (false, true) => format!("{MAYBE}{same}"),
        (false, false) => String::new(),
    }
}

/// The words of a message without what a template fills in: numbers, links, names, code.
fn shape(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| {
        !word.contains(|c: char| c.is_ascii_digit())
            && !word.starts_with(['@', '<', '#', '`'])
            && !word.contains("://")
    });
    let mut out = String::new();
    for word in words.take(30) {
        out.push_str(&word.to_lowercase());
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(after: f64, text: impl Fn(usize) -> String, wanted: &str) {
        let messages: Vec<Message> =
            (0..20).map(|n| Message { after_s: Some(after), text: text(n) }).collect();
        let found = behaviour(&messages);
        assert!(if wanted.is_empty() { found.is_empty() } else { found.starts_with(wanted) }, "{found}");
    }

    #[test]
    fn both_signs_make_a_program_and_one_makes_a_question() {
        let template =
            |n: usize| format!("Thank you for your message @user{n}, see https://docs.example/{n} please");
        let own = |n: usize| format!("{} is what you {} want here", "very ".repeat(n + 1), "so ".repeat(n));
        check(2.0, template, SURE);
        check(9_000.0, template, MAYBE);
        check(2.0, own, MAYBE);
        check(9_000.0, own, "");
        check(9_000.0, |_| "+1".to_owned(), "");
        assert_eq!(behaviour(&[Message { after_s: Some(1.0), text: template(1) }]), "");
    }
}
