//! A ledger in process: one log, three witnesses, a mirror, a registrar; real signatures, real
//! proofs. A checkpoint needs two of the three witnesses and the mirror.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

mod landmark;
mod setup;

use std::collections::HashMap;

use ::ledger::{
    Accreditation, AccreditedType, Change, Family, Hash, Kind, LeafBuilder, Limits, ListContent, MapHead,
    OrganisationRecord, PackContent, Policy, Records, Rejection, ReleaseKeys, Replayed, Replica, Revocation,
    RevocationReason, Scope, SnapshotList, SnapshotTree, StatusSnapshot, Submission, TrustPack, UnverifiedTrustPack,
};
use did::identity::{OldKey, Organisation};
use jose::{PrivateJwk, RandomSource, SigningKey, UnixTime};
use sha2::{Digest, Sha256};
use tlog::{Checkpoint, Cosigner, LogSigner, SignatureLine, UnverifiedCheckpoint};

use setup::{english, key_name, origin, pack, random};

/// Name of the log.
pub const ORIGIN: &str = "ledger.holdfast.test";
const YEAR: u64 = 365 * 24 * 3600;

/// A ledger in process.
pub struct Ledger {
    now: UnixTime,
    drawn: u64,
    log: LogSigner,
    cosigners: Vec<Cosigner>,
    governance: SigningKey,
    pack: PackContent,
    registrar: Organisation,
    replica: Replica,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    blobs: HashMap<Hash, Vec<u8>>,
}

/// When each of the three witnesses and the mirror cosigned; `None`: not at all.
#[derive(Clone, Copy, Debug)]
pub struct Cosignatures {
    /// The three witnesses.
    pub witnesses: [Option<UnixTime>; 3],
    /// The mirror.
    pub mirror: Option<UnixTime>,
}

impl Cosignatures {
    /// Everybody, at one time.
    pub fn all(time: UnixTime) -> Self {
        Self {
            witnesses: [Some(time); 3],
            mirror: Some(time),
        }
    }

    /// One witness and the mirror: no quorum.
    pub fn without_quorum(time: UnixTime) -> Self {
        Self {
            witnesses: [Some(time), None, None],
            mirror: Some(time),
        }
    }

    /// Every witness, but no mirror: no quorum either.
    pub fn without_mirror(time: UnixTime) -> Self {
        Self {
            witnesses: [Some(time); 3],
            mirror: None,
        }
    }
}

impl Ledger {
    /// A ledger whose policy and first registrar are written at `now`.
    pub fn new(now: UnixTime) -> Self {
        let log = LogSigner::from_seed(key_name(ORIGIN), &[1; 32]).expect("a log key");
        let cosigners = ["w1", "w2", "w3", "m1"].iter().zip(2..).map(|(name, seed)| {
            let name = key_name(&format!("{name}.holdfast.test"));
            Cosigner::from_seed(name, &[seed; 32]).expect("a cosigner's key")
        });
        let cosigners: Vec<Cosigner> = cosigners.collect();
        let mut drawn = 0;
        let governance = PrivateJwk::generate_ed25519(&mut random(&mut drawn));
        let governance = SigningKey::new(&governance).expect("a governance key");
        let registrar = Organisation::create("registrar.localhost", now, &mut random(&mut drawn));
        let pack = pack(now, &log, &cosigners, &governance);
        let mut ledger = Self {
            now,
            drawn,
            log,
            cosigners,
            governance,
            pack,
            registrar: registrar.expect("a registrar"),
            replica: Replica::new(ORIGIN),
            entries: Vec::new(),
            blobs: HashMap::new(),
        };
        ledger.write_policy();
        ledger.bootstrap_registrar();
        ledger
    }

    /// What time it is.
    pub fn now(&self) -> UnixTime {
        self.now
    }

    /// Moves the clock.
    pub fn set_now(&mut self, now: UnixTime) {
        self.now = now;
    }

