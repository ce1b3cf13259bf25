//! What the pages ask of the directory. Every answer is bounded.

use ledger::{Kind, Localized};

use super::{Directory, DirectoryError};
use crate::store::{signed, unsigned};

/// More card types than this are not listed on one page.
const CARD_TYPES: i64 = 100;

/// An entry in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct EntryRow {
    pub(in crate::pages) number: u64,
    /// `None` for an entry that is no leaf of a known kind.
    pub(in crate::pages) kind: Option<Kind>,
    /// When the batch it is in was written.
    pub(in crate::pages) time: Option<u64>,
    pub(in crate::pages) is_refused: bool,
}

/// An organisation in a list.
#[derive(Clone, Debug)]
pub(in crate::pages) struct OrganisationRow {
    pub(in crate::pages) did: String,
    pub(in crate::pages) name: Option<Localized>,
    pub(in crate::pages) is_agency: bool,
    /// The entry of the scope in force.
    pub(in crate::pages) registered: Option<u64>,
    pub(in crate::pages) is_closed: bool,
}

/// Who may issue a card type, and from when to when.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Competence {
    pub(in crate::pages) vct: String,
    pub(in crate::pages) organisation: OrganisationRow,
    pub(in crate::pages) until: u64,
    pub(in crate::pages) since: Option<u64>,
}

type Entry = (i64, Option<i64>, Option<i64>, bool);
type Organisation = (String, Option<String>, bool, Option<i64>, bool);

struct CompetenceColumns {
    vct: String,
    did: String,
    name: Option<String>,
    is_agency: bool,
    registered: Option<i64>,
    is_closed: bool,
    until: i64,
    since: Option<i64>,
}

service::from_columns!(CompetenceColumns {
    vct,
    did,
    name,
    is_agency,
    registered,
    is_closed,
    until,
    since
});

impl Directory {
    /// How many entries are listed here.
    pub(in crate::pages) async fn size(&self) -> Result<u64, DirectoryError> {
        let size: Option<i64> = sqlx::query_scalar("SELECT size FROM progress")
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(size.map_or(0, unsigned))
    }

