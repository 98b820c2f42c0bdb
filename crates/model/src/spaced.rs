//! A text as its words alone, so that a phrase can be looked for.

/// Lower case, one blank between words, nothing else but letters and digits; blanks at both ends.
#[must_use]
pub fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_left() {
        assert_eq!(spaced("It's \u{201c}fine\u{201d}, v2.1!"), " it s fine v2 1 ");
        assert_eq!(spaced("..."), " ");
        assert_eq!(spaced(""), " ");
    }
}
