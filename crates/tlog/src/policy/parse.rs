use std::collections::{BTreeMap, BTreeSet};

use super::{
    Policy, PolicyError, PolicyLog, PolicyWitness,
    quorum::{Member, Quorum, Rule},
};
use crate::{VerifierKeyError, text::parse_decimal};

/// Above the 32 of each kind that an implementation should take. "Implementation limits"
const MAX_DEFINITIONS: usize = 64;
const MAX_BYTES: usize = 256 * 1024;

/// Reads a policy file.
pub(super) fn parse(text: &[u8]) -> Result<Policy, PolicyError> {
    if text.len() > MAX_BYTES {
        return Err(PolicyError::TooComplex);
    }
    if text
        .iter()
        .any(|b| (*b < 0x20 && *b != b'\t' && *b != b'\n') || *b == 0x7f)
    {
        return Err(PolicyError::ControlCharacter);
    }
    let lines = text.strip_suffix(b"\n").ok_or(PolicyError::NoFinalNewline)?;
    let mut reader = Reader::default();
    for (at, line) in lines.split(|b| *b == b'\n').enumerate() {
        let items: Vec<&[u8]> = line
            .split(|b| *b == b' ' || *b == b'\t')
            .filter(|item| !item.is_empty())
            .collect();
        if items.first().is_some_and(|item| !item.starts_with(b"#")) {
            reader.line(at + 1, &items)?;
        }
    }
    let quorum = reader.quorum.ok_or(PolicyError::NoQuorum)?;
    let (logs, witnesses) = (reader.logs, reader.witnesses);
    Ok(Policy {
        text: text.to_vec(),
        logs,
        witnesses,
        quorum,
    })
}

/// What the lines so far have defined.
#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    names: BTreeMap<Vec<u8>, Member>,
    members: BTreeSet<Vec<u8>>,
    quorum: Option<Quorum>,
}

impl Reader {
    fn line(&mut self, line: usize, items: &[&[u8]]) -> Result<(), PolicyError> {
        match items {
            [b"log", key] => self.log(line, key, None),
            [b"log", key, url] => self.log(line, key, Some(url)),
            [b"witness", name, key] => self.witness(line, name, key, None),
            [b"witness", name, key, url] => self.witness(line, name, key, Some(url)),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(line, name, threshold, members)
            }
            [b"quorum", name] => self.quorum(line, name),
            [b"log" | b"witness" | b"group" | b"quorum", ..] => Err(PolicyError::Items { line }),
            _ => Err(PolicyError::Keyword { line }),
        }
    }

    fn log(&mut self, line: usize, key: &[u8], url: Option<&&[u8]>) -> Result<(), PolicyError> {
        let log = PolicyLog {
            key: parse_key(line, key)?,
            url: parse_url(line, url)?,
        };
        let public = log.key.verifier_key().public_key();
        if self
            .logs
            .iter()
            .any(|other| other.key.verifier_key().public_key() == public)
        {
            return Err(PolicyError::DuplicateKey { line });
        }
        if self.logs.len() == MAX_DEFINITIONS {
            return Err(PolicyError::TooComplex);
        }
        self.logs.push(log);
        Ok(())
    }

    fn witness(&mut self, line: usize, name: &[u8], key: &[u8], url: Option<&&[u8]>) -> Result<(), PolicyError> {
        let (key, url) = (parse_key(line, key)?, parse_url(line, url)?);
        let witness = PolicyWitness {
            name: name.to_vec(),
            key,
            url,
        };
        let public = witness.key.verifier_key().public_key();
        if self
            .witnesses
            .iter()
            .any(|other| other.key.verifier_key().public_key() == public)
        {
            return Err(PolicyError::DuplicateKey { line });
        }
        self.define(line, name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(witness);
        Ok(())
    }

    fn group(&mut self, line: usize, name: &[u8], threshold: &[u8], names: &[&[u8]]) -> Result<(), PolicyError> {
        let threshold = match threshold {
            b"all" => names.len(),
            b"any" => 1,
            number => parse_threshold(number, names.len()).ok_or(PolicyError::Threshold { line })?,
        };
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            let definition = self.names.get(*member).ok_or(PolicyError::UndefinedName { line })?;
            if !self.members.insert(member.to_vec()) {
                return Err(PolicyError::MemberTwice { line });
            }
            members.push(definition.clone());
        }
        self.define(line, name, Rule::Group { threshold, members })
    }

    fn quorum(&mut self, line: usize, name: &[u8]) -> Result<(), PolicyError> {
        if self.quorum.is_some() {
            return Err(PolicyError::SecondQuorum { line });
        }
        self.quorum = Some(match name {
            b"none" => Quorum::None,
            name => {
                let member = self.names.get(name).ok_or(PolicyError::UndefinedName { line })?;
                Quorum::Member(member.clone())
            }
        });
        Ok(())
    }

    fn define(&mut self, line: usize, name: &[u8], rule: Rule) -> Result<(), PolicyError> {
        if name == b"none" || self.names.contains_key(name) {
            return Err(PolicyError::DuplicateName { line });
        }
        // Witnesses and groups share the names, and each may have its own limit's worth.
        if self.names.len() == 2 * MAX_DEFINITIONS {
            return Err(PolicyError::TooComplex);
        }
        self.names.insert(
            name.to_vec(),
            Member {
                name: name.to_vec(),
                rule,
            },
        );
        Ok(())
    }
}

fn parse_key<K>(line: usize, text: &[u8]) -> Result<K, PolicyError>
where
    K: std::str::FromStr<Err = VerifierKeyError>,
{
    let text = std::str::from_utf8(text).map_err(|_| VerifierKeyError::Shape);
    text.and_then(str::parse)
        .map_err(|source| PolicyError::Key { line, source })
}

fn parse_url(line: usize, url: Option<&&[u8]>) -> Result<Option<String>, PolicyError> {
    url.map(|url| String::from_utf8(url.to_vec()).map_err(|_| PolicyError::Url { line }))
        .transpose()
}

fn parse_threshold(number: &[u8], members: usize) -> Option<usize> {
    let threshold = usize::try_from(parse_decimal(std::str::from_utf8(number).ok()?)?).ok()?;
    (1..=members).contains(&threshold).then_some(threshold)
}
