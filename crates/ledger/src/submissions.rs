//! Several submissions in one request. docs/ledger.md §2

use thiserror::Error;

use crate::builder::{Submission, SubmissionError};
use cbor::{CborError, Reader, Writer};

/// Submissions of a request at most.
pub const SUBMISSIONS_CAP: usize = 64;
/// Bytes of a request with several submissions at most; one of any length fits.
pub const SUBMISSIONS_BYTES: usize = 512 * 1024;
const VERSION: u64 = 1;
/// Bytes before the first submission, and before each of them, at most.
const HEAD: usize = 5;

/// Why the bytes of a request are no list of submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubmissionsError {
    /// Not deterministic CBOR of the list's shape.
    #[error("not a list of submissions: {0}")]
    Cbor(#[from] CborError),
    /// No submission.
    #[error("there is no submission")]
    Empty,
    /// More than [`SUBMISSIONS_CAP`].
    #[error("there are more than 64 submissions")]
    TooMany,
}

/// The body of a request that hands these in, in their order.
pub fn encode_submissions(submissions: &[Submission]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(2).uint(VERSION).array(submissions.len());
    for submission in submissions {
        writer.bytes(&submission.encode());
    }
    writer.into_bytes()
}

/// Reads the body of a request: each submission that is one, and why another is not. One that cannot be read says
/// nothing of those beside it.
///
/// # Errors
/// [`SubmissionsError`]
pub fn parse_submissions(bytes: &[u8]) -> Result<Vec<Result<Submission, SubmissionError>>, SubmissionsError> {
    let submissions = cbor::decode(bytes, read)?;
    Ok(submissions.into_iter().map(Submission::parse).collect())
}

fn read<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, SubmissionsError> {
    reader.array_of(2)?;
    reader.uint_of(VERSION)?;
    match reader.array()? {
        0 => Err(SubmissionsError::Empty),
        count if count > SUBMISSIONS_CAP => Err(SubmissionsError::TooMany),
        count => (0..count)
            .map(|_| reader.bytes().map_err(SubmissionsError::from))
            .collect(),
    }
}

/// Splits submissions, in their order, into as few requests as they fit in.
pub fn in_requests(mut submissions: &[Submission]) -> Vec<&[Submission]> {
    let mut requests = Vec::new();
    while !submissions.is_empty() {
        let mut bytes = HEAD;
        let fits = |submission: &&Submission| {
            bytes += HEAD + submission.encode().len();
            bytes <= SUBMISSIONS_BYTES
        };
        let count = submissions.iter().take(SUBMISSIONS_CAP).take_while(fits).count();
        let (request, rest) = submissions.split_at(count.max(1));
        requests.push(request);
        submissions = rest;
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::{LeafBuilder, LeafError};
    use test_case::test_case;

    fn submissions(count: usize, payload: usize) -> Vec<Submission> {
        let one = |number: usize| {
            let did = format!("did:example:{number}");
            LeafBuilder::new(Kind::StatusSnapshot, &did, None, vec![7; payload]).proved_by_payload()
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_list_is_written_as_the_page_says() {
        let one = &submissions(1, 3)[0].encode();
        let mut expected = vec![0x82, 0x01, 0x81, 0x58, u8::try_from(one.len()).unwrap()];
        expected.extend_from_slice(one);
        assert_eq!(encode_submissions(&submissions(1, 3)), expected);
    }

    #[test]
    fn as_many_as_fit_come_back_in_their_order() {
        let all = submissions(SUBMISSIONS_CAP, 3);
        let read: Result<Vec<_>, _> = parse_submissions(&encode_submissions(&all))
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(read, Ok(all));
    }

    #[test]
    fn what_cannot_be_read_says_nothing_of_those_beside_it() {
        let all = submissions(2, 3);
        let mut writer = Writer::new();
        writer.array(2).uint(1).array(4);
        writer
            .bytes(&all[0].encode())
            .bytes(b"")
            .bytes(&[0x84, 0x01, 0x40, 0x40, 0xf6]);
        writer.bytes(&all[1].encode());
        let read = parse_submissions(&writer.into_bytes()).unwrap();
        let no_leaf = SubmissionError::Leaf(LeafError::Cbor(CborError::Truncated));
        let expected = [
            Ok(all[0].clone()),
            Err(SubmissionError::Cbor(CborError::Truncated)),
            Err(no_leaf),
            Ok(all[1].clone()),
        ];
        assert_eq!(read, expected);
    }

    #[test_case(&[0x82, 0x01, 0x80] => SubmissionsError::Empty ; "none")]
    #[test_case(&[0x82, 0x02, 0x81, 0x40] => SubmissionsError::Cbor(CborError::UnexpectedValue) ; "another_version")]
    #[test_case(&[0x82, 0x01, 0x81, 0x80] => SubmissionsError::Cbor(CborError::UnexpectedType) ; "not_as_bytes")]
    #[test_case(&[0x82, 0x01, 0x81, 0x40, 0x40] => SubmissionsError::Cbor(CborError::TrailingBytes) ; "more_behind_it")]
    fn lists_that_are_refused(bytes: &[u8]) -> SubmissionsError {
        parse_submissions(bytes).unwrap_err()
    }

    #[test]
    fn one_too_many_is_refused_with_all_others() {
        let refused = parse_submissions(&encode_submissions(&submissions(SUBMISSIONS_CAP + 1, 3)));
        assert_eq!(refused, Err(SubmissionsError::TooMany));
    }

    #[test]
    fn requests_are_as_few_as_bounds_allow() {
        let lengths = |all: &[Submission]| in_requests(all).iter().map(|request| request.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&submissions(130, 3)), [64, 64, 2]);
        assert!(lengths(&[]).is_empty());
        // The longest that there is, twice in no request.
        let longest = submissions(3, 256 * 1024);
        assert_eq!(lengths(&longest), [1, 1, 1]);
        let halves = submissions(7, 150 * 1024);
        assert_eq!(lengths(&halves), [3, 3, 1]);
        for request in in_requests(&halves) {
            assert!(encode_submissions(request).len() <= SUBMISSIONS_BYTES);
        }
    }
}
