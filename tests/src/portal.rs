//! The registrar's portal, by its pages: an organisation applies, two people of the registrar approve, and what was
//! approved is asked at the verifier that serves many.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::Instant;
use url::Url;

use crate::browser::{Browser, Page};
use crate::http::eventually;
use crate::stack::{Api, Business, Operator, Stack};

/// How long it may take until ledger and verifier have what was approved. What fails at first is taken up again after
/// half a minute.
const REGISTERED: Duration = Duration::from_secs(60);
const BETWEEN: Duration = Duration::from_millis(100);

/// What a business asks, and why.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// Why, in plain words.
    pub why: &'static str,
    /// The card type, by the name of its file.
    pub card: &'static str,
    /// Claims of the card, all of them needed.
    pub claims: &'static [&'static str],
    /// Whether the card is taken in every format in which the same can be asked; else as SD-JWT VC alone.
    pub every_format: bool,
    /// The rule that decides; empty where it follows from the claims.
    pub rule: &'static str,
}

impl Purpose {
    /// A yes or no about a person.
    pub const ADULT: Self = Self {
        why: "You must be 18 to buy wine.",
        card: "person-identification",
        claims: &["age_over_18"],
        every_format: true,
        rule: "",
    };
    /// All that a student card says, and whether it is in force.
    pub const STUDENT: Self = Self {
        why: "Students pay less for their coffee.",
        card: "student-card",
        claims: &[
            "given_name",
            "family_name",
            "institution_name",
            "student_number",
            "enrolled_until",
        ],
        every_format: true,
        rule: "student.enrolled_until >= today",
    };
}

/// A business that came in by the portal. Its purposes are checks: `check-1`, `check-2` and so on.
#[derive(Debug, Clone)]
pub struct Hosted {
    /// What portal and verifier call it.
    pub id: String,
    /// Its DID.
    pub did: String,
    /// The name in its letter and on the ledger.
    pub name: &'static str,
    /// Its interface at the verifier.
    pub api: Api,
}

impl Hosted {
    /// Applies with the code of a letter, has the application approved by two people, makes a token, and waits until
    /// the verifier knows from the ledger that the business may ask.
    ///
    /// # Errors
    /// Somebody refuses, or it takes too long.
    pub async fn come_in(stack: &Stack, name: &'static str, purposes: &[Purpose]) -> Result<Self> {
        let code = stack.letter(name).await?;
        let mut organisation = Tab::at(stack)?;
        let door = "/portal/sign-in";
        organisation.fill_in(door, door, &[("code", &code)]).await?;
        let application = organisation.applies(name, purposes).await?;
        for role in ["reviewer", "approver"] {
            let operator = stack.registrar_staff(role).await?;
            Tab::at(stack)?.approves(&operator, &application).await?;
        }
        let id = application.rsplit('/').next().unwrap_or_default().to_owned();
        let api = Api {
            url: stack.layout().url(Business::Shop.service())?,
            token: organisation.makes_token(&id).await?,
        };
        let did = may_ask(stack, &id, purposes.len()).await?;
        Ok(Self { id, did, name, api })
    }
}

/// Waits until the verifier may ask for a business; its DID.
async fn may_ask(stack: &Stack, id: &str, checks: usize) -> Result<String> {
    let verifier = stack.layout().url(Business::Shop.service())?;
    let (url, token) = (
        format!("{verifier}/api/v1/businesses/{id}"),
        stack.provisioning_token()?,
    );
    let standing = eventually(REGISTERED, || async {
        let standing = stack.http().get_json(&url, &token).await?;
        let known = standing["checks"].as_array().map_or(0, Vec::len);
        ensure!(
            standing["state"] == "active" && known == checks,
            "the business cannot ask yet: {standing}"
        );
        Ok(standing)
    });
    let standing = standing.await?;
    let did = standing["did"].as_str();
    did.map(str::to_owned).with_context(|| format!("did in {standing}"))
}

/// Somebody at the pages of the portal.
struct Tab {
    origin: String,
    browser: Browser,
}

impl Tab {
    fn at(stack: &Stack) -> Result<Self> {
        Ok(Self {
            origin: stack.layout().url("log")?,
            browser: Browser::default(),
        })
    }

    async fn open(&mut self, path: &str) -> Result<Page> {
        self.browser.get(&format!("{}{path}", self.origin)).await
    }

    /// Opens a page and sends the form on it that goes to `path`, with these fields beside its hidden ones.
    async fn send(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let hidden = self.open(page).await?.form(path)?;
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let url = format!("{}{path}", self.origin);
        self.browser.post(&url, &all).await
    }

    /// The same with a form that leads to another page; its path.
    async fn fill_in(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        let to = self.send(page, path, fields).await?.sent_on()?;
        Ok(Url::parse(&to)?.path().to_owned())
    }

    /// Hands in what an organisation wants to ask at the verifier that serves many; the path of the application.
    async fn applies(&mut self, name: &str, purposes: &[Purpose]) -> Result<String> {
        let list = "/portal/applications";
        let application = self.fill_in(list, list, &[]).await?;
        let about = [
            ("name_en", name),
            ("mail", "privacy@harbour.example"),
            ("page", "https://harbour.example/contact"),
            ("days", "100"),
            ("hosting", "hosted"),
        ];
        self.fill_in(&application, &format!("{application}/about"), &about)
            .await?;
        for purpose in purposes {
            let at = self
                .fill_in(&application, &format!("{application}/purposes"), &[])
                .await?;
            self.writes(&at, purpose).await?;
        }
        self.fill_in(&application, &format!("{application}/submit"), &[]).await
    }

    async fn writes(&mut self, at: &str, purpose: &Purpose) -> Result<()> {
        let claims = purpose.claims.iter().map(|claim| format!("{}.{claim}", purpose.card));
        let claims: Vec<String> = claims.collect();
        let mut fields = vec![
            ("text_en", purpose.why),
            ("channel", "online"),
            ("retention_days", "0"),
            ("rule", purpose.rule),
        ];
        if purpose.every_format {
            fields.push(("every_format", "every"));
        }
        fields.extend(claims.iter().map(|claim| (claim.as_str(), "needed")));
        self.fill_in(at, at, &fields).await.map(drop)
    }

    /// Signs in at the registrar's desk and approves an application.
    async fn approves(&mut self, operator: &Operator, application: &str) -> Result<()> {
        let door = "/portal/registrar/sign-in";
        let credentials = [
            ("name", operator.name.as_str()),
            ("password", operator.password.as_str()),
        ];
        self.fill_in(door, door, &credentials).await?;
        let desk = application.replace("/portal/", "/portal/registrar/");
        self.fill_in(&desk, &format!("{desk}/approve"), &[]).await.map(drop)
    }

    /// Makes a token for the programs of a business, once its registration is in force.
    async fn makes_token(&mut self, business: &str) -> Result<String> {
        let checks = format!("/portal/checks/{business}");
        let end = Instant::now() + REGISTERED;
        while self.open(&checks).await?.status != 200 {
            ensure!(Instant::now() < end, "{business} is not registered");
            tokio::time::sleep(BETWEEN).await;
        }
        let fields = [
            ("token-name", "Till"),
            ("scope", "sessions:write"),
            ("scope", "sessions:read"),
        ];
        let made = self.send(&checks, &format!("{checks}/tokens"), &fields).await?;
        made.shows("secret")
    }
}
