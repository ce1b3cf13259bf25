//! Cards that libraries of another language issue, in a wallet that runs: it gets them by OpenID4VCI, holds them, and
//! shows them to a verifier that runs. What hands them out here speaks the protocol and nothing else: every byte of a
//! card is the library's, bound to the keys that the wallet proved.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use did::identity::{Organisation, OrganisationKeys};
use e2e::http::eventually;
use e2e::stack::{Agency, Business, Stack, WITNESSES};
use e2e::story::shown_until;
use e2e::wallet::{Exit, Wallet};
use jose::{PrivateJwk, PublicJwk, UnverifiedJws, base64url};
use mdoc::MDL;
use serde_json::{Value, json};
use service::{CancellationToken, ConnectionLimits, Listener};
use status_list::StatusPurpose;
use testkit::certificates::{Authority, document_signer};
use testkit::credential::key;
use w3c_vc::CREDENTIALS_V2;

use super::mdoc::{DAY, NAMESPACE, day};
use super::w3c::{BASE, context};
use super::{ask, libraries};

/// More than it is shown until whoever asks holds every list.
const COPIES: u64 = 12;
const STUDENT_CARD: &str = "urn:holdfast:context:student-card:1";
const STUDENT_CARD_CONTEXT: &str = include_str!("../../../../crates/vc/contexts/student-card-v1.jsonld");
/// For so long somebody may wait until the agency has a list.
const LIST_TIME: Duration = Duration::from_secs(20);

/// A licence of a state that is known by its certificate.
const LICENCE: Asked = Asked {
    offered: "licence",
    format: "mso_mdoc",
    check: "driver-iso",
    shown: &["org.iso.18013.5.1.document_number"],
};

/// A student card in the name of an agency on the ledger, which is shown whole.
const STUDENT: Asked = Asked {
    offered: "student",
    format: "ldp_vc",
    check: "student",
    shown: &[
        "credentialSubject.enrolled_until",
        "credentialSubject.family_name",
        "credentialSubject.given_name",
        "credentialSubject.institution_name",
        "credentialSubject.student_number",
    ],
};

/// What is offered, and asked of whoever has it.
struct Asked {
    offered: &'static str,
    format: &'static str,
    check: &'static str,
    shown: &'static [&'static str],
}

/// An issuer whose cards are those of the libraries.
struct Desk {
    folder: PathBuf,
    url: String,
    /// The agency: its DID, and how its key is named.
    did: String,
    method: String,
    agency_key: PrivateJwk,
    /// Its list.
    list: String,
    /// The certificate of an office of the state, of key 1.
    x5chain: Vec<String>,
    /// The next place of the list.
    place: AtomicU64,
    /// Whether one bit of what the library signed is another one.
    spoils: AtomicBool,
}

impl Desk {
    /// In the place of an agency that does not run, as somebody nobody knows but by certificates.
    async fn open(stack: &Stack, folder: &Path, state: &Authority) -> Arc<Self> {
        let identity = stack.layout().of(Agency::Population.service()).join("data/identity");
        let keys = OrganisationKeys::from_json(&std::fs::read(identity.join("keys.json")).unwrap()).unwrap();
        let log = std::fs::read_to_string(identity.join("did.jsonl")).unwrap();
        let agency = Organisation::open(keys, &log).unwrap();
        let (method, agency_key) = agency.assertion_key().unwrap();
        let list = eventually(LIST_TIME, || stack.status_list_uri(Agency::Population)).await;
        let office = state.certify_signer(key(1).public(), "UT", &[document_signer()]);
        let desk = Arc::new(Self {
            folder: folder.to_owned(),
            url: stack.layout().url(Agency::Certified.service()).unwrap(),
            did: agency.did().to_string(),
            method: method.to_string(),
            agency_key: agency_key.clone(),
            list: list.unwrap(),
            x5chain: office.certificates.iter().map(base64url::encode).collect(),
            place: AtomicU64::new(1),
            spoils: AtomicBool::new(false),
        });
        let port = stack.port(Agency::Certified.service()).unwrap();
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
        let routes = routes(Arc::clone(&desk));
        let until_the_test_ends = CancellationToken::new();
        tokio::spawn(async move {
            let limits = ConnectionLimits::default();
            listener.serve(routes, &limits, until_the_test_ends).await;
        });
        desk
    }

    fn offer(&self, asked: &Asked) -> String {
        let offer = json!({
            "credential_issuer": self.url,
            "credential_configuration_ids": [asked.offered],
            "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "code"}},
        });
        let encoded: String = url::form_urlencoded::byte_serialize(offer.to_string().as_bytes()).collect();
        format!("openid-credential-offer://?credential_offer={encoded}")
    }

