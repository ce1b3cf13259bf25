//! The operators of a service, managed at its command line.

use std::fmt;
use std::str::FromStr;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::password::{Password, PasswordError};
use super::session::signed;
use crate::store::Sqlite;

/// Longest name of an operator.
const LONGEST: usize = 64;

/// The name an operator signs in with: up to 64 of `a-z 0-9 . - _ @`, no matter how typed.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorName(String);

/// A text that is no operator's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of an operator has 1 to {LONGEST} characters: letters a-z, digits, . - _ @")]
pub struct OperatorNameError;

impl OperatorName {
    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OperatorName {
    type Err = OperatorNameError;

    fn from_str(text: &str) -> Result<Self, OperatorNameError> {
        let name = text.trim().to_ascii_lowercase();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_@".contains(&byte);
        if name.is_empty() || name.len() > LONGEST || !name.bytes().all(allowed) {
            return Err(OperatorNameError);
        }
        Ok(Self(name))
    }
}

impl fmt::Debug for OperatorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorName(…)")
    }
}

/// Why an operator was not added, changed or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// There is an operator of this name.
    #[error("there is an operator of this name already")]
    Exists,
    /// There is no operator of this name.
    #[error("there is no operator of this name")]
    Unknown,
    /// Without this one nobody would be left, or nobody of the role that must stay.
    #[error("this operator is the last")]
    Last,
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store refused.
    #[error("the operators cannot be read or written")]
    Store(#[from] sqlx::Error),
}

/// One operator, as listed.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name.
    pub name: String,
    /// The role.
    pub role: String,
}

/// The operators in a service's store, those of one realm.
#[derive(Debug, Clone, Copy)]
pub struct Operators<'a>(&'a Sqlite, &'a str);

/// What is kept of an operator, for signing in.
pub(super) struct Kept {
    pub(super) role: String,
    pub(super) password: String,
}

impl<'a> Operators<'a> {
    /// The operators in this store.
    #[must_use]
    pub fn new(store: &'a Sqlite) -> Self {
        Self(store, "")
    }

    /// Those of a realm. A realm has no `/` in its name.
    #[must_use]
    pub fn of_realm(store: &'a Sqlite, realm: &'a str) -> Self {
        Self(store, realm)
    }

    fn kept(&self, name: &OperatorName) -> String {
        kept_name(self.1, name.as_str())
    }

    /// Adds an operator in a role of the service.
    ///
    /// # Errors
    /// [`OperatorError::Exists`] if the name is taken.
    pub async fn add(
        &self,
        name: &OperatorName,
        role: &str,
        password: &Password,
        now: u64,
    ) -> Result<(), OperatorError> {
        let done = sqlx::query(
            "INSERT INTO operators (name, role, password, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(self.kept(name))
        .bind(role)
        .bind(password.hash()?)
        .bind(signed(now))
        .execute(self.0.writer())
        .await?;
        if done.rows_affected() == 0 {
            return Err(OperatorError::Exists);
        }
        Ok(())
    }

    /// Gives an operator another password; all sessions of the operator end.
    ///
    /// # Errors
    /// [`OperatorError::Unknown`] if there is no such operator.
    pub async fn set_password(&self, name: &OperatorName, password: &Password) -> Result<(), OperatorError> {
        let hash = password.hash()?;
        let mut write = self.0.writer().begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query("UPDATE operators SET password = ? WHERE name = ?")
            .bind(hash)
            .bind(self.kept(name))
            .execute(&mut *write)
            .await?;
        if done.rows_affected() == 0 {
            return Err(OperatorError::Unknown);
        }
        sqlx::query("DELETE FROM operator_sessions WHERE operator = ?")
            .bind(self.kept(name))
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Removes an operator; all sessions of the operator end.
    ///
    /// # Errors
    /// [`OperatorError::Unknown`] if there is no such operator.
    pub async fn remove(&self, name: &OperatorName) -> Result<(), OperatorError> {
        let done = sqlx::query("DELETE FROM operators WHERE name = ?")
            .bind(self.kept(name))
            .execute(self.0.writer())
            .await?;
        if done.rows_affected() == 0 {
            return Err(OperatorError::Unknown);
        }
        Ok(())
    }

    /// Removes an operator, unless nobody would be left then, or nobody in this role, if it is the operator's; all
    /// sessions of the operator end.
    ///
    /// # Errors
    /// [`OperatorError::Last`], and [`OperatorError::Unknown`] if there is no such operator.
    pub async fn remove_unless_last(&self, name: &OperatorName, role: &str) -> Result<(), OperatorError> {
        // Two that remove each other at once must not both find the other there.
        let mut write = self.0.writer().begin_with("BEGIN IMMEDIATE").await?;
        let rows = sqlx::query("SELECT name, role FROM operators")
            .fetch_all(&mut *write)
            .await?;
        let (removed, others): (Vec<Listed>, Vec<Listed>) = self
            .listed(&rows)?
            .into_iter()
            .partition(|operator| operator.name == name.as_str());
        let removed = removed.first().ok_or(OperatorError::Unknown)?;
        let stays = |other: &Listed| removed.role != role || other.role == role;
        if !others.iter().any(stays) {
            return Err(OperatorError::Last);
        }
        sqlx::query("DELETE FROM operators WHERE name = ?")
            .bind(self.kept(name))
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// All operators, by name.
    ///
    /// # Errors
    /// [`OperatorError::Store`]
    pub async fn list(&self) -> Result<Vec<Listed>, OperatorError> {
        let rows = sqlx::query("SELECT name, role FROM operators ORDER BY name")
            .fetch_all(self.0.reader())
            .await?;
        Ok(self.listed(&rows)?)
    }

    /// Those of the realm.
    fn listed(&self, rows: &[SqliteRow]) -> Result<Vec<Listed>, sqlx::Error> {
        let listed = |row: &SqliteRow| -> Result<Listed, sqlx::Error> {
            Ok(Listed {
                name: row.try_get("name")?,
                role: row.try_get("role")?,
            })
        };
        let all: Vec<Listed> = rows.iter().map(listed).collect::<Result<_, _>>()?;
        let of_realm = all.into_iter().filter_map(|operator| {
            let (realm, name) = split_name(&operator.name);
            let name = (realm == self.1).then(|| name.to_owned())?;
            Some(Listed { name, ..operator })
        });
        Ok(of_realm.collect())
    }

    pub(super) async fn find(&self, name: &OperatorName) -> Result<Option<Kept>, sqlx::Error> {
        let row = sqlx::query("SELECT role, password FROM operators WHERE name = ?")
            .bind(self.kept(name))
            .fetch_optional(self.0.reader())
            .await?;
        row.map(|row| {
            Ok(Kept {
                role: row.try_get("role")?,
                password: row.try_get("password")?,
            })
        })
        .transpose()
    }
}

/// The name of an operator as it is kept: with the realm before it, where there is one. No
/// operator's name has a `/`.
pub(super) fn kept_name(realm: &str, name: &str) -> String {
    if realm.is_empty() {
        name.to_owned()
    } else {
        format!("{realm}/{name}")
    }
}

/// Realm and name of one that is kept.
pub(super) fn split_name(kept: &str) -> (&str, &str) {
    kept.rsplit_once('/').unwrap_or(("", kept))
}
