use std::fmt;
use std::ops::Range;

use jose::strict_json;
use jose::{Budget, UnixTime, UnverifiedJws, VerifyingKey, Work, claims};
use serde_json::{Map, Value};

use crate::process::{Withheld, process};
use crate::{ClaimPath, SdJwtError};

/// A compact SD-JWT or SD-JWT+KB taken apart once. RFC 9901 §4. `Debug` shows no claims.
pub(crate) struct Parts {
    pub(crate) text: String,
    jws: UnverifiedJws,
    payload: Map<String, Value>,
    /// Where the disclosures stand in `text`.
    pub(crate) disclosures: Vec<Range<usize>>,
    /// Length of the SD-JWT in `text`, with its last `~`; a Key Binding JWT comes after it.
    pub(crate) sd_jwt: usize,
    budget: Budget,
}

impl Parts {
    pub(crate) fn parse(text: &str, mut budget: Budget) -> Result<Self, SdJwtError> {
        budget.spend(Work::Bytes, text.len())?;
        let sd_jwt = text.rfind('~').ok_or(SdJwtError::NotAnSdJwt)? + 1;
        let (jwt, rest) = text.split_once('~').ok_or(SdJwtError::NotAnSdJwt)?;
        let mut disclosures = Vec::new();
        let mut start = text.len() - rest.len();
        while start < sd_jwt {
            let end = text[start..sd_jwt].find('~').map_or(sd_jwt, |length| start + length);
            if end == start {
                return Err(SdJwtError::EmptyDisclosure);
            }
            budget.spend(Work::Disclosures, 1)?;
            disclosures.push(start..end);
            start = end + 1;
        }
        let jws = UnverifiedJws::parse_within(jwt, &mut budget)?;
        let payload = strict_json::parse_within(jws.dangerous_unverified_payload(), &mut budget)
            .map_err(SdJwtError::PayloadJson)?;
        let Value::Object(payload) = payload else {
            return Err(SdJwtError::PayloadNotAnObject);
        };
        Ok(Self {
            text: text.to_owned(),
            jws,
            payload,
            disclosures,
            sd_jwt,
            budget,
        })
    }

    pub(crate) fn hints(&self) -> IssuerHints<'_> {
        IssuerHints {
            iss: self.payload.get("iss").and_then(Value::as_str),
            vct: self.payload.get("vct").and_then(Value::as_str),
            kid: self.jws.header().kid(),
            x5c: self.jws.header().x5c(),
        }
    }

    /// The Key Binding JWT, if something follows the last `~`.
    pub(crate) fn key_binding(&self) -> Option<&str> {
        let text = &self.text[self.sd_jwt..];
        (!text.is_empty()).then_some(text)
    }

    /// RFC 9901 §7.1.
    pub(crate) fn verify(self, key: &VerifyingKey, typ: &str, now: UnixTime) -> Result<Processed, SdJwtError> {
        let Self { jws, mut budget, .. } = self;
        jws.verify_within(key, typ, &mut budget)?;
        let processed = Processed::new(self.text, self.sd_jwt, self.payload, self.disclosures, budget)?;
        check_validity(&processed.claims, now)?;
        Ok(processed)
    }

    /// The processed payload without a look at the signature or the dates.
    pub(crate) fn dangerous_process(self) -> Result<Processed, SdJwtError> {
        Processed::new(self.text, self.sd_jwt, self.payload, self.disclosures, self.budget)
    }
}

/// What a token says about who issued it, unverified: for a policy to find the trusted key.
#[derive(Clone, Copy, Debug)]
pub struct IssuerHints<'a> {
    /// The `iss` claim, where it is a visible string.
    pub iss: Option<&'a str>,
    /// The `vct` claim, where it is a visible string.
    pub vct: Option<&'a str>,
    /// The `kid` header.
    pub kid: Option<&'a str>,
    /// The `x5c` header.
    pub x5c: Option<&'a Value>,
}

/// The processed payload and where its disclosures belong. `Debug` shows no claims.
#[derive(Clone)]
pub(crate) struct Processed {
    pub(crate) text: String,
    pub(crate) sd_jwt: usize,
    pub(crate) claims: Map<String, Value>,
    pub(crate) disclosures: Vec<(Range<usize>, ClaimPath)>,
    pub(crate) withheld: Withheld,
    /// What was spent on it so far.
    pub(crate) budget: Budget,
}

impl Processed {
    fn new(
        text: String,
        sd_jwt: usize,
        mut claims: Map<String, Value>,
        disclosures: Vec<Range<usize>>,
        mut budget: Budget,
    ) -> Result<Self, SdJwtError> {
        let sent = disclosures.iter().map(|range| &text[range.clone()]);
        let placed = process(&mut claims, sent, &mut budget)?;
        Ok(Self {
            claims,
            disclosures: disclosures.into_iter().zip(placed.paths).collect(),
            withheld: placed.withheld,
            text,
            sd_jwt,
            budget,
        })
    }

    /// The issuer-signed JWT.
    pub(crate) fn jwt(&self) -> &str {
        self.text.split('~').next().unwrap_or_default()
    }
}

/// Where an element of a processed array stood as issued: the elements kept back count too.
pub(crate) fn issued_index(processed: &Processed, array: &ClaimPath, index: usize) -> usize {
    let kept_back = processed.withheld.elements.iter().find(|(place, _)| place == array);
    let mut issued = index;
    for gap in kept_back.into_iter().flat_map(|(_, gaps)| gaps) {
        if *gap > issued {
            break;
        }
        issued += 1;
    }
    issued
}

impl fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Parts")
            .field("disclosures", &self.disclosures.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Processed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Processed")
            .field("disclosures", &self.disclosures.len())
            .finish_non_exhaustive()
    }
}

/// RFC 9901 §7.1 step 6, RFC 7519 §4.1.4 to §4.1.6.
fn check_validity(claims: &Map<String, Value>, now: UnixTime) -> Result<(), SdJwtError> {
    claims::numeric_date(claims, "iat")?;
    if claims::numeric_date(claims, "nbf")?.is_some_and(|nbf| now < nbf) {
        return Err(SdJwtError::NotYetValid);
    }
    if claims::numeric_date(claims, "exp")?.is_some_and(|exp| now >= exp) {
        return Err(SdJwtError::Expired);
    }
    Ok(())
}