    /// OpenID4VCI 1.0 §12.2.4, Appendix A
    fn metadata(&self) -> Value {
        let licence = json!({
            "format": "mso_mdoc",
            "doctype": MDL,
            "cryptographic_binding_methods_supported": ["cose_key"],
            "credential_signing_alg_values_supported": [-7],
        });
        let student = json!({
            "format": "ldp_vc",
            "credential_definition": {
                "@context": [CREDENTIALS_V2, STUDENT_CARD],
                "type": ["VerifiableCredential", "StudentCard"],
            },
            "cryptographic_binding_methods_supported": ["did:key"],
            "credential_signing_alg_values_supported": ["ecdsa-rdfc-2019"],
        });
        let [licence, student] = [licence, student].map(|mut configuration| {
            let proofs = json!({"jwt": {"proof_signing_alg_values_supported": ["ES256"]}});
            configuration["proof_types_supported"] = proofs;
            configuration["credential_metadata"] = json!({"display": [{"name": "A card", "locale": "en"}]});
            configuration
        });
        json!({
            "credential_issuer": self.url,
            "credential_endpoint": format!("{}/credential", self.url),
            "nonce_endpoint": format!("{}/nonce", self.url),
            "notification_endpoint": format!("{}/notification", self.url),
            "batch_credential_issuance": {"batch_size": COPIES},
            "credential_configurations_supported": {
                LICENCE.offered: licence,
                STUDENT.offered: student,
            },
        })
    }

    /// RFC 8414
    fn server_metadata(&self) -> Value {
        json!({
            "issuer": self.url,
            "token_endpoint": format!("{}/token", self.url),
            "grant_types_supported": ["urn:ietf:params:oauth:grant-type:pre-authorized_code"],
            "pre-authorized_grant_anonymous_access_supported": true,
            "dpop_signing_alg_values_supported": ["ES256"],
        })
    }

    /// A copy for each key that is proved.
    fn credentials(&self, request: &Value) -> Value {
        let proofs = request["proofs"]["jwt"].as_array().expect("proofs").iter();
        let keys: Vec<PublicJwk> = proofs
            .map(|proof| {
                let proof = UnverifiedJws::parse(proof.as_str().expect("a proof")).expect("a proof");
                proof.header().jwk().expect("a key").clone()
            })
            .collect();
        let copies = match request["credential_configuration_id"].as_str() {
            Some("licence") => self.licences(&keys),
            _ => self.student_cards(&keys),
        };
        copies.into_iter().map(|copy| json!({ "credential": copy })).collect()
    }

    fn licences(&self, keys: &[PublicJwk]) -> Vec<Value> {
        let keys = keys.iter().map(|key| json!({ "deviceKey": key.to_value() }));
        let input = json!({
            "do": "issue",
            "docType": MDL,
            "namespaces": {NAMESPACE: {
                "family_name": {"value": "Sample"},
                "birth_date": {"date": "1990-01-02"},
                "issuing_country": {"value": "UT"},
                "document_number": {"value": "UT-4711"},
            }},
            "issuerKey": key(1).dangerous_to_value(),
            "x5chain": self.x5chain,
            "validity": {"signed": day(), "from": day(), "until": day() + 14 * DAY},
            "each": keys.collect::<Vec<Value>>(),
        });
        let issued = ask(&self.folder, "mdoc.mjs", &input).expect("issued");
        let mut copies: Vec<Value> = issued.as_array().expect("a list").clone();
        for copy in &mut copies {
            *copy = copy["issuerSigned"].take();
            if self.spoils.load(Ordering::SeqCst) {
                let mut bytes = base64url::decode(copy.as_str().expect("a copy")).expect("base64url");
                let said = bytes.windows(6).position(|window| window == b"Sample");
                bytes[said.expect("the name")] ^= 1;
                *copy = base64url::encode(bytes).into();
            }
        }
        copies
    }

    fn student_cards(&self, keys: &[PublicJwk]) -> Vec<Value> {
        let cards = keys.iter().map(|key| json!({ "credential": self.student_card(key) }));
        let input = json!({
            "do": "issue",
            "contexts": {CREDENTIALS_V2: context(BASE), STUDENT_CARD: context(STUDENT_CARD_CONTEXT)},
            "keys": [{"method": self.method, "controller": self.did, "jwk": self.agency_key.public().to_value()}],
            "key": {"jwk": self.agency_key.dangerous_to_value(), "method": self.method, "controller": self.did},
            "each": cards.collect::<Vec<Value>>(),
        });
        let issued = ask(&self.folder, "w3c.mjs", &input).expect("issued");
        issued.as_array().expect("a list").clone()
    }

    /// Of a synthetic person, before the library signs it.
    fn student_card(&self, holder: &PublicJwk) -> Value {
        let place = self.place.fetch_add(1, Ordering::SeqCst).to_string();
        let status = StatusPurpose::ALL.map(|purpose| {
            json!({
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose.as_str(),
                "statusListIndex": place,
                "statusListCredential": purpose.list_beside(&self.list),
            })
        });
        json!({
            "@context": [CREDENTIALS_V2, STUDENT_CARD],
            "type": ["VerifiableCredential", "StudentCard"],
            "issuer": self.did,
            "validFrom": "2026-01-01T00:00:00Z",
            "validUntil": "2040-01-01T00:00:00Z",
            "credentialStatus": status,
            "credentialSubject": {
                "id": did::key::from_public_key(holder).expect("a key").as_str(),
                "given_name": "Synthetic",
                "family_name": "Sample",
                "institution_name": "University of Musterstadt",
                "student_number": "SYN-0001",
                "enrolled_until": "2039-09-30",
            },
        })
    }
}

