//! W3C credentials and their presentations put together by hand so that they can break any rule, truly signed.
//!
//! A proof signs the statements of a document, and neither the names of its members nor its contexts. So what no issuer
//! here would sign is signed under other names for the same terms, and put back under its own afterwards: whoever reads
//! it finds a signature that holds, and nothing but the rule that is broken.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use jose::{PrivateJwk, PublicJwk, SignError, Signer, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use w3c_vc::{Challenge, Contexts, HolderKey, Signing, issue, sign_presentation};

use crate::credential::signer;
use crate::mdoc::Edit;

/// What a presentation is made of; each part can be changed before it is signed.
pub struct Forge {
    /// The credential without its proof. Its dates, its status and what it says of its subject can be anything.
    pub credential: Map<String, Value>,
    /// What its proof says beside the signature.
    pub proof: Map<String, Value>,
    /// Whose signature stands in it.
    pub issuer: PrivateJwk,
    /// Done to the credential once it is signed: to its proof.
    pub late: Edit<Map<String, Value>>,
    /// The presentation without its proof and without the credential.
    pub presentation: Map<String, Value>,
    /// What the holder's proof says beside the signature.
    pub shown: Map<String, Value>,
    /// Whose signature stands in that.
    pub holder: PrivateJwk,
}

impl Forge {
    /// Takes a good presentation of one credential apart.
    pub fn new(presentation: &str, issuer: PrivateJwk, holder: PrivateJwk) -> Self {
        let mut presentation = object(serde_json::from_str(presentation).expect("JSON"));
        let shown = options(&mut presentation);
        let inside = presentation.remove(INSIDE).expect("credentials");
        let mut credential = object(inside[0].clone());
        let proof = options(&mut credential);
        Self {
            credential,
            proof,
            issuer,
            late: Box::new(|_| {}),
            presentation,
            shown,
            holder,
        }
    }

    /// The text.
    pub fn make(self) -> String {
        let renamed = under_other_names(&self.credential);
        let proof = issuers_proof(&renamed, &self.proof, &self.issuer);
        let secured = |document: &Map<String, Value>| {
            let mut document = document.clone();
            document.insert("proof".to_owned(), proof.clone());
            (self.late)(&mut document);
            json!([document])
        };
        let mut presentation = self.presentation;
        presentation.insert(INSIDE.to_owned(), secured(&renamed));
        let proof = holders_proof(&presentation, &self.shown, &self.holder);
        presentation.insert(INSIDE.to_owned(), secured(&self.credential));
        presentation.insert("proof".to_owned(), proof);
        Value::Object(presentation).to_string()
    }
}

/// A credential of any form with a proof that says this, signed with this key.
pub fn sign(credential: &Map<String, Value>, proof: &Map<String, Value>, key: &PrivateJwk) -> Value {
    let mut secured = credential.clone();
    let proof = issuers_proof(&under_other_names(credential), proof, key);
    secured.insert("proof".to_owned(), proof);
    Value::Object(secured)
}

/// A credential that was issued, changed and signed again: with the same key and by the same words of the proof.
pub fn signed_again(issued: &str, key: &PrivateJwk, edit: impl FnOnce(&mut Map<String, Value>)) -> Value {
    let mut credential = object(serde_json::from_str(issued).expect("JSON"));
    let proof = options(&mut credential);
    edit(&mut credential);
    sign(&credential, &proof, key)
}

/// The proof of a document, taken out of it, without its signature.
fn options(document: &mut Map<String, Value>) -> Map<String, Value> {
    let mut proof = object(document.remove("proof").expect("a proof"));
    proof.remove("proofValue").expect("a signature");
    proof
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => unreachable!("{other} is no object"),
    }
}

/// Other names for what readers of a credential look at, in the words of the base context. VCDM 2.0 Appendix B.1
fn names() -> Map<String, Value> {
    let names = json!({
        "beginsOn": { "@id": "https://www.w3.org/2018/credentials#validFrom", "@type": DATE_TIME },
        "endsOn": { "@id": "https://www.w3.org/2018/credentials#validUntil", "@type": DATE_TIME },
        "hasStatus": { "@id": "https://www.w3.org/2018/credentials#credentialStatus", "@type": "@id" },
    });
    object(names)
}

/// The same statements under other names. What is `null` makes none.
fn under_other_names(document: &Map<String, Value>) -> Map<String, Value> {
    let said = document.iter().filter(|(_, value)| !value.is_null());
    let mut renamed: Map<String, Value> = said
        .map(|(name, value)| {
            let name = match name.as_str() {
                "validFrom" => "beginsOn",
                "validUntil" => "endsOn",
                "credentialStatus" => "hasStatus",
                name => name,
            };
            (name.to_owned(), value.clone())
        })
        .collect();
    let contexts = renamed.get_mut("@context").and_then(Value::as_array_mut);
    contexts.expect("contexts").push(Value::Object(names()));
    renamed
}

fn issuers_proof(document: &Map<String, Value>, options: &Map<String, Value>, key: &PrivateJwk) -> Value {
    let signer = Replacing::new(options, key);
    // What the proof says is replaced when it is signed.
    let signing = Signing {
        method: "urn:example:replaced",
        created: 0,
        signer: &signer,
    };
    let contexts = contexts().accepting_value(document["@context"].clone());
    proof_of(options, &issue(document.clone(), &contexts, &signing).expect("signed"))
}

