//! What lies on disk: a file, a folder, a ZIP or a git clone, as a list of items that can be opened one at a time.
//!
//! This is the only place of the crate that touches files; connectors see bytes.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one module that opens files and asks git"
)]

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::bufread::MultiGzDecoder;

use crate::contract::Peek;

/// Why an archive could not be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// There is nothing at this path, or it may not be read.
    #[error("{path}: {why}")]
    Path {
        /// The path as given.
        path: PathBuf,
        /// The operating system's reason.
        why: io::Error,
    },
    /// The ZIP holds nothing readable.
    #[error("{path}: this ZIP cannot be read: {why}")]
    Zip {
        /// The path as given.
        path: PathBuf,
        /// The reason.
        why: String,
    },
}

pub use rapport_model::ItemInfo;

enum Inside {
    Folder(PathBuf),
    Zip(RefCell<zip::ZipArchive<BufReader<File>>>),
    File(PathBuf),
    Git(PathBuf),
}

/// An opened archive.
pub struct Archive {
    name: String,
    names: Vec<String>,
    infos: Vec<ItemInfo>,
    inside: Inside,
    /// Set when the archive was damaged and only a part could be opened: what a user must be told.
    pub damage: Option<String>,
    // Holds what could be saved out of a damaged ZIP; removed when the archive is dropped.
    _saved: Option<tempfile::TempDir>,
}

/// The streams that a git clone offers.
pub const GIT_ITEMS: [&str; 2] = ["git/commits", "git/tags"];

impl Archive {
    /// Opens what lies at `path`.
    ///
    /// # Errors
    /// [`Unopened`] when there is nothing readable at all. A damaged ZIP opens with what can be saved.
    pub fn open(path: &Path) -> Result<Archive, Unopened> {
        let fail = |why| Unopened::Path { path: path.to_owned(), why };
        let meta = std::fs::metadata(path).map_err(fail)?;
        let name = archive_name(path);
        if meta.is_dir() {
            if is_git(path) {
                let infos = git_infos(path);
                return Ok(Archive::made(name, infos, Inside::Git(path.to_owned())));
            }
            let mut infos = Vec::new();
            walk(path, path, &mut infos).map_err(fail)?;
            infos.sort_by(|a: &ItemInfo, b| a.name.cmp(&b.name));
            return Ok(Archive::made(name, infos, Inside::Folder(path.to_owned())));
        }
        let mut file = File::open(path).map_err(fail)?;
        let mut magic = [0; 4];
        let got = file.read(&mut magic).map_err(fail)?;
        if magic[..got].starts_with(b"PK\x03\x04") {
            drop(file);
            return open_zip(path, name);
        }
        let file_name = path.file_name().map_or_else(|| name.clone(), |n| n.to_string_lossy().into_owned());
        let info = ItemInfo { name: file_name, len: meta.len(), stamp: modified(&meta) };
        Ok(Archive::made(name, vec![info], Inside::File(path.to_owned())))
    }

    fn made(name: String, infos: Vec<ItemInfo>, inside: Inside) -> Archive {
        let names = infos.iter().take(50_000).map(|info| info.name.clone()).collect();
        Archive { name, names, infos, inside, damage: None, _saved: None }
    }

    /// All items, in order of name.
    #[must_use]
    pub fn infos(&self) -> &[ItemInfo] {
        &self.infos
    }

    /// Opens one item and hands its bytes (gzip undone) to `read`.
    ///
    /// # Errors
    /// When the item cannot be opened; what goes wrong while reading comes out of `read` itself.
    pub fn with_item<T>(&self, name: &str, read: impl FnOnce(&mut dyn BufRead) -> T) -> io::Result<T> {
        const BUFFER: usize = 256 * 1024;
        let open = |path: &Path| File::open(path).map(|file| BufReader::with_capacity(BUFFER, file));
        match &self.inside {
            Inside::Folder(root) => plain(open(&root.join(name))?, read),
            Inside::File(path) => plain(open(path)?, read),
            Inside::Zip(zip) => {
                let mut zip = zip.borrow_mut();
                let member = zip.by_name(name).map_err(io::Error::other)?;
                plain(BufReader::with_capacity(BUFFER, member), read)
            }
            Inside::Git(path) => {
                let mut child = git_stream(path, name)?;
                let Some(stdout) = child.stdout.take() else {
                    return Err(io::Error::other("git gave no output"));
                };
                let mut stdout = BufReader::with_capacity(BUFFER, stdout);
                let result = read(&mut stdout);
                let ended = stdout.fill_buf()?.is_empty();
                if !ended {
                    let _ = child.kill(); // who reads has had enough
                }
                let status = child.wait()?;
                if ended && !status.success() {
                    return Err(io::Error::other(format!("git broke off: {status}")));
                }
                Ok(result)
            }
        }
    }
}