fn routes(desk: Arc<Desk>) -> Router {
    let metadata = |State(desk): State<Arc<Desk>>| async move { Json(desk.metadata()) };
    let server_metadata = |State(desk): State<Arc<Desk>>| async move { Json(desk.server_metadata()) };
    let token = json!({"access_token": "token", "token_type": "DPoP", "expires_in": 300});
    Router::new()
        .route("/.well-known/openid-credential-issuer", get(metadata))
        .route("/.well-known/oauth-authorization-server", get(server_metadata))
        .route("/token", post(move || async move { Json(token) }))
        .route("/nonce", post(|| async { Json(json!({"c_nonce": "fresh"})) }))
        .route("/notification", post(|| async { StatusCode::NO_CONTENT }))
        .route("/credential", post(credential))
        .with_state(desk)
}

async fn credential(State(desk): State<Arc<Desk>>, Json(request): Json<Value>) -> Json<Value> {
    // The library is a program of its own, and takes as long as it takes.
    let issued = tokio::task::spawn_blocking(move || desk.credentials(&request)).await;
    Json(json!({"credentials": issued.expect("issued"), "notification_id": "n"}))
}

/// A ledger, an agency on it, a shop that takes cards of both kinds of issuers, and a wallet that knows the state.
async fn scene(folder: &Path, state: &Authority) -> (Stack, Wallet) {
    let mut stack = Stack::on(folder).unwrap();
    stack.found_ledger().await.unwrap();
    let ledger = [&WITNESSES[..], &["mirror", "log"]].concat();
    stack.start_all(&ledger).await.unwrap();
    let anchors = stack.layout().issuer_anchors();
    std::fs::create_dir_all(&anchors).unwrap();
    std::fs::write(anchors.join("state.pem"), state.pem()).unwrap();
    stack
        .accredited_agency(Agency::Population, &["student-card"])
        .await
        .unwrap();
    let issuers = ["accredited", "x5c"];
    stack.registered_business(Business::Shop, &issuers).await.unwrap();
    stack
        .start_all(&["population", "population-status", "shop"])
        .await
        .unwrap();
    stack.recorded(Agency::Population).await.unwrap();
    let wallet = Wallet::by_passphrase(&folder.join("wallet")).unwrap().staying_open();
    wallet.init(&stack).await.unwrap().expect(Exit::Done).unwrap();
    (stack, wallet)
}

/// The formats of the cards that a wallet holds, sorted.
async fn held(wallet: &Wallet) -> Vec<String> {
    let listed = wallet.run(&["list"]).await.unwrap().expect(Exit::Done).unwrap();
    let cards = listed.json["cards"].as_array().expect("cards").iter();
    let mut formats: Vec<String> = cards
        .map(|card| card["format"].as_str().expect("a format").to_owned())
        .collect();
    formats.sort_unstable();
    formats
}

#[tokio::test]
async fn cards_of_other_libraries_are_held_by_a_wallet_and_believed_by_a_verifier() {
    let Some(libraries) = libraries() else { return };
    let folder = tempfile::tempdir().unwrap();
    let state = Authority::of_country("state", "UT");
    let (stack, wallet) = scene(folder.path(), &state).await;
    let desk = Desk::open(&stack, &libraries, &state).await;
    let shop = stack.business(Business::Shop).unwrap();
    let mut formats: Vec<&str> = Vec::new();
    for asked in [&LICENCE, &STUDENT] {
        let accepted = wallet.accept(&desk.offer(asked), None).await.unwrap();
        accepted.expect(Exit::Done).unwrap();
        formats.insert(0, asked.format);
        assert_eq!(held(&wallet).await, formats);
        let shown = shown_until((stack.http(), &shop), &wallet, asked.check, ("yes", "ok")).await;
        let (answer, _) = shown.unwrap();
        let mut said: Vec<&str> = answer["cards"][0]["shown"]
            .as_array()
            .expect("what is shown")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        said.sort_unstable();
        assert_eq!(said, asked.shown, "{answer}");
    }

    // The same offer, with one bit of what the library signed changed on the way.
    desk.spoils.store(true, Ordering::SeqCst);
    let refused = wallet.accept(&desk.offer(&LICENCE), None).await.unwrap();
    assert_eq!((refused.exit, refused.code()), (Exit::WalletRefused, "card_invalid"));
    assert_eq!(held(&wallet).await, formats);
    wallet.close().await.unwrap();
}
