//! The citizen's side: reads the request, makes presentations, responds.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use jose::UnixTime;
use oid4vp::{ClientId, PresentationRequest, RequestUri, UnverifiedRequest, VerifierEvidence, VpToken};
use sd_jwt::{Challenge, ClaimPath, HeldSdJwt, UnverifiedSdJwt};
use serde_json::{Map, Value};
use service::Clock;
use testkit::credential::{self, Agency, signer, status, vct};

use crate::world::{LIST, World};

/// The path of a link's request object.
pub(crate) fn request_path(opened: &Value) -> String {
    let link = RequestUri::parse(opened["request_uri"].as_str().unwrap()).unwrap();
    link.request_uri().path().to_owned()
}

impl World {
    /// Fetches the request by POST and checks it as a wallet does.
    pub(crate) async fn request(&self, opened: &Value) -> PresentationRequest {
        self.request_of(opened, self.business.did().as_str()).await
    }

    /// The same of a business with this DID.
    pub(crate) async fn request_of(&self, opened: &Value, did: &str) -> PresentationRequest {
        let link = RequestUri::parse(opened["request_uri"].as_str().unwrap()).unwrap();
        let request = Request::post(link.request_uri().path())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("wallet_nonce=fresh"))
            .unwrap();
        let response = self.send(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/oauth-authz-req+jwt");
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let text = std::str::from_utf8(&body).unwrap();
        let request = UnverifiedRequest::parse(text, &link, Some("fresh")).unwrap();
        self.authenticate(request, did).check(self.clock.now()).unwrap()
    }

    /// The verifier is who the ledger says: the certificate is listed in its
    /// record, or the key is in its document.
    fn authenticate(&self, request: UnverifiedRequest, did: &str) -> oid4vp::AuthenticatedRequest {
        let view = self.app.trust.view();
        let bundle = ledger::UnverifiedBundle::parse(&request.dangerous_bundle().unwrap()).unwrap();
        let bundle = bundle.verify(view.pack(), did).unwrap();
        let record = bundle.record().unwrap();
        match request.client_id() {
            ClientId::DecentralizedIdentifier(_) => {
                let kid = request.dangerous_kid().unwrap().to_owned();
                let ledger::KeyLookup::Current(key) = record.assertion_key(&kid) else {
                    panic!("{kid}")
                };
                let evidence = VerifierEvidence::DidKey {
                    did,
                    kid: &kid,
                    key: &key,
                };
                request.authenticate(evidence).unwrap()
            }
            _ => {
                let chain = jose::x5c::UnverifiedChain::parse(request.dangerous_x5c().unwrap()).unwrap();
                let listed = &record.relying_party().unwrap().certificates;
                let certificate = chain.verify_listed(listed, self.clock.now()).unwrap();
                request
                    .authenticate(VerifierEvidence::Certificate(&certificate))
                    .unwrap()
            }
        }
    }

    /// The agency as it issues now.
    pub(crate) fn issuer(&self) -> Agency {
        let (kid, key) = self.agency.assertion_key().unwrap();
        let key = jose::PrivateJwk::from_value(&key.dangerous_to_value()).unwrap();
        Agency::new(self.agency.did().as_str(), &kid.to_string(), key)
    }

    /// A card with this status entry.
    pub(crate) fn card(&self, kind: &str, claims: Map<String, Value>, index: u64) -> HeldSdJwt {
        self.card_on(LIST, kind, claims, index)
    }

    /// A card with an entry of this list.
    pub(crate) fn card_on(&self, list: &str, kind: &str, claims: Map<String, Value>, index: u64) -> HeldSdJwt {
        let agency = self.issuer();
        let mut draft = agency.draft(&vct(kind), claims, self.holder.public(), self.clock.now());
        draft.status = Some(status(list, index));
        UnverifiedSdJwt::parse(&agency.issue(draft))
            .unwrap()
            .dangerous_from_storage()
            .unwrap()
    }

    pub(crate) fn person(&self, index: u64) -> HeldSdJwt {
        self.card("person-identification", credential::person_identification(), index)
    }

    /// Shows claims of a card for a request, bound to it.
    pub(crate) fn show(&self, card: &HeldSdJwt, claims: &[&str], request: &PresentationRequest) -> String {
        self.show_at(
            card,
            claims,
            &request.client_id().to_string(),
            request.nonce().as_str(),
            self.clock.now(),
        )
    }

    pub(crate) fn show_at(
        &self,
        card: &HeldSdJwt,
        claims: &[&str],
        audience: &str,
        nonce: &str,
        issued_at: UnixTime,
    ) -> String {
        let paths: Vec<ClaimPath> = claims.iter().map(|name| ClaimPath::from(*name)).collect();
        let holder = signer(&self.holder);
        card.select(&paths)
            .unwrap()
            .bind(Challenge { audience, nonce }, issued_at, &holder)
            .unwrap()
    }

    /// Answers a request with presentations and posts the response.
    pub(crate) async fn respond(
        &self,
        request: PresentationRequest,
        answers: &[(&str, String)],
    ) -> (StatusCode, Value) {
        let mut token = VpToken::new();
        for (query, presentation) in answers {
            let id = request.query().credential(query).unwrap().id().clone();
            token.insert(id, presentation.clone());
        }
        let (target, body) = request.respond(&token).unwrap();
        self.post(target.path(), body.as_str()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.call(request).await
    }

    /// Shows a card for a check of one query, and gives what the business sees.
    /// Nothing may be fetched meanwhile.
    pub(crate) async fn present(&self, check: &str, query: &str, card: &HeldSdJwt, claims: &[&str]) -> Value {
        let opened = self.open(check).await;
        let request = self.request(&opened).await;
        let presentation = self.show(card, claims, &request);
        self.answer(&opened, request, query, presentation).await
    }

    pub(crate) async fn answer(
        &self,
        opened: &Value,
        request: PresentationRequest,
        query: &str,
        presentation: String,
    ) -> Value {
        let asked = self.site.asked();
        let (status, reply) = self.respond(request, &[(query, presentation)]).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        assert_eq!(self.site.asked(), asked, "a card shown causes no fetch");
        self.outcome(opened).await
    }

    /// Shows the person card for the check `adult`.
    pub(crate) async fn adult(&self, card: &HeldSdJwt) -> Value {
        self.present("adult", "person", card, &["age_over_18"]).await
    }
}

/// Asserts state, verdict and reason.
#[track_caller]
pub(crate) fn assert_outcome(outcome: &Value, verdict: &str, reason: &str) {
    assert_eq!(
        (
            outcome["state"].as_str(),
            outcome["verdict"].as_str(),
            outcome["reason"].as_str()
        ),
        (Some("answered"), Some(verdict), Some(reason)),
        "{outcome}"
    );
}
