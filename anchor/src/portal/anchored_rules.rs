//! Rules of purposes, published in the registrar's name. docs/registration.md §4

use jose::UnixTime;
use ledger::RuleEntry;
use rule::Rule;

use super::Portal;
use super::formats::registered_rule;
use super::rules::{self, RuleProblem};
use super::store::Filed;
use crate::portal::CarryError;

impl Portal {
    /// A rule as the registrar publishes it.
    ///
    /// # Errors
    /// [`RuleProblem::Payload`] where the ledger would not take it.
    pub(crate) fn rule_entry(&self, rule: &Rule) -> Result<RuleEntry, RuleProblem> {
        let inner = &self.inner;
        rules::entry(rule, inner.registrar.identity().did(), &inner.cards, &inner.card_types)
    }

    /// Notes the rules of an application, as they go to the ledger.
    pub(super) async fn keep_rules(&self, filed: &Filed) -> Result<(), CarryError> {
        for purpose in &filed.content.purposes {
            let Ok(Some(rule)) = registered_rule(purpose, &self.inner.cards) else {
                continue;
            };
            match self.rule_entry(&rule) {
                Ok(entry) => self.inner.store.keep_rule(&rule.hash(), &entry.encode()?).await?,
                Err(error) => tracing::error!(
                    application = %filed.id,
                    error = &error as &dyn std::error::Error,
                    "a rule cannot be published"
                ),
            }
        }
        Ok(())
    }

    /// Takes rules to the ledger that it does not have. No decision waits for them: wallets go by the hash in the
    /// record, and whoever had many rules made would hold off all others.
    pub(super) async fn anchor_rules(&self, now: UnixTime) -> Result<(), sqlx::Error> {
        let inner = &self.inner;
        for (hash, payload) in inner.store.rules_to_anchor().await? {
            let published = match RuleEntry::parse(&payload) {
                Ok(rule) => inner.registrar.publish_rule(&rule, now).await,
                Err(error) => Err(error.into()),
            };
            match published {
                Ok(()) => inner.store.rule_is_anchored(&hash).await?,
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "a rule waits"),
            }
        }
        Ok(())
    }
}
