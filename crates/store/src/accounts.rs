//! Accounts of the people who sit down at the desk over the network. They are of this machine and do not travel with an
//! export.

use rapport_model::Time;
use rusqlite::{OptionalExtension, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name that its owner types.
    pub name: String,
    /// What its owner may see and do.
    pub role: String,
    /// The password's salted digest, in the format of the password hashing competition.
    pub password: String,
    /// When it was made.
    pub made_at: Time,
    /// By whom.
    pub made_by: String,
}

impl Store {
    /// Every account, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn logins(&self) -> Result<Vec<Login>, StoreError> {
        self.ask(|db| {
            db.prepare_cached("SELECT name, role, password, made_at, made_by FROM account ORDER BY name")?
                .query_map([], |row| {
                    Ok(Login {
                        name: row.get(0)?,
                        role: row.get(1)?,
                        password: row.get(2)?,
                        made_at: Time::from_millis(row.get(3)?).unwrap_or(Time::MIN),
                        made_by: row.get(4)?,
                    })
                })?
                .collect()
        })
    }

    /// Makes an account, or changes the role and password of the one with this name. The audit log says who did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_login(&mut self, account: &Login) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO account (name, role, password, made_at, made_by) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password",
                params![
                    account.name,
                    account.role,
                    account.password,
                    account.made_at.millis(),
                    account.made_by
                ],
            )?;
            let what = format!("{} as {}", account.name, account.role);
            audit(&tx, account.made_at, &account.made_by, "account", &what)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Removes an account; false when there is none of this name.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remove_login(&mut self, name: &str, who: &str, at: Time) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let known = tx
                .query_row("SELECT 1 FROM account WHERE name = ?", [name], |_| Ok(()))
                .optional()?
                .is_some();
            tx.execute("DELETE FROM account WHERE name = ?", [name])?;
            if known {
                audit(&tx, at, who, "account remove", name)?;
            }
            tx.commit()?;
            Ok(known)
        });
        result.map_err(|e| fault(&path, &e))
    }
}
