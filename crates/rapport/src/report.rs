//! Reports: gathered once as values (their JSON), built into a page, written as Markdown or HTML.

pub(crate) mod atom;
pub(crate) mod department;
pub(crate) mod digest;
pub(crate) mod document;
pub(crate) mod friction;
pub(crate) mod gather;
pub(crate) mod html;
pub(crate) mod leadership;
pub(crate) mod markdown;
pub(crate) mod overview;
pub(crate) mod print;
pub(crate) mod trip;
