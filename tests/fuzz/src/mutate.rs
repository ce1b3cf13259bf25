//! Changes of an input: blind ones, and ones that know parts, base64url and JSON.

mod json;

use jose::base64url;
use serde_json::Value;

use crate::Dice;

/// No input grows beyond this.
const LONGEST: usize = 64 * 1024;

/// Pieces that formats have in common.
const PIECES: [&str; 28] = [
    "..",
    "~",
    "~~",
    "\n",
    "\n\n",
    "\u{2014} ",
    " ",
    "=",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    "null",
    "-0",
    "1e400",
    "18446744073709551615",
    "9007199254740992",
    "\\u0000",
    "\u{0}",
    "\u{feff}",
    "%2F..",
    "#",
    "?",
    "&",
    ".p/1",
    "x000/",
];

/// A change of `input`, perhaps with a part of `other`.
#[must_use]
pub fn mutate(input: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut changed = input.to_vec();
    for _ in 0..=dice.below(3) {
        changed = match dice.below(8) {
            0..=3 => blind(changed, other, dice),
            4 | 5 => by_parts(&changed, other, dice),
            6 => by_json(&changed, dice).unwrap_or(changed),
            _ => inside_part(&changed, dice).unwrap_or(changed),
        };
    }
    changed.truncate(LONGEST);
    changed
}

fn blind(mut bytes: Vec<u8>, other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.below(9)).min(bytes.len());
    match dice.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = dice.byte();
            }
        }
        2 => drop(bytes.drain(at..end)),
        3 => {
            let twice = bytes[at..end].to_vec();
            drop(bytes.splice(at..at, twice));
        }
        4 => {
            let piece = dice.pick(&PIECES).copied().unwrap_or_default().bytes();
            drop(bytes.splice(at..end, piece));
        }
        5 => {
            let new: Vec<u8> = (0..=dice.below(4)).map(|_| dice.byte()).collect();
            drop(bytes.splice(at..end, new));
        }
        6 => {
            let from = dice.below(other.len() + 1);
            let to = (from + dice.below(64)).min(other.len());
            drop(bytes.splice(at..end, other[from..to].to_vec()));
        }
        7 => digit(&mut bytes, dice),
        _ => bytes.truncate(at),
    }
    bytes
}

/// Another digit, or one more: lengths, counts, indexes and times.
fn digit(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
    if let Some(at) = dice.pick(&places).copied() {
        let new = b'0' + u8::try_from(dice.below(10)).unwrap_or_default();
        if dice.once_in(2) {
            bytes[at] = new;
        } else {
            bytes.insert(at, new);
        }
    }
}

/// What separates the parts of the input, as far as one can tell.
fn separator(bytes: &[u8]) -> u8 {
    *[b'~', b'\n', b'.', b'/', b'&']
        .iter()
        .find(|separator| bytes.contains(separator))
        .unwrap_or(&b'.')
}

/// Leaves out, doubles, swaps or exchanges whole parts.
fn by_parts(bytes: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let separator = separator(bytes);
    let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == separator).collect();
    let theirs: Vec<&[u8]> = other.split(|byte| *byte == separator).collect();
    let (at, to) = (dice.below(parts.len()), dice.below(parts.len()));
    match dice.below(5) {
        0 => drop(parts.remove(at)),
        1 => parts.insert(at, parts[to]),
        2 => parts.swap(at, to),
        3 => parts[at] = dice.pick(&theirs).copied().unwrap_or_default(),
        _ => parts.insert(at, dice.pick(&theirs).copied().unwrap_or_default()),
    }
    parts.join(&separator)
}

/// Changes the JSON that the whole input is.
fn by_json(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    json::change(&mut value, dice);
    Some(json::write(&value, dice).into_bytes())
}

/// Changes what a base64url part holds, JSON or bytes, and encodes it again.
fn inside_part(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let parts: Vec<&str> = text.split(['.', '~']).collect();
    let part = dice.pick(&parts).filter(|part| !part.is_empty())?;
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    let inner = base64url::decode(part).ok()?;
    let inner = by_json(&inner, dice).unwrap_or_else(|| blind(inner, &[], dice));
    Some(
        [&text[..start], &base64url::encode(inner), &text[start + part.len()..]]
            .concat()
            .into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_most_changes_change() {
        let input = b"eyJhIjpbMSwyXX0.e30.c2ln~WyJzIiwibiIsMV0~";
        let all = |seed| -> Vec<_> {
            let mut dice = Dice::new(seed);
            (0..500).map(|_| mutate(input, b"e30.e30.e30", &mut dice)).collect()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        assert!(all(1).iter().filter(|changed| changed.as_slice() != input).count() > 400);
        assert!(mutate(&[b'.'; LONGEST], b"", &mut Dice::new(3)).len() <= LONGEST);
    }

    #[test]
    fn json_inside_a_part_is_reached() {
        let input = base64url::encode(r#"{"alg":"ES256","typ":"a"}"#) + ".e30.AAAA";
        let mut dice = Dice::new(4);
        let reached = (0..2000).any(|_| {
            let changed = mutate(input.as_bytes(), b"", &mut dice);
            let text = String::from_utf8_lossy(&changed).into_owned();
            let header = text.split('.').next().and_then(|part| base64url::decode(part).ok());
            let header = header.and_then(|header| serde_json::from_slice::<Value>(&header).ok());
            header.is_some_and(|header| header["typ"] == "a" && header["alg"] != "ES256")
        });
        assert!(reached);
    }
}
