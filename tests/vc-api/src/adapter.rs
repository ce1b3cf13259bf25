use anyhow::{Context, Result};
use jose::{PrivateJwk, RandomSource, SigningKey, UnixTime, VerifyingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use w3c_vc::{
    Challenge, Contexts, CredentialClaims, CredentialStatus, Cryptosuite, Hints, HolderKey, Signing, StatusListDraft,
    TrustedIssuer, UnverifiedCredential, UnverifiedPresentation, UnverifiedStatusList,
};

use crate::Problem;
use crate::status::{PURPOSE, PublishedList};

/// The context of the recommendations' examples, which every suite expects beside the base context.
const EXAMPLES_V2: (&str, &str) = (
    "https://www.w3.org/ns/credentials/examples/v2",
    include_str!("../../../crates/vc/tests/contexts/examples-v2.jsonld"),
);

/// Issues with a key of its own for each cryptosuite, and verifies what anybody issued who is named by a key.
pub struct Adapter {
    contexts: Contexts,
    issuers: Vec<Issuer>,
}

/// For how many seconds a status list holds once it was signed.
const LIST_HOLDS: UnixTime = 3_600;

/// An issuer that is named by its key: a `did:key`.
struct Issuer {
    suite: Cryptosuite,
    named: HolderKey,
    signer: SigningKey,
    list: PublishedList,
}

impl Adapter {
    /// An adapter with new keys. `base` is the URL under which it is asked, without a slash at its end.
    ///
    /// # Errors
    /// A context that the program was built with is broken, or a key cannot be made.
    pub fn new(random: &mut dyn RandomSource, base: &str) -> Result<Self> {
        let (url, text) = EXAMPLES_V2;
        let sha256 = Sha256::digest(text.as_bytes()).into();
        let contexts = Contexts::bundled()?.with_document(url, text, &sha256)?;
        let issuers = vec![
            Issuer::new(Cryptosuite::EcdsaRdfc2019, &PrivateJwk::generate_p256(random), base)?,
            Issuer::new(Cryptosuite::EddsaRdfc2022, &PrivateJwk::generate_ed25519(random), base)?,
        ];
        Ok(Self { contexts, issuers })
    }

    /// The issuer of each cryptosuite: its `did:key`.
    pub fn issuers(&self) -> impl Iterator<Item = (Cryptosuite, &str)> {
        self.issuers.iter().map(|issuer| (issuer.suite, issuer.named.did()))
    }

    /// Signs a credential with this cryptosuite. Without an `issuer`, or one without an `id`, it is given ours.
    ///
    /// # Errors
    /// The document is no credential, or of another issuer.
    pub fn issue(&self, suite: Cryptosuite, credential: Map<String, Value>, now: UnixTime) -> Result<Value, Problem> {
        self.sign(self.issuer(suite)?, credential, now)
    }

    /// Signs a credential that has a place in the issuer's status list. Bitstring Status List 1.0 §2.1
    ///
    /// # Errors
    /// As [`Self::issue`]; the credential has a status already.
    pub fn issue_with_status(
        &self,
        suite: Cryptosuite,
        mut credential: Map<String, Value>,
        now: UnixTime,
    ) -> Result<Value, Problem> {
        let issuer = self.issuer(suite)?;
        if credential.contains_key("credentialStatus") {
            return Err(Problem::malformed("the credential has a status already"));
        }
        credential.insert("credentialStatus".to_owned(), issuer.list.allot().to_value());
        self.sign(issuer, credential, now)
    }

    /// The status list of the issuer with this cryptosuite, signed now. Bitstring Status List 1.0 §2.2
    ///
    /// # Errors
    /// The list cannot be signed.
    pub fn status_list(&self, suite: Cryptosuite, now: UnixTime) -> Result<Value, Problem> {
        let list = self.issuer(suite)?.sign_list(&self.contexts, now)?;
        read_again(&list)
    }

    /// Sets or clears the bit that a `credentialStatus` of ours names.
    ///
    /// # Errors
    /// It is no place in a list of this adapter.
    pub fn set_status(&self, status: &Value, on: bool) -> Result<(), Problem> {
        let text = |name: &str| status.get(name).and_then(Value::as_str);
        let publisher = text("statusListCredential").and_then(|url| self.publisher(url));
        let publisher = publisher.ok_or_else(|| Problem::malformed("no list of this adapter is named"))?;
        let index = text("statusListIndex").and_then(|index| index.parse().ok());
        let index = index.ok_or_else(|| Problem::malformed("statusListIndex is malformed"))?;
        publisher.list.set(index, on)
    }

    fn issuer(&self, suite: Cryptosuite) -> Result<&Issuer, Problem> {
        let found = self.issuers.iter().find(|issuer| issuer.suite == suite);
        found.ok_or_else(|| Problem::malformed("there is no issuer for this cryptosuite"))
    }

    /// Whose list this URL is.
    fn publisher(&self, list: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.list.url() == list)
    }

    fn sign(&self, issuer: &Issuer, mut credential: Map<String, Value>, now: UnixTime) -> Result<Value, Problem> {
        issuer.sign_as_itself(&mut credential)?;
        let contexts = self.accepting(credential.get("@context"));
        read_again(&w3c_vc::issue(credential, &contexts, &issuer.signing(now))?)
    }

    /// Verifies a credential. Its status is looked up where the list is one of this adapter.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify_credential(&self, credential: &Value, now: UnixTime) -> Result<(), Problem> {
        let unverified = UnverifiedCredential::parse(&credential.to_string())?;
        let issuer = trusted(unverified.hints());
        let contexts = self.accepting(credential.get("@context"));
        let verified = unverified.verify(&contexts, &issuer, now)?;
        self.check_status(verified.credential(), now)
    }

    /// Verifies a presentation for this challenge, and the credentials in it.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify_presentation(
        &self,
        presentation: &Value,
        challenge: Challenge<'_>,
        now: UnixTime,
    ) -> Result<(), Problem> {
        let unverified = UnverifiedPresentation::parse(&presentation.to_string())?;
        let issuers: Vec<TrustedIssuer> = unverified.hints().map(trusted).collect();
        let credentials: &[Value] = match presentation.get("verifiableCredential") {
            None => &[],
            Some(Value::Array(credentials)) => credentials,
            Some(credential) => std::slice::from_ref(credential),
        };
        let documents = std::iter::once(presentation).chain(credentials);
        let contexts = self.accepting(documents.filter_map(|document| document.get("@context")));
        let verified = unverified.verify(&contexts, &issuers, challenge, now)?;
        let mut shown = verified.credentials().iter();
        shown.try_for_each(|credential| self.check_status(credential.credential(), now))
    }

    /// Looks a credential up in the lists of this adapter, each read as if it had been fetched. Nobody is asked for
    /// the list of another. Bitstring Status List 1.0 §3.2
    fn check_status(&self, credential: &CredentialClaims, now: UnixTime) -> Result<(), Problem> {
        for status in credential.status() {
            let CredentialStatus::Bitstring(entry) = status else {
                continue;
            };
            let Some(publisher) = self.publisher(&entry.list) else {
                continue;
            };
            let list = UnverifiedStatusList::parse(&publisher.sign_list(&self.contexts, now)?)?;
            let issuer = trusted(list.hints());
            let list = list.verify(&self.contexts, &issuer, &entry.list, now)?;
            if list.is_set(entry)? {
                return Err(Problem::revoked());
            }
        }
        Ok(())
    }

    /// The contexts that are held, understood as a document names them.
    fn accepting<'v>(&self, named: impl IntoIterator<Item = &'v Value>) -> Contexts {
        let held = self.contexts.clone();
        named
            .into_iter()
            .fold(held, |contexts, context| contexts.accepting_value(context.clone()))
    }
}

