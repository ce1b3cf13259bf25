//! Wrong passwords make the next attempt wait, by the name tried and by the
//! address: whether there is such a name makes no difference.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use sqlx::{Row, Sqlite, Transaction};

use super::session::signed;

/// Failures after which a name waits.
const BY_NAME: i64 = 5;
/// Failures after which an address waits: several operators may share one.
const BY_ADDRESS: i64 = 20;
/// Seconds of the first wait; each further failure doubles it.
const FIRST_WAIT: i64 = 30;
/// Seconds of the longest wait.
const LONGEST_WAIT: i64 = 15 * 60;
/// Seconds after which failures are forgotten.
const MEMORY: u64 = 60 * 60;

type Write = Transaction<'static, Sqlite>;

/// What an attempt counts against. Names are hashed: people type passwords into the wrong field.
pub(super) struct Attempt {
    name: Vec<u8>,
    address: Vec<u8>,
}

/// Seconds until the next attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Blocked(pub(super) u32);

impl Attempt {
    pub(super) fn new(name: &str, address: IpAddr) -> Self {
        Self {
            name: hash("name", name.as_bytes()),
            address: match address {
                IpAddr::V4(address) => hash("v4", &address.octets()),
                // Whoever has one address has its /64.
                IpAddr::V6(address) => hash("v6", &address.octets()[..8]),
            },
        }
    }

    /// Counts the attempt as failed before the password is looked at, so that a
    /// hundred at once are no more than one after the other.
    pub(super) async fn begin(&self, write: &mut Write, now: u64) -> Result<Result<(), Blocked>, sqlx::Error> {
        sqlx::query("DELETE FROM sign_in_failures WHERE last_at <= ?")
            .bind(signed(now) - signed(MEMORY))
            .execute(&mut **write)
            .await?;
        let subjects = [(&self.name, BY_NAME), (&self.address, BY_ADDRESS)];
        let mut counts = [0; 2];
        for ((subject, _), count) in subjects.iter().zip(&mut counts) {
            let row = sqlx::query("SELECT failures, blocked_until FROM sign_in_failures WHERE subject = ?")
                .bind(subject)
                .fetch_optional(&mut **write)
                .await?;
            let Some(row) = row else { continue };
            let wait = row.try_get::<i64, _>("blocked_until")? - signed(now);
            if wait > 0 {
                return Ok(Err(Blocked(u32::try_from(wait).unwrap_or(u32::MAX))));
            }
            *count = row.try_get("failures")?;
        }
        for ((subject, limit), count) in subjects.iter().zip(counts) {
            put(write, subject, count + 1, wait_after(count + 1, *limit), now).await?;
        }
        Ok(Ok(()))
    }

    /// Takes the count back: the password was right.
    pub(super) async fn succeeded(&self, write: &mut Write) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM sign_in_failures WHERE subject = ?")
            .bind(&self.name)
            .execute(&mut **write)
            .await?;
        // What others failed at from here still counts.
        sqlx::query("UPDATE sign_in_failures SET failures = failures - 1, blocked_until = 0 WHERE subject = ?")
            .bind(&self.address)
            .execute(&mut **write)
            .await?;
        Ok(())
    }
}

async fn put(write: &mut Write, subject: &[u8], failures: i64, wait: i64, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sign_in_failures (subject, failures, blocked_until, last_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (subject) DO UPDATE SET failures = ?2, blocked_until = ?3, last_at = ?4",
    )
    .bind(subject)
    .bind(failures)
    .bind(signed(now) + wait)
    .bind(signed(now))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Seconds to wait after so many failures.
fn wait_after(failures: i64, limit: i64) -> i64 {
    match failures - limit {
        over if over < 0 => 0,
        // 30 s doubled five times is past the longest wait.
        over => (FIRST_WAIT << over.min(5)).min(LONGEST_WAIT),
    }
}

fn hash(kind: &str, subject: &[u8]) -> Vec<u8> {
    Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(subject)
        .finalize()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::wait_after;
    use test_case::test_case;

    #[test_case(4 => 0)]
    #[test_case(5 => 30)]
    #[test_case(6 => 60)]
    #[test_case(9 => 480)]
    #[test_case(10 => 900)]
    #[test_case(1_000_000 => 900)]
    fn each_failure_doubles_the_wait(failures: i64) -> i64 {
        wait_after(failures, 5)
    }
}
