//! How a page leaves the program: printed, or written to a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::document::Document;
use super::{html, markdown};
use crate::desk::{Answer, Desk};
use crate::fault::{Fault, FaultKind};

/// Arguments of every verb that makes a page.
#[derive(Args)]
pub(crate) struct Print {
    /// Markdown for reading and diffing, HTML for reading and print
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    pub(crate) format: Format,
    /// Write it to this file instead of printing it
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
}

/// What a page is written as.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    Markdown,
    Html,
}

impl Print {
    /// The page in its form.
    pub(crate) fn write(&self, page: &Document) -> String {
        match self.format {
            Format::Markdown => markdown::write(page),
            Format::Html => html::write(page),
        }
    }

    /// Prints the page or writes it to the file; `value` is its JSON.
    pub(crate) fn answer<T: Serialize>(
        &self,
        desk: &Desk,
        value: &T,
        page: &Document,
    ) -> Result<Answer, Fault> {
        self.body(desk, value, || self.write(page))
    }

    /// The same for a body that was made elsewhere.
    pub(crate) fn body<T: Serialize>(
        &self,
        desk: &Desk,
        value: &T,
        body: impl FnOnce() -> String,
    ) -> Result<Answer, Fault> {
        let Some(path) = &self.out else { return desk.answer(value, body) };
        std::fs::write(path, body())
            .map_err(|e| Fault::new(FaultKind::Store, format!("{}: {e}", path.display())))?;
        desk.answer(value, || format!("Wrote {}\n", path.display()))
    }
}
