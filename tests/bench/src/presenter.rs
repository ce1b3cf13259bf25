//! A check from opening to verdict over HTTP: what the shop's own systems ask of the verifier,
//! and what a wallet does, without the wallet's checks, so that the load costs little.

use std::time::Duration;

use anyhow::{Context, Result};
use e2e::http::eventually;
use e2e::story::{Asked, is_verdict};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use oid4vp::{Nonce, RequestUri, RequestUriPost};
use outbound::{Client, Limits, Request, Response};
use sd_jwt::Challenge;
use serde_json::Value;
use service::{Clock, SystemClock, random};
use url::{Url, form_urlencoded};

use crate::holder::{Card, client};
use crate::services::{SHOP, Services};

/// The check: one card, one claim.
pub(crate) const CHECK: &str = "adult";
const CLAIM: &str = "age_over_18";
/// Until the verifier has read ledger and status list.
const READ: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits::MESSAGE.with_body(1024 * 1024);
const FORM: &str = "application/x-www-form-urlencoded";

/// A shop's systems and its customers.
pub(crate) struct Presenter {
    client: Client,
    api: Url,
    token: HeaderValue,
    cards: Vec<Card>,
}

/// An open session.
pub(crate) struct Opened {
    pub(crate) id: String,
    /// What the wallet reads from the code.
    link: String,
}

impl Presenter {
    /// Starts a shop, has cards issued, and waits until they count there.
    pub(crate) async fn new(services: &mut Services) -> Result<Self> {
        let cards = Card::issued(services).await?.0;
        services.add_shop().await?;
        let api = services.stack.business(SHOP)?;
        let presenter = Self {
            client: client(services)?,
            api: api.url.parse()?,
            token: HeaderValue::from_str(&format!("Bearer {}", api.token))?,
            cards,
        };
        eventually(READ, || presenter.present(0)).await?;
        Ok(presenter)
    }

    /// Has a card issued that is shown from now on, and waits until it counts; what the agency calls it.
    pub(crate) async fn another_card(&mut self, services: &Services) -> Result<String> {
        let (cards, id) = Card::issued(services).await?;
        self.cards = cards;
        let presenter = &*self;
        eventually(READ, || presenter.present(0)).await?;
        Ok(id)
    }

    /// One check, up to the verdict, which must be yes. `number` says which card is shown.
    pub(crate) async fn present(&self, number: usize) -> Result<()> {
        is_verdict(&self.judged(number).await?, "yes", "ok")
    }

    /// One check, up to the verdict, whatever it is.
    pub(crate) async fn judged(&self, number: usize) -> Result<Value> {
        let opened = self.open().await?;
        let asked = self.request(&opened).await?;
        let form = self.answer(number, &asked)?;
        self.post(asked.response_uri.parse()?, form).await?;
        self.session(&opened.id).await
    }

    /// Opens a session.
    pub(crate) async fn open(&self) -> Result<Opened> {
        let url = self.api.join(&format!("/api/v1/checks/{CHECK}/sessions"))?;
        let opened = self
            .asked_by_the_shop(Request::post(url, "application/json", "{}"))
            .await?;
        let member = |name: &str| {
            opened[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {name} of a session"))
        };
        Ok(Opened {
            id: member("id")?,
            link: member("request_uri")?,
        })
    }

    /// What the shop is told of a session.
    pub(crate) async fn session(&self, id: &str) -> Result<Value> {
        let url = self.api.join(&format!("/api/v1/sessions/{id}"))?;
        self.asked_by_the_shop(Request::get(url)).await
    }

    async fn request(&self, opened: &Opened) -> Result<Asked> {
        let link = RequestUri::parse(&opened.link)?;
        let body = RequestUriPost::new(&Nonce::generate(&mut random::fill));
        let answer = self.post(link.request_uri().clone(), body.as_str().to_owned()).await?;
        Asked::read(std::str::from_utf8(answer.body())?)
    }

    /// Every session has a nonce and a key of its own, so nothing of this can be made before.
    fn answer(&self, number: usize, asked: &Asked) -> Result<String> {
        let card = self.cards.iter().cycle().nth(number % self.cards.len().max(1));
        let card = card.context("no card")?;
        let challenge = Challenge {
            audience: &asked.client_id,
            nonce: &asked.nonce,
        };
        let shown = card.held.select(&[CLAIM.into()])?;
        let presentation = shown.bind(challenge, SystemClock.now(), &card.key)?;
        let response = asked.answer(&presentation)?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        Ok(form.append_pair("response", &response).finish())
    }

    async fn post(&self, url: Url, form: String) -> Result<Response> {
        let answer = self.client.send(Request::post(url, FORM, form), &LIMITS).await?;
        Ok(answer.success()?)
    }

    async fn asked_by_the_shop(&self, request: Request) -> Result<Value> {
        let request = request.header(AUTHORIZATION, self.token.clone());
        let answer = self.client.send(request, &LIMITS).await?.success()?;
        Ok(serde_json::from_slice(answer.body())?)
    }
}
