//! What services do is measured on them as processes: founded anew for each row, with the
//! settings of `cargo xtask up`, in the release profile.

use std::path::Path;

use anyhow::Result;
use e2e::process::binaries;
use e2e::stack::{Agency, Business, Stack, WITNESSES, generate_people};
use tempfile::TempDir;

/// Who issues.
pub(crate) const AGENCY: Agency = Agency::Population;
/// Who asks.
pub(crate) const SHOP: Business = Business::Shop;
/// How many people the agency's register gets.
const PEOPLE: usize = 100;

/// The services of a row, in a folder that goes with them.
pub(crate) struct Services {
    pub(crate) stack: Stack,
    /// A grown-up in the agency's register; empty where there is no agency.
    pub(crate) subject: String,
    /// What opens the log for registrars.
    pub(crate) admin_token: String,
    folder: TempDir,
}

impl Services {
    /// A ledger with witnesses and mirror.
    pub(crate) async fn with_ledger() -> Result<Self> {
        // Beside the binaries, where a disk is: what is kept in memory is kept too fast.
        let folder = tempfile::tempdir_in(binaries()?)?;
        let mut stack = Stack::on(folder.path())?;
        let ledger = stack.found_ledger().await?;
        stack.start_all(&[&WITNESSES[..], &["mirror", "log"]].concat()).await?;
        Ok(Self {
            stack,
            subject: String::new(),
            admin_token: ledger.admin_token,
            folder,
        })
    }

    /// The same with an accredited agency.
    pub(crate) async fn with_agency() -> Result<Self> {
        let mut services = Self::with_ledger().await?;
        let stack = &mut services.stack;
        stack.accredited_agency(AGENCY, AGENCY.types()).await?;
        let people = generate_people(stack.layout(), PEOPLE).await?;
        let subject = stack.import_people(AGENCY, &people).await?;
        let lists = format!("{}-status", AGENCY.service());
        stack.start_all(&[AGENCY.service(), &lists]).await?;
        services.subject = subject;
        Ok(services)
    }

    /// A folder on the disk that the services write to.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A shop that is registered besides.
    pub(crate) async fn add_shop(&mut self) -> Result<()> {
        self.stack.registered_business(SHOP, &["accredited"]).await?;
        self.stack.start_all(&[SHOP.service()]).await
    }
}
