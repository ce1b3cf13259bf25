//! From the payload with digests to the payload with claims. RFC 9901 §7.1, step 3 to 5.

use std::collections::{HashMap, HashSet};

use jose::{Budget, Work};
use serde_json::{Map, Value};

use crate::disclosure::{Disclosure, digest, is_reserved};
use crate::{ClaimPath, PathElement, SdJwtError};

/// Where the disclosures belong, and what was kept back.
#[derive(Debug)]
pub(crate) struct Placed {
    /// The place of each disclosure, in order.
    pub(crate) paths: Vec<ClaimPath>,
    pub(crate) withheld: Withheld,
}

/// What has a digest and no disclosure: held back by the holder, or a decoy of the issuer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Withheld {
    /// Objects that have such digests.
    pub(crate) objects: Vec<ClaimPath>,
    /// Arrays that have such elements, and where those stood as issued.
    pub(crate) elements: Vec<(ClaimPath, Vec<usize>)>,
}

/// Replaces digests by disclosed claims.
pub(crate) fn process<'t>(
    payload: &mut Map<String, Value>,
    disclosures: impl Iterator<Item = &'t str>,
    budget: &mut Budget,
) -> Result<Placed, SdJwtError> {
    match payload.remove("_sd_alg") {
        None => {}
        Some(Value::String(name)) if name == "sha-256" => {}
        Some(_) => return Err(SdJwtError::UnsupportedHash),
    }
    let mut disclosing = Disclosing::new(budget);
    for encoded in disclosures {
        disclosing.add(encoded)?;
    }
    disclosing.object(payload, &Place::ROOT)?;
    let placed = disclosing.placed.into_iter();
    Ok(Placed {
        paths: placed
            .map(|place| place.ok_or(SdJwtError::UnreferencedDisclosure))
            .collect::<Result<_, _>>()?,
        withheld: disclosing.withheld,
    })
}

struct Disclosing<'b> {
    disclosures: Vec<Option<Disclosure>>,
    placed: Vec<Option<ClaimPath>>,
    by_digest: HashMap<String, usize>,
    seen: HashSet<String>,
    withheld: Withheld,
    budget: &'b mut Budget,
}

impl<'b> Disclosing<'b> {
    fn new(budget: &'b mut Budget) -> Self {
        Self {
            disclosures: Vec::new(),
            placed: Vec::new(),
            by_digest: HashMap::new(),
            seen: HashSet::new(),
            withheld: Withheld::default(),
            budget,
        }
    }

    fn add(&mut self, encoded: &str) -> Result<(), SdJwtError> {
        self.budget.spend(Work::Hashes, 1)?;
        let index = self.disclosures.len();
        if self.by_digest.insert(digest(encoded), index).is_some() {
            return Err(SdJwtError::DuplicateDisclosure);
        }
        self.disclosures.push(Some(Disclosure::parse(encoded, self.budget)?));
        self.placed.push(None);
        Ok(())
    }

    fn object(&mut self, object: &mut Map<String, Value>, here: &Place<'_>) -> Result<(), SdJwtError> {
        let digests = object.remove("_sd");
        for (name, value) in object.iter_mut() {
            if is_reserved(name) {
                return Err(SdJwtError::ReservedName);
            }
            self.inside(value, here, Step::Name(name))?;
        }
        let digests = match digests {
            None => return Ok(()),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(SdJwtError::MalformedSd),
        };
        let mut kept_back = false;
        for text in digests {
            let Value::String(text) = text else {
                return Err(SdJwtError::MalformedSd);
            };
            let Some((index, disclosure)) = self.encounter(text)? else {
                kept_back = true;
                continue;
            };
            let name = disclosure.name.ok_or(SdJwtError::ArrayDisclosureInObject)?;
            if is_reserved(&name) {
                return Err(SdJwtError::ReservedDisclosureName);
            }
            if object.contains_key(&name) {
                return Err(SdJwtError::ClaimExists);
            }
            let mut value = disclosure.value;
            self.disclosed(&mut value, here, Step::Name(&name), index)?;
            object.insert(name, value);
        }
        if kept_back {
            self.withheld.objects.push(here.path());
        }
        Ok(())
    }

