//! Comma-separated records with quoted fields, as RFC 4180 has them.

/// The records of a text.
pub(crate) fn records(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    let mut rest = text.chars().peekable();
    std::iter::from_fn(move || {
        rest.peek()?;
        let mut fields = vec![String::new()];
        let mut quoted = false;
        while let Some(c) = rest.next() {
            let Some(field) = fields.last_mut() else { break };
            match c {
                '"' if quoted && rest.peek() == Some(&'"') => {
                    field.push('"');
                    rest.next();
                }
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                '\r' if !quoted => {}
                '\n' if !quoted => break,
                c => field.push(c),
            }
        }
        Some(fields)
    })
}
