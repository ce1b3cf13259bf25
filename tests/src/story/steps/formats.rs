//! The same for each format of cards: offered, held, shown, to a business of the portal too, with what may be left out
//! and without, asked for too much, got again, revoked.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::showing::shown;
use super::{entitled, portal};
use crate::alone::Alone;
use crate::stack::{Agency, Business};
use crate::story::errands::{is_verdict, shown_until};
use crate::story::world::World;
use crate::wallet::{Exit, Wallet};

/// A card in a format, and what becomes of it at the shop.
struct Told {
    /// What the wallet and the card are called.
    name: &'static str,
    /// What is offered; the wallet has it as one card, called as the first.
    formats: &'static [&'static str],
    agency: Agency,
    /// The card type, and what the format calls it.
    card: &'static str,
    type_name: &'static str,
    /// A check that the card answers in this format or in another, and what it shows.
    check: &'static str,
    shows: &'static [&'static str],
    /// Whether the rest of the card can be withheld.
    withholds: bool,
    /// A check that leaves a claim of this card to the person, and the claim; none where nothing can be withheld.
    optional: Option<(&'static str, &'static str)>,
    /// What the business of the portal asks of it.
    hosted: Option<&'static str>,
    /// One that asks this card for more than the shop registered, for the first of each format.
    too_much: Option<&'static str>,
}

const MDOC: Told = Told {
    name: "mso_mdoc",
    formats: &["mso_mdoc"],
    agency: Agency::Transport,
    card: "driving-licence",
    type_name: "org.iso.18013.5.1.mDL",
    check: "driver",
    shows: &["org.iso.18013.5.1.document_number"],
    withholds: true,
    optional: Some((ISO_ALONE, "org.iso.18013.5.1.issue_date")),
    hosted: None,
    too_much: Some("over-asking-mdoc"),
};

const PERSON: Told = Told {
    name: "person-mdoc",
    formats: &["mso_mdoc"],
    agency: Agency::Population,
    card: "person-identification",
    type_name: "eu.europa.ec.eudi.pid.1",
    check: "adult-in-any-format",
    shows: &["eu.europa.ec.eudi.pid.1.age_over_18"],
    withholds: true,
    optional: None,
    hosted: Some(portal::ADULT),
    too_much: None,
};

const W3C: Told = Told {
    name: "ldp_vc",
    formats: &["ldp_vc"],
    agency: Agency::Population,
    card: "student-card",
    type_name: "urn:holdfast:vct:student-card:1",
    check: "student",
    // Shown whole, so that all of it is asked for.
    shows: &[
        "credentialSubject.enrolled_until",
        "credentialSubject.family_name",
        "credentialSubject.given_name",
        "credentialSubject.institution_name",
        "credentialSubject.student_number",
    ],
    withholds: false,
    optional: None,
    hosted: Some(portal::STUDENT),
    too_much: Some("over-asking-w3c"),
};

const REGISTRATION: Told = Told {
    name: "registration-w3c",
    formats: &["ldp_vc"],
    agency: Agency::Population,
    card: "business-registration",
    type_name: "urn:holdfast:vct:business-registration:1",
    check: "registered-business",
    shows: &[
        "credentialSubject.legal_form",
        "credentialSubject.organisation_name",
        "credentialSubject.organisation_number",
        "credentialSubject.registered_office",
        "credentialSubject.registered_on",
    ],
    withholds: false,
    optional: None,
    hosted: None,
    too_much: None,
};

const BOTH: Told = Told {
    name: "licence-in-both",
    formats: &["dc+sd-jwt", "mso_mdoc"],
    type_name: "urn:holdfast:vct:driving-licence:1",
    shows: &["licence_number"],
    optional: None,
    too_much: None,
    ..MDOC
};

/// Takes the licence as ISO mdoc alone.
const ISO_ALONE: &str = "driver-iso";

pub(super) async fn mdoc(world: &mut World) -> Result<String> {
    tell(world, &MDOC).await
}

pub(super) async fn person(world: &mut World) -> Result<String> {
    tell(world, &PERSON).await
}

pub(super) async fn w3c(world: &mut World) -> Result<String> {
    tell(world, &W3C).await
}

pub(super) async fn registration(world: &mut World) -> Result<String> {
    tell(world, &REGISTRATION).await
}

