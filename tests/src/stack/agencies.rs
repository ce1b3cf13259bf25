//! The agencies: settings, identity, register, status lists.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use toml::Table;

use super::Stack;
use super::layout::Layout;
use super::parties::{Agency, Api};
use super::settings::{Settings, name, path};
use crate::process::{Program, run};

/// The first format is offered where nothing is said.
const FORMATS: [(&str, &[&str]); 4] = [
    ("driving-licence", &["dc+sd-jwt", "mso_mdoc"]),
    ("person-identification", &["dc+sd-jwt", "mso_mdoc"]),
    ("student-card", &["ldp_vc"]),
    ("business-registration", &["ldp_vc"]),
];

impl Stack {
    /// Makes the identity of an agency for these card types, and the file with
    /// which it applies.
    ///
    /// # Errors
    /// `holdfast-issuer init` fails.
    pub async fn found_agency(&self, agency: Agency, types: &[&str]) -> Result<()> {
        let service = agency.service();
        std::fs::create_dir_all(self.layout().of(service))?;
        let token = service::random::token();
        std::fs::write(self.token_file(agency), &token)?;
        let mut settings = settings(agency, self.layout(), types, &token)?;
        if agency.wants_to_know() {
            settings
                .set("citizens", self.found_sign_in(agency).await?)
                .set("attestation", self.found_attester().await?);
        }
        settings.write(service, self.layout())?;
        let lists = format!("{service}-status");
        settings.set(
            "ops_listen",
            format!("127.0.0.1:{}", self.port(&format!("{lists}-ops"))?),
        );
        settings.write(&lists, self.layout())?;
        let config = path(&self.layout().config(service));
        run("holdfast-issuer", &["init", "--config", &config], &[])
            .await?
            .success()?;
        if agency == Agency::Certified {
            let anchors = self.layout().issuer_anchors();
            std::fs::create_dir_all(&anchors)?;
            std::fs::copy(self.authority(agency), anchors.join("certified.pem"))?;
            // Where the lists of an issuer are found that the ledger does not know.
            let lists = format!("{}/lists\n", self.layout().url(&format!("{service}-status"))?);
            std::fs::write(anchors.join("certified.aggregation"), lists)?;
        }
        Ok(())
    }

    /// Makes an agency for these card types and has it accredited.
    ///
    /// # Errors
    /// A command fails, or the ledger gives no receipt.
    pub async fn accredited_agency(&self, agency: Agency, types: &[&str]) -> Result<()> {
        self.found_agency(agency, types).await?;
        let application = path(&self.agency_application(agency));
        self.registrar(&["accredit", "--application", &application])
            .await?
            .success()
            .map(drop)
    }

    /// The issuer, and a process of its own for its status lists.
    pub(super) fn agency_programs(&self, agency: Agency) -> Result<[Program; 2]> {
        let program = |name: String, part: &str| {
            let config = path(&self.layout().config(&name));
            let ops_port = Some(self.port(&format!("{name}-ops"))?);
            let arguments = ["serve", "--part", part, "--config", &config]
                .map(str::to_owned)
                .to_vec();
            Ok::<_, anyhow::Error>(Program {
                name,
                binary: "holdfast-issuer",
                arguments,
                ops_port,
            })
        };
        let service = agency.service();
        Ok([
            program(service.to_owned(), "issuance")?,
            program(format!("{service}-status"), "status")?,
        ])
    }

    /// The interface of an agency.
    ///
    /// # Errors
    /// It was not founded yet.
    pub fn agency(&self, agency: Agency) -> Result<Api> {
        let service = agency.service();
        let token = std::fs::read_to_string(self.token_file(agency))
            .with_context(|| format!("{service} was not founded yet"))?;
        Ok(Api {
            url: self.layout().url(service)?,
            token,
        })
    }

    /// Makes an offer.
    ///
    /// # Errors
    /// The agency refuses.
    pub async fn offer(&self, agency: Agency, wanted: &Value) -> Result<Value> {
        let api = self.agency(agency)?;
        let url = format!("{}/api/v1/offers", api.url);
        self.http().post_json(&url, &api.token, wanted).await
    }

    /// What the agency calls the card that was issued on an offer.
    ///
    /// # Errors
    /// The agency refuses, or nothing was issued on it.
    pub async fn issued(&self, agency: Agency, offer: &Value) -> Result<String> {
        let api = self.agency(agency)?;
        let id = offer["id"].as_str().context("id")?;
        let url = format!("{}/api/v1/offers/{id}", api.url);
        let state = self.http().get_json(&url, &api.token).await?;
        let credential = state["credential_id"].as_str();
        credential
            .map(str::to_owned)
            .with_context(|| format!("credential_id in {state}"))
    }

    /// `revoke`, `suspend` or `reactivate` a card by what its agency calls it.
    ///
    /// # Errors
    /// The agency refuses.
    pub async fn change_status(&self, agency: Agency, credential: &str, verb: &str) -> Result<()> {
        let api = self.agency(agency)?;
        let url = format!("{}/api/v1/credentials/{credential}/{verb}", api.url);
        self.http().post_json(&url, &api.token, &json!({})).await.map(drop)
    }

    /// The authority that certifies an agency's key.
    #[must_use]
    pub fn authority(&self, agency: Agency) -> PathBuf {
        self.layout().of(agency.service()).join("data/identity/ca.pem")
    }

    /// The file with which an agency applies for accreditation.
    #[must_use]
    pub fn agency_application(&self, agency: Agency) -> PathBuf {
        self.layout()
            .of(agency.service())
            .join("data/identity/application.json")
    }

