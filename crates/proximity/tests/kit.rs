//! A shop, an agency and a wallet, at one moment.

use cbor::Writer;
use did::identity::Organisation;
use jose::{PrivateJwk, Signer, SigningKey, UnixTime, VerifyingKey};
use ledger::{
    Channel, Clock, FreshnessLimit, ListContent, Scope, SnapshotTree, StatusProof, TrustPack, UnverifiedLandmark,
};
use oid4vp::{DcqlQuery, QueryId, VpToken};
use proximity::{
    Accepted, Challenge, ChallengeError, HeldIssuer, MakeChallengeError, NewChallenge, UnverifiedChallenge,
    VerifiedChallenge,
};
use sd_jwt::{ClaimPath, HeldSdJwt, Requirements, UnverifiedSdJwt};
use serde_json::{Map, Value, json};
use testkit::Ledger;
use testkit::credential::{Agency, key, person_identification, signer, status, vct};

pub(crate) const NOW: UnixTime = 1_795_176_100;
pub(crate) const LIST: &str = "https://agency.localhost:8443/lists/1";
pub(crate) const INDEX: u64 = 70_003;

/// One bit for each of 2^17 cards; some are revoked.
pub(crate) fn list() -> Vec<u8> {
    let mut list = vec![0; 16 * 1024];
    for place in [3, 8_000, 8_750, 8_755, 12_000] {
        list[place] = 0x10;
    }
    list
}

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) pack: TrustPack,
    pub(crate) shop: Organisation,
    pub(crate) agency: Organisation,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut ledger = Ledger::new(NOW);
        let agency = ledger.create("agency.localhost%3A8443");
        ledger.accredit(&agency, "Office of Residents", &[&vct("person-identification")]);
        let content = ListContent {
            uri: LIST,
            bits: 1,
            bytes: &list(),
        };
        ledger.snapshot(&agency, &[(content, b"the token of the list")]);
        let shop = ledger.create("shop.localhost%3A8446");
        ledger.register(&scope_of(&shop, NOW + 1_000_000), &shop);
        Self {
            pack: ledger.trust_pack(),
            ledger,
            shop,
            agency,
        }
    }

    /// A challenge that breaks no rule.
    pub(crate) fn draft(&mut self) -> Draft {
        let did = self.shop.did().to_string();
        let note = self.ledger.publish();
        Draft {
            fragment: "assert-1".to_owned(),
            purpose: "age".to_owned(),
            query: query(&["age_over_18"]),
            nonce: [7; 16],
            issued_at: NOW,
            expires_at: NOW + 300,
            key: key(90),
            landmarks: vec![UnverifiedLandmark::from_note(&note).unwrap().without_cosignatures()],
            held: Vec::new(),
            accepted: Accepted {
                channel: Channel::InPerson,
                ledger: FreshnessLimit::OFFLINE,
                status: FreshnessLimit::OFFLINE,
            },
            origin: self.pack.origin().to_owned(),
            bundle: self.ledger.bundle(&did),
            signer: self.shop.assertion_key().unwrap().1.clone(),
            did,
        }
    }

    /// What a wallet finds in a challenge.
    pub(crate) fn verified(&self, challenge: &Challenge) -> VerifiedChallenge {
        self.verify(challenge, &clock(NOW)).unwrap()
    }

    pub(crate) fn verify(&self, challenge: &Challenge, clock: &Clock) -> Result<VerifiedChallenge, ChallengeError> {
        UnverifiedChallenge::parse(&challenge.to_message())?.verify(&self.pack, clock, FreshnessLimit::OFFLINE)
    }

    pub(crate) fn issuer_key(&self) -> VerifyingKey {
        VerifyingKey::new(self.agency.assertion_key().unwrap().1.public()).unwrap()
    }

    /// An offline copy, made as the issuer makes it: `kid` alone, every claim can be withheld,
    /// decoys up to sixteen digests, dates of the day.
    pub(crate) fn card(&self, claims: Map<String, Value>) -> HeldSdJwt {
        let (kid, issuer) = self.agency.assertion_key().unwrap();
        let agency = Agency::new(self.agency.did().as_str(), &kid.to_string(), issuer.clone());
        let holder = holder();
        let mut draft = agency.draft(&vct("person-identification"), claims, holder.public(), NOW);
        draft.status = Some(status(LIST, INDEX));
        let text = agency.issue(draft);
        let (held, _) = UnverifiedSdJwt::parse(&text)
            .unwrap()
            .receive(&self.issuer_key(), holder.public(), Requirements::Anchored, NOW)
            .unwrap();
        held
    }

    /// The answer of a wallet that shows these claims of a card.
    pub(crate) fn token(&self, challenge: &VerifiedChallenge, card: &HeldSdJwt, claims: &[&str]) -> VpToken {
        let paths: Vec<ClaimPath> = claims.iter().map(|name| ClaimPath::from(*name)).collect();
        let challenge = challenge.challenge();
        let audience = challenge.client_id().to_string();
        let binding = sd_jwt::Challenge {
            audience: &audience,
            nonce: challenge.nonce().as_str(),
        };
        let text = card
            .select(&paths)
            .unwrap()
            .bind(binding, NOW, &signer(&holder()))
            .unwrap();
        let mut token = VpToken::new();
        token.insert(query_id(), text);
        token
    }

    pub(crate) fn plain_token(&self, challenge: &VerifiedChallenge) -> VpToken {
        self.token(challenge, &self.card(person_identification()), &["age_over_18"])
    }

    pub(crate) fn status_proof(&self) -> StatusProof {
        let bytes = list();
        let content = ListContent {
            uri: LIST,
            bits: 1,
            bytes: &bytes,
        };
        SnapshotTree::new(&[content]).unwrap().prove(LIST, INDEX).unwrap()
    }
}

