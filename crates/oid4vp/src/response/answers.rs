//! From checked and discarded presentations to one result.
//! OpenID4VP 1.0 §8.6 step 3
//!
//! A presentation that fails is discarded, and the rest is judged as if it had
//! not come. There is no flag to set by hand: [`Answers::finish`] is the only
//! way to a [`Satisfied`].

use crate::{DcqlQuery, QueryId};

/// What has become of each presentation so far.
#[derive(Debug)]
pub struct Answers<'q, P, E> {
    query: &'q DcqlQuery,
    accepted: Vec<(QueryId, P)>,
    discarded: Vec<(QueryId, E)>,
}

/// Accepted presentations that satisfy the whole query.
#[derive(Debug)]
pub struct Satisfied<P> {
    accepted: Vec<(QueryId, P)>,
}

/// The query is not satisfied; with the reasons why presentations were discarded.
#[derive(Debug)]
pub struct Unsatisfied<E> {
    discarded: Vec<(QueryId, E)>,
}

impl<'q, P, E> Answers<'q, P, E> {
    /// Nothing judged yet.
    pub fn new(query: &'q DcqlQuery) -> Self {
        Self {
            query,
            accepted: Vec::new(),
            discarded: Vec::new(),
        }
    }

    /// Takes the outcome of the checks of one presentation.
    pub fn record(&mut self, id: QueryId, outcome: Result<P, E>) {
        match outcome {
            Ok(presentation) => self.accepted.push((id, presentation)),
            Err(reason) => self.discarded.push((id, reason)),
        }
    }

    /// Whether the accepted presentations satisfy the query.
    /// OpenID4VP 1.0 §6.4.2
    pub fn finish(self) -> Result<Satisfied<P>, Unsatisfied<E>> {
        let accepted = self.accepted;
        if self
            .query
            .is_satisfied_by(|id| accepted.iter().any(|(known, _)| known == id))
        {
            Ok(Satisfied { accepted })
        } else {
            Err(Unsatisfied {
                discarded: self.discarded,
            })
        }
    }
}

impl<P> Satisfied<P> {
    /// The accepted presentations.
    pub fn into_presentations(self) -> Vec<(QueryId, P)> {
        self.accepted
    }
}

impl<E> Unsatisfied<E> {
    /// Why presentations were discarded; empty when nothing came for a query.
    pub fn into_discarded(self) -> Vec<(QueryId, E)> {
        self.discarded
    }
}