    /// The DID of an agency.
    ///
    /// # Errors
    /// It was not founded yet.
    pub fn did(&self, agency: Agency) -> Result<String> {
        let path = self.layout().of(agency.service()).join("data/identity/did.jsonl");
        let log = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let line: Value = serde_json::from_str(log.lines().next().context("an empty DID log")?)?;
        Ok(line["state"]["id"].as_str().context("no id in the DID log")?.to_owned())
    }

    /// The URI of one of an agency's status lists.
    ///
    /// # Errors
    /// The status listener does not answer.
    pub async fn status_list_uri(&self, agency: Agency) -> Result<String> {
        let url = format!("{}/lists", self.layout().url(&format!("{}-status", agency.service()))?);
        let aggregation = self.http().get_json(&url, "").await?;
        Ok(aggregation["status_lists"][0]
            .as_str()
            .with_context(|| format!("no list in {aggregation}"))?
            .to_owned())
    }

    /// Imports a file of people at an agency; the id of a grown-up who has every card.
    ///
    /// # Errors
    /// A command fails.
    pub async fn import_people(&self, agency: Agency, file: &Path) -> Result<String> {
        let (csv, config) = (path(file), path(&self.layout().config(agency.service())));
        run("holdfast-issuer", &["import", "--config", &config, &csv], &[])
            .await?
            .success()?;
        Ok(grown_up(&std::fs::read_to_string(file)?)?.0)
    }

    /// The name of a grown-up in the register of a stack's agency.
    ///
    /// # Errors
    /// The file of people is gone.
    pub fn somebody(&self, people: usize) -> Result<String> {
        let file = people_file(self.layout(), people);
        Ok(grown_up(&std::fs::read_to_string(file)?)?.1)
    }

    /// Lets an agency sign with a fresh key and take the old one out of its DID document.
    ///
    /// # Errors
    /// `holdfast-issuer rotate-key` fails.
    pub async fn take_out_key(&self, agency: Agency) -> Result<()> {
        let config = path(&self.layout().config(agency.service()));
        run(
            "holdfast-issuer",
            &["rotate-key", "--remove-old", "--config", &config],
            &[],
        )
        .await?
        .success()
        .map(drop)
    }

    fn token_file(&self, agency: Agency) -> PathBuf {
        self.layout().of(agency.service()).join("api-token")
    }
}

/// Makes a file of so many people who do not exist. The first of them are the
/// same however many there are.
///
/// # Errors
/// `holdfast-issuer generate-people` fails.
pub async fn generate_people(layout: &Layout, count: usize) -> Result<PathBuf> {
    let file = people_file(layout, count);
    let (count, out) = (count.to_string(), path(&file));
    run(
        "holdfast-issuer",
        &["generate-people", "--count", &count, "--out", &out],
        &[],
    )
    .await?
    .success()?;
    Ok(file)
}

fn people_file(layout: &Layout, count: usize) -> PathBuf {
    layout.folder().join(format!("people-{count}.csv"))
}

/// The first of the three people who have every card that is 18 or older: id and name.
fn grown_up(csv: &str) -> Result<(String, String)> {
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().context("an empty register")?.split(',').collect();
    let column = |name: &str| {
        header
            .iter()
            .position(|found| *found == name)
            .with_context(|| format!("no {name}"))
    };
    let (id, birth) = (column("id")?, column("birth_date")?);
    let (given, family) = (column("given_name")?, column("family_name")?);
    for line in lines.take(3) {
        let cells: Vec<&str> = line.split(',').collect();
        ensure!(cells.len() == header.len(), "a row of another length");
        if cells[birth] < "2008-01-01" {
            return Ok((cells[id].to_owned(), format!("{} {}", cells[given], cells[family])));
        }
    }
    anyhow::bail!("none of the first three people is grown up")
}

/// The formats of these types that come in others than SD-JWT VC.
fn formats(types: &[String]) -> Table {
    let known = FORMATS.iter().filter(|(name, _)| types.iter().any(|one| one == name));
    known
        .map(|(name, formats)| ((*name).to_owned(), toml::Value::from(formats.to_vec())))
        .collect()
}

fn settings(agency: Agency, layout: &Layout, types: &[&str], token: &str) -> Result<Settings> {
    let service = agency.service();
    let [en, de, fr] = agency.name();
    let mut settings = Settings::of(service, layout)?;
    let types: Vec<String> = types.iter().map(|&one| one.to_owned()).collect();
    let office: Table = [("country", "DE"), ("distinguishing_sign", "D")]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    settings
        .set("api_token", token)
        .set("name", name(en, de, fr))
        .set("formats", formats(&types))
        .set("office", office)
        .set("credential_types", types)
        .set("batch_size", Agency::COPIES)
        .set("deferred_interval_seconds", 1)
        .set(
            "status_listen",
            format!("127.0.0.1:{}", layout.ports().port(&format!("{service}-status"))?),
        )
        .set("status_url", layout.url(&format!("{service}-status"))?)
        .set("status_ttl_seconds", 2)
        .set("status_token_seconds", 600);
    if agency == Agency::Certified {
        settings.set("trust", "x5c");
    } else {
        settings
            .set("trust", "ledger")
            .set("trust_pack", path(&layout.trust_pack()))
            .set("ledger_url", layout.url("log")?)
            .set("ledger_refresh_seconds", 1)
            .set("snapshot_delay_seconds", 1);
    }
    Ok(settings)
}
