//! Tokens, passwords, webhook addresses: from the environment, else from `secrets.toml` in the data folder, which nobody
//! but its owner may read. They are never printed, kept or logged.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, FaultKind};

/// A secret: shows itself as dots.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The secret itself, where it is used.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The file's name.
pub(crate) const FILE: &str = "secrets.toml";

/// Where secrets are looked for.
pub(crate) struct Secrets {
    file: toml::Table,
    path: PathBuf,
}

impl Secrets {
    /// Reads the folder's file, if there is one.
    pub(crate) fn of(folder: &Path) -> Result<Secrets, Fault> {
        let path = folder.join(FILE);
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => {
                private(&path)?;
                // What is wrong is not shown: the line holds a secret.
                text.parse().map_err(|_| Fault::usage(format!("{}: not TOML", path.display())))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => toml::Table::new(),
            Err(error) => return Err(Fault::usage(format!("{}: {error}", path.display()))),
        };
        Ok(Secrets { file, path })
    }

    /// The secret of this sort for a department: `RAPPORT_<SORT>_<DEPARTMENT>`. The error says where to put it.
    pub(crate) fn get(&self, sort: &str, department: &str) -> Result<Secret, String> {
        let name = name(sort, department);
        let said = std::env::var(&name).ok().or_else(|| Some(self.file.get(&name)?.as_str()?.to_owned()));
        match said.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) {
            Some(text) => Ok(Secret(text)),
            None => Err(format!(
                "{name} is not set: put it into the environment or into {} (readable by you alone)",
                self.path.display()
            )),
        }
    }
}

/// `RAPPORT_TOKEN_PRODUCT`
pub(crate) fn name(sort: &str, department: &str) -> String {
    let word: String = department
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    format!("RAPPORT_{sort}_{word}")
}

/// Refuses a file that others may read.
#[cfg(unix)]
pub(crate) fn private(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Fault::new(FaultKind::Refused, format!("{} may be read by others ({mode:o})", path.display()))
        .hint(format!("chmod 600 {}", path.display())))
}

/// Elsewhere the owner's folder is what protects it.
#[cfg(not(unix))]
pub(crate) fn private(_: &Path) -> Result<(), Fault> {
    let _ = FaultKind::Refused;
    Ok(())
}

/// The folder's own key for links, made when it is first needed.
pub(crate) fn key(folder: &Path) -> Result<Vec<u8>, Fault> {
    let path = folder.join("link.key");
    match std::fs::read(&path) {
        Ok(key) if key.len() >= 32 => {
            private(&path)?;
            return Ok(key);
        }
        Ok(_) => {
            return Err(Fault::usage(format!("{} is too short to be a key", path.display()))
                .hint("move it away: a new one is made, and old links end"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Fault::usage(format!("{}: {error}", path.display()))),
    }
    let key = chance(32)?;
    write_private(&path, &key)?;
    Ok(key)
}

/// So many bytes of the operating system's chance.
pub(crate) fn chance(many: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; many];
    getrandom::fill(&mut bytes).map_err(|e| Fault::usage(format!("no source of chance: {e}")))?;
    Ok(bytes)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown_and_its_file_is_private() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "RAPPORT_TOKEN_TEST_TEAM = \"s3cret\"\n").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(Secrets::of(folder.path()).err().map(|f| f.kind), Some(FaultKind::Refused));
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let secrets = Secrets::of(folder.path()).unwrap();
        let secret = secrets.get("TOKEN", "test-team").unwrap();
        assert_eq!((secret.reveal(), format!("{secret:?}").as_str()), ("s3cret", "Secret(…)"));
        assert!(
            secrets.get("MAIL", "test-team").unwrap_err().starts_with("RAPPORT_MAIL_TEST_TEAM is not set")
        );
        let key = key(folder.path()).unwrap();
        assert_eq!(key.len(), 32);
        assert_eq!(super::key(folder.path()).unwrap(), key, "made once");
    }
}
