//! Opening the data folder: one file, one writer at a time, migrated when it is older than the program.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::privacy::{Tombstones, finish};
use crate::schema::MIGRATIONS;

/// What can go wrong with the store, cut by what a caller can do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no data folder here yet.
    #[error("{0}: there is no Rapport data folder here")]
    Absent(PathBuf),
    /// Another process writes.
    #[error("{0}: another Rapport process is writing to this folder")]
    Busy(PathBuf),
    /// The folder was written by a newer program.
    #[error("{path}: written by a newer Rapport (schema {found}, this program knows {known})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The newest schema of this program.
        known: usize,
    },
    /// No room, or the disk refused.
    #[error("{path}: the disk is full or refuses to write ({why}); what was committed before is safe")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        why: String,
    },
    /// The file is no database, or a damaged one.
    #[error("{path}: this is not a whole Rapport database ({why})")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// A question that the database refused; `rapport sql` shows it to the user.
    #[error("{0}")]
    Refused(String),
    /// Anything else the database says.
    #[error("{path}: {why}")]
    Other {
        /// The file.
        path: PathBuf,
        /// What it said.
        why: String,
    },
}

/// An open data folder.
pub struct Store {
    pub(crate) db: Connection,
    pub(crate) path: PathBuf,
    /// Who was forgotten, once somebody asked.
    pub(crate) tombstones: OnceCell<Option<Tombstones>>,
    lock: Option<File>,
}

/// How long a second writer waits for the folder.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long one waits that has begun already: as long as another one may take to read an archive in.
const LONG: Duration = Duration::from_secs(600);

/// The folder's lock; it is held as long as the file is open, and ends with the process.
fn locked(folder: &Path, patience: Duration) -> Result<File, StoreError> {
    let disk = |error: std::io::Error| StoreError::Disk { path: folder.join(FILE), why: error.to_string() };
    let lock = File::create(folder.join("lock")).map_err(disk)?;
    let began = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if began.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(disk(error)),
        }
    }
}

/// The database's name inside the data folder.
pub(crate) const FILE: &str = "rapport.sqlite";

