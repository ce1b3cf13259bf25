//! Complaints: a person's proof that a business asked for more than it may. docs/registration.md §7
//!
//! Whether the file proves anything is decided by who reads such files; this module decides what is kept of it. It
//! never keeps the file: the business could recognise the visit by it.

use jose::UnixTime;

/// What a complaint proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// SHA-256 of the request that was complained of: one request counts once, whoever hands it in.
    pub digest: [u8; 32],
    /// The business.
    pub did: String,
    /// Names of the claims that it asked for beyond its scope.
    pub asked: Vec<String>,
    /// The hour of the request, in seconds.
    pub hour: UnixTime,
}

/// Why a complaint counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The file is no complaint.
    #[error("the file is no complaint")]
    Form,
    /// A signature or a proof in it does not hold.
    #[error("the complaint does not prove what it says")]
    NotProved,
    /// It proves that the business asked for what it may.
    #[error("the business asked for nothing beyond its scope")]
    WithinScope,
}

impl Refusal {
    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Form => "complaint_malformed",
            Self::NotProved => "complaint_not_proved",
            Self::WithinScope => "complaint_within_scope",
        }
    }
}

/// Who reads complaint files.
pub trait ComplaintReader: Send + Sync {
    /// What the file proves to whoever has the trust pack.
    ///
    /// # Errors
    /// [`Refusal`]
    fn read(&self, bytes: &[u8], now: UnixTime) -> Result<Finding, Refusal>;
}

/// Longest complaint file in bytes.
pub(crate) const LONGEST: usize = 1_400 * 1024;
/// Names of claims that are kept, at most, and the longest of them.
const CLAIMS: usize = 32;
const NAME: usize = 100;

/// What a complaint file proves, in a form that may be kept and shown.
///
/// # Errors
/// [`Refusal`]
pub fn verify_complaint(reader: &dyn ComplaintReader, bytes: &[u8], now: UnixTime) -> Result<Finding, Refusal> {
    if bytes.is_empty() || bytes.len() > LONGEST {
        return Err(Refusal::Form);
    }
    let mut finding = reader.read(bytes, now)?;
    if finding.asked.is_empty() {
        return Err(Refusal::WithinScope);
    }
    finding.asked.truncate(CLAIMS);
    for name in &mut finding.asked {
        *name = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    }
    finding.hour -= finding.hour % 3600;
    Ok(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Says(Vec<String>);

    impl ComplaintReader for Says {
        fn read(&self, _: &[u8], _: UnixTime) -> Result<Finding, Refusal> {
            Ok(Finding {
                digest: [1; 32],
                did: "did:webvh:QmX:shop.example".to_owned(),
                asked: self.0.clone(),
                hour: 7300,
            })
        }
    }

    #[test]
    fn what_is_kept_is_names_and_an_hour() {
        let finding = verify_complaint(&Says(vec!["a\nb".to_owned()]), b"x", 0).unwrap();
        assert_eq!((finding.asked, finding.hour), (vec!["ab".to_owned()], 7200));
    }

    #[test]
    fn a_complaint_that_finds_nothing_counts_for_nothing() {
        assert_eq!(verify_complaint(&Says(vec![]), b"x", 0), Err(Refusal::WithinScope));
        assert_eq!(verify_complaint(&Says(vec![]), b"", 0), Err(Refusal::Form));
        assert_eq!(
            verify_complaint(&Says(vec![]), &[0; LONGEST + 1], 0),
            Err(Refusal::Form)
        );
    }
}