impl Issuer {
    fn new(suite: Cryptosuite, key: &PrivateJwk, base: &str) -> Result<Self> {
        let did = did::key::from_public_key(key.public())?;
        Ok(Self {
            suite,
            named: HolderKey::from_id(did.as_str()).context("a did:key names its key")?,
            signer: SigningKey::new(key)?,
            list: PublishedList::new(format!("{base}/{}/status/list", suite.as_str())),
        })
    }

    fn signing(&self, created: UnixTime) -> Signing<'_> {
        Signing {
            method: self.named.method(),
            created,
            signer: &self.signer,
        }
    }

    fn sign_list(&self, contexts: &Contexts, now: UnixTime) -> Result<String, Problem> {
        let draft = StatusListDraft {
            url: self.list.url(),
            issuer: self.named.did(),
            purpose: PURPOSE,
            valid_from: now,
            valid_until: now.saturating_add(LIST_HOLDS),
            time_to_live: 60_000,
        };
        Ok(draft.issue(&self.list.bits(), contexts, &self.signing(now))?)
    }

    /// Writes the issuer where the credential leaves it open.
    fn sign_as_itself(&self, credential: &mut Map<String, Value>) -> Result<(), Problem> {
        let own = || json!(self.named.did());
        if let Some(about) = credential.get_mut("issuer").and_then(Value::as_object_mut) {
            about.entry("id").or_insert_with(own);
        }
        let named = &*credential.entry("issuer").or_insert_with(own);
        match named.get("id").unwrap_or(named).as_str() == Some(self.named.did()) {
            true => Ok(()),
            false => Err(Problem::malformed("the issuer is not the one of this address")),
        }
    }
}

/// Whoever is named by a key holds it. Of whoever is named by a URL no key is known here, and the one that signed is
/// taken for theirs.
fn trusted(hints: Hints<'_>) -> TrustedIssuer {
    let is_did = hints.issuer.starts_with("did:");
    let signer = hints.method.split('#').next().filter(|_| !is_did);
    let named = HolderKey::from_id(hints.issuer).or_else(|| signer.and_then(HolderKey::from_id));
    let key = named.and_then(|named| Some((named.method().to_owned(), VerifyingKey::new(named.key()).ok()?)));
    TrustedIssuer::new(hints.issuer, key)
}

fn read_again(signed: &str) -> Result<Value, Problem> {
    serde_json::from_str(signed).map_err(|_| Problem::malformed("what was signed cannot be read again"))
}
