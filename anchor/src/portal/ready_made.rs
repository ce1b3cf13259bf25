//! Ready-made checks, as purposes to begin with. docs/rules.md §7

use std::collections::BTreeMap;

use ledger::Channel;
use serde::Deserialize;
use serde_json::Value;

use super::cards::Card;
use super::content::{ClaimDraft, PurposeDraft};
use super::rules;

/// A ready-made check.
#[derive(Clone, Debug)]
pub(crate) struct ReadyMade {
    /// Its name among ready-made checks.
    pub(crate) id: &'static str,
    /// What those who pick it call it, by language.
    pub(crate) title: BTreeMap<String, String>,
    purpose: PurposeDraft,
}

/// One `[[check]]`, as far as a registration says it.
#[derive(Deserialize)]
struct Check {
    title: BTreeMap<String, String>,
    purpose: BTreeMap<String, String>,
    channel: Channel,
    dcql: String,
    rule: String,
}

#[derive(Deserialize)]
struct File {
    check: Vec<Check>,
}

impl ReadyMade {
    /// As a purpose of this id.
    pub(crate) fn purpose(&self, id: &str) -> PurposeDraft {
        PurposeDraft {
            id: id.to_owned(),
            ..self.purpose.clone()
        }
    }
}

/// All of them. They ask nothing that may be left out, keep nothing, and take
/// cards in every format, as those of a verifier of its own do.
pub(crate) fn all(cards: &[Card]) -> Vec<ReadyMade> {
    let read = |(id, text): (&'static str, &str)| {
        let file: File = toml::from_str(text).ok()?;
        let check = file.check.into_iter().next()?;
        let mut purpose = PurposeDraft {
            id: id.to_owned(),
            claims: claims(&check.dcql)?,
            text: check.purpose,
            channel: check.channel,
            retention_days: 0,
            every_format: true,
            rule: check.rule,
            time_zone: String::new(),
        };
        // What follows anyway need not stand there, so that it goes on following what is asked.
        if !rules::is_written(&purpose, cards) {
            purpose.rule.clear();
        }
        Some(ReadyMade {
            id,
            title: check.title,
            purpose,
        })
    };
    card_types::READY_MADE.into_iter().filter_map(read).collect()
}

fn claims(dcql: &str) -> Option<Vec<ClaimDraft>> {
    let query: Value = serde_json::from_str(dcql).ok()?;
    let mut claims = Vec::new();
    for card in query["credentials"].as_array()? {
        let vct = card["meta"]["vct_values"][0].as_str()?;
        for claim in card["claims"].as_array()? {
            claims.push(ClaimDraft {
                vct: vct.to_owned(),
                claim: claim["path"][0].as_str()?.to_owned(),
                is_needed: true,
                choices: [].into(),
            });
        }
    }
    Some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::cards;
    use crate::portal::content::LANGUAGES;

    #[test]
    fn each_is_a_purpose_with_its_own_rule() {
        let cards = cards::cards();
        let all = all(&cards);
        assert_eq!(all.len(), 8);
        for made in &all {
            let purpose = made.purpose("check-1");
            let rule = rules::rule_of(&purpose, &cards).unwrap().unwrap();
            let (_, text) = card_types::READY_MADE.iter().find(|(id, _)| *id == made.id).unwrap();
            assert!(text.contains(&format!("rule = '{}'", rule.text())), "{}", made.id);
            assert!(LANGUAGES.iter().all(|language| made.title.contains_key(*language)));
        }
        let written = all.iter().filter(|made| !made.purpose.rule.is_empty());
        let written: Vec<&str> = written.map(|made| made.id).collect();
        assert_eq!(written, ["is-this-person", "acts-for-business"]);
    }
}
