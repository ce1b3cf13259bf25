//! What the published status lists say about the copies of a card.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use jose::VerifyingKey;
use ledger::KeyLookup;
use service::{Clock, SystemClock};
use status_list::{Status, UnverifiedToken, VerifiedList};

use super::scene::Scene;

/// The lists of the agency, each verified with the key that the ledger names.
#[derive(Debug)]
pub(super) struct Lists(BTreeMap<String, VerifiedList>);

impl Lists {
    /// Fetches every list that the aggregation names.
    ///
    /// # Errors
    /// A list is not there or does not verify.
    pub(super) async fn fetch(scene: &Scene) -> Result<Self> {
        let http = scene.world.stack.http();
        let record = scene.record(&scene.agency).await?;
        let url = format!("{}/lists", scene.url("population-status")?);
        let aggregation = http.get_json(&url, "").await?;
        let mut lists = BTreeMap::new();
        for uri in aggregation["status_lists"].as_array().into_iter().flatten() {
            let uri = uri.as_str().context("a list without a URI")?;
            let token = http.get(uri).await?.success()?;
            let token = UnverifiedToken::parse(std::str::from_utf8(token.body())?)?;
            let kid = token.header().kid().context("a list without kid")?.to_owned();
            let KeyLookup::Current(key) = record.assertion_key(&kid) else {
                bail!("the ledger does not name {kid}");
            };
            let list = token.verify(&VerifyingKey::new(&key)?, uri, SystemClock.now())?;
            let name = uri.rsplit('/').next().unwrap_or(uri);
            lists.insert(name.to_owned(), list);
        }
        Ok(Self(lists))
    }

    /// The status of a card; all its copies must have the same.
    ///
    /// # Errors
    /// They have not, or a list is not published.
    pub(super) fn status(&self, places: &[(String, u64)]) -> Result<Status> {
        let mut found: Option<Status> = None;
        for (name, index) in places {
            let list = self
                .0
                .get(name)
                .with_context(|| format!("list {name} is not published"))?;
            let status = list.status(*index)?;
            ensure!(
                found.is_none_or(|before| before == status),
                "copies of one card have statuses {found:?} and {status:?}"
            );
            found = Some(status);
        }
        found.context("a card without copies")
    }
}
