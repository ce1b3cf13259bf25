//! Invitations to join the staff of a business: each is used once.

use jose::UnixTime;

use super::{Store, StoreFailure, restored, stored};

/// An invitation about to be kept.
#[derive(Debug)]
pub(crate) struct NewInvitation<'a> {
    pub(crate) id: &'a str,
    pub(crate) business: &'a str,
    pub(crate) code: [u8; 32],
    pub(crate) name: &'a str,
    pub(crate) role: &'a str,
    pub(crate) expires_at: UnixTime,
}

/// An invitation, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvitationRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    expires_at: i64,
}

service::from_columns!(InvitationRow {
    id,
    name,
    role,
    expires_at,
});

impl InvitationRow {
    /// When it ends.
    pub(crate) fn expires_at(&self) -> Result<UnixTime, StoreFailure> {
        restored(self.expires_at)
    }
}

impl Store {
    /// Keeps an invitation, unless the business has so many; `false` then. Those that are over are forgotten.
    pub(crate) async fn invite(&self, new: &NewInvitation<'_>, most: u64, now: UnixTime) -> Result<bool, StoreFailure> {
        let over = sqlx::query("DELETE FROM invitation WHERE expires_at <= ?").bind(stored(now));
        self.sqlite.execute(over).await?;
        let query = sqlx::query(
            "INSERT INTO invitation (id, business, code, name, role, expires_at) \
             SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM invitation WHERE business = ?) < ?",
        )
        .bind(new.id)
        .bind(new.business)
        .bind(new.code.to_vec())
        .bind(new.name)
        .bind(new.role)
        .bind(stored(new.expires_at))
        .bind(new.business)
        .bind(stored(most));
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// The invitations of a business that can be used.
    pub(crate) async fn invitations(&self, business: &str, now: UnixTime) -> Result<Vec<InvitationRow>, StoreFailure> {
        let rows = sqlx::query_as(
            "SELECT id, name, role, expires_at FROM invitation WHERE business = ? AND expires_at > ? ORDER BY name, id",
        )
        .bind(business)
        .bind(stored(now))
        .fetch_all(self.reader())
        .await?;
        Ok(rows)
    }

    /// Uses an invitation of a business up; `None` where there is none with this code, or it is over. Of two at once
    /// one gets it.
    pub(crate) async fn use_invitation(
        &self,
        business: &str,
        code: [u8; 32],
        now: UnixTime,
    ) -> Result<Option<InvitationRow>, StoreFailure> {
        let row = sqlx::query_as(
            "DELETE FROM invitation WHERE business = ? AND code = ? AND expires_at > ? \
             RETURNING id, name, role, expires_at",
        )
        .bind(business)
        .bind(code.to_vec())
        .bind(stored(now))
        .fetch_optional(self.writer())
        .await?;
        Ok(row)
    }

    /// Takes an invitation back; `false` where there is none.
    pub(crate) async fn withdraw_invitation(&self, business: &str, id: &str) -> Result<bool, StoreFailure> {
        let query = sqlx::query("DELETE FROM invitation WHERE business = ? AND id = ?")
            .bind(business)
            .bind(id);
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }
}