    /// Entries before a number, newest first.
    pub(in crate::pages) async fn entries(&self, before: u64, most: u32) -> Result<Vec<EntryRow>, DirectoryError> {
        let statement =
            "SELECT number, kind, time, is_refused FROM entries WHERE number < ? ORDER BY number DESC LIMIT ?";
        let rows = sqlx::query_as(statement).bind(signed(before)).bind(most);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(entry)
            .collect())
    }

    /// The newest entries that are about somebody: no map heads.
    pub(in crate::pages) async fn news(&self, most: u32) -> Result<Vec<EntryRow>, DirectoryError> {
        let statement = "SELECT number, kind, time, is_refused FROM entries WHERE kind IS NOT ?
                         ORDER BY number DESC LIMIT ?";
        let rows = sqlx::query_as(statement)
            .bind(signed(Kind::MapHead.number()))
            .bind(most);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(entry)
            .collect())
    }

    /// Entries about a subject before a number, newest first.
    pub(in crate::pages) async fn history(
        &self,
        subject: &str,
        before: u64,
        most: u32,
    ) -> Result<Vec<EntryRow>, DirectoryError> {
        let statement = "SELECT number, kind, time, is_refused FROM entries WHERE subject = ? AND number < ?
                         ORDER BY number DESC LIMIT ?";
        let rows = sqlx::query_as(statement).bind(subject).bind(signed(before)).bind(most);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(entry)
            .collect())
    }

    /// The newest entry of each service, in the order of their subjects: those after one of them.
    pub(in crate::pages) async fn services(&self, after: &str, most: u32) -> Result<Vec<EntryRow>, DirectoryError> {
        let statement = "SELECT number, kind, time, is_refused FROM entries WHERE number IN (
                             SELECT max(number) FROM entries
                             WHERE kind IN (?, ?) AND is_refused = 0 AND subject > ? GROUP BY subject)
                         ORDER BY subject LIMIT ?";
        let found = sqlx::query_as(statement)
            .bind(signed(Kind::ServicePublish.number()))
            .bind(signed(Kind::ServiceSupersede.number()))
            .bind(after)
            .bind(most);
        let rows: Vec<Entry> = found.fetch_all(self.sqlite.reader()).await?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// One entry.
    pub(in crate::pages) async fn entry(&self, number: u64) -> Result<Option<EntryRow>, DirectoryError> {
        let row = sqlx::query_as("SELECT number, kind, time, is_refused FROM entries WHERE number = ?")
            .bind(signed(number))
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(row.map(entry))
    }

    /// The newest entry of a kind that changed something.
    pub(in crate::pages) async fn newest(&self, kind: Kind) -> Result<Option<u64>, DirectoryError> {
        let statement = "SELECT number FROM entries WHERE kind = ? AND is_refused = 0 ORDER BY number DESC LIMIT 1";
        let number: Option<i64> = sqlx::query_scalar(statement)
            .bind(signed(kind.number()))
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(number.map(unsigned))
    }

    /// The newest entry that changed nothing and should not be in the log.
    pub(in crate::pages) async fn newest_refused(&self) -> Result<Option<u64>, DirectoryError> {
        let statement = "SELECT number FROM entries WHERE is_refused = 1 ORDER BY number DESC LIMIT 1";
        let number: Option<i64> = sqlx::query_scalar(statement)
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(number.map(unsigned))
    }

    /// An organisation.
    pub(in crate::pages) async fn organisation(&self, did: &str) -> Result<Option<OrganisationRow>, DirectoryError> {
        let row = sqlx::query_as("SELECT did, name, is_agency, registered, is_closed FROM organisations WHERE did = ?")
            .bind(did)
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(row.map(organisation))
    }

    /// Organisations by name, those after one of them.
    pub(in crate::pages) async fn organisations(
        &self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<OrganisationRow>, DirectoryError> {
        let after = self.place(after).await?;
        let statement =
            "SELECT did, name, is_agency, registered, is_closed FROM organisations WHERE (sort, did) > (?, ?)
                         ORDER BY sort, did LIMIT ?";
        let rows = sqlx::query_as(statement).bind(after.0).bind(after.1).bind(most);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(organisation)
            .collect())
    }

    /// Registered businesses by name, those after one of them.
    pub(in crate::pages) async fn businesses(
        &self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<OrganisationRow>, DirectoryError> {
        let after = self.place(after).await?;
        let statement = "SELECT did, name, is_agency, registered, is_closed FROM organisations
                         WHERE registered IS NOT NULL AND (sort, did) > (?, ?) ORDER BY sort, did LIMIT ?";
        let rows = sqlx::query_as(statement).bind(after.0).bind(after.1).bind(most);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(organisation)
            .collect())
    }

    /// Every card type for which somebody is accredited.
    pub(in crate::pages) async fn card_types(&self) -> Result<Vec<String>, DirectoryError> {
        Ok(
            sqlx::query_scalar("SELECT DISTINCT vct FROM competences ORDER BY vct LIMIT ?")
                .bind(CARD_TYPES)
                .fetch_all(self.sqlite.reader())
                .await?,
        )
    }

    /// Who may issue a card type, by name, those after one of them.
    pub(in crate::pages) async fn competent_for(
        &self,
        vct: &str,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<Competence>, DirectoryError> {
        let after = self.place(after).await?;
        let statement =
            "SELECT vct, competences.did, name, is_agency, registered, is_closed, until, entries.time AS since
                         FROM competences JOIN organisations ON organisations.did = competences.did
                         LEFT JOIN entries ON entries.number = competences.since
                         WHERE vct = ? AND (competences.sort, competences.did) > (?, ?)
                         ORDER BY competences.sort, competences.did LIMIT ?";
        let rows = sqlx::query_as(statement)
            .bind(vct)
            .bind(after.0)
            .bind(after.1)
            .bind(most);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(competence)
            .collect())
    }

    /// What one organisation may issue.
    pub(in crate::pages) async fn competences_of(&self, did: &str) -> Result<Vec<Competence>, DirectoryError> {
        let statement =
            "SELECT vct, competences.did, name, is_agency, registered, is_closed, until, entries.time AS since
                         FROM competences JOIN organisations ON organisations.did = competences.did
                         LEFT JOIN entries ON entries.number = competences.since
                         WHERE competences.did = ? ORDER BY vct";
        let rows = sqlx::query_as(statement).bind(did);
        Ok(rows
            .fetch_all(self.sqlite.reader())
            .await?
            .into_iter()
            .map(competence)
            .collect())
    }

    /// The place of an organisation in lists by name; before all others where there is none.
    async fn place(&self, did: Option<&str>) -> Result<(String, String), DirectoryError> {
        let Some(did) = did else {
            return Ok(Default::default());
        };
        let found = sqlx::query_as("SELECT sort, did FROM organisations WHERE did = ?")
            .bind(did)
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(found.unwrap_or_default())
    }
}

pub(super) fn entry((number, kind, time, is_refused): Entry) -> EntryRow {
    EntryRow {
        number: unsigned(number),
        kind: kind.and_then(|kind| Kind::from_number(unsigned(kind))),
        time: time.map(unsigned),
        is_refused,
    }
}

fn organisation((did, name, is_agency, registered, is_closed): Organisation) -> OrganisationRow {
    OrganisationRow {
        did,
        name: name.and_then(|json| serde_json::from_str(&json).ok()),
        is_agency,
        registered: registered.map(unsigned),
        is_closed,
    }
}

fn competence(columns: CompetenceColumns) -> Competence {
    Competence {
        vct: columns.vct,
        organisation: organisation((
            columns.did,
            columns.name,
            columns.is_agency,
            columns.registered,
            columns.is_closed,
        )),
        until: unsigned(columns.until),
        since: columns.since.map(unsigned),
    }
}
