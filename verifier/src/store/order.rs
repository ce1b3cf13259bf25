//! Orders of the example shop: which sessions a browser opened, and no more.

use jose::UnixTime;

use super::{Store, StoreFailure, stored};

/// What the shop knows of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Order {
    /// The session whose QR code was shown.
    pub(crate) cross_device: Option<String>,
    /// The session for which the wallet on this device was opened.
    pub(crate) same_device: Option<String>,
}

service::from_columns!(Order {
    cross_device,
    same_device
});

impl Store {
    /// The order of the browser that holds the token with this hash.
    pub(crate) async fn order(&self, browser: &[u8; 32]) -> Result<Option<Order>, StoreFailure> {
        let order = sqlx::query_as("SELECT cross_device, same_device FROM shop_order WHERE browser = ?")
            .bind(&browser[..])
            .fetch_optional(self.reader())
            .await?;
        Ok(order)
    }

    /// Keeps an order.
    pub(crate) async fn keep_order(
        &self,
        browser: &[u8; 32],
        order: &Order,
        now: UnixTime,
    ) -> Result<(), StoreFailure> {
        sqlx::query(
            "INSERT INTO shop_order (browser, cross_device, same_device, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (browser) DO UPDATE SET cross_device = excluded.cross_device, \
             same_device = excluded.same_device, created_at = excluded.created_at",
        )
        .bind(&browser[..])
        .bind(order.cross_device.as_deref())
        .bind(order.same_device.as_deref())
        .bind(stored(now))
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Deletes orders a day after the last check was started for them.
    pub(crate) async fn sweep_orders(&self, now: UnixTime) -> Result<(), StoreFailure> {
        sqlx::query("DELETE FROM shop_order WHERE created_at <= ?")
            .bind(stored(now.saturating_sub(DAY)))
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

const DAY: UnixTime = 86_400;
