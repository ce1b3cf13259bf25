//! `holdfast-anchor succession`: an agency that lost its keys lives on under another DID. Two registrars sign it, each
//! with its own key on its own machine. docs/ledger.md §4.2 and §14

use std::path::PathBuf;

use clap::{Args, Subcommand};
use did::Did;
use jose::UnixTime;
use ledger::{Kind, LeafBuilder, Proposal, UnverifiedProposal};
use serde_json::{Value, json};
use service::files::write_atomically;
use service::{Clock, SystemClock};

use super::{Done, Registrar, RegistrarError, read, read_application};

const DAY: UnixTime = 24 * 3600;

/// A succession, step by step.
#[derive(Clone, Debug, Subcommand)]
pub enum Succession {
    /// As the first registrar: anchors the new DID, where it is new, and writes the proposal for the second.
    Propose(Propose),
    /// Says what a proposal is about, and signs nothing.
    Show(OnProposal),
    /// As the second registrar: signs a proposal and hands the grant in. It counts after 72 hours.
    Sign(SignProposal),
}

/// What the first registrar proposes.
#[derive(Clone, Debug, Args)]
pub struct Propose {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The folder with `keys.json` and `did.jsonl` of the registrar; that of the configuration where nothing is said.
    #[arg(long)]
    identity: Option<PathBuf>,
    /// The application file of the agency that goes on.
    #[arg(long)]
    application: PathBuf,
    /// The DID of the agency that lost its keys.
    #[arg(long)]
    succeeds: String,
    /// For how many days the second registrar may sign.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=30))]
    days: u16,
    /// Where the proposal is written.
    #[arg(long)]
    out: PathBuf,
}

/// A proposal, and who reads it.
#[derive(Clone, Debug, Args)]
pub struct OnProposal {
    /// The proposal of the other registrar.
    proposal: PathBuf,
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The folder with `keys.json` and `did.jsonl` of the registrar; that of the configuration where nothing is said.
    #[arg(long)]
    identity: Option<PathBuf>,
}

/// What the second registrar signs.
#[derive(Clone, Debug, Args)]
pub struct SignProposal {
    #[command(flatten)]
    on: OnProposal,
    /// The DID of the agency that goes on, as the registrar knows it from that agency.
    #[arg(long)]
    did: String,
    /// The DID of the agency that lost its keys, as the registrar knows it.
    #[arg(long)]
    succeeds: String,
}

impl Succession {
    /// Does the step: one JSON object for programs.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub async fn run(&self) -> Result<Value, RegistrarError> {
        let now = SystemClock.now();
        match self {
            Self::Propose(propose) => propose.run(now).await,
            Self::Show(on) => {
                let (_, proposal) = on.verified(now).await?;
                Ok(described(&proposal))
            }
            Self::Sign(sign) => sign.run(now).await.map(|done| done.to_json()),
        }
    }
}

impl Propose {
    async fn run(&self, now: UnixTime) -> Result<Value, RegistrarError> {
        let registrar = Registrar::open_as(&self.config, self.identity.as_deref(), now)?;
        let application = read_application(&self.application)?;
        let mut grant = application.accreditation(now)?;
        let succeeds: Did = self.succeeds.parse().map_err(|_| RegistrarError::UnknownOrganisation)?;
        if registrar.record(succeeds.as_str(), now).await?.is_none() {
            return Err(RegistrarError::UnknownOrganisation);
        }
        grant.succeeds = Some(succeeds);
        let did = application.did().to_string();
        let (record, receipts) = registrar.anchored(&did, application.did_log_line(), now).await?;
        let kind = Kind::AccreditationGrant;
        let head = record.as_ref().and_then(|record| record.head(kind.part()));
        let leaf = LeafBuilder::new(kind, &did, head, grant.encode()?);
        let (name, key) = registrar.ledger_key()?;
        let expires = now.saturating_add(DAY * UnixTime::from(self.days));
        let bytes = Proposal::sign(leaf, registrar.client.origin(), &name, &key, expires)?;
        write_atomically(&self.out, &bytes).map_err(|source| RegistrarError::File {
            path: self.out.display().to_string(),
            source,
        })?;
        Ok(json!({
            "ok": true,
            "did": did,
            "succeeds": self.succeeds,
            "proposal": self.out,
            "expires": expires,
            "indices": receipts.iter().map(|receipt| receipt.index).collect::<Vec<u64>>(),
        }))
    }
}

impl OnProposal {
    /// The proposal, signed by a registrar as its newest record has it, and still open; and who reads it.
    async fn verified(&self, now: UnixTime) -> Result<(Registrar, Proposal), RegistrarError> {
        let registrar = Registrar::open_as(&self.config, self.identity.as_deref(), now)?;
        let proposal = UnverifiedProposal::parse(&read(&self.proposal)?)?;
        let proposer = registrar.record(proposal.dangerous_claimed_proposer(), now).await?;
        let proposer = proposer.ok_or(RegistrarError::UnknownOrganisation)?;
        let proposal = proposal.verify(registrar.client.origin(), &proposer, now)?;
        Ok((registrar, proposal))
    }
}

impl SignProposal {
    /// Signs only what it was told from elsewhere too, never what the file alone says.
    async fn run(&self, now: UnixTime) -> Result<Done, RegistrarError> {
        let (registrar, proposal) = self.on.verified(now).await?;
        let did = proposal.accreditation().subject.to_string();
        if did != self.did || proposal.succeeds().as_str() != self.succeeds {
            return Err(RegistrarError::OtherSuccession);
        }
        let (name, key) = registrar.ledger_key()?;
        let submission = proposal.cosign(registrar.client.origin(), &name, &key)?;
        let receipt = registrar.client.submit(&submission).await?;
        Ok(Done {
            did,
            receipts: vec![receipt],
        })
    }
}

fn described(proposal: &Proposal) -> Value {
    let grant = proposal.accreditation();
    json!({
        "ok": true,
        "did": grant.subject.as_str(),
        "name": grant.name,
        "types": grant.types,
        "succeeds": proposal.succeeds().as_str(),
        "proposer": proposal.proposer(),
        "expires": proposal.expires(),
    })
}