impl Peek for Archive {
    fn name(&self) -> &str {
        &self.name
    }
    fn items(&self) -> &[String] {
        &self.names
    }
    fn is_git(&self) -> bool {
        matches!(self.inside, Inside::Git(_))
    }
    fn head(&self, item: &str, most: usize) -> Vec<u8> {
        let most = most.min(1 << 20) as u64;
        let read = |body: &mut dyn BufRead| {
            let mut head = Vec::new();
            let _ = body.take(most).read_to_end(&mut head); // a damaged head is judged by what came
            head
        };
        self.with_item(item, read).unwrap_or_default()
    }
}

fn plain<T>(mut file: impl BufRead, read: impl FnOnce(&mut dyn BufRead) -> T) -> io::Result<T> {
    let gzipped = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    if gzipped {
        Ok(read(&mut BufReader::with_capacity(256 * 1024, MultiGzDecoder::new(file))))
    } else {
        Ok(read(&mut file))
    }
}

fn archive_name(path: &Path) -> String {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = full.file_name().map_or_else(|| "archive".to_owned(), |n| n.to_string_lossy().into_owned());
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.strip_suffix(".zip").unwrap_or(name).to_owned()
}

fn modified(meta: &std::fs::Metadata) -> String {
    let since = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or_else(String::new, |d| format!("t{}", d.as_nanos()))
}

fn walk(root: &Path, folder: &Path, infos: &mut Vec<ItemInfo>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() {
            walk(root, &path, infos)?;
        } else if kind.is_file() {
            let meta = entry.metadata()?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let name =
                relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            infos.push(ItemInfo { name, len: meta.len(), stamp: modified(&meta) });
        }
    }
    Ok(())
}

fn open_zip(path: &Path, name: String) -> Result<Archive, Unopened> {
    let fail = |why| Unopened::Path { path: path.to_owned(), why };
    let file = BufReader::new(File::open(path).map_err(fail)?);
    match zip::ZipArchive::new(file) {
        Ok(mut zip) => {
            let mut infos = Vec::new();
            for index in 0..zip.len() {
                let Ok(member) = zip.by_index_raw(index) else { continue };
                let Ok(named) = member.name().map(std::borrow::Cow::into_owned) else { continue };
                if member.is_file() {
                    let stamp = format!("c{:08x}", member.crc32());
                    infos.push(ItemInfo { name: named, len: member.size(), stamp });
                }
            }
            infos.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(Archive::made(name, infos, Inside::Zip(RefCell::new(zip))))
        }
        Err(why) => save_from_zip(path, name, &why.to_string()),
    }
}

/// How many times larger than its ZIP the saved members may be.
const MOST_UNPACKED: u64 = 200;

