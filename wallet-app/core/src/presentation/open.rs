//! Reading a request, up to what is shown to the person.

use super::known::KnownNames;
use super::matching::{self, Copies, Matched};
use super::scope::Outside;
use super::send::{FORM, SessionKey, StoredAnswer};
use super::{RequestRefused, Untold, scope};
use crate::cards::Card;
use crate::clock::OsRandom;
use crate::consent::{Ask, AskedCard, Consent, Kept, Party, Why};
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::text::{Localized, in_english};
use crate::trust::{Authenticated, AuthenticationError, Registration, VerifierTrust, load_anchors};
use crate::wallet::Wallet;
use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};
use jose::UnixTime;
use ledger::Purpose;
use oid4vp::{Meta, Nonce, PresentationRequest, RequestUri, RequestUriMethod, RequestUriPost, UnverifiedRequest};
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

    /// The card that one part of the request would be answered from; `None` where the request was
    /// answered before.
    #[must_use]
    pub fn card(&self, asked: &AskedCard) -> Option<&Card> {
        self.matched.held(&asked.card).map(|held| &held.card)
    }

    /// Whether this very request was answered before and no reply came: the same bytes can be sent
    /// again, and nothing else.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.earlier.is_some()
    }

    /// Whether the other is the same question, opened at another time.
    #[must_use]
    pub fn asks_the_same(&self, other: &Self) -> bool {
        self.ask.session == other.ask.session
    }

    /// When the request runs out, where it says so.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.request.expires_at()
    }

    /// Who asks, in English, for the history and for tools.
    #[must_use]
    pub fn party_name(&self) -> String {
        self.ask.who.names().text("en").to_owned()
    }

    pub(super) fn record(&self, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
        let mut record = record(&self.ask.who, self.ask.why.as_ref(), outcome, reason);
        record.cards = self.ask.cards.iter().map(|asked| self.noted(asked)).collect();
        record
    }

    /// What the person agreed to show, as the history has it.
    pub(super) fn agreed(&self, consent: &Consent) -> Vec<HistoryCard> {
        let cards = consent.shown.iter().map(|(_, shown)| HistoryCard {
            vct: shown.vct.clone(),
            card: Some(shown.card.clone()),
            title: self.matched.held(&shown.card).map(|held| held.card.face().title),
            claims: shown.claims.iter().map(ToString::to_string).collect(),
            shown_before: shown.shown_before,
        });
        cards.collect()
    }

    fn noted(&self, asked: &AskedCard) -> HistoryCard {
        HistoryCard {
            vct: asked.vct.clone(),
            card: Some(asked.card.clone()),
            title: self.card(asked).map(|card| card.face().title),
            claims: asked
                .needed
                .iter()
                .chain(&asked.optional)
                .map(ToString::to_string)
                .collect(),
            shown_before: false,
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

/// What is known of a request before any card is looked for.
pub(super) struct Asked {
    pub(super) who: Party,
    pub(super) why: Option<Why>,
    kept: Kept,
}

impl Asked {
    fn new(who: Party, purpose: Option<&Purpose>) -> Self {
        Self {
            who,
            why: purpose.map(|purpose| Why {
                text: Localized::from(&purpose.text),
                privacy_policy: purpose.privacy_policy.clone(),
                channel: purpose.channel,
            }),
            kept: match purpose.map(|purpose| purpose.retention_days) {
                None => Kept::NotSaid,
                Some(0) => Kept::No,
                Some(days) => Kept::Days(days),
            },
        }
    }

    /// A line of the history about a request that nothing here answers.
    pub(super) fn unanswered(&self, request: &PresentationRequest, reason: &str) -> HistoryRecord {
        let mut record = record(&self.who, self.why.as_ref(), Outcome::NotShared, Some(reason));
        let queries = request.query().credentials().iter();
        record.cards = queries
            .filter_map(|query| match query.meta() {
                Meta::VctValues(types) => Some(asked_of(
                    types.first()?,
                    query.claims().iter().map(|claim| claim.path().to_string()).collect(),
                )),
                _ => None,
            })
            .collect();
        record
    }

    /// A line of the history about a request that the wallet refuses, with the claim that is too much.
    pub(super) fn outside(&self, outside: &Outside) -> HistoryRecord {
        let mut record = record(&self.who, self.why.as_ref(), Outcome::Blocked, Some(outside.code()));
        if let Outside::Scope { vct, claim } = outside {
            record.cards.push(asked_of(vct, vec![claim.clone()]));
        }
        record
    }
}

fn asked_of(vct: &str, claims: Vec<String>) -> HistoryCard {
    HistoryCard {
        vct: vct.to_owned(),
        card: None,
        title: None,
        claims,
        shown_before: false,
    }
}

fn record(who: &Party, why: Option<&Why>, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
    HistoryRecord {
        event: HistoryEvent::Request,
        party: who.names().text("en").to_owned(),
        party_id: who.id().map(str::to_owned),
        host: who.host.clone(),
        purpose: why.map(|why| why.text.text("en").to_owned()),
        cards: Vec::new(),
        outcome,
        reason: reason.map(str::to_owned),
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
        match self.read_request(&link).await {
            Err(error) if error.unanswerable().is_none() => {
                let record = blocked(link.request_uri(), &error);
                let history_id = self.vault.note(self.clock.now(), &record)?;
                Err(error.noted(history_id))
            }
            opened => opened,
        }
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
        let request = authenticated
            .request
            .check(now)
            .map_err(|error| RequestRefused::Broken {
                untold: Untold::of_broken(&authenticated.request, error.code()).map(Box::new),
                error,
            })?;
        let registration = &authenticated.registration;
        let known = KnownNames::load(&self.vault, &ledger.held_bundles()?)?;
        let who = party(&request, &authenticated, &known);
        let purpose = match scope::check(request.query(), registration, request.purpose()) {
            Ok(purpose) => purpose.cloned(),
            Err(outside) => return Err(self.outside(request, Asked::new(who, None), outside)),
        };
        let asked = Asked::new(who, purpose.as_ref());
        let session = SessionKey::of(&request);
        let earlier = self.vault.stored_answer(&session)?;
        // What was answered already is not made again, so no card is looked for.
        let mut matched = match &earlier {
            Some(_) => Matched::default(),
            None => {
                self.mind_the_pace(&asked.who)?;
                match matching::find(&self.vault, request.query(), now, Copies::for_asker(registration))? {
                    Ok(matched) => matched,
                    Err(reason) => return Err(self.not_answered(request, asked, reason)),
                }
            }
        };
        let in_company = |cards: &[AskedCard]| scope::check_company(cards, registration, purpose.as_ref());
        if let Err(outside) = in_company(&matched.asked) {
            return Err(self.outside(request, asked, outside));
        }
        matched.additions.retain(|addition| in_company(&addition.cards).is_ok());
        let ask = Ask {
            who: asked.who,
            why: asked.why,
            kept: asked.kept,
            cards: matched.asked.clone(),
            additions: matched.additions.clone(),
            session,
        };
        Ok(OpenRequest {
            request,
            ask,
            matched,
            earlier,
        })
    }

    /// Fetches the request object: by GET, or by POST with what every wallet of this kind says of
    /// itself and a nonce that has to come back. OpenID4VP 1.0 §5.10
    async fn fetch_request(&self, link: &RequestUri) -> Result<UnverifiedRequest, RequestRefused> {
        let url = link.request_uri().clone();
        let nonce = Nonce::generate(&mut OsRandom::fill_slice);
        let (request, wallet_nonce) = match link.method() {
            RequestUriMethod::Get => (Request::get(url), None),
            RequestUriMethod::Post => {
                let body = RequestUriPost::new(&nonce);
                (Request::post(url, FORM, body.as_str()), Some(nonce.as_str()))
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

/// Who asks, as far as anybody vouches for it.
fn party(request: &PresentationRequest, authenticated: &Authenticated, known: &KnownNames) -> Party {
    let registration = &authenticated.registration;
    let (name, as_written) = match registration {
        Registration::Registered { scope, .. } => {
            let written = scope.name.iter().map(|(_, name)| name).collect();
            (Some(Localized::from(&scope.name)), written)
        }
        Registration::Foreign { subject } => (Some(in_english(subject)), vec![subject.as_str()]),
        Registration::Unregistered => (None, Vec::new()),
    };
    let mut who = Party {
        name,
        host: host_of(request.response_uri()),
        registration: registration.clone(),
        name_looks_odd: false,
        record: authenticated.record.clone(),
    };
    who.name_looks_odd = known.is_odd(&as_written, &who);
    who
}

/// A line of the history about a request that is not even shown.
fn blocked(link: &url::Url, error: &RequestRefused) -> HistoryRecord {
    let reason = Some(error.code());
    if let Some(who) = error.who() {
        return record(who, None, Outcome::Blocked, reason);
    }
    let host = host_of(link);
    HistoryRecord {
        event: HistoryEvent::Request,
        party: host.clone(),
        party_id: None,
        host,
        purpose: None,
        cards: Vec::new(),
        outcome: Outcome::Blocked,
        reason: reason.map(str::to_owned),
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
