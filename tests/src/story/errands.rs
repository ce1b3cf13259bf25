//! What people do in the story: get a card, change its status, show it, look at the verdict.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::world::World;
use crate::http::Http;
use crate::stack::{Agency, Api, Business};
use crate::wallet::{Answer, Exit, Wallet};

/// A little more than the time in which a business reads all lists and records again.
const ROUND: Duration = Duration::from_millis(800);
/// How often something is shown until a business has seen what was changed.
const TRIES: u32 = 10;

/// A session at a business, opened for a check.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// What the wallet gets.
    pub request: String,
}

/// Whether a card is issued with a transaction code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxCode {
    /// The wallet needs it.
    Needed,
    /// There is none.
    None,
}

impl Session {
    /// Opens one for a check at the interface of a business.
    ///
    /// # Errors
    /// The business refuses.
    pub async fn open(http: &Http, api: &Api, check: &str) -> Result<Self> {
        let url = format!("{}/api/v1/checks/{check}/sessions", api.url);
        let session = http.post_json(&url, &api.token, &json!({})).await?;
        let text = |name: &str| {
            session[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("{name} in {session}"))
        };
        Ok(Self {
            id: text("id")?,
            request: text("request_uri")?,
        })
    }

    /// What the business knows of it.
    ///
    /// # Errors
    /// The business does not answer.
    pub async fn seen(&self, http: &Http, api: &Api) -> Result<Value> {
        let url = format!("{}/api/v1/sessions/{}", api.url, self.id);
        http.get_json(&url, &api.token).await
    }
}

impl World {
    /// Issues one card to the wallet and remembers it under a name.
    ///
    /// # Errors
    /// Any of the parties refuses.
    pub async fn issue(&mut self, agency: Agency, card: &'static str, kind: &str, code: TxCode) -> Result<Answer> {
        let wanted = code == TxCode::Needed;
        let body = json!({"credential_type": kind, "subject": self.subject, "tx_code": wanted});
        let offer = self.stack.offer(agency, &body).await?;
        let uri = offer["offer_uri"].as_str().context("offer_uri")?.to_owned();
        let tx_code = offer["tx_code"].as_str();
        ensure!(
            tx_code.is_some() == wanted,
            "the offer has a transaction code only where one is asked for: {offer}"
        );
        let answer = self
            .wallet_for_agency(agency)
            .accept(&uri, tx_code)
            .await?
            .expect(Exit::Done)?;
        let credential = self.stack.issued(agency, &offer).await?;
        self.cards.insert(card, credential);
        Ok(answer)
    }

    /// `revoke`, `suspend` or `reactivate` a card at its agency.
    ///
    /// # Errors
    /// The agency refuses.
    pub async fn change_status(&mut self, agency: Agency, card: &str, verb: &str) -> Result<()> {
        let credential = self.cards.get(card).with_context(|| format!("no card {card}"))?;
        self.stack.change_status(agency, credential, verb).await?;
        self.note_change();
        Ok(())
    }

    /// Something was changed that the timers of others will see.
    pub fn note_change(&mut self) {
        self.changed = Instant::now();
    }

    /// The wallet of the citizen who deals with a business.
    #[must_use]
    pub fn wallet_at(&self, business: Business) -> &Wallet {
        match business {
            Business::Shop => &self.wallet,
            Business::Club => &self.other_wallet,
        }
    }

    fn wallet_for_agency(&self, agency: Agency) -> &Wallet {
        match agency {
            Agency::Population | Agency::Transport => &self.wallet,
            Agency::Certified => &self.other_wallet,
        }
    }

    /// Opens a session for a check.
    ///
    /// # Errors
    /// The business refuses.
    pub async fn open(&self, business: Business, check: &str) -> Result<Session> {
        Session::open(self.stack.http(), &self.stack.business(business)?, check).await
    }

    /// What the business knows of a session.
    ///
    /// # Errors
    /// The business does not answer.
    pub async fn session(&self, business: Business, session: &Session) -> Result<Value> {
        session.seen(self.stack.http(), &self.stack.business(business)?).await
    }

    /// Fetches the signed request of a session, as a wallet does.
    ///
    /// # Errors
    /// The business does not answer.
    pub async fn request_object(&self, session: &Session) -> Result<String> {
        let link: Url = session.request.parse()?;
        let found = link.query_pairs().find(|(name, _)| name == "request_uri");
        let uri = found
            .with_context(|| format!("no request_uri in {link}"))?
            .1
            .into_owned();
        let answer = self.stack.http().get(&uri).await?.success()?;
        Ok(String::from_utf8(answer.into_body())?)
    }

    /// Opens a session, shows what is asked with consent, and gives the wallet's
    /// answer and what the business knows then.
    ///
    /// # Errors
    /// A party does not answer.
    pub async fn show(&self, business: Business, check: &str, with: &[&str]) -> Result<(Answer, Value)> {
        let session = self.open(business, check).await?;
        let answer = self.wallet_at(business).present(&session.request, "yes", with).await?;
        Ok((answer, self.session(business, &session).await?))
    }

    /// As [`World::show`]; the wallet must have sent, and the verdict must be this.
    ///
    /// # Errors
    /// Another verdict.
    pub async fn expect(&self, business: Business, check: &str, verdict: &str, reason: &str) -> Result<Value> {
        let (answer, session) = self.show(business, check, &[]).await?;
        answer.expect(Exit::Done)?;
        is_verdict(&session, verdict, reason)?;
        Ok(session)
    }

    /// As [`World::expect`], once the timers of the business have come round
    /// after the last change; on a busy machine that may take more than one try.
    ///
    /// # Errors
    /// Another verdict, however long it is waited.
    pub async fn expect_soon(&self, business: Business, check: &str, verdict: &str, reason: &str) -> Result<Value> {
        tokio::time::sleep_until(self.changed + ROUND).await;
        let asker = (self.stack.http(), &self.stack.business(business)?);
        let shown = shown_until(asker, self.wallet_at(business), check, (verdict, reason)).await?;
        Ok(shown.1)
    }
}

/// Fails unless a session ended with this verdict and reason.
///
/// # Errors
/// Another verdict or reason.
pub fn is_verdict(session: &Value, verdict: &str, reason: &str) -> Result<()> {
    let found = (
        session["verdict"].as_str().unwrap_or("none"),
        session["reason"].as_str().unwrap_or("none"),
    );
    ensure!(
        found == (verdict, reason),
        "the verdict is {found:?} instead of ({verdict}, {reason}): {session}"
    );
    Ok(())
}

/// Shows what a check asks, with consent, until the verdict is this, while the timers of the verifier come round; what
/// the wallet said, and what the business knows then.
///
/// # Errors
/// Another verdict, however often it is shown.
pub async fn shown_until(
    (http, api): (&Http, &Api),
    wallet: &Wallet,
    check: &str,
    (verdict, reason): (&str, &str),
) -> Result<(Value, Value)> {
    let mut tried = 0;
    loop {
        let session = Session::open(http, api, check).await?;
        let answer = wallet.present(&session.request, "yes", &[]).await?;
        let seen = session.seen(http, api).await?;
        let outcome = is_verdict(&seen, verdict, reason);
        if answer.exit == Exit::Done && outcome.is_ok() {
            return Ok((answer.json, seen));
        }
        tried += 1;
        if tried == TRIES {
            answer.expect(Exit::Done)?;
            outcome?;
        }
        tokio::time::sleep(ROUND).await;
    }
}
