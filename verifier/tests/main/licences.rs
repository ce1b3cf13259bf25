//! Driving licences as mdocs, and a check that asks for one.

use jose::{PrivateJwk, base64url};
use mdoc::{Challenge, MDL, MdocDraft, SessionTranscript};
use oid4vp::{PresentationRequest, ResponseMode};
use serde_json::Value;
use service::Clock;
use testkit::certificates::{Authority, Chain, Name, document_signer};
use testkit::credential::{key, random, signer, status};
use testkit::mdoc::Forge;

use crate::forge::copy;
use crate::world::{CHECKS, LIST, Options, World};

/// The check for a licence.
pub(crate) const CHECK: &str = include_str!("c_mdoc.toml");
pub(crate) const NAME_SPACE: &str = "org.iso.18013.5.1";
/// Person identification, whose claims stand in a namespace of the same name.
pub(crate) const PERSON: &str = "eu.europa.ec.eudi.pid.1";
const DAY: u64 = 24 * 3600;

/// A verifier that asks for a licence, and a state that certifies who signs them.
pub(crate) struct Licences {
    pub(crate) world: World,
    pub(crate) state: Authority,
}

/// Who signs a licence.
pub(crate) struct Signing {
    pub(crate) key: PrivateJwk,
    pub(crate) chain: Chain,
}

/// What a device signs for, made of the request.
pub(crate) type Over = fn(&Challenge<'_>) -> Vec<u8>;

pub(crate) fn over(challenge: &Challenge<'_>) -> Vec<u8> {
    SessionTranscript::openid4vp(challenge).as_bytes().to_vec()
}

impl Licences {
    pub(crate) async fn new() -> Self {
        Self::with(Options {
            checks: |_| format!("{CHECKS}\n{CHECK}"),
            ..Options::default()
        })
        .await
    }

    /// The same where it asks for other things too.
    pub(crate) async fn with(options: Options) -> Self {
        let world = World::with(options).await;
        let state = Authority::of_country("state", "UT");
        let licences = Self { world, state };
        licences.trust("state", &licences.state).await;
        licences
    }

    /// Puts an authority into the folder of trust anchors.
    pub(crate) async fn trust(&self, name: &str, authority: &Authority) {
        let file = self.world.folder.path().join(format!("anchors/{name}.pem"));
        std::fs::write(file, authority.pem()).unwrap();
        self.world.refresher.round().await;
    }

    /// An office of the state.
    pub(crate) fn office(&self) -> Signing {
        Signing {
            chain: self.state.certify_signer(key(90).public(), "UT", &[document_signer()]),
            key: key(90),
        }
    }

    /// The agency of the ledger, under a certificate of nobody whom the verifier knows.
    pub(crate) fn agency(&self) -> Signing {
        let issuer = self.world.issuer();
        let authority = Authority::new("its own");
        Signing {
            chain: authority.certify(issuer.key.public(), &[Name::Uri(&issuer.did)]),
            key: issuer.key,
        }
    }

    /// A licence that says nothing of its status.
    pub(crate) fn draft(&self) -> MdocDraft {
        let now = self.world.clock.now();
        let elements = vec![
            ("family_name".to_owned(), "Mustermann".into()),
            ("issuing_country".to_owned(), "UT".into()),
            ("age_over_18".to_owned(), true.into()),
        ];
        MdocDraft {
            doc_type: MDL.to_owned(),
            name_spaces: vec![(NAME_SPACE.to_owned(), elements)],
            signed: now - DAY,
            valid_from: now - DAY,
            valid_until: now + DAY,
            device_key: self.world.holder.public().clone(),
            status: None,
            padding: None,
            kid: None,
        }
    }

    /// Person identification that says nothing of its status.
    pub(crate) fn person_draft(&self) -> MdocDraft {
        let elements = vec![("age_over_18".to_owned(), true.into())];
        MdocDraft {
            doc_type: PERSON.to_owned(),
            name_spaces: vec![(PERSON.to_owned(), elements)],
            ..self.draft()
        }
    }

    /// A licence of the agency, which names its key and a list.
    pub(crate) fn agency_draft(&self) -> MdocDraft {
        MdocDraft {
            status: Some(status(LIST, 3)),
            kid: Some(self.world.issuer().kid),
            ..self.draft()
        }
    }

    /// Opens a session of the check that asks for such a document, forges an answer with everything that it says, changes
    /// it, responds; gives the outcome.
    pub(crate) async fn answer(
        &self,
        by: Signing,
        draft: MdocDraft,
        over: Over,
        change: impl FnOnce(&mut Forge),
    ) -> Value {
        let check = if draft.doc_type == PERSON {
            "document"
        } else {
            "licence"
        };
        let opened = self.world.open(check).await;
        let request = self.world.request(&opened).await;
        let transcript = signed_over(&request, over);
        let presentation = self.forge(by, draft, &transcript, change);
        self.world.answer(&opened, request, check, presentation).await
    }

    /// A good licence of the agency with this place in this list, shown for a request.
    pub(crate) fn shown(&self, request: &PresentationRequest, list: &str, index: u64) -> String {
        let draft = MdocDraft {
            status: Some(status(list, index)),
            ..self.agency_draft()
        };
        self.forge(self.agency(), draft, &signed_over(request, over), |_| ())
    }

    fn forge(&self, by: Signing, draft: MdocDraft, transcript: &[u8], change: impl FnOnce(&mut Forge)) -> String {
        let issued = draft.issue(by.chain.certificates, &mut random(7), &signer(&by.key));
        let mut forge = Forge::new(&issued.unwrap(), by.key, copy(&self.world.holder), transcript);
        change(&mut forge);
        base64url::encode(forge.make())
    }

    /// The same with a good licence of the office.
    pub(crate) async fn judge(&self, change: impl FnOnce(&mut Forge)) -> Value {
        self.answer(self.office(), self.draft(), over, change).await
    }
}

fn signed_over(request: &PresentationRequest, over: Over) -> Vec<u8> {
    let client_id = request.client_id().to_string();
    over(&Challenge {
        client_id: &client_id,
        nonce: request.nonce().as_str(),
        encryption_key: match request.response_mode() {
            ResponseMode::DirectPost => None,
            ResponseMode::DirectPostJwt(encryption) => Some(encryption.key()),
        },
        response_uri: request.response_uri_text(),
    })
}
