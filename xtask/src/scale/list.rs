//! A mailing list, an mbox for each month.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Quota, create};
use crate::Fault;
use crate::mail::message;
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
    let mut parent: Option<String> = None;
    for (n, said) in made.messages.iter().enumerate() {
        let id = format!("{thread}.{n}@lists.example.org");
        let re = if n > 0 { "Re: " } else { "" };
        let subject = format!("{re}[relay-users] {}", made.title);
        let from = (said.who.name.as_str(), said.who.email.as_str());
        let mail = message(from, said.at, &subject, &id, parent.as_deref(), &said.text);
        out.write_all(mail.as_bytes())?;
        parent = Some(id);
    }
    Ok(())
}
