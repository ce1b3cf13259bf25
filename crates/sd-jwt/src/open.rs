//! What of a credential is visible whatever its holder chooses.

use std::collections::HashSet;

use serde_json::Value;

use crate::parts::{Processed, issued_index};
use crate::{ClaimPath, PathElement};

/// The outermost claims that cannot be hidden, at the places where the issuer put them.
pub(crate) fn claims(processed: &Processed) -> Vec<ClaimPath> {
    let mut hidden = HashSet::new();
    let mut containers = HashSet::new();
    for (_, path) in &processed.disclosures {
        hidden.insert(path.elements());
        containers.extend((0..path.elements().len()).map(|length| &path.elements()[..length]));
    }
    for path in withheld(processed) {
        containers.extend((0..=path.elements().len()).map(|length| &path.elements()[..length]));
    }
    let walk = Walk {
        processed,
        hidden,
        containers,
    };
    let mut found = Vec::new();
    for (name, value) in &processed.claims {
        let here = ClaimPath::from(name.as_str());
        walk.open(value, &here, &here, &mut found);
    }
    found
}

/// Where something was kept back, or a decoy stands.
fn withheld(processed: &Processed) -> impl Iterator<Item = &ClaimPath> {
    let arrays = processed.withheld.elements.iter().map(|(array, _)| array);
    processed.withheld.objects.iter().chain(arrays)
}

struct Walk<'p> {
    processed: &'p Processed,
    /// The places of disclosures.
    hidden: HashSet<&'p [PathElement]>,
    /// The places in which something can be hidden.
    containers: HashSet<&'p [PathElement]>,
}

impl Walk<'_> {
    /// `here` is the place in the processed payload, `issued` the place as issued.
    fn open(&self, value: &Value, here: &ClaimPath, issued: &ClaimPath, found: &mut Vec<ClaimPath>) {
        if self.hidden.contains(here.elements()) {
            return;
        }
        let before = found.len();
        if self.containers.contains(here.elements()) {
            match value {
                Value::Object(object) => {
                    for (name, value) in object {
                        let step = PathElement::Name(name.clone());
                        self.open(value, &here.child(step.clone()), &issued.child(step), found);
                    }
                }
                Value::Array(array) => {
                    for (index, value) in array.iter().enumerate() {
                        let place = PathElement::Index(issued_index(self.processed, here, index));
                        self.open(
                            value,
                            &here.child(PathElement::Index(index)),
                            &issued.child(place),
                            found,
                        );
                    }
                }
                _ => {}
            }
        }
        if found.len() == before {
            found.push(issued.clone());
        }
    }
}
