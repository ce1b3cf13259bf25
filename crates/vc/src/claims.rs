use jose::UnixTime;
use sd_jwt::{ClaimPath, PathElement};
use serde_json::{Map, Value};

use crate::form::{self, CredentialForm};
use crate::{Contexts, CredentialStatus, DocumentError, HolderKey, json_ld};

/// What a credential says, whoever has it in hands.
#[derive(Clone, Debug)]
pub struct CredentialClaims {
    document: Map<String, Value>,
    form: CredentialForm,
    holder: Option<HolderKey>,
}

impl CredentialClaims {
    pub(crate) fn new(document: Map<String, Value>, form: CredentialForm) -> Self {
        Self {
            holder: holder(&document),
            document,
            form,
        }
    }

    /// The credential without its proof.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// Its `id`, where it has one. VCDM 2.0 §4.4.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.form.id.as_deref()
    }

    /// Its types, `VerifiableCredential` among them, as they are written. §4.5.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.form.types
    }

    /// Its types as its contexts define them: absolute IRIs, in no order. JSON-LD 1.1 §5.1.
    ///
    /// # Errors
    /// [`DocumentError`]: contexts that are not accepted, or a type that they do not define.
    pub fn type_names(&self, contexts: &Contexts) -> Result<Vec<String>, DocumentError> {
        json_ld::type_names(self.document.get("@context"), &self.form.types, contexts)
    }

    /// The URL or DID of its issuer. §4.7.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.form.issuer
    }

    /// `validFrom`. §4.9.
    #[must_use]
    pub fn valid_from(&self) -> Option<UnixTime> {
        self.form.valid_from
    }

    /// `validUntil`: no longer valid from then on. §4.9.
    #[must_use]
    pub fn valid_until(&self) -> Option<UnixTime> {
        self.form.valid_until
    }

    /// The subjects, of which there is at least one. §4.8.
    pub fn subjects(&self) -> impl Iterator<Item = &Map<String, Value>> {
        form::subjects(&self.document)
    }

    /// The claims about the subjects, each with its place in the credential: every value that is no `id` and
    /// no `type`.
    #[must_use]
    pub fn claims(&self) -> Vec<(ClaimPath, &Value)> {
        let mut found = Vec::new();
        if let Some(subjects) = self.document.get("credentialSubject") {
            collect(subjects, &ClaimPath::from("credentialSubject"), &mut found);
        }
        found
    }

    /// Whom it is bound to.
    #[must_use]
    pub fn holder(&self) -> Option<&HolderKey> {
        self.holder.as_ref()
    }

    /// Where its status is found. Each entry must be looked up; presence alone says nothing.
    #[must_use]
    pub fn status(&self) -> &[CredentialStatus] {
        &self.form.status
    }
}

/// The one subject, where its `id` is a key.
fn holder(document: &Map<String, Value>) -> Option<HolderKey> {
    let mut subjects = form::subjects(document);
    match (subjects.next(), subjects.next()) {
        (Some(subject), None) => HolderKey::from_id(subject.get("id")?.as_str()?),
        _ => None,
    }
}

fn collect<'v>(value: &'v Value, place: &ClaimPath, found: &mut Vec<(ClaimPath, &'v Value)>) {
    match value {
        Value::Object(members) if !members.contains_key("@value") => {
            for (name, value) in members
                .iter()
                .filter(|(name, _)| !["id", "type"].contains(&name.as_str()))
            {
                collect(value, &place.child(PathElement::Name(name.clone())), found);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                collect(value, &place.child(PathElement::Index(index)), found);
            }
        }
        value => found.push((place.clone(), value)),
    }
}
