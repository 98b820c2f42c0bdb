//! A mailing list, an mbox for each month.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Quota, create};
use crate::Fault;
use crate::mail::{Mail, raw};
use crate::mill::{Made, Mill};
use crate::random::Random;
use crate::when::month;

/// Writes the list. A thread stands in the month in which it began.
pub(crate) fn write(mill: &Mill<'_>, random: &mut Random, folder: &Path, most: u64) -> Result<u64, Fault> {
    let mut quota = Quota::new(most);
    let mut open: Option<(BufWriter<File>, String)> = None;
    let mut thread = 0;
    while quota.left() > 0 {
        let begins = mill.begins(random, quota.share());
        let made = mill.thread(random, begins, quota.left());
        let name = month(begins);
        if open.as_ref().is_none_or(|(_, named)| *named < name) {
            if let Some((mut file, _)) = open.take() {
                file.flush()?;
            }
            open = Some((create(&folder.join(format!("{name}.mbox")))?, name));
        }
        thread += 1;
        if let Some((file, _)) = &mut open {
            mails(file, &made, thread)?;
        }
        quota.written += made.messages.len() as u64;
    }
    if let Some((mut file, _)) = open {
        file.flush()?;
    }
    Ok(quota.written)
}

/// Writes a thread's mails, each in reply to the one before it.
pub(crate) fn mails(out: &mut impl Write, made: &Made, thread: u64) -> Result<(), Fault> {
    let id = |n: usize| format!("{thread}.{n}@lists.example.org");
    let mut references: Vec<String> = Vec::new();
    for (n, said) in made.messages.iter().enumerate() {
        let mail = Mail {
            name: &said.who.name,
            address: &said.who.email,
            at: said.at,
            subject: &format!("{}[relay-users] {}", if n > 0 { "Re: " } else { "" }, made.title),
            id: &id(n),
            parent: references.last().map(String::as_str),
            references: &references,
            list: "relay-users",
            charset: "utf-8",
            text: &said.text,
        };
        out.write_all(&raw(&mail)?)?;
        references.push(id(n));
    }
    Ok(())
}
