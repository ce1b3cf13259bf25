//! `present`: answers somebody who asks.

use crate::arguments::{Agreement, Arguments, Decision, Present};
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::{card_name, claim_name, hours_in_words, kept};
use serde_json::{Value, json};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use wallet::{
    Ask, AskedCard, Card, Consent, Kept, MissingProof, OpenRequest, Proof, Receipt, Registration, RequestRefused,
    Wallet,
};

pub(crate) fn run(arguments: &Arguments, options: &Present) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let cards = wallet.vault().cards()?;
    wait_for(async {
        let request = match wallet.open_request(&options.request).await {
            Ok(request) => request,
            Err(refused) => return Err(not_shown(&wallet, refused, options.tell).await?),
        };
        let party = request.party_name();
        let agreement = &options.agreement;
        let chosen = request
            .ask()
            .chosen(&agreement.also)
            .map_err(wallet::ShareError::from)?;
        let screen = screen(request.ask(), &chosen, &party, &cards, (agreement, Way::Network));
        if decide(agreement.consent, &screen) == Decided::No {
            return refuse(&wallet, request).await;
        }
        let shown = described(request.ask(), &chosen, &party, &cards, (agreement, Way::Network));
        let receipt = share(&wallet, request, options).await?;
        Ok(done(&receipt, shown, &screen))
    })?
}

/// What the person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    Yes,
    No,
}

/// How an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Over a network.
    Network,
    /// As codes, without one.
    Codes,
}

impl Way {
    /// Whether showing the card in this way uses its last copy for that.
    fn uses_last(self, card: &Card) -> bool {
        match self {
            Self::Network => card.unused.is_last(),
            Self::Codes => card.unused.is_last_offline(),
        }
    }
}

impl Agreement {
    /// Whether the person was told that a copy is shown again: by the flag, or by the screen that was just answered.
    fn knows(&self) -> bool {
        self.show_again || self.consent == Decision::Ask
    }

    /// The consent that it comes to.
    pub(super) fn consent_to(&self, ask: &Ask) -> Result<Consent, Failure> {
        let consent = if self.knows() {
            ask.agree_knowing(&self.with, &self.also)
        } else {
            ask.agree_also(&self.with, &self.also)
        };
        Ok(consent.map_err(wallet::ShareError::from)?)
    }
}

/// Nobody at the terminal is a refusal.
pub(super) fn decide(decision: Decision, screen: &str) -> Decided {
    match decision {
        Decision::Yes => Decided::Yes,
        Decision::No => Decided::No,
        Decision::Ask if std::io::stdin().is_terminal() => ask(screen),
        Decision::Ask => Decided::No,
    }
}

fn ask(screen: &str) -> Decided {
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{screen}\nShow this? Type yes to show it: ");
    let _ = terminal.flush();
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.is_ok() && line.trim() == "yes" {
        Decided::Yes
    } else {
        Decided::No
    }
}

async fn refuse(wallet: &Wallet, request: OpenRequest) -> Result<Done, Failure> {
    // Whether they hear of it makes no difference to the person.
    let _ = wallet.refuse(request).await;
    Err(Failure::new(Exit::PersonRefused, "refused"))
}

/// A request that is not even shown. Whoever asks hears of it only where the person wanted that.
async fn not_shown(wallet: &Wallet, refused: RequestRefused, tell: bool) -> Result<Failure, Failure> {
    let failure = Failure::from(&refused);
    match refused.into_untold().filter(|_| tell) {
        None => Ok(failure),
        Some(untold) => {
            let code = untold.code();
            wallet.tell_asker(untold).await?;
            Ok(failure.having_told(code))
        }
    }
}

async fn share(wallet: &Wallet, request: OpenRequest, options: &Present) -> Result<Receipt, Failure> {
    let consent = options.agreement.consent_to(request.ask())?;
    Ok(wallet.share(request, &consent).await?)
}