    /// The trust pack file.
    pub fn trust_pack_file(&self) -> Vec<u8> {
        self.pack.sign(&[&self.governance]).expect("a signed pack")
    }

    /// The trust pack, verified.
    pub fn trust_pack(&self) -> TrustPack {
        let pack = UnverifiedTrustPack::parse(&self.trust_pack_file()).expect("a pack");
        pack.verify(None, self.now).expect("a sound pack")
    }

    /// What the pack says, to be changed and signed again with [`Ledger::governance`].
    pub fn pack_content(&self) -> &PackContent {
        &self.pack
    }

    /// The key that signs policy and pack.
    pub fn governance(&self) -> &SigningKey {
        &self.governance
    }

    /// The log's key.
    pub fn log_signer(&self) -> &LogSigner {
        &self.log
    }

    /// Three witnesses, then the mirror.
    pub fn cosigners(&self) -> &[Cosigner] {
        &self.cosigners
    }

    /// The registrar.
    pub fn registrar(&self) -> &Organisation {
        &self.registrar
    }

    /// The log replayed so far.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Every entry: leaf and payload.
    pub fn entries(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.entries
    }

    /// The newest record of an organisation that is on the ledger.
    pub fn record(&self, did: &str) -> &OrganisationRecord {
        self.replica.organisation(did).expect("an organisation on the ledger")
    }

