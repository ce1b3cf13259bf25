use std::fmt;

use serde_json::Value;

use crate::ClaimPath;

/// Everything that a finished presentation shows, found in another way than it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The claims that no choice can hide, the outermost of each. Of an object or array in which something can be
    /// hidden they are those inside it that cannot; itself, where there are none.
    pub always_visible: Vec<ClaimPath>,
    /// The claims that are shown by choice, in the order sent.
    pub disclosed: Vec<Disclosed>,
}

/// One claim that is shown by choice. `Debug` shows the place only.
#[derive(Clone, PartialEq)]
pub struct Disclosed {
    /// The place in what the issuer signed; places in arrays count withheld elements too.
    pub path: ClaimPath,
    /// The value, without the parts of it that could be shown by themselves.
    pub value: Value,
}

impl fmt::Debug for Disclosed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Disclosed")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
