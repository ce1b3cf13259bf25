//! A device that has heard of no agency, at a stack that runs.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use sqlx::Connection;

use super::offline::Device;
use super::operators::Operator;
use super::parties::{Agency, Business};
use super::tamper::open;
use super::{Layout, Stack};

/// What of a verifier's store tells of agencies.
const OF_AGENCIES: [&str; 2] = [
    "DELETE FROM held_bundles WHERE name = 'accredited'",
    "DELETE FROM held_list",
];

/// How a device is started that has heard of no agency.
#[derive(Debug, Serialize)]
pub struct ColdDevice {
    /// Its configuration.
    pub config: PathBuf,
    /// Who works at it.
    pub staff: Operator,
}

impl Stack {
    /// A device of the shop that holds its own record and nothing of agencies, as one that was online last before there
    /// were any. Wallets that refresh from now on have what it lacks: the landmark of this hour is made anew, with the
    /// agencies of now. The services run; some other process may have started them.
    ///
    /// # Errors
    /// They do not run, the device was made before, or a store is of another form.
    pub async fn cold_device(&self) -> Result<ColdDevice> {
        let device = self.device(Business::Shop).await?;
        self.sync(&device).await?;
        forget_agencies(self.layout(), &device).await?;
        self.recorded(Agency::Population).await?;
        self.forget_landmarks("log").await?;
        self.landmark_of_now().await?;
        Ok(ColdDevice {
            config: self.layout().config(&device.name),
            staff: device.staff,
        })
    }
}

async fn forget_agencies(layout: &Layout, device: &Device) -> Result<()> {
    let mut store = open(&layout.of(&device.name).join("data/verifier.sqlite")).await?;
    for forget in OF_AGENCIES {
        sqlx::query(forget).execute(&mut store).await?;
    }
    Ok(store.close().await?)
}
