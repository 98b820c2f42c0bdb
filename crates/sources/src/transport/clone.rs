//! Git remotes: a mirror of what is fetched, which is then read as any clone is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Network;

/// A mirror that is up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloned {
    /// Where it lies.
    pub path: PathBuf,
}

/// A name for a mirror's folder.
#[must_use]
pub fn slug(what: &str) -> String {
    what.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

/// Fetches a remote into a mirror at `path`, new or old. A whole one: where a server does not know how to leave files
/// out, git fetches what is missing one by one and comes to no end.
///
/// Nobody else writes into a mirror. What locks a fetch that was killed has left in it are taken away first: git itself
/// never does, and each would stop every fetch behind it.
///
/// # Errors
/// What git said, without addresses that may hold a password.
#[expect(clippy::disallowed_methods, reason = "the transport asks git to fetch; connectors never do")]
pub fn mirror(url: &str, path: &Path, network: &Network) -> Result<Cloned, String> {
    let mut git = Command::new("git");
    // Nothing of the user's configuration runs, and nothing asks for a password; ssh, file and ext remotes are not asked.
    git.env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_ALLOW_PROTOCOL", "https:http:git");
    git.args([
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "http.followRedirects=false",
        "-c",
        "safe.directory=*",
    ]);
    git.args(["-c", concat!("http.userAgent=rapport/", env!("CARGO_PKG_VERSION"))]);
    if let Some(proxy) = &network.proxy {
        // In the environment: what stands on a command line, everybody of the machine may read.
        git.envs([("HTTPS_PROXY", proxy), ("https_proxy", proxy), ("http_proxy", proxy)]);
        git.env_remove("ALL_PROXY").env_remove("all_proxy");
    }
    let behind = super::http::proxy(network)?;
    if url.parse().is_ok_and(|uri| super::http::proxied(behind.as_ref(), &uri)) {
        // git:// knows no web proxy: behind one, the line would go past it.
        git.env("GIT_ALLOW_PROTOCOL", "https:http");
    }
    if let Some(authorities) = &network.ca_file {
        // Stronger than a configuration, and than the same variable of whoever started us.
        git.env("GIT_SSL_CAINFO", authorities).env_remove("GIT_SSL_CAPATH");
    }
    // A first fetch that was killed at its very beginning leaves a repository that does not know its remote.
    let begun = std::fs::read_to_string(path.join("config")).is_ok_and(|text| text.contains("[remote "));
    let held = hold(path)?;
    if begun && path.join("HEAD").exists() {
        sweep(path).map_err(|e| e.to_string())?;
        // What tidies up behind a fetch ends with it, so that nobody is met at it by the next one.
        git.args(["-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"]);
        git.arg("-C").arg(path).args(["fetch", "--quiet", "--prune", "--tags", "--force", "origin"]);
        git.arg("+refs/heads/*:refs/heads/*");
    } else {
        // What an interrupted first fetch left is no mirror.
        if path.exists() {
            std::fs::remove_dir_all(path).map_err(|e| e.to_string())?;
        }
        git.args(["clone", "--quiet", "--mirror", "--", url]).arg(path);
    }
    // It reads nothing there; but where this process is killed and git goes on, the lock goes on with it.
    let stdin = held.try_clone().map_err(|e| e.to_string())?;
    let done =
        git.stdin(Stdio::from(stdin)).output().map_err(|e| format!("the program git cannot be run: {e}"))?;
    if done.status.success() {
        return Ok(Cloned { path: path.to_owned() });
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let line = said.lines().find(|l| l.starts_with("fatal:")).unwrap_or("fatal: it broke off").to_owned();
    Err(line.trim_start_matches("fatal: ").replace(url, "the remote").chars().take(200).collect())
}

/// The right to write into a mirror. It ends when the last process that has it ends, whatever ends it.
#[expect(clippy::disallowed_methods, reason = "the transport keeps the mirrors; connectors never do")]
#[expect(clippy::disallowed_types, reason = "the transport keeps the mirrors; connectors never do")]
fn hold(path: &Path) -> Result<std::fs::File, String> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    }
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(beside);
    let file = file.map_err(|e| e.to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err("an earlier fetch of it still goes on; the next look tries again".to_owned())
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error.to_string()),
    }
}

/// Takes away the locks in a mirror that nobody writes into. No name of git's own ends so but a lock's.
#[expect(clippy::disallowed_methods, reason = "the transport keeps the mirrors; connectors never do")]
fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sweep(&entry.path())?;
        } else if entry.path().extension().is_some_and(|end| end == "lock") {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write into temporary folders")]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_know_its_remote_is_begun_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("half.git");
        std::fs::create_dir_all(path.join("refs")).unwrap();
        std::fs::write(path.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        std::fs::write(path.join("config"), "[core]\n\tbare = true\n").unwrap();
        // Nobody answers at this door; what counts is that the remote was asked, and not a name that nothing stands for.
        let network = Network { allow_private: true, ..Network::default() };
        let said = mirror("http://127.0.0.1:1/relay", &path, &network).unwrap_err();
        assert!(said.contains("unable to access") && !said.contains("origin"), "{said}");
        assert!(!path.join("HEAD").exists(), "nothing of it is left in the way");
    }
}