/// A licence in both formats is one card: shown to who takes either and to who takes one, and what is shown to nobody
/// is shown in neither.
pub(super) async fn both(world: &mut World) -> Result<String> {
    let wallet = another_wallet(world, BOTH.name).await?;
    let credential = held(world, &wallet, &BOTH).await?;
    good(world, &wallet, &BOTH).await?;
    let (answer, _) = shows(world, &wallet, ISO_ALONE, ("yes", "ok")).await?;
    shown(&answer, MDOC.shows)?;
    shows_in_no_format(world, &wallet).await?;
    has_what_the_licence_is_for(&wallet).await?;
    world.cards.insert(BOTH.name, credential);
    world.change_status(BOTH.agency, BOTH.name, "revoke").await?;
    for check in [BOTH.check, ISO_ALONE] {
        shows(world, &wallet, check, ("no", "revoked")).await?;
    }
    wallet.close().await?;
    Ok("one card, shown in the format that is taken, in neither what is shown to nobody, revoked in both".to_owned())
}

async fn tell(world: &mut World, told: &Told) -> Result<String> {
    let wallet = another_wallet(world, told.name).await?;
    let credential = held(world, &wallet, told).await?;
    let answer = good(world, &wallet, told).await?;
    let mut said = vec!["offered, held, shown with a yes"];
    if let Some(check) = told.hosted {
        portal::says(world, &wallet, check, ("yes", "ok")).await?;
        said.push("also to the business of the portal");
    }
    if let Some((check, claim)) = told.optional {
        leaves_out(world, &wallet, told, (check, claim)).await?;
        said.push("less what may be left out");
    }
    if let Some(too_much) = told.too_much {
        looks_as_usual(world, &answer).await?;
        refuses_too_much(world, &wallet, too_much).await?;
        let copies = wallet.refresh_only_card().await?;
        ensure!(
            copies == Agency::COPIES,
            "{copies} copies instead of {}",
            Agency::COPIES
        );
        said.push("asked for too much and refused, got again");
    }
    world.cards.insert(told.name, credential);
    world.change_status(told.agency, told.name, "revoke").await?;
    shows(world, &wallet, told.check, ("no", "revoked")).await?;
    if let Some(check) = told.hosted {
        portal::says(world, &wallet, check, ("no", "revoked")).await?;
    }
    wallet.close().await?;
    said.push("revoked with a no");
    Ok(said.join(", "))
}

/// Shown with a yes, foretold and noted.
async fn good(world: &World, wallet: &Wallet, told: &Told) -> Result<Value> {
    let (answer, _) = shows(world, wallet, told.check, ("yes", "ok")).await?;
    shown(&answer, told.shows)?;
    ensure!(
        answer["answer"] == "yes",
        "the wallet did not say what the answer would be: {answer}"
    );
    says_what_is_withheld(&answer, told)?;
    noted(wallet, told).await?;
    Ok(answer)
}

/// A wallet with nothing in it.
async fn another_wallet(world: &World, name: &str) -> Result<Wallet> {
    let wallet = wallet_of(world, name)?;
    wallet.init(&world.stack).await?.expect(Exit::Done)?;
    Ok(wallet)
}

fn wallet_of(world: &World, name: &str) -> Result<Wallet> {
    let folder = world.stack.layout().folder().join(format!("wallet-{name}"));
    let keyring = world.keyring.as_ref().context("no keyring")?;
    Ok(Wallet::new(&folder, keyring)?.staying_open())
}

/// Whoever has the card as ISO mdoc alone, or another as a W3C credential, has none for a question by codes: these
/// formats are not spoken without a network. No code is shown.
pub(super) async fn answer_no_codes(world: &World, nowhere: &Alone, challenge: &Path) -> Result<()> {
    let out = world.stack.layout().of("offline").join("no-answer");
    for told in [&PERSON, &W3C] {
        let wallet = wallet_of(world, told.name)?;
        let answer = wallet.answer(nowhere, challenge, &out).await?;
        let answer = answer.expect(Exit::WalletRefused)?;
        ensure!(
            answer.code() == "no_matching_card" && !out.exists(),
            "{} refuses otherwise, or shows codes: {}",
            told.name,
            answer.json
        );
    }
    Ok(())
}

/// Offers the card in these formats alone, and finds it in the wallet as one card; its name at the agency.
async fn held(world: &World, wallet: &Wallet, told: &Told) -> Result<String> {
    let wanted = json!({"credential_type": told.card, "subject": world.subject, "formats": told.formats});
    let offer = world.stack.offer(told.agency, &wanted).await?;
    let uri = offer["offer_uri"].as_str().context("offer_uri")?;
    wallet.accept(uri, None).await?.expect(Exit::Done)?;
    let listed = wallet.run(&["list"]).await?.expect(Exit::Done)?;
    let cards = listed.json["cards"].as_array().context("no cards")?;
    let [card] = cards.as_slice() else {
        anyhow::bail!("not one card: {}", listed.json);
    };
    let forms = card["formats"].as_array().map_or(&[][..], Vec::as_slice);
    let formats: Vec<&str> = forms.iter().filter_map(|form| form["format"].as_str()).collect();
    ensure!(
        formats == told.formats && card["type"] == told.type_name,
        "another card: {card}"
    );
    world.stack.issued(told.agency, &offer).await
}

