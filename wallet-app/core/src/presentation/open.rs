//! Reading a request, up to what is shown to the person.

use super::matching::{self, Matched};
use super::send::{SessionKey, StoredAnswer};
use super::{RequestRefused, scope};
use crate::clock::OsRandom;
use crate::consent::{Ask, Kept, Party, Why};
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::text::{plain, plain_in_every_language};
use crate::trust::{AuthenticationError, Registration, VerifierTrust, load_anchors};
use crate::wallet::Wallet;
use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};
use ledger::{Localized, Purpose};
use oid4vp::{PresentationRequest, RequestUri, RequestUriMethod, UnverifiedRequest};
use outbound::{Limits, Request};

/// A request that holds, from somebody who was authenticated, for cards that are here.
pub struct OpenRequest {
    pub(super) request: PresentationRequest,
    pub(super) ask: Ask,
    pub(super) matched: Matched,
    pub(super) earlier: Option<StoredAnswer>,
}

impl OpenRequest {
    /// What the person is asked.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Whether this very request was answered before and no reply came: the same bytes can be sent
    /// again, and nothing else.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.earlier.is_some()
    }

    /// Who asks, in English, for the history and for tools.
    #[must_use]
    pub fn party_name(&self) -> String {
        let who = &self.ask.who;
        match (&who.name, &who.registration) {
            (Some(name), _) => plain(name.text("en")),
            (None, Registration::Foreign { subject }) => plain(subject),
            (None, _) => who.host.clone(),
        }
    }

    pub(super) fn record(&self, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
        HistoryRecord {
            event: HistoryEvent::Request,
            party: self.party_name(),
            host: self.ask.who.host.clone(),
            purpose: self.ask.why.as_ref().map(|why| plain(why.text.text("en"))),
            cards: self
                .ask
                .cards
                .iter()
                .map(|card| HistoryCard {
                    vct: card.vct.clone(),
                    claims: card
                        .needed
                        .iter()
                        .chain(&card.optional)
                        .map(ToString::to_string)
                        .collect(),
                })
                .collect(),
            outcome,
            reason: reason.map(str::to_owned),
        }
    }
}

impl std::fmt::Debug for OpenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenRequest")
            .field("host", &self.ask.who.host)
            .finish_non_exhaustive()
    }
}

const REQUEST_OBJECT: Limits = Limits::MESSAGE
    .with_body(256 * 1024)
    .with_content_types(&["application/oauth-authz-req+jwt"]);
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/oauth-authz-req+jwt");

impl Wallet {
    /// Reads a request from a link. A refusal is noted in the history; nothing is sent to whoever
    /// asks but the request for the request itself.
    pub async fn open_request(&self, link: &str) -> Result<OpenRequest, RequestRefused> {
        let link = RequestUri::parse(link)?;
        let opened = self.read_request(&link).await;
        if let Err(error) = &opened {
            let record = HistoryRecord {
                event: HistoryEvent::Request,
                party: host_of(link.request_uri()),
                host: host_of(link.request_uri()),
                purpose: None,
                cards: Vec::new(),
                outcome: Outcome::Blocked,
                reason: Some(error.code().to_owned()),
            };
            self.vault.note(self.clock.now(), &record)?;
        }
        opened
    }

    async fn read_request(&self, link: &RequestUri) -> Result<OpenRequest, RequestRefused> {
        let unverified = self.fetch_request(link).await?;
        let ledger = self.ledger(self.clock.now());
        let anchors = load_anchors(self.settings.verifier_anchors.as_deref())?;
        let now = ledger.clock()?.now();
        let trust = VerifierTrust {
            ledger: &ledger,
            anchors: &anchors,
            now,
        };
        let authenticated = trust.authenticate(unverified).map_err(|error| match error {
            AuthenticationError::Trust(error) => RequestRefused::Trust(error),
            AuthenticationError::Request(error) => RequestRefused::Request(error),
        })?;
        let request = authenticated.request.check(now)?;
        let registration = authenticated.registration;
        let purpose = scope::check(request.query(), &registration, request.purpose())?.cloned();
        let session = SessionKey::of(&request);
        let earlier = self.vault.stored_answer(&session)?;
        // What was answered already is not made again, so no card is looked for.
        let matched = match &earlier {
            Some(_) => Matched::default(),
            None => matching::find(&self.vault, request.query(), now)?,
        };
        scope::check_company(&matched.asked, &registration, purpose.as_ref())?;
        let ask = describe(&request, session, registration, purpose.as_ref(), &matched);
        Ok(OpenRequest {
            request,
            ask,
            matched,
            earlier,
        })
    }

    /// Fetches the request object: by GET, or by POST with a nonce that has to come back.
    /// OpenID4VP 1.0 §5.10
    async fn fetch_request(&self, link: &RequestUri) -> Result<UnverifiedRequest, RequestRefused> {
        let url = link.request_uri().clone();
        let nonce = jose::base64url::encode(OsRandom::bytes::<32>());
        let (request, wallet_nonce) = match link.method() {
            RequestUriMethod::Get => (Request::get(url), None),
            RequestUriMethod::Post => {
                let body = format!("wallet_nonce={nonce}");
                let form = "application/x-www-form-urlencoded";
                (Request::post(url, form, body), Some(nonce.as_str()))
            }
        };
        let request = request.header(ACCEPT, ACCEPTED);
        let answer = self.client.send(request, &REQUEST_OBJECT).await?;
        if is_gone(answer.status()) {
            return Err(RequestRefused::Gone);
        }
        let answer = answer.success()?;
        let compact = std::str::from_utf8(answer.body()).map_err(|_| RequestRefused::NotARequest)?;
        Ok(UnverifiedRequest::parse(compact.trim(), link, wallet_nonce)?)
    }
}

fn describe(
    request: &PresentationRequest,
    session: SessionKey,
    registration: Registration,
    purpose: Option<&Purpose>,
    matched: &Matched,
) -> Ask {
    let name = match &registration {
        Registration::Registered { scope, .. } => Some(plain_in_every_language(&scope.name)),
        Registration::Foreign { subject } => Localized::english(subject).ok(),
        Registration::Unregistered => None,
    };
    Ask {
        who: Party {
            name,
            host: host_of(request.response_uri()),
            registration,
        },
        why: purpose.map(|purpose| Why {
            text: plain_in_every_language(&purpose.text),
            privacy_policy: purpose.privacy_policy.clone(),
            channel: purpose.channel,
        }),
        kept: match purpose.map(|purpose| purpose.retention_days) {
            None => Kept::NotSaid,
            Some(0) => Kept::No,
            Some(days) => Kept::Days(days),
        },
        cards: matched.asked.clone(),
        session,
    }
}

/// Statuses that say: not here any more. RFC 9110 §15.5
fn is_gone(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::GONE)
}

/// Host and port, as shown.
fn host_of(url: &url::Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    }
}
