//! What went wrong, in words with the next command, and as an exit code.

use rapport_store::StoreError;

/// Who can do something about it. Decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Nothing is broken, but the answer is no.
    Refused,
    /// The words of the command.
    Usage,
    /// A source.
    Source,
    /// The data folder.
    Store,
}

/// Every exit code, for the reference.
pub(crate) const EXIT_CODES: [(u8, &str); 6] = [
    (0, "done"),
    (1, "findings (`check`, a filter's bad lines), or refused: nothing is broken, but the answer is no"),
    (2, "the words of the command or of `rapport.toml`"),
    (3, "a source: it is not there, or no connector knows its shape"),
    (4, "the data folder: none yet, busy, damaged, or the disk is full"),
    (70, "a mistake of the program itself; please report it"),
];

/// One fault.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Fault {
        Fault { kind, message: message.into(), hints: Vec::new() }
    }
    pub(crate) fn usage(message: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Usage, message)
    }
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hints.push(hint.into());
        self
    }
    /// 1 refused, 2 usage, 3 source, 4 store.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.kind {
            FaultKind::Refused => 1,
            FaultKind::Usage => 2,
            FaultKind::Source => 3,
            FaultKind::Store => 4,
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        let fault = Fault::new(FaultKind::Store, error.to_string());
        match error {
            StoreError::Absent(_) => {
                fault.hint("rapport add <an export>  makes one; rapport demo  shows an invented community")
            }
            StoreError::Busy(_) => fault.hint("wait until it is done, or work on another folder with --data"),
            StoreError::Disk { .. } => {
                fault.hint("make room, then run the same command again: it goes on where it was")
            }
            StoreError::Damaged { .. } => {
                fault.hint("rapport check  says what is wrong; restore the last `rapport backup`")
            }
            StoreError::Newer { .. } => {
                fault.hint("use the newer program, or restore a backup made before it")
            }
            StoreError::Refused(_) => Fault { kind: FaultKind::Refused, ..fault },
            StoreError::Other { .. } => fault,
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault::new(FaultKind::Store, error.to_string())
    }
}