/// Shows the card to the shop until the verdict is this.
async fn shows(world: &World, wallet: &Wallet, check: &str, expected: (&str, &str)) -> Result<(Value, Value)> {
    let shop = world.stack.business(Business::Shop)?;
    shown_until((world.stack.http(), &shop), wallet, check, expected).await
}

/// What may be left out is left out, and goes along on the person's word.
async fn leaves_out(world: &World, wallet: &Wallet, told: &Told, (check, claim): (&str, &str)) -> Result<()> {
    let all = [told.shows, &[claim]].concat();
    let said: [(&[&str], &[&str]); 2] = [(&[], told.shows), (&[claim], &all)];
    for (with, expected) in said {
        let session = world.open(Business::Shop, check).await?;
        let answer = wallet.present(&session.request, "yes", with).await?;
        shown(&answer.expect(Exit::Done)?.json, expected)?;
        is_verdict(&world.session(Business::Shop, &session).await?, "yes", "ok")?;
    }
    Ok(())
}

/// The consent has the same parts as that of every other card.
async fn looks_as_usual(world: &World, answer: &Value) -> Result<()> {
    let (usual, _) = world.show(Business::Shop, MDOC.check, &[]).await?;
    let usual = usual.expect(Exit::Done)?.json;
    ensure!(
        parts(&usual["cards"][0]) == parts(&answer["cards"][0]),
        "the consent has other parts: {answer} instead of {usual}"
    );
    Ok(())
}

/// The consent says what is withheld; where nothing can be, that it is shown along.
fn says_what_is_withheld(answer: &Value, told: &Told) -> Result<()> {
    let names = |part: &str| answer["cards"][0][part].as_array().map_or(0, Vec::len);
    let (withheld, along) = (names("withheld"), names("shown_along"));
    let as_told = if told.withholds {
        withheld > 0 && along == 0
    } else {
        withheld == 0 && along >= told.shows.len()
    };
    ensure!(as_told, "{withheld} withheld, {along} shown along: {answer}");
    Ok(())
}

fn parts(card: &Value) -> Vec<&str> {
    card.as_object()
        .map(|card| card.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

/// The history names the shop and what was shown.
async fn noted(wallet: &Wallet, told: &Told) -> Result<()> {
    let history = wallet.run(&["history"]).await?.expect(Exit::Done)?;
    let newest = &history.json["entries"][0];
    let [shop, ..] = Business::Shop.name();
    ensure!(
        newest["party"] == shop && newest["outcome"] == "shared",
        "what was shown is not noted: {newest}"
    );
    let claims = newest["cards"][0]["claims"].as_array().into_iter().flatten();
    let mut names: Vec<&str> = claims.filter_map(Value::as_str).collect();
    names.sort_unstable();
    ensure!(names == told.shows, "other claims are noted: {newest}");
    Ok(())
}

/// What the shop did not register is not shown, and nothing is sent.
async fn refuses_too_much(world: &World, wallet: &Wallet, check: &str) -> Result<()> {
    refuses(world, wallet, check, "over_asking").await
}

/// The wallet refuses for this reason, and nothing is sent.
async fn refuses(world: &World, wallet: &Wallet, check: &str, reason: &str) -> Result<()> {
    let session = world.open(Business::Shop, check).await?;
    let answer = wallet.present(&session.request, "yes", &[]).await?;
    let answer = answer.expect(Exit::WalletRefused)?;
    ensure!(answer.code() == reason, "refused otherwise: {}", answer.json);
    let seen = world.session(Business::Shop, &session).await?;
    ensure!(
        seen.get("verdict").is_none_or(Value::is_null),
        "something was sent: {seen}"
    );
    Ok(())
}

/// What the person shows to nobody, noted of the card as it is listed, is not shown as ISO mdoc either.
async fn shows_in_no_format(world: &World, wallet: &Wallet) -> Result<()> {
    let claim = ["never-show", BOTH.type_name, "licence_number"];
    wallet.run(&claim).await?.expect(Exit::Done)?;
    for check in [BOTH.check, ISO_ALONE] {
        refuses(world, wallet, check, "claim_never_shown").await?;
    }
    let again = [claim[0], claim[1], claim[2], "--undo"];
    wallet.run(&again).await?.expect(Exit::Done).map(drop)
}

/// What a service asks of a licence is answered by the one that is held.
async fn has_what_the_licence_is_for(wallet: &Wallet) -> Result<()> {
    wallet.run(&["refresh"]).await?.expect(Exit::Done)?;
    let said = wallet.run(&["services"]).await?.expect(Exit::Done)?;
    entitled::says(&said.json["services"], "Parking permit", "can_use").map(drop)
}