fn holders_proof(document: &Map<String, Value>, options: &Map<String, Value>, key: &PrivateJwk) -> Value {
    let signer = Replacing::new(options, key);
    let did = did::key::from_public_key(key.public()).expect("a did:key");
    let holder = HolderKey::from_id(did.as_str()).expect("a key");
    let challenge = Challenge {
        audience: "replaced",
        nonce: "replaced",
    };
    let signed = sign_presentation(document.clone(), &contexts(), &holder, challenge, 0, &signer);
    proof_of(options, &signed.expect("signed"))
}

fn contexts() -> Contexts {
    Contexts::bundled().expect("contexts")
}

/// What the proof is to say, with the signature that was made for it.
fn proof_of(options: &Map<String, Value>, signed: &str) -> Value {
    let signed: Value = serde_json::from_str(signed).expect("JSON");
    let mut proof = options.clone();
    proof.insert("proofValue".to_owned(), signed["proof"]["proofValue"].clone());
    Value::Object(proof)
}

/// Signs the hash of other words of a proof, beside that of the document, which stays. Data Integrity ECDSA
/// Cryptosuites 1.0 §3.2.3
struct Replacing {
    key: SigningKey,
    options: [u8; 32],
}

impl Replacing {
    fn new(options: &Map<String, Value>, key: &PrivateJwk) -> Self {
        Self {
            key: signer(key),
            options: Sha256::digest(statements(options)).into(),
        }
    }
}

impl Signer for Replacing {
    fn public_jwk(&self) -> &PublicJwk {
        self.key.public_jwk()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let (_, document) = message.split_at(self.options.len());
        self.key.sign(&[&self.options[..], document].concat())
    }
}

/// The statements of a proof as canonical N-Quads: one node without a name, of which each line says something.
/// RDF Dataset Canonicalization 1.0 §5
fn statements(options: &Map<String, Value>) -> String {
    let mut lines: Vec<String> = options.iter().map(|(name, value)| statement(name, value)).collect();
    lines.sort_unstable();
    lines.concat()
}

fn statement(name: &str, value: &Value) -> String {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (predicate, object) = match name {
        "type" => (RDF_TYPE.to_owned(), format!("<{SECURITY}{value}>")),
        "created" => ("http://purl.org/dc/terms/created".to_owned(), typed(&value, DATE_TIME)),
        "expires" => (format!("{SECURITY}expiration"), typed(&value, DATE_TIME)),
        "cryptosuite" => {
            let kind = format!("{SECURITY}cryptosuiteString");
            (format!("{SECURITY}cryptosuite"), typed(&value, &kind))
        }
        "verificationMethod" => (format!("{SECURITY}verificationMethod"), format!("<{value}>")),
        "proofPurpose" if value == "authentication" => purpose("authenticationMethod"),
        "proofPurpose" => purpose(&value),
        name => (format!("{SECURITY}{name}"), format!("\"{value}\"")),
    };
    format!("_:c14n0 <{predicate}> {object} .\n")
}

fn purpose(method: &str) -> (String, String) {
    (format!("{SECURITY}proofPurpose"), format!("<{SECURITY}{method}>"))
}

fn typed(value: &str, kind: &str) -> String {
    format!("\"{value}\"^^<{kind}>")
}

const INSIDE: &str = "verifiableCredential";
const SECURITY: &str = "https://w3id.org/security#";
const DATE_TIME: &str = "http://www.w3.org/2001/XMLSchema#dateTime";
const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

#[cfg(test)]
mod tests {
    use jose::VerifyingKey;
    use w3c_vc::{CREDENTIALS_V2, CredentialError, FormError, TrustedIssuer, UNDEFINED_TERMS_V2, UnverifiedCredential};

    use super::*;
    use crate::credential::key;

    const ISSUER: &str = "https://agency.example/";
    const METHOD: &str = "https://agency.example/#key-1";

    fn credential() -> Map<String, Value> {
        object(json!({
            "@context": [CREDENTIALS_V2, UNDEFINED_TERMS_V2],
            "type": ["VerifiableCredential", "Card"],
            "issuer": ISSUER,
            "validFrom": "2026-01-01T00:00:00Z",
            "validUntil": "2030-01-01T00:00:00Z",
            "credentialSubject": { "id": "urn:example:1", "locality": "Musterstadt" },
        }))
    }

    fn proof() -> Map<String, Value> {
        object(json!({
            "type": "DataIntegrityProof", "cryptosuite": "ecdsa-rdfc-2019", "created": "2026-01-01T00:00:00Z",
            "verificationMethod": METHOD, "proofPurpose": "assertionMethod",
        }))
    }

    fn verified(credential: &Value) -> Result<(), CredentialError> {
        let issuer_key = VerifyingKey::new(key(1).public()).unwrap();
        let issuer = TrustedIssuer::new(ISSUER, [(METHOD.to_owned(), issuer_key)]);
        let credential = UnverifiedCredential::parse(&credential.to_string())?;
        credential.verify(&contexts(), &issuer, 1_795_176_000).map(drop)
    }

    #[test]
    fn what_is_signed_under_other_names_holds_under_its_own() {
        let good = sign(&credential(), &proof(), &key(1));
        assert_eq!(verified(&good), Ok(()));
        let again = signed_again(&good.to_string(), &key(1), |credential| {
            credential["validUntil"] = json!("2031-01-01T00:00:00Z");
        });
        assert_eq!(verified(&again), Ok(()));
    }

    #[test]
    fn what_no_issuer_signs_is_refused_for_what_it_is() {
        let again = signed_again(
            &sign(&credential(), &proof(), &key(1)).to_string(),
            &key(1),
            |credential| {
                credential["validUntil"] = json!("soon");
            },
        );
        assert_eq!(
            verified(&again),
            Err(CredentialError::Form(FormError::Malformed("validUntil")))
        );
    }
}
