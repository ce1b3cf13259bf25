//! A ledger, an agency, a verifier that serves many, a business that came in by the portal, and citizens with one card
//! each, in one format alone. All of them are synthetic.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use e2e::portal::{Hosted, Purpose};
use e2e::stack::{Agency, Business, Stack, WITNESSES, generate_people};
use e2e::story::shown_until;
use e2e::wallet::{Answer, Exit, Wallet};
use jose::{UnverifiedJws, base64url};
use serde_json::{Value, json};
use service::{Clock, SystemClock};
use tempfile::TempDir;

const NAME: &str = "Harbour Café";
/// Person 11 of the register is a child.
const FEW: usize = 30;
const TYPES: [&str; 3] = ["person-identification", "student-card", "business-registration"];
/// Mean seconds of a year.
const YEAR: u64 = 31_556_952;

/// All that a business registration says, and which kind of company it is.
const PUBLIC_COMPANY: Purpose = Purpose {
    why: "Public companies may pay later.",
    card: "business-registration",
    claims: &[
        "organisation_name",
        "organisation_number",
        "legal_form",
        "registered_office",
        "registered_on",
    ],
    every_format: true,
    rule: "registration.legal_form == \"AG\"",
};

const PURPOSES: [Purpose; 4] = [
    Purpose::ADULT,
    Purpose::STUDENT,
    PUBLIC_COMPANY,
    // A part of a card that is shown whole in its other format, and so is registered as SD-JWT VC alone.
    Purpose {
        why: "We count how many of you study where.",
        claims: &["student_number", "institution_name"],
        rule: "",
        ..Purpose::STUDENT
    },
];

/// What is asked of somebody who has the card in one format alone.
pub(super) struct Asked {
    pub(super) check: &'static str,
    purpose: Purpose,
    format: &'static str,
    /// What the format calls the type.
    type_name: &'static str,
    /// What the claims stand in.
    inside: &'static str,
}

/// A yes or no about a person, as ISO mdoc.
pub(super) const ADULT: Asked = Asked {
    check: "check-1",
    purpose: Purpose::ADULT,
    format: "mso_mdoc",
    type_name: "eu.europa.ec.eudi.pid.1",
    inside: "eu.europa.ec.eudi.pid.1",
};

/// A student card as a W3C credential, which is shown whole.
pub(super) const STUDENT: Asked = Asked {
    check: "check-2",
    purpose: Purpose::STUDENT,
    format: "ldp_vc",
    type_name: "urn:holdfast:vct:student-card:1",
    inside: "credentialSubject",
};

/// A business registration as a W3C credential.
pub(super) const COMPANY: Asked = Asked {
    check: "check-3",
    purpose: PUBLIC_COMPANY,
    type_name: "urn:holdfast:vct:business-registration:1",
    ..STUDENT
};

impl Asked {
    /// What is shown, as the wallet names it, sorted.
    fn shows(&self) -> Vec<String> {
        let claims = self.purpose.claims.iter();
        let mut names: Vec<String> = claims.map(|claim| format!("{}.{claim}", self.inside)).collect();
        names.sort_unstable();
        names
    }
}

/// A wallet with one card.
pub(super) struct Holder {
    pub(super) asked: &'static Asked,
    pub(super) wallet: Wallet,
    /// What the agency calls the card.
    credential: String,
}

pub(super) struct Scene {
    pub(super) stack: Stack,
    pub(super) cafe: Hosted,
    /// A grown-up who has every card.
    pub(super) grown_up: String,
    people: PathBuf,
    // Last, so that what runs in it is gone before.
    folder: TempDir,
}