fn done(receipt: &Receipt, shown: Value, screen: &str) -> Done {
    let mut members = shown;
    members["sent"] = json!(receipt.sent);
    members["redirect_uri"] = json!(receipt.redirect_uri);
    let mut text = format!("{screen}\nShown.");
    if let Some(next) = &receipt.redirect_uri {
        text.push_str(&format!("\nGo on at {next}"));
    }
    Done::new("shared", members, text)
}

/// The consent screen in sentences.
pub(super) fn screen(
    ask: &Ask,
    chosen: &[&AskedCard],
    party: &str,
    cards: &[Card],
    (options, way): (&Agreement, Way),
) -> String {
    let mut lines = vec![
        format!("{party} ({}) asks.", ask.who.host),
        registration(&ask.who.registration),
    ];
    if let Some(why) = &ask.why {
        lines.push(format!(
            "Why: {} (privacy policy: {})",
            why.text.text("en"),
            why.privacy_policy
        ));
        if why.channel == wallet::Channel::InPerson {
            lines.push(
                "They are recorded as asking this face to face: refuse where nobody stands before you.".to_owned(),
            );
        }
    }
    for asked in chosen {
        lines.extend(about_card(asked, cards, (&options.with, way)));
    }
    for addition in &ask.additions {
        let not_chosen = |asked: &&AskedCard| !options.also.iter().any(|id| id == asked.card.as_str());
        if addition.cards.iter().all(|asked| not_chosen(&asked)) {
            lines.extend(addition.cards.iter().map(|asked| may_go_along(asked, cards)));
        }
    }
    lines.push(kept(ask.kept));
    lines.push(match way {
        Way::Network => format!(
            "If this came from another device: make sure that you are on {}.",
            ask.who.host
        ),
        Way::Codes => format!("Make sure that it is {party} whom you show this to."),
    });
    lines.join("\n")
}

/// What is asked of one card, and what is not.
fn about_card(asked: &AskedCard, cards: &[Card], (with, way): (&[String], Way)) -> Vec<String> {
    let card = cards.iter().find(|card| card.id == asked.card);
    let name = |path: &str| claim_name(card, path);
    let mut lines = vec![format!("From your card “{}”:", title(asked, card))];
    if asked.needed.is_empty() {
        lines.push("  only that you hold this card".to_owned());
        let always: Vec<String> = asked.always.iter().map(|member| name(&member.to_string())).collect();
        lines.push(format!("  what always travels with it: {}", always.join(", ")));
    }
    lines.extend(
        asked
            .needed
            .iter()
            .map(|path| format!("  needed: {}", name(&path.to_string()))),
    );
    lines.extend(asked.optional.iter().map(|path| {
        let path = path.to_string();
        let choice = if with.contains(&path) { "added" } else { "left out" };
        format!("  optional, {choice}: {} (--with {path})", name(&path))
    }));
    let company: Vec<String> = asked.company().map(|path| name(&path.to_string())).collect();
    if !company.is_empty() {
        lines.push(format!(
            "  shown along, the card leaves no choice: {}",
            company.join(", ")
        ));
    }
    if !asked.withheld.is_empty() {
        let names: Vec<String> = asked.withheld.iter().map(|path| name(path)).collect();
        lines.push(format!("  not shown: {}", names.join(", ")));
    }
    if asked.shown_before {
        lines.push(SHOWN_BEFORE.to_owned());
    }
    lines.extend(about_proof(asked.proof));
    if card.is_some_and(|card| way.uses_last(card)) {
        lines.push("  this uses its last copy: get the card again before you need it again".to_owned());
    }
    lines
}

/// Whether those who ask will be able to check the card.
fn about_proof(proof: Proof) -> Option<String> {
    let why = match proof {
        Proof::NotNeeded => return None,
        Proof::GoesAlong { hours } => {
            return Some(format!(
                "  what is publicly recorded about it goes along, as it was {} ago",
                hours_in_words(hours)
            ));
        }
        Proof::Missing { why } => why,
    };
    let why = match why {
        MissingProof::NotHeld => "this wallet holds nothing that is publicly recorded about it yet",
        MissingProof::TooOld => "what this wallet holds about it is older than they accept",
        MissingProof::StatusDiffers => "whether it is still good is not held as it was publicly recorded",
        MissingProof::NotRecorded => "who issued it is publicly recorded nowhere",
    };
    Some(format!(
        "  they may not be able to check it: {why}; `refresh` helps while there is a network"
    ))
}

