use anyhow::{Context, Result};
use jose::{PrivateJwk, RandomSource, SigningKey, UnixTime, VerifyingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use w3c_vc::{
    Challenge, Contexts, Cryptosuite, HolderKey, Signing, TrustedIssuer, UnverifiedCredential, UnverifiedPresentation,
};

use crate::Problem;

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

/// An issuer that is named by its key: a `did:key`.
struct Issuer {
    suite: Cryptosuite,
    named: HolderKey,
    signer: SigningKey,
}

impl Adapter {
    /// An adapter with new keys.
    ///
    /// # Errors
    /// A context that the program was built with is broken, or a key cannot be made.
    pub fn new(random: &mut dyn RandomSource) -> Result<Self> {
        let (url, text) = EXAMPLES_V2;
        let sha256 = Sha256::digest(text.as_bytes()).into();
        let contexts = Contexts::bundled()?.with_document(url, text, &sha256)?;
        let issuers = vec![
            Issuer::new(Cryptosuite::EcdsaRdfc2019, &PrivateJwk::generate_p256(random))?,
            Issuer::new(Cryptosuite::EddsaRdfc2022, &PrivateJwk::generate_ed25519(random))?,
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
    pub fn issue(
        &self,
        suite: Cryptosuite,
        mut credential: Map<String, Value>,
        now: UnixTime,
    ) -> Result<Value, Problem> {
        let found = self.issuers.iter().find(|issuer| issuer.suite == suite);
        let issuer = found.ok_or_else(|| Problem::malformed("there is no issuer for this cryptosuite"))?;
        issuer.sign_as_itself(&mut credential)?;
        let contexts = self.accepting(credential.get("@context"));
        let signing = Signing {
            method: issuer.named.method(),
            created: now,
            signer: &issuer.signer,
        };
        let issued = w3c_vc::issue(credential, &contexts, &signing)?;
        serde_json::from_str(&issued).map_err(|_| Problem::malformed("the credential cannot be read again"))
    }

    /// Verifies a credential of an issuer that is named by its key. Its status is not looked up.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify_credential(&self, credential: &Value, now: UnixTime) -> Result<(), Problem> {
        let unverified = UnverifiedCredential::parse(&credential.to_string())?;
        let issuer = trusted(unverified.hints().issuer);
        let contexts = self.accepting(credential.get("@context"));
        unverified.verify(&contexts, &issuer, now)?;
        Ok(())
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
        let issuers: Vec<TrustedIssuer> = unverified.hints().map(|hints| trusted(hints.issuer)).collect();
        let credentials: &[Value] = match presentation.get("verifiableCredential") {
            None => &[],
            Some(Value::Array(credentials)) => credentials,
            Some(credential) => std::slice::from_ref(credential),
        };
        let documents = std::iter::once(presentation).chain(credentials);
        let contexts = self.accepting(documents.filter_map(|document| document.get("@context")));
        unverified.verify(&contexts, &issuers, challenge, now)?;
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
    fn new(suite: Cryptosuite, key: &PrivateJwk) -> Result<Self> {
        let did = did::key::from_public_key(key.public())?;
        Ok(Self {
            suite,
            named: HolderKey::from_id(did.as_str()).context("a did:key names its key")?,
            signer: SigningKey::new(key)?,
        })
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

/// Whoever is named by a key holds it; of anybody else no key is known here.
fn trusted(issuer: &str) -> TrustedIssuer {
    let named = HolderKey::from_id(issuer);
    let key = named.and_then(|named| Some((named.method().to_owned(), VerifyingKey::new(named.key()).ok()?)));
    TrustedIssuer::new(issuer, key)
}
