//! Lines that a machine wrote: frames of stack traces, logs, code.

/// A frame of a stack trace, in the shapes of the usual languages. The line with the error's message is none.
pub(super) fn frame(line: &str) -> bool {
    let rest = |prefix: &str| line.strip_prefix(prefix);
    // Java, C#, JavaScript: at x.y.z(File.java:12), at f (/a/b.js:1:2), at X in Y.cs:line 3
    if let Some(rest) = rest("at ") {
        return rest.ends_with(')') && rest.contains('(') && rest.contains(['.', ':'])
            || rest.contains(":line ")
            || rest.contains(".js:")
            || rest.contains(".rs:");
    }
    // Python
    if line.starts_with("Traceback (most recent call last)")
        || rest("File \"").is_some_and(|rest| rest.contains("\", line "))
    {
        return true;
    }
    // gdb and sanitizers: #0 0x00 in f
    if let Some(rest) = rest("#") {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return after.len() < rest.len() && after.trim_start().starts_with("0x");
    }
    // Rust: 12: 0x... or 12: core::panicking::panic
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if after.len() < line.len()
        && let Some(name) = after.strip_prefix(": ")
    {
        return name.starts_with("0x") || name.contains("::") && !name.contains(". ");
    }
    // Go and the rest of them
    line.starts_with("goroutine ") && line.ends_with("]:")
        || line.starts_with("... ") && line.ends_with(" more")
}

/// A line of a log: a time, then more that is no sentence.
pub(super) fn log(line: &str) -> bool {
    let line = line.trim_start_matches(['[', '(']);
    let head = &line.as_bytes()[..line.len().min(10)];
    let date = head.len() == 10
        && head.iter().enumerate().all(|(n, b)| match n {
            4 | 7 => matches!(b, b'-' | b'/' | b'.'),
            _ => b.is_ascii_digit(),
        });
    let clock = head.len() >= 8
        && head[..8]
            .iter()
            .enumerate()
            .all(|(n, b)| if n % 3 == 2 { *b == b':' } else { b.is_ascii_digit() });
    let level = ["ERROR", "WARN", "WARNING", "INFO", "DEBUG", "TRACE", "FATAL"]
        .iter()
        .any(|level| line.strip_prefix(level).is_some_and(|rest| rest.starts_with([']', ':', ' '])));
    let timed = date && line.as_bytes().get(10).is_some_and(|b| matches!(b, b'T' | b' ')) && {
        line.as_bytes().get(11).is_some_and(u8::is_ascii_digit)
    };
    timed || clock || level && line.contains([':', '=', ']'])
}

/// An indented line with more signs than prose has.
pub(super) fn looks_like_code(line: &str) -> bool {
    if line.starts_with(['-', '*', '+']) && line[1..].starts_with(' ') {
        return false; // an item of a nested list
    }
    let line = &line.as_bytes()[..line.len().min(200)];
    let signs = line.iter().filter(|b| b"{}()[]<>=;_$|&#%\\/+*^~\"".contains(b)).count();
    let ends = line.last().is_some_and(|b| b"{};,(\\".contains(b));
    line.starts_with(b"$ ") || line.starts_with(b"#") || signs * 100 >= line.len() * 8 || ends && signs > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_lines_and_sentences() {
        for line in [
            "at f (/srv/a.js:1:2)",
            "#0 0x0012 in main",
            "3: core::panicking::panic",
            "goroutine 1 [running]:",
        ] {
            assert!(frame(line), "{line}");
        }
        for line in ["at least (I think) it works", "3: it fails", "File a bug", "#12 is the same"] {
            assert!(!frame(line), "{line}");
        }
        for line in ["[12:30:01] started", "2026-01-02 03:04:05 x", "[ERROR] pool: gone"] {
            assert!(log(line), "{line}");
        }
        for line in ["2026-01-02 was fine", "ERROR in the docs", "12 people"] {
            assert!(!log(line), "{line}");
        }
        assert!(looks_like_code("let x = y(1);") && !looks_like_code("and then it goes on as before"));
    }
}
