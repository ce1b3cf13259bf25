//! All businesses of a service.

use std::sync::Arc;

use super::{Business, MAIN};

/// The businesses, by id.
#[derive(Debug)]
pub struct Businesses {
    main: Arc<Business>,
}

impl Businesses {
    /// A service for the business of its configuration alone.
    pub fn new(main: Business) -> Self {
        Self { main: Arc::new(main) }
    }

    /// The business of the configuration.
    pub fn main(&self) -> &Arc<Business> {
        &self.main
    }

    /// The business of this id.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Business>> {
        (id == MAIN).then(|| Arc::clone(&self.main))
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Business>> {
        vec![Arc::clone(&self.main)]
    }
}
