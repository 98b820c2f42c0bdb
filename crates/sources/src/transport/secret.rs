//! Tokens: from the environment or a protected file, and never into a message or a log.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// A token. Printing it prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a token.
    #[must_use]
    pub fn new(text: &str) -> Secret {
        Secret(text.trim().to_owned())
    }
    /// An id and a secret, which have to become a token first.
    pub(super) fn is_pair(&self) -> bool {
        self.0.contains(':')
    }
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a token)")
    }
}

/// A file of tokens that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnsafeFile {
    /// Others may read it.
    #[error("{0}: other people of this machine may read the tokens in it")]
    Open(PathBuf),
    /// It cannot be read, or has another shape.
    #[error("{path}: {why}")]
    Unread {
        /// The file.
        path: PathBuf,
        /// Why; never a part of its content.
        why: String,
    },
}

/// Tokens by host, as a file holds them.
#[derive(Clone, Debug, Default)]
pub struct Tokens(BTreeMap<String, Secret>);

impl Tokens {
    /// Reads `host = "token"` lines from a file that only its owner may read; none where there is no file.
    ///
    /// # Errors
    /// [`UnsafeFile`].
    #[expect(
        clippy::disallowed_methods,
        reason = "the transport reads its own tokens; connectors never see them"
    )]
    pub fn load(path: &Path) -> Result<Tokens, UnsafeFile> {
        let unread = |why: String| UnsafeFile::Unread { path: path.to_owned(), why };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Tokens::default()),
            Err(error) => return Err(unread(error.to_string())),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_err(|e| unread(e.to_string()))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(UnsafeFile::Open(path.to_owned()));
            }
        }
        let mut tokens = BTreeMap::new();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields = line.split_once('=').map(|(host, token)| (host.trim(), token.trim()));
            let Some((host, token)) = fields.filter(|(host, token)| !host.is_empty() && !token.is_empty())
            else {
                return Err(unread(format!("line {} is not  host = \"token\"", n + 1)));
            };
            tokens.insert(host.trim_matches('"').to_lowercase(), Secret::new(token.trim_matches('"')));
        }
        Ok(Tokens(tokens))
    }

    /// The token for a host (`api.github.com`, or `github.com` for it), else the first of these environment variables.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the transport reads its own tokens; connectors never see them"
    )]
    pub fn find(&self, hosts: &[&str], variables: &[&str]) -> Option<Secret> {
        let named = hosts.iter().find_map(|host| self.0.get(*host).cloned());
        named.or_else(|| {
            let set =
                variables.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
            set.map(|text| Secret::new(&text))
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test writes a file")]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown_and_an_open_file_never_used() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("tokens");
        std::fs::write(&path, "# mine\ngithub.com = \"s3cret\"\n").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let to = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            to(0o640);
            assert!(matches!(Tokens::load(&path), Err(UnsafeFile::Open(_))));
            to(0o600);
        }
        let tokens = Tokens::load(&path).unwrap();
        assert_eq!(tokens.find(&["api.github.com", "github.com"], &[]), Some(Secret::new("s3cret")));
        assert!(!format!("{tokens:?}").contains("s3cret"));
        std::fs::write(&path, "github.com s3cret\n").unwrap();
        assert!(!Tokens::load(&path).unwrap_err().to_string().contains("s3cret"));
    }
}
