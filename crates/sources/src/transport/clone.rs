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
    if begun && path.join("HEAD").exists() {
        git.arg("-C").arg(path).args(["fetch", "--quiet", "--prune", "--tags", "--force", "origin"]);
        git.arg("+refs/heads/*:refs/heads/*");
    } else {
        // What an interrupted first fetch left is no mirror.
        if path.exists() {
            std::fs::remove_dir_all(path).map_err(|e| e.to_string())?;
        }
        git.args(["clone", "--quiet", "--mirror", "--", url]).arg(path);
    }
    let done =
        git.stdin(Stdio::null()).output().map_err(|e| format!("the program git cannot be run: {e}"))?;
    if done.status.success() {
        return Ok(Cloned { path: path.to_owned() });
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let line = said.lines().find(|l| l.starts_with("fatal:")).unwrap_or("fatal: it broke off").to_owned();
    Err(line.trim_start_matches("fatal: ").replace(url, "the remote").chars().take(200).collect())
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
