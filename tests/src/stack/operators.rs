//! People who work at the pages of a new stack.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::Stack;
use super::settings::path;
use crate::process::run;

/// Where they are kept, for this stack's own folder only.
const FILE: &str = "operators.json";
/// The program of the registrar's portal.
const PORTAL: &str = "holdfast-anchor";
/// Service, its program, name and role.
const DESKS: [(&str, &str, &str, &str); 6] = [
    ("log", PORTAL, "reviewer", "reviewer"),
    ("log", PORTAL, "approver", "approver"),
    ("population", "holdfast-issuer", "clerk", "clerk"),
    ("population", "holdfast-issuer", "officer", "officer"),
    ("shop", "holdfast-verifier", "staff", "staff"),
    ("shop", "holdfast-verifier", "owner", "owner"),
];

/// Somebody who signs in at a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Operator {
    /// The service whose page it is.
    pub service: String,
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: String,
    /// The password, drawn for this stack.
    pub password: String,
}

impl Operator {
    /// Somebody with a fresh password, whom no service knows yet.
    pub(super) fn new(service: &str, name: &str, role: &str) -> Self {
        Self {
            service: service.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
            password: service::random::token().chars().take(16).collect(),
        }
    }
}

impl Stack {
    /// The operators of this stack; made when it has none yet.
    ///
    /// # Errors
    /// A service refuses one.
    pub async fn operators(&self) -> Result<Vec<Operator>> {
        let file = self.layout().of(FILE);
        if file.exists() {
            return Ok(serde_json::from_slice(&std::fs::read(&file)?)?);
        }
        let mut operators = Vec::new();
        for (service, program, name, role) in DESKS {
            let operator = Operator::new(service, name, role);
            self.add_operator(program, &operator).await?;
            operators.push(operator);
        }
        private(file, &serde_json::to_vec_pretty(&operators)?)?;
        Ok(operators)
    }

    pub(super) async fn add_operator(&self, program: &'static str, operator: &Operator) -> Result<()> {
        let config = path(&self.layout().config(&operator.service));
        // Two that are added at one time have a file each.
        let secret = self
            .layout()
            .of(&format!("password-{}-{}", operator.service, operator.name));
        let secret = private(secret, operator.password.as_bytes())?;
        let [group, add] = match program {
            PORTAL => ["portal", "add-operator"],
            _ => ["operator", "add"],
        };
        let file = path(&secret);
        let arguments = [
            group,
            add,
            "--config",
            &config,
            &operator.name,
            "--role",
            &operator.role,
            "--password-file",
            &file,
        ];
        let added = run(program, &arguments, &[]).await;
        std::fs::remove_file(secret)?;
        added?.success().map(drop)
    }
}

/// Writes a file that only its owner can read.
pub(super) fn private(file: PathBuf, bytes: &[u8]) -> Result<PathBuf> {
    std::fs::write(&file, [])?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
    std::fs::write(&file, bytes)?;
    Ok(file)
}