    fn array(&mut self, array: &mut Vec<Value>, here: &Place<'_>) -> Result<(), SdJwtError> {
        let elements = std::mem::take(array);
        let mut kept_back = Vec::new();
        for (issued, mut value) in elements.into_iter().enumerate() {
            let step = Step::Index(array.len());
            match placeholder(&mut value)? {
                None => self.inside(&mut value, here, step)?,
                Some(text) => {
                    let Some((index, disclosure)) = self.encounter(text)? else {
                        kept_back.push(issued);
                        continue;
                    };
                    if disclosure.name.is_some() {
                        return Err(SdJwtError::ObjectDisclosureInArray);
                    }
                    value = disclosure.value;
                    self.disclosed(&mut value, here, step, index)?;
                }
            }
            array.push(value);
        }
        if !kept_back.is_empty() {
            self.withheld.elements.push((here.path(), kept_back));
        }
        Ok(())
    }

    /// Goes into objects and arrays.
    fn inside(&mut self, value: &mut Value, here: &Place<'_>, step: Step<'_>) -> Result<(), SdJwtError> {
        match value {
            Value::Object(object) => {
                let place = here.step(step, self.budget)?;
                self.object(object, &place)
            }
            Value::Array(array) => {
                let place = here.step(step, self.budget)?;
                self.array(array, &place)
            }
            _ => Ok(()),
        }
    }

    /// Notes the place of a disclosure, and goes into its value.
    fn disclosed(
        &mut self,
        value: &mut Value,
        here: &Place<'_>,
        step: Step<'_>,
        index: usize,
    ) -> Result<(), SdJwtError> {
        let place = here.disclosed(step, self.budget)?;
        if let Some(slot) = self.placed.get_mut(index) {
            *slot = Some(place.path());
        }
        match value {
            Value::Object(object) => self.object(object, &place),
            Value::Array(array) => self.array(array, &place),
            _ => Ok(()),
        }
    }

    /// Notes a digest; gives the disclosure that it is the digest of, if one was sent.
    fn encounter(&mut self, text: String) -> Result<Option<(usize, Disclosure)>, SdJwtError> {
        self.budget.spend(Work::Digests, 1)?;
        let index = self.by_digest.get(&text).copied();
        if !self.seen.insert(text) {
            return Err(SdJwtError::DuplicateDigest);
        }
        Ok(index.and_then(|index| Some((index, self.disclosures.get_mut(index)?.take()?))))
    }
}

/// The digest of an array element of the form `{"...": digest}`.
fn placeholder(value: &mut Value) -> Result<Option<String>, SdJwtError> {
    let Value::Object(object) = value else {
        return Ok(None);
    };
    match object.remove("...") {
        None => Ok(None),
        Some(Value::String(text)) if object.is_empty() => Ok(Some(text)),
        Some(_) => Err(SdJwtError::MalformedPlaceholder),
    }
}

