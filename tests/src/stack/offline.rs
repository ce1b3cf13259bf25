//! What checks without a network need while there still is one.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ledger::{Scope, TrustPack, UnverifiedBundle, UnverifiedTrustPack};
use service::{Clock, SystemClock};
use sqlx::Connection;
use url::Url;

use super::Stack;
use super::operators::Operator;
use super::parties::{Agency, Business};
use super::settings::{Settings, path};
use super::tamper::{copy, open};
use crate::http::eventually;
use crate::process::run;

/// What of a business's folder another device of it gets.
const IDENTITY: &str = "data/identity";
/// How long an agency may take until its status lists are on the ledger.
const RECORDED: Duration = Duration::from_secs(20);

/// A device of a business that is taken to where there is no network.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its name, of its folder too.
    pub name: String,
    /// Where its pages answer, to itself.
    pub port: u16,
    /// Who works at it.
    pub staff: Operator,
}

impl Stack {
    /// A device with the identity of a business, its checks, and nothing else yet.
    ///
    /// # Errors
    /// The business was not founded yet, or `holdfast-verifier operator add` fails.
    pub async fn device(&self, business: Business) -> Result<Device> {
        let layout = self.layout();
        let name = format!("{}-kiosk", business.service());
        copy(
            &layout.of(business.service()).join(IDENTITY),
            &layout.of(&name).join(IDENTITY),
        )?;
        let [port, ops_port] = [free_port()?, free_port()?];
        Settings::read(business.service(), layout)?
            .set("data_dir", path(&layout.of(&name).join("data")))
            .set("ops_listen", format!("127.0.0.1:{ops_port}"))
            .write(&name, layout)?;
        let staff = Operator::new(&name, "kiosk", "staff");
        self.add_operator("holdfast-verifier", &staff).await?;
        Ok(Device { name, port, staff })
    }

    /// Brings a device what it judges by without a network; what was printed.
    ///
    /// # Errors
    /// `holdfast-verifier sync` fails.
    pub async fn sync(&self, device: &Device) -> Result<String> {
        let config = path(&self.layout().config(&device.name));
        let synced = run("holdfast-verifier", &["sync", "--config", &config], &[]).await?;
        Ok(synced.success()?.stdout)
    }

    /// The clock of a device was set back by so many seconds: seen from it, the newest time that witnesses signed lies
    /// ahead.
    ///
    /// # Errors
    /// The store is of another form, or has seen nothing.
    pub async fn set_back(&self, device: &Device, seconds: i64) -> Result<()> {
        let mut store = open(&self.layout().of(&device.name).join("data/verifier.sqlite")).await?;
        let changed = sqlx::query("UPDATE newest_seen SET time = time + ?")
            .bind(seconds)
            .execute(&mut store)
            .await?;
        ensure!(changed.rows_affected() == 1, "the device has seen no time");
        Ok(store.close().await?)
    }

    /// From now on answers to a business without a network may rest on what is so many seconds old. It is no part of
    /// what the business registered.
    ///
    /// # Errors
    /// The file of checks cannot be changed.
    pub fn limit_offline(&self, business: Business, seconds: u64) -> Result<()> {
        let file = self.checks_file(business);
        let checks = std::fs::read_to_string(&file)?;
        let online = "freshness = { ledger_s = 600, status_s = 5 }";
        ensure!(checks.contains(online), "the checks have other limits");
        let both = format!("{online}\noffline_freshness = {{ ledger_s = {seconds}, status_s = {seconds} }}");
        Ok(std::fs::write(file, checks.replace(online, &both))?)
    }

    /// Waits until the ledger has the status lists of an agency.
    ///
    /// # Errors
    /// They do not come.
    pub async fn recorded(&self, agency: Agency) -> Result<()> {
        let did = self.did(agency)?;
        eventually(RECORDED, || async {
            let bundle = self.bundle(&did).await?;
            let verified = UnverifiedBundle::parse(&bundle)?.verify(&self.pack()?, &did)?;
            let record = verified.record().context("the agency has no record")?;
            record.status_snapshot().context("no status lists yet").map(drop)
        })
        .await
    }

    /// What everybody trusts.
    ///
    /// # Errors
    /// The file is gone, or nobody signed it.
    pub fn pack(&self) -> Result<TrustPack> {
        let pack = UnverifiedTrustPack::parse(&std::fs::read(self.layout().trust_pack())?)?;
        Ok(pack.verify(None, SystemClock.now())?)
    }

    /// The newest proof of an organisation that the log has.
    ///
    /// # Errors
    /// The log does not answer.
    pub async fn bundle(&self, did: &str) -> Result<Vec<u8>> {
        self.bundle_with(did, &[]).await
    }

    /// What a business may ask, as the ledger proves it to whoever has the trust pack.
    ///
    /// # Errors
    /// The log does not answer, its proof does not hold, or the business is not registered.
    pub async fn scope(&self, did: &str) -> Result<Scope> {
        let bundle = self.bundle_with(did, &["scope"]).await?;
        let verified = UnverifiedBundle::parse(&bundle)?.verify(&self.pack()?, did)?;
        verified.scope().with_context(|| format!("{did} is not registered"))
    }

    /// The same with these payloads of the record. docs/ledger.md §8
    async fn bundle_with(&self, did: &str, payloads: &[&str]) -> Result<Vec<u8>> {
        let mut url = Url::parse(&format!("{}/bundle", self.layout().url("log")?))?;
        url.query_pairs_mut().append_pair("did", did);
        if !payloads.is_empty() {
            url.query_pairs_mut().append_pair("with", &payloads.join(","));
        }
        Ok(self.http().get(url.as_str()).await?.success()?.into_body())
    }

    /// Lets log and mirror make the landmark of this hour anew, as if the hour began now: nobody waits an hour for the
    /// next.
    ///
    /// # Errors
    /// A store is of another form, or nothing is published.
    pub async fn begin_hour(&mut self) -> Result<()> {
        for (service, file) in [("log", "log.db"), ("mirror", "mirror.db")] {
            self.stop(service).await?;
            let mut store = open(&self.layout().of(service).join("data").join(file)).await?;
            sqlx::query("DELETE FROM landmarks").execute(&mut store).await?;
            store.close().await?;
        }
        self.start_all(&["mirror", "log"]).await?;
        self.start_entry(Business::Shop)?.finish().await?;
        let url = format!("{}/landmarks/newest", self.layout().url("log")?);
        eventually(RECORDED, || async {
            Ok(self.http().get(&url).await?.success().map(drop)?)
        })
        .await
    }
}

/// A port nobody listens at now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