impl Store {
    /// Opens (or makes) the data folder for writing. One process at a time: the second waits a moment, for a writer
    /// that reads a living source holds the folder only as long as one reply takes; then it gets [`StoreError::Busy`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        Store::open_within(folder, PATIENCE)
    }

    fn open_within(folder: &Path, patience: Duration) -> Result<Store, StoreError> {
        let path = folder.join(FILE);
        let disk = |error: std::io::Error| StoreError::Disk { path: path.clone(), why: error.to_string() };
        std::fs::create_dir_all(folder).map_err(disk)?;
        let lock = locked(folder, patience)?;
        let mut db = Connection::open(&path).map_err(|e| fault(&path, &e))?;
        // Notes are written beside: a transaction takes its turn as it begins, not when it first writes.
        db.set_transaction_behavior(TransactionBehavior::Immediate);
        let mut store = Store { db, path, tombstones: OnceCell::new(), lock: Some(lock) };
        store.prepare(true)?;
        store.migrate()?;
        finish(&mut store)?; // somebody was being forgotten when the last writer died
        Ok(store)
    }

    /// Opens an existing data folder to write down what a person says (a claim, a correction), also while another process
    /// takes a source in: such a note is one short transaction, and the database makes it wait for its turn. Nothing
    /// that the log is made of may be written through it.
    ///
    /// # Errors
    /// See [`StoreError`]; busy only when no turn comes within half a minute.
    pub fn beside(folder: &Path) -> Result<Store, StoreError> {
        match Store::open_within(folder, Duration::ZERO) {
            Err(StoreError::Busy(_)) => {}
            opened => return opened,
        }
        Store::noting(folder)
    }

    /// Like [`Store::beside`], but never takes the folder for itself: for what is written down often and by itself.
    ///
    /// # Errors
    /// See [`StoreError`]; busy only when no turn comes within half a minute.
    pub fn noting(folder: &Path) -> Result<Store, StoreError> {
        let store = Store::at(folder)?;
        let result = store.db.busy_timeout(Duration::from_secs(30)).and_then(|()| {
            store.db.pragma_update(None, "synchronous", "full")?;
            store.db.pragma_update(None, "secure_delete", true)
        });
        result.map_err(|e| fault(&store.path, &e))?;
        let version = store.version()?;
        match version.cmp(&MIGRATIONS.len()) {
            Ordering::Equal => {}
            Ordering::Less => return Err(StoreError::Busy(folder.to_owned())), // it is being migrated
            Ordering::Greater => {
                return Err(StoreError::Newer { path: store.path, found: version, known: MIGRATIONS.len() });
            }
        }
        let mut store = store;
        // A note begins by taking its turn, not by reading what is old by the time it writes.
        store.db.set_transaction_behavior(TransactionBehavior::Immediate);
        Ok(store)
    }

    /// Opens an existing data folder for reading, as it is at this moment; never waits for a writer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn read(folder: &Path) -> Result<Store, StoreError> {
        let store = Store::at(folder)?;
        let version = store.version()?;
        if version > MIGRATIONS.len() {
            return Err(StoreError::Newer { path: store.path, found: version, known: MIGRATIONS.len() });
        }
        if version < MIGRATIONS.len() {
            drop(store);
            Store::open(folder)?;
            return Store::read(folder);
        }
        // One read transaction for as long as the store is open: every answer is of one moment, and no statement has to
        // take the file's lock anew.
        let begun =
            store.db.pragma_update(None, "query_only", true).and_then(|()| store.db.execute_batch("BEGIN"));
        begun.map_err(|e| fault(&store.path, &e))?;
        Ok(store)
    }

    /// An existing folder's database, without the lock.
    fn at(folder: &Path) -> Result<Store, StoreError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(StoreError::Absent(folder.to_owned()));
        }
        // Read-write at the file level so that a write-ahead log left by a crash can be recovered.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags).map_err(|e| fault(&path, &e))?;
        let store = Store { db, path, tombstones: OnceCell::new(), lock: None };
        store.prepare(false)?;
        Ok(store)
    }

    /// Lets others write, until [`Store::resume`]: between two replies of a living source nothing is held.
    pub fn release(&mut self) {
        self.lock = None;
    }

    /// Takes the folder for writing again; what others wrote meanwhile is seen.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when no turn comes within ten minutes.
    pub fn resume(&mut self) -> Result<(), StoreError> {
        if self.lock.is_none() {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            self.lock = Some(locked(folder, LONG)?);
            // Somebody may have been forgotten meanwhile.
            self.tombstones = OnceCell::new();
        }
        Ok(())
    }

    /// The folder's database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn prepare(&self, write: bool) -> Result<(), StoreError> {
        let result = self.db.busy_timeout(Duration::from_secs(10)).and_then(|()| {
            if write {
                self.db.pragma_update(None, "journal_mode", "wal")?;
                self.db.pragma_update(None, "synchronous", "full")?;
                self.db.pragma_update(None, "secure_delete", true)?;
                self.db.pragma_update(None, "wal_autocheckpoint", 16_000)?;
            }
            self.db.pragma_update(None, "cache_size", -65_536)?;
            // A writer leaves it off: mapped pages count as its memory, and it would map the whole file.
            self.db.pragma_update(None, "mmap_size", if write { 0 } else { 1_i64 << 28 })?;
            self.db.pragma_update(None, "temp_store", "memory")?;
            self.db.pragma_update(None, "trusted_schema", false)?;
            self.db.set_prepared_statement_cache_capacity(128);
            // Else the planner looks at every bound value and prepares the statement anew for it.
            self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            Ok(())
        });
        result.map_err(|e| fault(&self.path, &e))
    }

    fn version(&self) -> Result<usize, StoreError> {
        let version: i64 = self.ask(|db| db.query_row("PRAGMA user_version", [], |row| row.get(0)))?;
        Ok(usize::try_from(version).unwrap_or(0))
    }

    /// Runs the migrations that are missing, after a copy of what was there.
    fn migrate(&mut self) -> Result<(), StoreError> {
        let version = self.version()?;
        if version > MIGRATIONS.len() {
            return Err(StoreError::Newer {
                path: self.path.clone(),
                found: version,
                known: MIGRATIONS.len(),
            });
        }
        if version > 0 && version < MIGRATIONS.len() {
            self.keep_before(
                &self.path.with_extension(format!("before-schema-{}.sqlite", MIGRATIONS.len())),
            )?;
        }
        // All in one transaction: a new folder has everything or nothing, whenever its making is broken off.
        let result = self.db.transaction().and_then(|tx| {
            for sql in MIGRATIONS.iter().skip(version) {
                tx.execute_batch(sql)?;
            }
            if version < MIGRATIONS.len() {
                tx.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))?;
            }
            tx.commit()
        });
        result.map_err(|e| fault(&self.path, &e))
    }

    /// A copy of what was there; the one of a try that was broken off stands, as it is of the same state.
    fn keep_before(&self, target: &Path) -> Result<(), StoreError> {
        if target.exists() {
            return Ok(());
        }
        let part = target.with_extension("part");
        let io = |e: std::io::Error| StoreError::Refused(format!("{}: {e}", part.display()));
        if part.exists() {
            std::fs::remove_file(&part).map_err(io)?;
        }
        self.backup(&part)?;
        std::fs::rename(&part, target).map_err(io)
    }

    /// Copies the database, consistent even while another process writes.
    ///
    /// # Errors
    /// When the target exists or cannot be written.
    pub fn backup(&self, target: &Path) -> Result<(), StoreError> {
        if target.exists() {
            return Err(StoreError::Refused(format!(
                "{}: exists already; name a new file",
                target.display()
            )));
        }
        let result = Connection::open(target).and_then(|mut copy| {
            let backup = rusqlite::backup::Backup::new(&self.db, &mut copy)?;
            backup.run_to_completion(4_096, Duration::from_millis(0), None)
        });
        result.map_err(|e| fault(target, &e))
    }

    /// Runs one question and names the file in what goes wrong.
    pub(crate) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        question(&self.db).map_err(|e| fault(&self.path, &e))
    }
}

pub(crate) fn fault(path: &Path, error: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, SystemIoFailure,
    };
    let (path, why) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => StoreError::Busy(path),
        Some(DiskFull | SystemIoFailure | CannotOpen) => StoreError::Disk { path, why },
        Some(NotADatabase | DatabaseCorrupt) => StoreError::Damaged { path, why },
        _ => StoreError::Other { path, why },
    }
}
