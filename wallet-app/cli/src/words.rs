//! Words for things, as the person knows them.

use wallet::{
    Card, CardReadiness, CardStatus, CredentialMetadata, EarlierRecord, Kept, Localized, OfflineReadiness, Outcome,
    Readiness, Widened, plain_text,
};

/// The name of a card, from what its issuer published.
pub(crate) fn card_name(display: &CredentialMetadata, vct: &str) -> String {
    let in_english = display.display.iter().find(|shown| {
        shown
            .locale
            .as_deref()
            .is_none_or(|locale| locale == "en" || locale.starts_with("en-"))
    });
    in_english
        .or(display.display.first())
        .and_then(|shown| shown.name.as_deref().map(plain_text))
        .unwrap_or_else(|| plain_text(vct))
}

/// The name of a claim, from what the issuer published of one of these forms of a card.
pub(crate) fn claim_name<'c>(forms: impl IntoIterator<Item = &'c Card>, path: &str) -> String {
    let mut claims = forms.into_iter().flat_map(|form| &form.display.claims);
    let described = claims.find(|claim| {
        let steps: Vec<String> = claim
            .path
            .iter()
            .map(|step| {
                serde_json::to_value(step)
                    .ok()
                    .and_then(|v| v.as_str().map(str::to_owned))
                    .unwrap_or_default()
            })
            .collect();
        steps.join(".") == path
    });
    described
        .and_then(|claim| {
            let english = claim
                .display
                .iter()
                .find(|shown| shown.locale.as_deref().is_some_and(|l| l.starts_with("en")));
            english.or(claim.display.first()).and_then(|shown| shown.name.clone())
        })
        .map_or_else(|| path.replace('_', " "), |name| plain_text(&name))
}

/// A sentence about the status.
pub(crate) fn status(status: CardStatus) -> &'static str {
    match status {
        CardStatus::Valid => "valid",
        CardStatus::Suspended => "suspended for now",
        CardStatus::Revoked => "revoked",
        CardStatus::Expired => "expired",
        _ => "not known; `status` finds out",
    }
}

/// What is new since the person shared with them last.
pub(crate) fn widened(widened: &Widened) -> Vec<String> {
    let mut lines = Vec::new();
    let since = day(widened.since);
    if !widened.claims.is_empty() {
        let claims = in_english(&widened.claims);
        lines.push(format!(
            "New since you last shared with them ({since}): they may also ask for {}.",
            claims.join(", ")
        ));
    }
    if !widened.needed.is_empty() {
        let needed = in_english(&widened.needed);
        lines.push(format!(
            "When you last shared with them ({since}), you could leave out what is needed now: {}.",
            needed.join(", ")
        ));
    }
    for set in &widened.not_enough {
        lines.push(format!(
            "When you last shared with them ({since}), this was enough, and is not now: {}.",
            in_english(set).join(", ")
        ));
    }
    if !widened.choose.is_empty() {
        let sets = widened.choose.iter().map(|set| in_english(set).join(" and "));
        lines.push(format!(
            "When you last shared with them ({since}), none of these was needed, and one is now: {}.",
            sets.collect::<Vec<_>>().join("; or ")
        ));
    }
    match widened.kept_days {
        None => {}
        Some((0, _)) => lines.push(format!(
            "When you last shared with them ({since}), they did not keep it."
        )),
        Some((before, _)) => lines.push(format!(
            "When you last shared with them ({since}), they kept it for {before} days."
        )),
    }
    lines
}

/// What could not be asked once.
pub(crate) fn earlier_record(earlier: &EarlierRecord) -> String {
    let lacked = in_english(&earlier.lacked);
    format!(
        "On {} their public record did not have this yet: {}.",
        day(earlier.at),
        lacked.join(", ")
    )
}

/// What things are called in English.
pub(crate) fn in_english(names: &[Localized]) -> Vec<&str> {
    names.iter().map(|name| name.text("en")).collect()
}

/// Whether it is kept.
pub(crate) fn kept(kept: Kept) -> String {
    match kept {
        Kept::No => "What you show is not kept.".to_owned(),
        Kept::Days(1) => "What you show is kept for one day.".to_owned(),
        Kept::Days(days) => format!("What you show is kept for {days} days."),
        Kept::Said => "They say that they keep what you show; for how long is not publicly recorded.".to_owned(),
        Kept::NotSaid => "Whether what you show is kept is not publicly recorded.".to_owned(),
    }
}

/// A time in hours.
pub(crate) fn hours_in_words(hours: u64) -> String {
    match hours {
        0 => "less than an hour".to_owned(),
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}

/// What is held for showing these cards without a network.
pub(crate) fn readiness_in_words(readiness: &OfflineReadiness, cards: &[Card]) -> Vec<String> {
    let mut lines = Vec::new();
    if readiness.two_histories {
        lines.push("The public record shows two histories. Nothing of it is believed; see `evidence`.".to_owned());
    }
    lines.extend(readiness.cards.iter().filter_map(|ready| {
        let card = cards.iter().find(|card| card.id == ready.card)?;
        Some(format!(
            "Without a network, {}: {}",
            card_name(&card.display, &card.vct),
            card_readiness(ready)
        ))
    }));
    lines
}

fn card_readiness(ready: &CardReadiness) -> String {
    if ready.copies == 0 {
        return "no copies left for this".to_owned();
    }
    match ready.readiness {
        Readiness::Ready { hours } => format!("ready, confirmed {} ago", hours_in_words(hours)),
        Readiness::Old { hours } => format!("what is held is {} old; `refresh` gets newer", hours_in_words(hours)),
        Readiness::Missing => "what others need to check it is not here; `refresh` gets it".to_owned(),
    }
}

/// How something ended.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Received => "card received",
        Outcome::NotStored => "card not stored",
        Outcome::Shared => "shown",
        Outcome::NotShared => "not shown",
        Outcome::Blocked => "refused by the wallet",
        Outcome::Interrupted => "interrupted, nothing sent",
        Outcome::MaybeReceived => "sent, maybe received",
        Outcome::NotSent => "could not be sent",
        Outcome::NotAccepted => "sent, not taken",
    }
}

/// A day as people write it.
pub(crate) fn day(time: u64) -> String {
    i64::try_from(time)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map(|time| time.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}
