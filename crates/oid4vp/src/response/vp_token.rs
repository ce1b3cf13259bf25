//! `vp_token`: presentations by credential query. OpenID4VP 1.0 §8.1
//!
//! ```json
//! { "residence": ["eyJhb…~eyJ0e…"] }
//! ```

use std::collections::BTreeMap;
use std::fmt;

use jose::Work;
use serde_json::{Map, Value};

use super::ResponseError;
use crate::formats::{presentation, to_wire};
use crate::{DcqlQuery, Multiplicity, QueryId, budget};

/// A token that a wallet is about to send. `Debug` shows the queries only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct VpToken(BTreeMap<QueryId, Vec<String>>);

/// A token as it was received: its form holds, its presentations are unchecked. `Debug` shows
/// the queries only.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedVpToken(Vec<(QueryId, String)>);

impl VpToken {
    /// An empty token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a presentation to what answers one query; more than one belongs
    /// there only where the query takes several. OpenID4VP 1.0 §8.1
    /// One that is an object is given as its JSON.
    pub fn insert(&mut self, id: QueryId, presentation: String) {
        self.0.entry(id).or_default().push(presentation);
    }

    /// The queries answered, with their presentations.
    pub fn presentations(&self) -> impl Iterator<Item = (&QueryId, &str)> {
        self.0
            .iter()
            .flat_map(|(id, all)| all.iter().map(move |one| (id, one.as_str())))
    }

    /// The JSON form.
    pub fn to_value(&self) -> Value {
        let members = self
            .0
            .iter()
            .map(|(id, all)| (id.as_str().to_owned(), all.iter().map(|one| to_wire(one)).collect()));
        Value::Object(members.collect())
    }
}

impl UnverifiedVpToken {
    /// Checks the form: an object from query ids that were asked to non-empty
    /// arrays, with one presentation each unless the query takes several.
    /// OpenID4VP 1.0 §8.1, §8.6 step 1
    pub fn parse(value: &Value, query: &DcqlQuery) -> Result<Self, ResponseError> {
        let members = value.as_object().ok_or(ResponseError::NotAnObject)?;
        if members.is_empty() {
            return Err(ResponseError::EmptyToken);
        }
        let mut budget = budget::RESPONSE;
        let mut presentations = Vec::new();
        for id in members.keys() {
            let more = answers(id, members, query)?;
            // The issuer's signature and the holder's.
            let signatures = more.len().saturating_mul(2);
            if budget.spend(Work::Signatures, signatures).is_err() {
                return Err(ResponseError::TooManyPresentations);
            }
            presentations.extend(more);
        }
        Ok(Self(presentations))
    }

    /// The presentations with the queries they claim to answer.
    pub fn presentations(&self) -> impl Iterator<Item = (&QueryId, &str)> {
        self.0.iter().map(|(id, text)| (id, text.as_str()))
    }
}

impl fmt::Debug for VpToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Debug for UnverifiedVpToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

fn answers(id: &str, members: &Map<String, Value>, query: &DcqlQuery) -> Result<Vec<(QueryId, String)>, ResponseError> {
    let asked = query.credential(id).ok_or(ResponseError::UnknownQueryId)?;
    let items = members
        .get(id)
        .and_then(Value::as_array)
        .ok_or(ResponseError::NotAnArray)?;
    match (items.len(), asked.multiple()) {
        (0, _) => return Err(ResponseError::EmptyAnswer),
        (1, _) | (_, Multiplicity::Several) => {}
        (_, Multiplicity::One) => return Err(ResponseError::MoreThanOne),
    }
    items
        .iter()
        .map(|item| {
            let text = presentation(asked.format(), item).ok_or(ResponseError::PresentationNotAString)?;
            Ok((asked.id().clone(), text))
        })
        .collect()
}
