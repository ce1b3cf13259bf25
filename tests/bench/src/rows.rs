mod append;
mod bundle;
mod credential;
mod issuance;
mod libraries;
mod mdoc;
mod memory;
mod offline;
mod presentation;
mod revocation;
mod wallet;

use anyhow::Result;

pub(crate) use append::{FEWEST, go_up_to};

use crate::report::Line;

/// Something to be measured.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) by_name_only: bool,
    pub(crate) run: fn() -> Result<Vec<Line>>,
}

/// Every row, in the order in which they run.
pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "verify",
        by_name_only: false,
        run: credential::verify,
    },
    Row {
        name: "issue",
        by_name_only: false,
        run: credential::issue,
    },
    Row {
        name: "verify-mdoc",
        by_name_only: false,
        run: mdoc::verify,
    },
    Row {
        name: "issue-mdoc",
        by_name_only: false,
        run: mdoc::issue,
    },
    Row {
        name: "bundle-verify",
        by_name_only: false,
        run: bundle::verify,
    },
    Row {
        name: "offline-verify",
        by_name_only: false,
        run: offline::verify,
    },
    Row {
        name: "wallet-open",
        by_name_only: false,
        run: wallet::open,
    },
    Row {
        name: "issue-http",
        by_name_only: true,
        run: issuance::issue,
    },
    Row {
        name: "present-http",
        by_name_only: true,
        run: presentation::present,
    },
    Row {
        name: "append-sqlite",
        by_name_only: true,
        run: append::append,
    },
    Row {
        name: "revoke-to-no",
        by_name_only: true,
        run: revocation::revoke,
    },
    Row {
        name: "memory-verifier",
        by_name_only: true,
        run: memory::verifier,
    },
    Row {
        name: "es256-libraries",
        by_name_only: true,
        run: libraries::es256,
    },
];
