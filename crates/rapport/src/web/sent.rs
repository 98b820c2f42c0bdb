//! A text that somebody sent, as the file that a verb reads: there for as long as it is read, and no longer.

use std::sync::atomic::{AtomicU64, Ordering};

use super::App;
use crate::desk::Answer;
use crate::fault::Fault;

/// Calls a verb with a file of this text as its last word.
///
/// # Errors
/// What the verb says, or that the folder cannot be written.
pub(super) fn with_file(app: &App, words: &[&str], name: &str, text: &str) -> Result<Answer, Fault> {
    // A file of its own: two people may send one at the same time.
    static SENT: AtomicU64 = AtomicU64::new(0);
    let folder = app.folder.join("uploads");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}-{name}", SENT.fetch_add(1, Ordering::Relaxed)));
    std::fs::write(&file, text)?;
    let mut call: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    call.extend(["--".to_owned(), file.display().to_string()]);
    let answer = app.act(true, &call);
    let _ = std::fs::remove_file(&file); // the log holds it now, or the form does
    answer
}
