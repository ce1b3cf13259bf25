//! From the payload with digests to the payload with claims. RFC 9901 §7.1, step 3 to 5.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::disclosure::{Disclosure, digest, is_reserved};
use crate::limits::{MAX_DIGESTS, MAX_DISCLOSURE_DEPTH, MAX_LEVELS};
use crate::{ClaimPath, PathElement, SdJwtError};

/// Replaces digests by disclosed claims. Gives the place of each disclosure, in order.
pub(crate) fn process<'t>(
    payload: &mut Map<String, Value>,
    disclosures: impl Iterator<Item = &'t str>,
) -> Result<Vec<ClaimPath>, SdJwtError> {
    match payload.remove("_sd_alg") {
        None => {}
        Some(Value::String(name)) if name == "sha-256" => {}
        Some(_) => return Err(SdJwtError::UnsupportedHash),
    }
    let mut work = Work::default();
    for (index, encoded) in disclosures.enumerate() {
        if work.by_digest.insert(digest(encoded), index).is_some() {
            return Err(SdJwtError::DuplicateDisclosure);
        }
        work.disclosures.push(Some(Disclosure::parse(encoded)?));
        work.placed.push(None);
    }
    work.object(payload, &Place::ROOT)?;
    work.placed
        .into_iter()
        .map(|placed| placed.ok_or(SdJwtError::UnreferencedDisclosure))
        .collect()
}

#[derive(Default)]
struct Work {
    disclosures: Vec<Option<Disclosure>>,
    placed: Vec<Option<ClaimPath>>,
    by_digest: HashMap<String, usize>,
    seen: HashSet<String>,
}

impl Work {
    fn object(&mut self, object: &mut Map<String, Value>, here: &Place<'_>) -> Result<(), SdJwtError> {
        let digests = object.remove("_sd");
        for (name, value) in object.iter_mut() {
            if is_reserved(name) {
                return Err(SdJwtError::ReservedName);
            }
            self.inside(value, || here.step(Step::Name(name)))?;
        }
        let digests = match digests {
            None => return Ok(()),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(SdJwtError::MalformedSd),
        };
        for text in digests {
            let Value::String(text) = text else {
                return Err(SdJwtError::MalformedSd);
            };
            let Some((index, disclosure)) = self.encounter(text)? else {
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
            self.disclosed(&mut value, &here.disclosed(Step::Name(&name), index)?)?;
            object.insert(name, value);
        }
        Ok(())
    }

    fn array(&mut self, array: &mut Vec<Value>, here: &Place<'_>) -> Result<(), SdJwtError> {
        let elements = std::mem::take(array);
        for mut value in elements {
            let step = Step::Index(array.len());
            match placeholder(&mut value)? {
                None => self.inside(&mut value, || here.step(step))?,
                Some(text) => {
                    let Some((index, disclosure)) = self.encounter(text)? else {
                        continue;
                    };
                    if disclosure.name.is_some() {
                        return Err(SdJwtError::ObjectDisclosureInArray);
                    }
                    value = disclosure.value;
                    self.disclosed(&mut value, &here.disclosed(step, index)?)?;
                }
            }
            array.push(value);
        }
        Ok(())
    }

    /// Goes into objects and arrays; the place is made only where there is something to see.
    fn inside<'p>(
        &mut self,
        value: &mut Value,
        place: impl FnOnce() -> Result<Place<'p>, SdJwtError>,
    ) -> Result<(), SdJwtError> {
        match value {
            Value::Object(object) => self.object(object, &place()?),
            Value::Array(array) => self.array(array, &place()?),
            _ => Ok(()),
        }
    }

    fn disclosed(&mut self, value: &mut Value, place: &Place<'_>) -> Result<(), SdJwtError> {
        if let Some(slot) = place.disclosure.and_then(|index| self.placed.get_mut(index)) {
            *slot = Some(place.path());
        }
        match value {
            Value::Object(object) => self.object(object, place),
            Value::Array(array) => self.array(array, place),
            _ => Ok(()),
        }
    }

    /// Notes a digest; gives the disclosure that it is the digest of, if one was sent.
    fn encounter(&mut self, text: String) -> Result<Option<(usize, Disclosure)>, SdJwtError> {
        if self.seen.len() >= MAX_DIGESTS {
            return Err(SdJwtError::TooManyDigests);
        }
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
    /// The innermost disclosure that this place lies in.
    disclosure: Option<usize>,
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
        disclosure: None,
    };

    fn step(&'a self, step: Step<'a>) -> Result<Self, SdJwtError> {
        if self.levels >= MAX_LEVELS {
            return Err(SdJwtError::TooDeep);
        }
        Ok(Self {
            up: Some(self),
            step,
            levels: self.levels + 1,
            ..*self
        })
    }

    fn disclosed(&'a self, step: Step<'a>, index: usize) -> Result<Self, SdJwtError> {
        if self.disclosures >= MAX_DISCLOSURE_DEPTH {
            return Err(SdJwtError::TooDeep);
        }
        let mut place = self.step(step)?;
        place.disclosures += 1;
        place.disclosure = Some(index);
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
