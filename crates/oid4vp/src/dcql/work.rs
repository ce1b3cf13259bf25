//! What it costs to hold a query against a credential.

use jose::{Budget, OverBudget, Work};

use super::{ClaimsQuery, CredentialQuery, DcqlQuery};

impl DcqlQuery {
    /// Takes account of it before it is done, for one credential.
    pub(super) fn spend(&self, budget: &mut Budget) -> Result<(), OverBudget> {
        for query in &self.credentials {
            query.spend(budget)?;
        }
        let options = self.credential_sets.iter().flat_map(|set| &set.options);
        for option in options {
            // Each name is looked for among the queries.
            budget.spend(Work::Comparisons, option.len().saturating_mul(self.credentials.len()))?;
        }
        Ok(())
    }
}

impl CredentialQuery {
    fn spend(&self, budget: &mut Budget) -> Result<(), OverBudget> {
        let of_claim = |claim: &ClaimsQuery| 1 + claim.values.len();
        budget.spend(Work::Comparisons, self.claims.iter().map(of_claim).sum())?;
        if self.claim_sets.is_empty() {
            return alternative(self.claims.len(), budget);
        }
        self.claim_sets
            .iter()
            .try_for_each(|set| alternative(set.len(), budget))
    }
}

/// In an alternative no claim stands twice: each is compared with those before it.
fn alternative(claims: usize, budget: &mut Budget) -> Result<(), OverBudget> {
    budget.spend(Work::Comparisons, claims.saturating_mul(claims + 1) / 2)
}
