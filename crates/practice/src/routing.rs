//! Which department a gap concerns, and why: the defaults, until the organisation's own rules say otherwise.

/// What sort of gap it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapKind {
    /// The product lacks something or does it wrongly.
    Product,
    /// An answer exists, and people do not find it.
    Docs,
    /// Nobody answers.
    Support,
    /// Something outside the product that people turn to.
    Market,
}

impl GapKind {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            GapKind::Product => "product",
            GapKind::Docs => "docs",
            GapKind::Support => "support",
            GapKind::Market => "market",
        }
    }
}

/// The department that a gap concerns and the reason in words. `bugs` and `wishes` are how many of its needs are bugs and
/// feature requests.
#[must_use]
pub fn department(kind: GapKind, bugs: u64, wishes: u64) -> (&'static str, String) {
    match kind {
        GapKind::Product if bugs > wishes => {
            ("engineering", format!("{bugs} of its needs are bugs, {wishes} are wishes"))
        }
        GapKind::Product => ("product", format!("{wishes} of its needs are wishes, {bugs} are bugs")),
        GapKind::Docs => {
            ("product", "an answer exists and is asked for again: it has to be found".to_owned())
        }
        GapKind::Support if bugs > wishes => {
            ("engineering", "nobody who knows replies, and most of it is bugs".to_owned())
        }
        GapKind::Support => ("product", "nobody who knows replies".to_owned()),
        GapKind::Market => ("marketing", "it rises outside the product".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bugs_go_to_engineering_and_wishes_to_product() {
        assert_eq!(department(GapKind::Product, 5, 2).0, "engineering");
        assert_eq!(department(GapKind::Product, 2, 5).0, "product");
        assert_eq!(department(GapKind::Market, 0, 0).0, "marketing");
    }
}
