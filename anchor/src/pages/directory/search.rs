//! What is found by a name or a fingerprint. Every search costs a bounded number of rows.

use std::collections::BTreeSet;

use ledger::Localized;

use super::query::{EntryRow, OrganisationRow, entry};
use super::{Directory, DirectoryError};
use crate::pages::reader::host_of;

/// Organisations that one word leads to, at most.
const CANDIDATES: u32 = 200;
/// Organisations that are shown, at most.
const FOUND: usize = 20;
/// Words of a search that count.
const ASKED: usize = 8;
/// Words by which an organisation is found, at most.
const WORDS: usize = 64;
/// Letters of a word that count.
const LETTERS: usize = 40;

/// Organisations that go by a name.
#[derive(Debug, Default)]
pub(in crate::pages) struct Named {
    pub(in crate::pages) rows: Vec<OrganisationRow>,
    /// There are, or may be, more of them.
    pub(in crate::pages) goes_on: bool,
}

/// The words by which an organisation is found: those of its name in every language, and of its host.
pub(super) fn words_of(did: &str, name: Option<&Localized>) -> BTreeSet<String> {
    let mut words = words(&host_of(did));
    for (_, name) in name.into_iter().flat_map(Localized::iter) {
        words.extend(self::words(name));
    }
    words.into_iter().take(WORDS).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(|word| word.to_lowercase().chars().take(LETTERS).collect())
        .collect()
}

impl Directory {
    /// Entries whose leaf, or whose payload, has this SHA-256.
    pub(in crate::pages) async fn with_fingerprint(
        &self,
        hash: &ledger::Hash,
        most: u32,
    ) -> Result<Vec<EntryRow>, DirectoryError> {
        let statement = "SELECT entries.number, kind, time, is_refused FROM fingerprints
                         JOIN entries ON entries.number = fingerprints.number
                         WHERE hash = ? ORDER BY entries.number LIMIT ?";
        let rows = sqlx::query_as(statement).bind(hash.as_slice()).bind(most);
        let rows = rows.fetch_all(self.sqlite.reader()).await?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Organisations in whose name or host a word begins with each of these.
    pub(in crate::pages) async fn named(&self, text: &str) -> Result<Named, DirectoryError> {
        let asked: Vec<String> = words(text).into_iter().take(ASKED).collect();
        let mut fewest: Option<Vec<String>> = None;
        for word in &asked {
            let dids = self.with_word(word).await?;
            if fewest.as_ref().is_none_or(|fewest| dids.len() < fewest.len()) {
                fewest = Some(dids);
            }
        }
        let candidates = fewest.unwrap_or_default();
        let mut named = Named {
            rows: Vec::new(),
            goes_on: candidates.len() >= CANDIDATES as usize,
        };
        for did in candidates {
            let Some(row) = self.organisation(&did).await? else {
                continue;
            };
            let own = words_of(&row.did, row.name.as_ref());
            let fits = |word: &String| own.iter().any(|own| own.starts_with(word.as_str()));
            if !asked.iter().all(fits) {
                continue;
            }
            if named.rows.len() == FOUND {
                named.goes_on = true;
                break;
            }
            named.rows.push(row);
        }
        Ok(named)
    }

    async fn with_word(&self, word: &str) -> Result<Vec<String>, DirectoryError> {
        let end = format!("{word}\u{10FFFF}");
        Ok(
            sqlx::query_scalar("SELECT DISTINCT did FROM words WHERE word >= ? AND word < ? LIMIT ?")
                .bind(word)
                .bind(end)
                .bind(CANDIDATES)
                .fetch_all(self.sqlite.reader())
                .await?,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_every_language_and_of_the_host() {
        let names = [("en", "Residents' Office"), ("de", "Bürgeramt Süd")];
        let names = names.map(|(language, name)| (language.to_owned(), name.to_owned()));
        let name = Localized::new(names.into()).unwrap();
        let did = "did:webvh:QmX:office.example";
        let found = words_of(did, Some(&name));
        for word in ["bürgeramt", "example", "office", "residents", "süd"] {
            assert!(found.contains(word), "{word}: {found:?}");
        }
    }
}
