//! Text for a terminal: durations, dates, widths. Colour codes are stripped where nobody would see them.

use rapport_model::Time;

/// Bold.
pub(crate) fn bold(text: &str) -> String {
    format!("\x1b[1m{text}\x1b[0m")
}
/// Quiet.
pub(crate) fn dim(text: &str) -> String {
    format!("\x1b[2m{text}\x1b[0m")
}
/// The colour of a need's kind.
pub(crate) fn tinted(kind: &str) -> String {
    let colour = match kind {
        "bug" => 31,
        "feature" => 35,
        "docs" => 34,
        "question" => 36,
        _ => 33,
    };
    format!("\x1b[{colour}m{kind:<8}\x1b[0m")
}

/// Whole seconds as `2 years`, `4 d 6 h`, `19 h`, `12 min`, `30 s`: the two largest units that tell something.
pub(crate) fn span(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation)] // spans of a calendar fit
    let s = seconds.max(0.0).round() as i64;
    let (d, h, m) = (s / 86_400, s / 3_600 % 24, s / 60 % 60);
    match (d, h, m) {
        (0, 0, 0) => format!("{s} s"),
        (0, 0, m) => format!("{m} min"),
        (0, h, m) if h < 6 && m > 0 => format!("{h} h {m} min"),
        (0, h, _) => format!("{h} h"),
        (d, h, _) if d < 7 && h > 0 => format!("{d} d {h} h"),
        (d, _, _) if d < 730 => format!("{d} d"),
        (d, _, _) => format!("{} years", d / 365),
    }
}

/// `Mon 2026-09-28 08:00 UTC`
pub(crate) fn moment(at: Time) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = (at.millis().div_euclid(86_400_000) + 3).rem_euclid(7);
    let text = at.to_string();
    let name = usize::try_from(day).ok().and_then(|d| DAYS.get(d)).unwrap_or(&"");
    format!("{name} {} {} UTC", text.get(..10).unwrap_or(&text), text.get(11..16).unwrap_or(""))
}

/// The first `most` characters on one line, with an ellipsis where something is missing. Control and direction
/// characters go: a title must not rearrange the page.
pub(crate) fn line(text: &str, most: usize) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect();
    let mut words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > most {
        words =
            words.chars().take(most.saturating_sub(1)).collect::<String>().trim_end().to_owned() + "\u{2026}";
    }
    words
}

/// Several lines of hostile text, safe for a terminal, indented.
pub(crate) fn block(text: &str, indent: &str, most_lines: usize) -> String {
    let mut out = String::new();
    for (n, text) in text.lines().enumerate() {
        if n == most_lines {
            out.push_str(&format!("{indent}\u{2026}\n"));
            break;
        }
        let lead: String = text.chars().take_while(|c| *c == ' ').collect();
        out.push_str(&format!("{indent}{lead}{}\n", line(text, 2_000)));
    }
    out
}

/// `1 person`, `3 people`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_speech() {
        for (seconds, wanted) in [
            (30.0, "30 s"),
            (720.0, "12 min"),
            (11_400.0, "3 h 10 min"),
            (68_400.0, "19 h"),
            (367_200.0, "4 d 6 h"),
            (1.0e6, "11 d"),
            (7.9e8, "25 years"),
        ] {
            assert_eq!(span(seconds), wanted);
        }
        assert_eq!(line("a\u{202e}b\n\x1b[31mc", 9), "ab [31mc");
    }
}
