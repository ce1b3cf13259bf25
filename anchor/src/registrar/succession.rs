//! `holdfast-anchor succession`: an agency that lost its keys lives on under another DID. docs/ledger.md §4.2

use std::path::PathBuf;

use clap::Args;
use did::Did;
use jose::{SignError, Signer, SigningKey};
use ledger::{Kind, LeafBuilder};
use service::{Clock, SystemClock};

use super::{Done, Registrar, RegistrarError, open_identity, read_application};

/// A succession, which two registrars sign.
#[derive(Clone, Debug, Args)]
pub struct Succession {
    /// The configuration of the log, TOML; its registrar is the first.
    #[arg(long)]
    config: PathBuf,
    /// The application file of the agency that goes on.
    #[arg(long)]
    application: PathBuf,
    /// The DID of the agency that lost its keys.
    #[arg(long)]
    succeeds: String,
    /// The folder with `keys.json` and `did.jsonl` of the second registrar.
    #[arg(long)]
    second: PathBuf,
}

impl Succession {
    /// Anchors the new DID, where it is new, and writes the grant. It counts after 72 hours.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub async fn run(&self) -> Result<Done, RegistrarError> {
        let now = SystemClock.now();
        let registrar = Registrar::open(&self.config, now)?;
        let application = read_application(&self.application)?;
        let mut grant = application.accreditation(now)?;
        let succeeds: Did = self.succeeds.parse().map_err(|_| RegistrarError::UnknownOrganisation)?;
        grant.succeeds = Some(succeeds);
        let did = application.did().to_string();
        let (record, mut receipts) = registrar.anchored(&did, application.did_log_line(), now).await?;
        let head = record
            .as_ref()
            .and_then(|record| record.head(Kind::AccreditationGrant.part()));
        let leaf = LeafBuilder::new(Kind::AccreditationGrant, &did, head, grant.encode()?);

        let second = open_identity(&self.second.join("keys.json"), &self.second.join("did.jsonl"))?;
        let (first_name, first_key) = registrar.identity.ledger_key()?;
        let (second_name, second_key) = second.ledger_key()?;
        let (first_name, second_name) = (first_name.to_string(), second_name.to_string());
        let first_key = SigningKey::new(first_key).map_err(|_| SignError::KeyUnavailable)?;
        let second_key = SigningKey::new(second_key).map_err(|_| SignError::KeyUnavailable)?;
        let signers: [(&str, &dyn Signer); 2] = [(&first_name, &first_key), (&second_name, &second_key)];
        let submission = leaf.signed_by(registrar.client.origin(), &signers)?;
        receipts.push(registrar.client.submit(&submission).await?);
        Ok(Done { did, receipts })
    }
}
