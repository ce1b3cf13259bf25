//! The quorum of a new ledger as tlog-policy text. c2sp.org/tlog-policy

use std::fmt::Write as _;
use std::str::FromStr;

use tlog::CosignerKey;
use url::Url;

use super::NewLedger;

/// A cosigner on the command line: `<verifier key> <submission address>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignerArg {
    /// Its verifier key.
    pub vkey: String,
    /// Where checkpoints are submitted.
    pub url: Url,
}

/// Why the cosigners make no quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuorumArgError {
    /// Not a cosigner's verifier key, a space and a URL.
    #[error("a cosigner is given as its verifier key, a space and its address")]
    Cosigner,
    /// A key is given twice.
    #[error("a cosigner is given twice")]
    Twice,
    /// The threshold is not between 1 and the number of witnesses.
    #[error("the threshold is not between 1 and the number of witnesses")]
    Threshold,
}

impl FromStr for CosignerArg {
    type Err = QuorumArgError;

    fn from_str(text: &str) -> Result<Self, QuorumArgError> {
        let (vkey, url) = text.split_once(' ').ok_or(QuorumArgError::Cosigner)?;
        let key: CosignerKey = vkey.parse().map_err(|_| QuorumArgError::Cosigner)?;
        let url = url.parse().map_err(|_| QuorumArgError::Cosigner)?;
        Ok(Self {
            vkey: key.to_string(),
            url,
        })
    }
}

/// `threshold` of the witnesses, and any mirror.
pub(super) fn text(log_vkey: &str, log_url: &str, ledger: &NewLedger) -> Result<String, QuorumArgError> {
    let (witnesses, mirrors) = (&ledger.witnesses, &ledger.mirrors);
    let threshold = ledger.threshold.unwrap_or(witnesses.len() / 2 + 1);
    if !(1..=witnesses.len()).contains(&threshold) {
        return Err(QuorumArgError::Threshold);
    }
    let mut keys: Vec<&str> = witnesses.iter().chain(mirrors).map(|one| one.vkey.as_str()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(QuorumArgError::Twice);
    }
    let mut text = format!("log {log_vkey} {}\n", log_url.trim_end_matches('/'));
    let mut names = |kind: char, cosigners: &[CosignerArg]| -> String {
        let mut names = String::new();
        for (number, cosigner) in (1..).zip(cosigners) {
            let url = cosigner.url.as_str().trim_end_matches('/');
            // Writing to a string does not fail.
            let _ = writeln!(text, "witness {kind}{number} {} {url}", cosigner.vkey);
            let _ = write!(names, " {kind}{number}");
        }
        names
    };
    let (witnesses, mirrors) = (names('w', witnesses), names('m', mirrors));
    Ok(format!(
        "{text}group witnesses {threshold}{witnesses}\ngroup mirrors any{mirrors}\n\
         group ledger all witnesses mirrors\nquorum ledger\n"
    ))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn cosigner(number: u8) -> String {
        let name = format!("c.example/{number}").parse().unwrap();
        let key = tlog::Cosigner::from_seed(name, &[number; 32]).unwrap();
        format!("{} http://c{number}.localhost:1", key.verifier_key())
    }

    fn ledger(witnesses: &[u8], mirrors: &[u8], threshold: Option<usize>) -> NewLedger {
        let cosigners = |numbers: &[u8]| {
            numbers
                .iter()
                .map(|number| cosigner(*number).parse().unwrap())
                .collect()
        };
        NewLedger {
            name: "Test".into(),
            origin: None,
            witnesses: cosigners(witnesses),
            mirrors: cosigners(mirrors),
            threshold,
            snapshots_per_hour: None,
            live: false,
        }
    }

    fn log() -> String {
        let log = tlog::LogSigner::from_seed("l.example/log".parse().unwrap(), &[9; 32]).unwrap();
        log.verifier_key().to_string()
    }

    #[test]
    fn two_of_three_witnesses_and_the_mirror_are_needed() {
        let text = text(&log(), "http://l.example/", &ledger(&[1, 2, 3], &[4], None)).unwrap();
        let policy = tlog::Policy::parse(text.as_bytes()).unwrap();
        let keys: Vec<_> = policy.witnesses().iter().map(|witness| witness.key().clone()).collect();
        let met = |who: &[usize]| policy.is_satisfied_by(|key| who.iter().any(|at| keys[*at] == *key));
        assert!(met(&[0, 2, 3]));
        assert!(!met(&[0, 3]));
        assert!(!met(&[0, 1, 2]));
    }

    #[test_case(&[1, 2], &[3], Some(3) => QuorumArgError::Threshold; "threshold too high")]
    #[test_case(&[1, 2], &[3], Some(0) => QuorumArgError::Threshold; "threshold zero")]
    #[test_case(&[1, 2], &[2], None => QuorumArgError::Twice; "twice")]
    fn refused(witnesses: &[u8], mirrors: &[u8], threshold: Option<usize>) -> QuorumArgError {
        text(&log(), "http://l.example", &ledger(witnesses, mirrors, threshold)).unwrap_err()
    }

    #[test_case("no space")]
    #[test_case("vkey http://a.example")]
    fn argument_refused(text: &str) {
        assert_eq!(text.parse::<CosignerArg>(), Err(QuorumArgError::Cosigner));
    }
}