/// What it means to show a copy again.
const SHOWN_BEFORE: &str = "  every copy of it was shown before, and one is shown again: whoever saw it can tell that it is you again, \
     and so can others they work with; get the card again to prevent that";

fn may_go_along(asked: &AskedCard, cards: &[Card]) -> String {
    let card = cards.iter().find(|card| card.id == asked.card);
    let claims: Vec<String> = asked
        .needed
        .iter()
        .map(|path| claim_name(card, &path.to_string()))
        .collect();
    format!(
        "May go along, left out: “{}” (--also {}): {}",
        title(asked, card),
        asked.card.as_str(),
        claims.join(", ")
    )
}

fn title(asked: &AskedCard, card: Option<&Card>) -> String {
    card.map_or_else(|| asked.vct.clone(), |card| card_name(&card.display, &card.vct))
}

fn registration(registration: &Registration) -> String {
    match registration {
        Registration::Registered { .. } => "They are publicly recorded, and may ask for this.".to_owned(),
        Registration::Foreign { .. } => "They are not registered here; their certificate is known.".to_owned(),
        _ => "They are recorded nowhere, and may ask only what identifies nobody.".to_owned(),
    }
}

/// What was shown, by name.
pub(super) fn described(
    ask: &Ask,
    chosen: &[&AskedCard],
    party: &str,
    cards: &[Card],
    (options, way): (&Agreement, Way),
) -> Value {
    let with = &options.with;
    let shown: Vec<Value> = chosen
        .iter()
        .map(|asked| {
            let names = |paths: &[wallet::ClaimsPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
            let (added, left_out): (Vec<String>, Vec<String>) =
                names(&asked.optional).into_iter().partition(|name| with.contains(name));
            let shown = [names(&asked.needed), added].concat();
            json!({
                "card": asked.card,
                "type": asked.vct,
                "shown": shown,
                "left_out": left_out,
                "shown_along": asked.company().map(|path| path.to_string()).collect::<Vec<_>>(),
                "always": asked.always.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "withheld": asked.withheld,
                "shown_before": asked.shown_before,
                "proof": asked.proof,
                "last_copy": cards.iter().any(|card| card.id == asked.card && way.uses_last(card)),
            })
        })
        .collect();
    let days = match ask.kept {
        Kept::No => json!(0),
        Kept::Days(days) => json!(days),
        Kept::NotSaid => Value::Null,
    };
    json!({
        "who": { "name": party, "host": ask.who.host, "registration": ask.who.registration },
        "cards": shown,
        "kept_days": days,
    })
}

#[cfg(test)]
mod tests {
    use super::{Decided, decide};
    use crate::arguments::{Command, Decision, Line, Present};
    use clap::Parser as _;
    use std::io::IsTerminal as _;

    fn present(options: &[&str]) -> Present {
        let line = Line::try_parse_from(["present", "openid4vp://x"].iter().chain(options));
        match line.expect("understood").command {
            Command::Present(present) => present,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn i7_wallet_what_was_agreed_beforehand_shows_no_copy_again_unless_it_says_so() {
        assert!(!present(&["--consent", "yes"]).agreement.knows());
        assert!(present(&["--consent", "yes", "--show-again"]).agreement.knows());
        assert!(
            present(&["--consent", "ask"]).agreement.knows(),
            "the screen has said it"
        );
    }

    #[test]
    fn nobody_at_the_terminal_is_a_refusal() {
        if std::io::stdin().is_terminal() {
            println!("SKIPPED: somebody is at the terminal");
            return;
        }
        assert_eq!(decide(Decision::Ask, "screen"), Decided::No);
    }
}