    /// Random bytes, the same in every run.
    pub fn random(&mut self) -> impl RandomSource + '_ {
        random(&mut self.drawn)
    }

    /// Writes an entry; a rejected one stays in the log and changes nothing.
    pub fn try_write(&mut self, submission: &Submission) -> Result<Change, Rejection> {
        let (leaf, payload) = (submission.leaf().encode(), submission.payload().to_vec());
        self.blobs.insert(submission.leaf().payload.hash, payload.clone());
        let replayed = self
            .replica
            .push(&leaf, &payload)
            .expect("leaf and payload belong together");
        self.entries.push((leaf, payload));
        match replayed {
            Replayed::Applied(change) => Ok(*change),
            Replayed::Alarm(::ledger::Alarm::Rejected(rejection)) => Err(rejection),
            Replayed::Alarm(alarm) => unreachable!("a submission is a leaf: {alarm}"),
        }
    }

    /// Writes an entry that breaks no rule.
    pub fn write(&mut self, submission: &Submission) -> Change {
        self.try_write(submission).expect("an entry that breaks no rule")
    }

    /// The next leaf about an organisation, after the newest of its part.
    pub fn next_leaf(&self, kind: Kind, did: &str, payload: Vec<u8>) -> LeafBuilder {
        let record = self.replica.organisation(did);
        LeafBuilder::new(kind, did, record.and_then(|record| record.head(kind.part())), payload)
    }

    /// The next leaf about a schema, rule, service, document or release.
    pub fn next_object_leaf(&self, kind: Kind, subject: &str, payload: Vec<u8>) -> LeafBuilder {
        let head = self.replica.object(subject).map(|record| record.head);
        LeafBuilder::new(kind, subject, head.as_ref(), payload)
    }

    /// The proof bundle of a schema, rule, service, document or release now, with its payload.
    pub fn object_bundle(&mut self, family: Family, subject: &str) -> Vec<u8> {
        let note = self.publish();
        let record = self.replica.object(subject);
        let payload = record.and_then(|record| self.blobs.get(&record.payload.hash));
        let blobs: Vec<&[u8]> = payload.map(Vec::as_slice).into_iter().collect();
        self.replica
            .object_bundle(&note, family, subject, &blobs)
            .expect("a bundle")
    }

    /// The proof bundle of the policy now, with its payload.
    pub fn policy_bundle(&mut self) -> Vec<u8> {
        let note = self.publish();
        let state = self.replica.policy();
        let payload = state.and_then(|state| self.blobs.get(&state.record.payload.hash));
        let blobs: Vec<&[u8]> = payload.map(Vec::as_slice).into_iter().collect();
        self.replica.policy_bundle(&note, &blobs).expect("a bundle")
    }

    /// Creates a second registrar, which a new policy names beside the first.
    pub fn second_registrar(&mut self) -> Organisation {
        let second = self.create("second-registrar.localhost");
        let version = self.replica.policy().map_or(0, |state| state.policy.version);
        let mut policy = self.policy(version + 1);
        policy.registrars.push(second.did().clone());
        policy.registrars.sort();
        self.write(&self.policy_leaf(&policy));
        second
    }

    /// Signs as the registrar.
    pub fn signed_by_registrar(&self, leaf: LeafBuilder) -> Submission {
        signed_by(&self.registrar, leaf)
    }

    /// Makes an organisation with its DID, and anchors it.
    pub fn create(&mut self, location: &str) -> Organisation {
        let now = self.now;
        let organisation = Organisation::create(location, now, &mut self.random()).expect("an organisation");
        let leaf = self.next_leaf(Kind::DidCreate, organisation.did().as_str(), newest_line(&organisation));
        self.write(&self.signed_by_registrar(leaf));
        organisation
    }

    /// Accredits an agency for card types, for a year.
    pub fn accredit(&mut self, agency: &Organisation, name: &str, vcts: &[&str]) {
        let until = self.now + YEAR;
        let mut types: Vec<_> = vcts
            .iter()
            .map(|vct| AccreditedType {
                until,
                vct: (*vct).to_owned(),
            })
            .collect();
        types.sort_by(|a, b| a.vct.cmp(&b.vct));
        let payload = Accreditation {
            name: english(name),
            subject: agency.did().clone(),
            succeeds: None,
            types,
        };
        let payload = payload.encode().expect("an accreditation");
        self.write_as_registrar(Kind::AccreditationGrant, agency, payload);
    }

    /// Takes the accreditation back.
    pub fn revoke_accreditation(&mut self, agency: &Organisation) {
        self.write_as_registrar(Kind::AccreditationRevoke, agency, revocation(agency));
    }

    /// Registers a business, or updates its scope.
    pub fn register(&mut self, scope: &Scope, business: &Organisation) {
        let registered = self.record(business.did().as_str()).relying_party().is_some();
        let kind = if registered {
            Kind::RelyingPartyUpdate
        } else {
            Kind::RelyingPartyRegister
        };
        self.write_as_registrar(kind, business, scope.encode().expect("a scope"));
    }

    /// Takes the registration back.
    pub fn revoke_registration(&mut self, business: &Organisation) {
        self.write_as_registrar(Kind::RelyingPartyRevoke, business, revocation(business));
    }

    fn write_as_registrar(&mut self, kind: Kind, subject: &Organisation, payload: Vec<u8>) {
        let leaf = self.next_leaf(kind, subject.did().as_str(), payload);
        self.write(&self.signed_by_registrar(leaf));
    }

    /// Gives an organisation a new assertion key.
    pub fn rotate(&mut self, organisation: &mut Organisation, old: OldKey) {
        let now = self.now;
        organisation
            .rotate_assertion_key(old, now, &mut self.random())
            .expect("a new key");
        self.write_line(Kind::DidRotate, organisation);
    }

    /// Ends an organisation's DID.
    pub fn deactivate(&mut self, organisation: &mut Organisation) {
        organisation.deactivate(self.now).expect("a last line");
        self.write_line(Kind::DidDeactivate, organisation);
    }

    fn write_line(&mut self, kind: Kind, organisation: &Organisation) {
        let leaf = self.next_leaf(kind, organisation.did().as_str(), newest_line(organisation));
        self.write(&leaf.proved_by_payload());
    }

    /// Anchors an agency's status lists: content, and the token that carries it.
    pub fn snapshot(&mut self, agency: &Organisation, lists: &[(ListContent<'_>, &[u8])]) {
        let contents: Vec<ListContent<'_>> = lists.iter().map(|(content, _)| *content).collect();
        let tree = SnapshotTree::new(&contents).expect("a tree");
        let mut tokens: Vec<SnapshotList> = lists
            .iter()
            .map(|(content, token)| SnapshotList {
                sha256: Sha256::digest(token).into(),
                uri: content.uri.to_owned(),
            })
            .collect();
        tokens.sort_by(|a, b| a.uri.cmp(&b.uri));
        let payload = StatusSnapshot {
            lists: tokens,
            root: tree.root(),
            size: tree.size(),
            subject: agency.did().clone(),
            time: self.now,
        };
        let payload = payload.encode().expect("a snapshot");
        let leaf = self.next_leaf(Kind::StatusSnapshot, agency.did().as_str(), payload);
        self.write(&signed_by(agency, leaf));
    }

    /// The newest checkpoint, cosigned by everybody now. Where the newest entry is no map head,
    /// one is written.
    pub fn publish(&mut self) -> UnverifiedCheckpoint {
        self.publish_with(&Cosignatures::all(self.now))
    }

    /// The newest checkpoint with these cosignatures.
    pub fn publish_with(&mut self, cosignatures: &Cosignatures) -> UnverifiedCheckpoint {
        self.write_map_head();
        let checkpoint = Checkpoint::new(origin(), self.replica.size(), self.replica.root().into());
        let mut lines = vec![self.log.sign(&checkpoint).expect("a log signature")];
        lines.extend(self.cosign(&checkpoint, cosignatures));
        UnverifiedCheckpoint::new(checkpoint, lines)
    }

    /// Cosignatures of any checkpoint.
    pub fn cosign(&self, checkpoint: &Checkpoint, cosignatures: &Cosignatures) -> Vec<SignatureLine> {
        let times = cosignatures.witnesses.iter().chain([&cosignatures.mirror]);
        let signed = self
            .cosigners
            .iter()
            .zip(times)
            .filter_map(|(cosigner, time)| Some((cosigner, (*time)?)));
        signed
            .map(|(cosigner, time)| cosigner.cosign(checkpoint, time).expect("a cosignature"))
            .collect()
    }

    /// The proof bundle of an organisation now, with the payloads its record names but the DID line.
    pub fn bundle(&mut self, did: &str) -> Vec<u8> {
        self.bundle_with(did, &Cosignatures::all(self.now))
    }

    /// The proof bundle with these cosignatures.
    pub fn bundle_with(&mut self, did: &str, cosignatures: &Cosignatures) -> Vec<u8> {
        let note = self.publish_with(cosignatures);
        self.replica.bundle(&note, did, &self.payloads(did)).expect("a bundle")
    }

    /// The proof bundle without payloads.
    pub fn lean_bundle(&mut self, did: &str) -> Vec<u8> {
        let note = self.publish();
        self.replica.bundle(&note, did, &[]).expect("a bundle")
    }

    /// The bundles of every accredited agency, as one set.
    pub fn accredited_bundles(&mut self) -> Vec<u8> {
        let agencies = self
            .replica
            .organisations()
            .filter(|record| record.accreditation_entry().is_some());
        let dids: Vec<String> = agencies.map(|record| record.did().to_owned()).collect();
        let bundles: Vec<Vec<u8>> = dids.iter().map(|did| self.bundle(did)).collect();
        ::ledger::encode_bundles(bundles.iter().map(Vec::as_slice))
    }

    fn payloads(&self, did: &str) -> Vec<&[u8]> {
        let Some(record) = self.replica.organisation(did) else {
            return Vec::new();
        };
        let named = [
            record.accreditation_entry().map(|entry| entry.payload().hash),
            record.relying_party().map(|entry| entry.payload.hash),
            record.status_snapshot().map(|entry| entry.payload.hash),
        ];
        named
            .iter()
            .flatten()
            .filter_map(|hash| self.blobs.get(hash).map(Vec::as_slice))
            .collect()
    }

    /// The next map head with these contents, which the log may lie about.
    pub fn map_head_leaf(&self, head: &MapHead) -> Submission {
        let before = self.replica.map_head().map(|state| state.head);
        LeafBuilder::new(Kind::MapHead, ORIGIN, before.as_ref(), head.encode()).written_by_log()
    }

    /// The next map head as it should be.
    pub fn sound_map_head(&self) -> MapHead {
        MapHead {
            root: self.replica.map_root(),
            size: self.replica.size(),
            time: self.now,
        }
    }

    fn write_map_head(&mut self) {
        let newest = self.replica.map_head().map(|state| state.head.leaf.index + 1);
        if newest != Some(self.replica.size()) {
            let leaf = self.map_head_leaf(&self.sound_map_head());
            self.write(&leaf);
        }
    }

    /// The policy that entry 0 holds, or one after it.
    pub fn policy(&self, version: u64) -> Policy {
        Policy {
            governance: self.pack.governance.clone(),
            limits: Limits::default(),
            mirrors: self.pack.mirrors.clone(),
            origin: ORIGIN.to_owned(),
            predecessor: None,
            quorum: self.pack.policy.clone(),
            registrars: vec![self.registrar.did().clone()],
            release_keys: ReleaseKeys::default(),
            successor: None,
            trust_pack: self.pack.reference().expect("a reference"),
            version,
        }
    }

    /// The next policy leaf, signed by the governance key.
    pub fn policy_leaf(&self, policy: &Policy) -> Submission {
        let before = self.replica.policy().map(|state| state.record.head);
        let leaf = LeafBuilder::new(
            Kind::Policy,
            ORIGIN,
            before.as_ref(),
            policy.encode().expect("a policy"),
        );
        let name = thumbprint(&self.governance);
        leaf.signed_by(ORIGIN, &[(&name, &self.governance)])
            .expect("a signed leaf")
    }

    fn write_policy(&mut self) {
        let leaf = self.policy_leaf(&self.policy(1));
        self.write(&leaf);
    }

    fn bootstrap_registrar(&mut self) {
        let did = self.registrar.did().to_string();
        let leaf = self.next_leaf(Kind::DidCreate, &did, newest_line(&self.registrar));
        self.write(&leaf.proved_by_payload());
    }
}

/// Signs a leaf with the ledger key of an organisation.
pub fn signed_by(organisation: &Organisation, leaf: LeafBuilder) -> Submission {
    let (name, key) = organisation.ledger_key().expect("a ledger key");
    let key = SigningKey::new(key).expect("a key that signs");
    leaf.signed_by(ORIGIN, &[(&name.to_string(), &key)])
        .expect("a signed leaf")
}

/// Signs a leaf with the ledger keys of two organisations.
pub fn signed_by_both(first: &Organisation, second: &Organisation, leaf: LeafBuilder) -> Submission {
    let keys = [first, second].map(|organisation| {
        let (name, key) = organisation.ledger_key().expect("a ledger key");
        (name.to_string(), SigningKey::new(key).expect("a key that signs"))
    });
    let signers: Vec<(&str, &dyn jose::Signer)> = keys
        .iter()
        .map(|(name, key)| (name.as_str(), key as &dyn jose::Signer))
        .collect();
    leaf.signed_by(ORIGIN, &signers).expect("a signed leaf")
}

/// Name of a governance key.
pub fn thumbprint(key: &SigningKey) -> String {
    use jose::Signer;
    jose::base64url::encode(key.public_jwk().thumbprint())
}

/// The newest line of an organisation's DID log.
pub fn newest_line(organisation: &Organisation) -> Vec<u8> {
    organisation.lines().last().expect("a line").clone().into_bytes()
}

fn revocation(organisation: &Organisation) -> Vec<u8> {
    let revocation = Revocation {
        reason: RevocationReason::Ended,
        subject: organisation.did().clone(),
    };
    revocation.encode().expect("a revocation")
}