impl Scene {
    /// Nobody serves status lists yet.
    pub(super) async fn begin() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut stack = Stack::on(folder.path())?;
        stack.found_ledger().await?;
        stack.start_all(&[&WITNESSES[..], &["mirror", "log"]].concat()).await?;
        stack.accredited_agency(Agency::Population, &TYPES).await?;
        stack.registered_business(Business::Shop, &["accredited"]).await?;
        let people = generate_people(stack.layout(), FEW).await?;
        let grown_up = stack.import_people(Agency::Population, &people).await?;
        stack.start_all(&["population", "shop"]).await?;
        let cafe = Hosted::come_in(&stack, NAME, &PURPOSES).await?;
        Ok(Self {
            stack,
            cafe,
            grown_up,
            people,
            folder,
        })
    }

    /// A wallet that gets a card of this person in one format, and has nothing else.
    pub(super) async fn holder(&self, name: &str, subject: &str, asked: &'static Asked) -> Result<Holder> {
        let wallet = Wallet::by_passphrase(&self.folder.path().join(name))?.staying_open();
        wallet.init(&self.stack).await?.expect(Exit::Done)?;
        let wanted = json!({"credential_type": asked.purpose.card, "subject": subject, "formats": [asked.format]});
        let offer = self.stack.offer(Agency::Population, &wanted).await?;
        let link = offer["offer_uri"].as_str().context("offer_uri")?;
        wallet.accept(link, None).await?.expect(Exit::Done)?;
        let listed = wallet.run(&["list"]).await?.expect(Exit::Done)?;
        let cards = listed.json["cards"].as_array().context("cards")?;
        let forms = cards.first().and_then(|card| card["formats"].as_array());
        let formats = forms.into_iter().flatten().filter_map(|form| form["format"].as_str());
        ensure!(
            cards.len() == 1 && formats.eq([asked.format]),
            "another card: {}",
            listed.json
        );
        Ok(Holder {
            asked,
            credential: self.stack.issued(Agency::Population, &offer).await?,
            wallet,
        })
    }

    /// Somebody in the register who is not 18 yet.
    pub(super) fn child(&self) -> Result<String> {
        let born_since = format!("{}-01-01", 1970 + SystemClock.now() / YEAR - 17);
        let register = std::fs::read_to_string(&self.people)?;
        let mut rows = register.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let head = rows.next().context("an empty register")?;
        let column = |name: &str| {
            head.iter()
                .position(|found| *found == name)
                .with_context(|| name.to_owned())
        };
        let (id, birth) = (column("id")?, column("birth_date")?);
        let child = rows.find(|row| row[birth] >= born_since.as_str());
        Ok(child.context("nobody is a child")?[id].to_owned())
    }

    /// The agency serves its status lists from now on, and the ledger names them.
    pub(super) async fn serve_lists(&mut self) -> Result<()> {
        self.stack.start_all(&["population-status"]).await?;
        self.stack.recorded(Agency::Population).await
    }

    /// The agency changes the status of a card.
    pub(super) async fn change(&self, holder: &Holder, verb: &str) -> Result<()> {
        let credential = &holder.credential;
        self.stack.change_status(Agency::Population, credential, verb).await
    }

    /// Shows the card to the business until the verdict is this. The wallet says beforehand what the rule makes of it;
    /// verdict and receipt name the rule that is registered.
    pub(super) async fn shows(&self, holder: &Holder, foretold: &str, verdict: (&str, &str)) -> Result<()> {
        let Holder { asked, wallet, .. } = holder;
        let asker = (self.stack.http(), &self.cafe.api);
        let (answer, seen) = shown_until(asker, wallet, asked.check, verdict).await?;
        ensure!(answer["answer"] == foretold, "the wallet said otherwise: {answer}");
        ensure!(
            texts(&answer["cards"][0]["shown"]) == asked.shows(),
            "something else is shown: {answer}"
        );
        let rule = self.registered_rule(asked.check).await?;
        ensure!(
            seen["rule"] == rule,
            "the verdict is by another rule than {rule}: {seen}"
        );
        self.gave_receipt(&seen, asked, &rule)?;
        let newest = newest(wallet).await?;
        ensure!(
            (&newest["party"], &newest["party_id"]) == (&json!(self.cafe.name), &json!(self.cafe.did))
                && newest["outcome"] == "shared"
                && newest["receipt"] == true
                && texts(&newest["cards"][0]["claims"]) == asked.shows(),
            "it is noted otherwise: {newest}"
        );
        Ok(())
    }

    /// The hash of the rule that the ledger names for a check, as verdicts and receipts write it.
    async fn registered_rule(&self, check: &str) -> Result<String> {
        let scope = self.stack.scope(&self.cafe.did).await?;
        let purpose = scope
            .purpose(check)
            .with_context(|| format!("{check} is not registered"))?;
        Ok(base64url::encode(purpose.rule.context("a purpose without a rule")?))
    }

    /// What the business keeps of the receipt, which the wallet has checked against the record.
    fn gave_receipt(&self, seen: &Value, asked: &Asked, rule: &str) -> Result<()> {
        let receipt = seen["receipt"]
            .as_str()
            .with_context(|| format!("no receipt: {seen}"))?;
        let receipt = UnverifiedJws::parse(receipt)?;
        let says: Value = serde_json::from_slice(receipt.dangerous_unverified_payload())?;
        let cards = says["cards"].as_array().map_or(0, Vec::len);
        ensure!(
            (&says["iss"], &says["rule"], &says["verdict"]) == (&json!(self.cafe.did), &json!(rule), &seen["verdict"])
                && cards == 1
                && says["cards"][0]["vct"] == asked.type_name,
            "the receipt says something else: {says}"
        );
        Ok(())
    }
}

/// The newest line of a wallet's history.
pub(super) async fn newest(wallet: &Wallet) -> Result<Value> {
    let Answer { mut json, .. } = wallet.run(&["history"]).await?.expect(Exit::Done)?;
    Ok(json["entries"][0].take())
}

/// The texts of a list, sorted.
pub(super) fn texts(list: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    texts.sort_unstable();
    texts
}