/// A ZIP whose directory is missing (a broken download): takes the members one after another from the front, as far
/// as they go, into a folder that is removed afterwards.
fn save_from_zip(path: &Path, name: String, why: &str) -> Result<Archive, Unopened> {
    let fail = |why| Unopened::Path { path: path.to_owned(), why };
    let unread = |why: &str| Unopened::Zip { path: path.to_owned(), why: why.to_owned() };
    let saved = tempfile::TempDir::new().map_err(fail)?;
    let mut stream = BufReader::new(File::open(path).map_err(fail)?);
    let mut members = 0;
    // No text packs so well: what unpacks to more is made to fill the disk.
    let mut room = std::fs::metadata(path).map_err(fail)?.len().saturating_mul(MOST_UNPACKED) + (1 << 20);
    while let Ok(Some(mut member)) = zip::read::read_zipfile_from_stream(&mut stream) {
        let Some(relative) = member.enclosed_name() else { continue };
        let target = saved.path().join(relative);
        if member.is_dir() {
            continue;
        }
        // A name that cannot be made here (too long, a file where a folder has to be) takes no other along.
        let made = target.parent().map_or(Ok(()), std::fs::create_dir_all);
        let Ok(mut file) = made.and_then(|()| File::create(&target)) else { continue };
        members += 1;
        // A member that breaks off is kept as far as it goes; who reads it tells what is missing.
        let _ = io::copy(&mut (&mut member).take(room), &mut file);
        room = room.saturating_sub(file.stream_position().map_err(fail)?);
        if room == 0 {
            break;
        }
    }
    if members == 0 {
        return Err(unread(why));
    }
    let mut infos = Vec::new();
    walk(saved.path(), saved.path(), &mut infos).map_err(fail)?;
    infos.sort_by(|a, b| a.name.cmp(&b.name));
    let mut archive = Archive::made(name, infos, Inside::Folder(saved.path().to_owned()));
    archive.damage =
        Some(format!("the ZIP is damaged ({why}); {members} members could be saved from its front"));
    archive._saved = Some(saved);
    Ok(archive)
}

fn is_git(path: &Path) -> bool {
    path.join(".git").exists() || (path.join("HEAD").is_file() && path.join("objects").is_dir())
}

fn git(path: &Path) -> Command {
    let mut git = Command::new("git");
    // Nothing of the user's configuration, and no hook, pager or helper of the repository, may run.
    git.arg("-C").arg(path).args([
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.fsmonitor=false",
        "--no-pager",
    ]);
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    git.env("GIT_NO_LAZY_FETCH", "1"); // reading never asks a remote for what a partial clone lacks
    git.args(["-c", "safe.directory=*"]);
    git.stdin(Stdio::null()).stderr(Stdio::null());
    git
}

fn git_infos(path: &Path) -> Vec<ItemInfo> {
    let refs = git(path).args(["for-each-ref", "--format=%(refname) %(objectname)"]).output();
    let refs = refs.map(|out| out.stdout).unwrap_or_default();
    let stamp = refs
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    let info = |name: &str| ItemInfo { name: name.to_owned(), len: 0, stamp: format!("r{stamp:016x}") };
    GIT_ITEMS.iter().map(|name| info(name)).collect()
}

/// The two streams of a clone, in formats of our own choosing: fields split by 0x1f, commits ended by NUL, times as
/// seconds (git refuses to write a date before 1970, which a zone west of Greenwich makes of the second 0).
fn git_stream(path: &Path, item: &str) -> io::Result<std::process::Child> {
    let mut command = git(path);
    if item == GIT_ITEMS[0] {
        command.args(["log", "--all", "--reverse", "--topo-order", "--use-mailmap", "-z"]);
        command.arg("--format=%H%x1f%P%x1f%an%x1f%ae%x1f%aN%x1f%aE%x1f%at%x1f%ct%x1f%B");
    } else {
        command.args(["for-each-ref", "refs/tags", "--sort=creatordate"]);
        command.arg("--format=%(refname:short)%1f%(objectname)%1f%(*objectname)%1f%(creatordate:unix)%1f%(taggername)%1f%(taggeremail)%1f%(contents:subject)%00");
    }
    command.stdout(Stdio::piped()).spawn()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_cut_zip_gives_what_its_front_holds() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("export.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for n in 0..20 {
            zip.start_file(format!("c/{n:02}.json"), zip::write::SimpleFileOptions::default()).unwrap();
            let text: String = (0..2000).map(|i| format!("{}", i * n)).collect();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        assert_eq!(Archive::open(&path).unwrap().infos().len(), 20);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let cut = Archive::open(&path).unwrap();
        assert!(cut.damage.is_some());
        assert!(cut.infos().len() > 5 && cut.infos().len() < 15, "{}", cut.infos().len());
    }
}
