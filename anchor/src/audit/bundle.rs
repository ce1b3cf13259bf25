//! `holdfast-anchor verify-bundle`: what a downloaded proof proves, in words.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use jose::UnixTime;
use ledger::{OrganisationRecord, Scope, UnverifiedBundle, VerifiedBundle};
use service::{Clock, SystemClock};

use crate::pack::load_pack;

/// Checks a proof that was downloaded, and says what it proves.
#[derive(Debug, Args)]
pub struct BundleCommand {
    /// The proof.
    file: PathBuf,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
    /// The organisation that it must be about; needed for a proof that there is none.
    #[arg(long)]
    did: Option<String>,
}

impl BundleCommand {
    /// Prints what the file proves.
    ///
    /// # Errors
    /// It proves nothing; the sentence says why.
    pub fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let bundle = UnverifiedBundle::parse(&bytes)?;
        let Some(did) = self.did.or_else(|| bundle.dangerous_claimed_subject()) else {
            bail!("the file names no organisation: say with --did which one must not exist");
        };
        let verified = bundle.verify(&pack, &did)?;
        for line in describe(&verified, &did, pack.origin(), SystemClock.now()) {
            println!("{line}");
        }
        Ok(())
    }
}

fn describe(bundle: &VerifiedBundle, did: &str, origin: &str, now: UnixTime) -> Vec<String> {
    let mut lines = vec![
        format!("proved for      {}", did.escape_debug()),
        format!("by the log      {origin}, {} entries", bundle.size()),
        format!(
            "newest as of    {} ({} seconds ago)",
            time(bundle.time()),
            now.saturating_sub(bundle.time())
        ),
    ];
    match bundle.record() {
        None => lines.push("record          none: there is no such organisation on this log".to_owned()),
        Some(record) => lines.extend(describe_record(record, bundle)),
    }
    lines
}

fn describe_record(record: &OrganisationRecord, bundle: &VerifiedBundle) -> Vec<String> {
    let mut lines = Vec::new();
    if record.is_deactivated() {
        lines.push("record          closed: no key counts any more".to_owned());
    }
    if let Some(name) = bundle
        .accreditation()
        .map(|said| said.name)
        .or_else(|| Some(bundle.scope()?.name))
    {
        lines.push(format!("name            {}", name.text("en").escape_debug()));
    }
    match record.accreditation_entry() {
        Some(entry) => {
            let types = entry.types().iter();
            lines.extend(types.map(|(vct, until)| format!("may issue       {vct}, until {}", time(*until))));
            if let Some(succession) = entry.succession() {
                let old = succession.succeeds.escape_debug();
                lines.push(format!("goes on for     {old}, counts from {}", time(succession.from)));
            }
        }
        None => lines.push("may issue       nothing".to_owned()),
    }
    match (record.relying_party(), bundle.scope()) {
        (None, _) => lines.push("may ask         nothing".to_owned()),
        (Some(entry), scope) => {
            lines.extend(scope.as_ref().map(describe_scope).unwrap_or_default());
            lines.push(format!("registered      until {}", time(entry.valid_until)));
        }
    }
    if let Some(snapshot) = record.status_snapshot() {
        lines.push(format!("status of cards as of {}", time(snapshot.time)));
    }
    lines.push(format!("identity        version {}", record.did_state().version_id()));
    lines
}

fn describe_scope(scope: &Scope) -> Vec<String> {
    let claims = |paths: Vec<&ledger::ClaimPath>| serde_json::to_string(&paths).unwrap_or_default();
    let line = |purpose: &ledger::Purpose| {
        let needed = purpose.credentials.iter().flat_map(|credential| &credential.needed);
        let optional = purpose.credentials.iter().flat_map(|credential| &credential.optional);
        let sets = purpose.credentials.iter().flat_map(|credential| &credential.claim_sets);
        let sets: Vec<String> = sets.map(|set| claims(set.iter().collect())).collect();
        let enough = if sets.is_empty() {
            String::new()
        } else {
            format!(", enough {}", sets.join(" or "))
        };
        format!(
            "may ask         for {}: needed {}, optional {}{enough}, kept {} days",
            purpose.id,
            claims(needed.collect()),
            claims(optional.collect()),
            purpose.retention_days
        )
    };
    scope.purposes.iter().map(line).collect()
}

/// A time as people of the trade read it.
pub(super) fn time(at: UnixTime) -> String {
    let timestamp = i64::try_from(at).ok().and_then(|at| Timestamp::from_second(at).ok());
    timestamp.map_or_else(|| at.to_string(), |timestamp| timestamp.to_string())
}
