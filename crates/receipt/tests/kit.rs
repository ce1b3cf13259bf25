//! A shop that is registered for one claim, its requests, and what a citizen answers.

use jose::{UnixTime, base64url};
use ledger::TrustPack;
use oid4vp::DcqlQuery;
use receipt::complaint::Complaint;
use serde_json::Value;
use testkit::Ledger;
use testkit::asking::{self, Shop};
use testkit::credential::{Agency, key, person_identification, vct};

pub(crate) const NOW: UnixTime = 1_795_176_100;
pub(crate) const YEAR: u64 = 365 * 24 * 3600;

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) shop: Shop,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut ledger = Ledger::new(NOW);
        let shop = Shop::new(&mut ledger);
        shop.register(&mut ledger, &["age_over_18"], NOW + YEAR);
        Self { ledger, shop }
    }

    /// The shop may ask for these claims of a person identification.
    pub(crate) fn register(&mut self, claims: &[&str], until: UnixTime) {
        self.shop.register(&mut self.ledger, claims, until);
    }

    pub(crate) fn pack(&self) -> TrustPack {
        self.ledger.trust_pack()
    }

    pub(crate) fn did(&self) -> &str {
        self.shop.organisation.did().as_str()
    }

    pub(crate) fn bundle(&mut self) -> Vec<u8> {
        self.shop.bundle(&mut self.ledger)
    }

    /// The members of a request by the shop's certificate, with its newest proof.
    pub(crate) fn request(&mut self, claims: &[&str]) -> Value {
        self.shop.request(&mut self.ledger, claims)
    }

    /// The shop asks for these claims, and a minute later somebody looks its record up.
    pub(crate) fn complaint(&mut self, claims: &[&str]) -> Complaint {
        let request = self.request(claims);
        self.complaint_of(&request)
    }

    pub(crate) fn complaint_of(&mut self, request: &Value) -> Complaint {
        let request = self.shop.sign(request);
        self.ledger.set_now(self.ledger.now() + 60);
        Complaint {
            request,
            after: self.bundle(),
        }
    }
}

pub(crate) fn query(claims: &[&str]) -> DcqlQuery {
    DcqlQuery::parse(&asking::query(claims)).unwrap()
}

/// A card of which these claims are shown.
pub(crate) fn presentation(claims: &[&str]) -> String {
    let agency = Agency::new("did:web:agency.example", "did:web:agency.example#1", key(1));
    let draft = agency.draft(
        &vct("person-identification"),
        person_identification(),
        key(5).public(),
        NOW,
    );
    let text = agency.issue(draft);
    let mut segments = text.split('~');
    let mut kept = vec![segments.next().unwrap()];
    kept.extend(segments.filter(|segment| {
        let disclosure = base64url::decode(segment).unwrap_or_default();
        let disclosure: Value = serde_json::from_slice(&disclosure).unwrap_or_default();
        disclosure[1].as_str().is_some_and(|name| claims.contains(&name))
    }));
    kept.join("~") + "~"
}
