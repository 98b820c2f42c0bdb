//! `[network]`: how the living channels are reached.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rapport_sources::transport::{Manners, Network as Way};
use serde::{Deserialize, Serialize};

/// How the living channels are reached.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Network {
    /// Where the owner of this program can be found.
    pub(crate) contact: String,
    /// The longest pause that `sync` sits out, in seconds.
    pub(crate) patience_seconds: Option<u32>,
    /// Addresses inside the house may be contacted.
    pub(crate) allow_private: bool,
    /// A proxy.
    pub(crate) proxy: Option<String>,
    /// Certificate authorities (PEM), in place of those that ship with the program.
    pub(crate) ca_file: Option<PathBuf>,
    /// How long one reply may take, in seconds.
    pub(crate) timeout_seconds: u64,
    /// Where a service stands for us, by the address it usually has.
    pub(crate) at: BTreeMap<String, String>,
}

impl Network {
    /// The file of certificate authorities that count: the owner's, else the one that `SSL_CERT_FILE` names.
    pub(crate) fn authorities(&self) -> Option<PathBuf> {
        let named = || std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty());
        self.ca_file.clone().or_else(|| named().map(PathBuf::from))
    }

    pub(crate) fn way(&self, allow_private: bool) -> Way {
        Way {
            allow_private: self.allow_private || allow_private,
            proxy: self.proxy.clone(),
            ca_file: self.authorities(),
            timeout_s: self.timeout_seconds,
            mirrors: None,
        }
    }

    pub(crate) fn manners(&self, seed: u64) -> Manners {
        let mut manners = Manners { seed, ..Manners::default() };
        let contact: String = self.contact.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        if !contact.is_empty() {
            manners.agent = format!(concat!("rapport/", env!("CARGO_PKG_VERSION"), " ({})"), contact);
        }
        if let Some(seconds) = self.patience_seconds {
            manners.patience_ms = i64::from(seconds) * 1000;
        }
        manners
    }

    /// Where a service's API begins for us.
    pub(crate) fn base(&self, usual: &str) -> String {
        self.at.get(usual).map_or_else(|| usual.to_owned(), |base| base.trim_end_matches('/').to_owned())
    }
}
