//! What the person is asked, in sentences and for programs.

use crate::arguments::Agreement;
use crate::words::{card_name, claim_name, earlier_record, hours_in_words, in_english, kept, status, widened};
use serde_json::{Value, json};
use wallet::{
    AskedCard, Card, CardStatus, ClaimsPath, Foretold, Kept, MissingProof, Open, Proof, Registration, VaultError,
    Wallet,
};

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

/// A line for each card that would be shown and is not known to be good; it stands above the consent screen.
pub(super) fn not_good(wallet: &Wallet, chosen: &[&AskedCard], cards: &[Card]) -> Result<String, VaultError> {
    let mut lines = String::new();
    for asked in chosen {
        if let Some(card) = cards.iter().find(|card| card.id == asked.card) {
            let known = wallet.form_status(&wallet.whole_of(card)?, card)?;
            if known != CardStatus::Valid {
                let title = title(asked, Some(card));
                lines.push_str(&format!("The status of your card “{title}”: {}.\n", status(known)));
            }
        }
    }
    Ok(lines)
}

/// The consent screen in sentences.
pub(super) fn screen<Q>(
    open: &Open<Q>,
    chosen: &[&AskedCard],
    party: &str,
    cards: &[Card],
    (options, way): (&Agreement, Way),
) -> String {
    let ask = open.ask();
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
        lines.extend(beyond_rule(&open.beyond_rule(asked), asked, cards));
    }
    for addition in &ask.additions {
        let not_chosen = |asked: &&AskedCard| !options.also.iter().any(|id| id == asked.card.as_str());
        if addition.cards.iter().all(|asked| not_chosen(&asked)) {
            lines.extend(addition.cards.iter().map(|asked| may_go_along(asked, cards)));
        }
    }
    lines.extend(open.foretell(&options.with, &options.also).map(foretold));
    lines.push(kept(ask.kept));
    lines.extend(ask.widened.iter().flat_map(widened));
    lines.extend(ask.earlier_record.iter().map(earlier_record));
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

/// What is needed although the recorded rule does without it.
fn beyond_rule(beyond: &[ClaimsPath], asked: &AskedCard, cards: &[Card]) -> Option<String> {
    let card = cards.iter().find(|card| card.id == asked.card);
    let names: Vec<String> = beyond.iter().map(|path| claim_name(card, &path.to_string())).collect();
    (!names.is_empty()).then(|| format!("  more than their yes or no needs: {}", names.join(", ")))
}

/// What the answer will be.
fn foretold(answer: Foretold) -> String {
    let answer = match answer {
        Foretold::Yes => "yes, as long as your cards are good",
        Foretold::No => "no",
        Foretold::CannotBeTold => "cannot be told from what would be shown",
    };
    format!("By the publicly recorded rule the answer will be: {answer}.")
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
pub(super) fn described<Q>(
    open: &Open<Q>,
    chosen: &[&AskedCard],
    party: &str,
    cards: &[Card],
    (options, way): (&Agreement, Way),
) -> Value {
    let (ask, with) = (open.ask(), &options.with);
    let shown: Vec<Value> = chosen
        .iter()
        .map(|asked| {
            let names = |paths: &[ClaimsPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
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
                "beyond_rule": names(&open.beyond_rule(asked)),
                "proof": asked.proof,
                "last_copy": cards.iter().any(|card| card.id == asked.card && way.uses_last(card)),
            })
        })
        .collect();
    let days = match ask.kept {
        Kept::No => json!(0),
        Kept::Days(days) => json!(days),
        Kept::Said | Kept::NotSaid => Value::Null,
    };
    let mut described = json!({
        "who": { "name": party, "host": ask.who.host, "registration": ask.who.registration },
        "cards": shown,
        "answer": open.foretell(with, &options.also),
        "kept_days": days,
    });
    if let Some(widened) = &ask.widened {
        described["widened"] = json!({
            "since": widened.since,
            "claims": in_english(&widened.claims),
            "needed": in_english(&widened.needed),
            "not_enough": widened.not_enough.iter().map(|set| in_english(set)).collect::<Vec<_>>(),
            "choose": widened.choose.iter().map(|set| in_english(set)).collect::<Vec<_>>(),
            "kept_days": widened.kept_days,
        });
    }
    if let Some(earlier) = &ask.earlier_record {
        described["earlier_record"] = json!({ "at": earlier.at, "lacked": in_english(&earlier.lacked) });
    }
    described
}