pub(crate) fn clock(device: UnixTime) -> Clock {
    Clock { device, newest_seen: 0 }
}

pub(crate) fn holder() -> PrivateJwk {
    key(5)
}

pub(crate) fn query(claims: &[&str]) -> DcqlQuery {
    let claims: Vec<Value> = claims.iter().map(|name| json!({"path": [name]})).collect();
    let query = json!({"credentials": [{"id": "card", "format": "dc+sd-jwt",
        "meta": {"vct_values": [vct("person-identification")]}, "claims": claims}]});
    DcqlQuery::parse(&query).unwrap()
}

pub(crate) fn query_id() -> QueryId {
    query(&["age_over_18"]).credentials()[0].id().clone()
}

pub(crate) fn scope_of(business: &Organisation, valid_until: UnixTime) -> Scope {
    let kind = vct("person-identification");
    let mut age = testkit::purpose("age", &kind, &["age_over_18"], &["portrait"]);
    age.channel = Channel::InPerson;
    let online = testkit::purpose("online", &kind, &["age_over_18"], &[]);
    testkit::scope(
        business.did(),
        "Corner shop",
        &[[9; 32]],
        vec![age, online],
        valid_until,
    )
}

/// What a challenge is made of, to be changed.
pub(crate) struct Draft {
    pub(crate) did: String,
    pub(crate) fragment: String,
    pub(crate) purpose: String,
    pub(crate) query: DcqlQuery,
    pub(crate) nonce: [u8; 16],
    pub(crate) issued_at: UnixTime,
    pub(crate) expires_at: UnixTime,
    pub(crate) key: PrivateJwk,
    pub(crate) landmarks: Vec<UnverifiedLandmark>,
    pub(crate) held: Vec<HeldIssuer>,
    pub(crate) accepted: Accepted,
    pub(crate) origin: String,
    pub(crate) bundle: Vec<u8>,
    pub(crate) signer: PrivateJwk,
}

impl Draft {
    pub(crate) fn sign(&self) -> Result<Challenge, MakeChallengeError> {
        let signer = SigningKey::new(&self.signer).unwrap();
        let new = NewChallenge {
            did: &self.did,
            fragment: &self.fragment,
            purpose: &self.purpose,
            query: &self.query,
            nonce: self.nonce,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            key: self.key.public(),
            landmarks: &self.landmarks,
            held: &self.held,
            accepted: self.accepted,
            origin: &self.origin,
            bundle: &self.bundle,
        };
        new.sign(&signer)
    }

    /// The request as the specification writes it, whatever the crate does.
    pub(crate) fn request(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(11);
        writer.text(&self.did).text(&self.fragment).text(&self.purpose);
        writer.text(&self.query.to_value().to_string());
        writer.bytes(&self.nonce).uint(self.issued_at).uint(self.expires_at);
        writer.bytes(&self.key.public().sec1_compressed().unwrap());
        writer.array(self.landmarks.len());
        for landmark in &self.landmarks {
            landmark.write(&mut writer);
        }
        writer.array(self.held.len());
        for issuer in &self.held {
            writer.array(3).text(&issuer.did);
            match issuer.snapshot {
                Some(time) => writer.uint(time),
                None => writer.null(),
            };
            writer.boolean(issuer.lists);
        }
        let channel = u64::from(self.accepted.channel == Channel::InPerson);
        writer.array(3).uint(channel);
        writer.uint(self.accepted.ledger.0).uint(self.accepted.status.0);
        writer.into_bytes()
    }

    /// The challenge as the specification writes it, signed.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let request = self.request();
        let mut signed = Writer::new();
        signed.array(3).text("holdfast/offline-challenge/v1").text(&self.origin);
        signed.bytes(&request);
        let signature = SigningKey::new(&self.signer)
            .unwrap()
            .sign(&signed.into_bytes())
            .unwrap();
        assemble(&request, &signature, &self.bundle)
    }

    /// The same, read, without what making one checks.
    pub(crate) fn unchecked(&self) -> Challenge {
        Challenge::restore(&self.raw()).unwrap()
    }
}

pub(crate) fn assemble(request: &[u8], signature: &[u8], bundle: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(4).uint(1).bytes(request).bytes(signature).bytes(bundle);
    writer.into_bytes()
}