/// A place in the payload, as a list from the inside out: a path is built only when asked for.
struct Place<'a> {
    up: Option<&'a Place<'a>>,
    step: Step<'a>,
    levels: usize,
    disclosures: usize,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    const ROOT: Place<'static> = Place {
        up: None,
        step: Step::Index(0),
        levels: 1,
        disclosures: 0,
    };

    fn step(&'a self, step: Step<'a>, budget: &mut Budget) -> Result<Self, SdJwtError> {
        budget.reach(Work::Depth, self.levels + 1)?;
        Ok(Self {
            up: Some(self),
            step,
            levels: self.levels + 1,
            disclosures: self.disclosures,
        })
    }

    fn disclosed(&'a self, step: Step<'a>, budget: &mut Budget) -> Result<Self, SdJwtError> {
        budget.reach(Work::Nesting, self.disclosures + 1)?;
        let mut place = self.step(step, budget)?;
        place.disclosures += 1;
        Ok(place)
    }

    fn path(&self) -> ClaimPath {
        let mut elements = Vec::with_capacity(self.levels);
        let mut place = self;
        while let Some(up) = place.up {
            elements.push(match place.step {
                Step::Name(name) => PathElement::Name(name.to_owned()),
                Step::Index(index) => PathElement::Index(index),
            });
            place = up;
        }
        elements.reverse();
        ClaimPath::new(elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget;
    use jose::{OverBudget, base64url};
    use serde_json::json;

    fn run(payload: Value, disclosures: &[String]) -> (Result<Placed, SdJwtError>, Budget) {
        let Value::Object(mut payload) = payload else {
            unreachable!()
        };
        let mut budget = budget::PRESENTATION;
        let placed = process(&mut payload, disclosures.iter().map(String::as_str), &mut budget);
        (placed, budget)
    }

    /// Disclosures inside one another, the innermost first.
    fn chain(length: usize) -> Vec<String> {
        let mut chain: Vec<String> = vec![base64url::encode(json!(["s", "a", 0]).to_string())];
        for level in 1..length {
            let inner = json!(["s", "a", { "_sd": [digest(&chain[level - 1])] }]);
            chain.push(base64url::encode(inner.to_string()));
        }
        chain
    }

    #[test]
    fn b6_a_chain_of_a_thousand_stops_at_sixteen() {
        let chain = chain(1_000);
        let (refused, budget) = run(json!({ "_sd": [digest(chain.last().unwrap())] }), &chain);
        assert_eq!(refused.unwrap_err(), SdJwtError::OverBudget(OverBudget(Work::Nesting)));
        assert_eq!(budget.spent(Work::Hashes), 1_000, "each disclosure is hashed once");
        assert_eq!(budget.spent(Work::Nesting), 16);
        assert_eq!(
            budget.spent(Work::Digests),
            17,
            "the one that was too deep was looked up, not entered"
        );
    }

    #[test]
    fn b6_disclosures_beyond_a_thousand_are_not_hashed() {
        let many: Vec<String> = (0..1_500)
            .map(|n| base64url::encode(json!(["s", n.to_string(), n]).to_string()))
            .collect();
        let (refused, budget) = run(json!({}), &many);
        assert_eq!(refused.unwrap_err(), SdJwtError::OverBudget(OverBudget(Work::Hashes)));
        assert_eq!(budget.spent(Work::Hashes), budget::PRESENTATION.allowed(Work::Hashes));
    }

    #[test]
    fn b6_a_hundred_thousand_decoys_are_left_unread() {
        let decoys: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        for payload in [
            json!({ "_sd": decoys }),
            json!({ "a": decoys.iter().map(|decoy| json!({ "...": decoy })).collect::<Vec<_>>() }),
        ] {
            let (refused, budget) = run(payload, &[]);
            assert_eq!(refused.unwrap_err(), SdJwtError::OverBudget(OverBudget(Work::Digests)));
            assert_eq!(budget.spent(Work::Digests), 4_096);
            assert_eq!(budget.spent(Work::Hashes), 0, "a decoy costs a look, not a hash");
        }
    }

    #[test]
    fn what_was_kept_back_is_known_by_place() {
        let shown = base64url::encode(json!(["s", "B"]).to_string());
        let payload = json!({
            "_sd": ["decoy"],
            "open": { "country": "US" },
            "list": [{ "...": "first" }, "A", { "...": digest(&shown) }, { "...": "last" }],
        });
        let (placed, _) = run(payload, &[shown]);
        let Placed { paths, withheld } = placed.unwrap();
        assert_eq!(paths, [ClaimPath::from("list").child(PathElement::Index(1))]);
        assert_eq!(withheld.objects, [ClaimPath::default()]);
        assert_eq!(withheld.elements, [(ClaimPath::from("list"), vec![0, 3])]);
    }
}
