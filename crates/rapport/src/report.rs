//! The report: gathered once, written as Markdown or HTML. JSON is what was gathered.

pub(crate) mod gather;
pub(crate) mod html;
pub(crate) mod markdown;
