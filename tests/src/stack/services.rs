//! What the agencies offer: rules and services, published under their own keys.

use anyhow::Result;
use serde_json::{Value, json};

use super::Stack;
use super::parties::Agency;
use super::settings::path;
use crate::process::run;

/// Something to publish: what `holdfast-issuer publish` calls it, the name of the file, the payload.
type Publication = (&'static str, &'static str, Value);

impl Stack {
    /// An agency publishes its rules and services; how many services.
    ///
    /// # Errors
    /// `holdfast-issuer publish` fails: the log does not run, or refuses.
    pub async fn publish_services(&self, agency: Agency) -> Result<usize> {
        let folder = self.layout().of(agency.service()).join("published");
        std::fs::create_dir_all(&folder)?;
        let config = path(&self.layout().config(agency.service()));
        let publications = publications(agency, &self.layout().url(agency.service())?);
        for (what, name, payload) in &publications {
            let file = folder.join(format!("{name}.json"));
            std::fs::write(&file, serde_json::to_vec_pretty(payload)?)?;
            let file = path(&file);
            run("holdfast-issuer", &["publish", *what, &file, "--config", &config], &[])
                .await?
                .success()?;
        }
        Ok(publications.iter().filter(|(what, ..)| *what == "service").count())
    }
}

/// Rules before the services that name them.
fn publications(agency: Agency, url: &str) -> Vec<Publication> {
    match agency {
        Agency::Population => vec![
            ("rule", "resident", resident()),
            ("service", "library-card", library_card(url)),
            ("service", "noise-report", noise_report(url)),
        ],
        Agency::Transport => vec![
            ("rule", "drives", drives()),
            ("service", "parking-permit", parking_permit(url)),
        ],
        Agency::Certified => Vec::new(),
    }
}

fn resident() -> Value {
    json!({
        "claims": {"home.resident": "bool"},
        "expression": "home.resident",
        "name": text("Lives here", "Wohnt hier", "Habite ici"),
        "queries": [{"id": "home", "vct_values": ["urn:holdfast:vct:residence:1"]}],
        "subject": "/rule/resident",
        "subset": 1,
    })
}

fn drives() -> Value {
    json!({
        "claims": {"licence.issue_date": "date"},
        "expression": "licence.issue_date <= today",
        "name": text("Has a driving licence", "Hat einen Führerschein", "A un permis de conduire"),
        "queries": [{"id": "licence", "vct_values": ["urn:holdfast:vct:driving-licence:1"]}],
        "subject": "/rule/drives",
        "subset": 1,
    })
}

fn library_card(url: &str) -> Value {
    json!({
        "complaints": format!("{url}/complaints"),
        "fee": {"amount": 1200, "currency": "EUR"},
        "legal_basis": [law("Library Act", "Bibliotheksgesetz", "Loi sur les bibliothèques", url)],
        "name": text("Library card", "Bibliotheksausweis", "Carte de bibliothèque"),
        "page": format!("{url}/library"),
        "rule": {"subject": "/rule/resident"},
        "subject": "/service/library-card",
        "text": text(
            "Borrow books in every library of the town.",
            "Bücher in allen Bibliotheken der Stadt ausleihen.",
            "Emprunter des livres dans toutes les bibliothèques de la ville.",
        ),
        "time_limit_days": 3,
    })
}

fn noise_report(url: &str) -> Value {
    json!({
        "complaints": format!("{url}/complaints"),
        "legal_basis": [law("Noise Ordinance", "Lärmschutzverordnung", "Ordonnance sur le bruit", url)],
        "name": text("Report noise", "Lärm melden", "Signaler du bruit"),
        "subject": "/service/noise-report",
        "text": text(
            "Tell the office about noise at night.",
            "Dem Amt nächtlichen Lärm melden.",
            "Signaler à l’office du bruit la nuit.",
        ),
        "time_limit_days": 5,
    })
}

fn parking_permit(url: &str) -> Value {
    json!({
        "complaints": format!("{url}/complaints"),
        "fee": {"amount": 3070, "currency": "EUR"},
        "legal_basis": [law("Road Traffic Act", "Straßenverkehrsgesetz", "Loi sur la circulation routière", url)],
        "name": text("Parking permit", "Bewohnerparkausweis", "Carte de stationnement"),
        "rule": {"subject": "/rule/drives"},
        "subject": "/service/parking-permit",
        "text": text(
            "Park in the street where you live.",
            "In der Straße parken, in der Sie wohnen.",
            "Se garer dans la rue où vous habitez.",
        ),
        "time_limit_days": 14,
    })
}

fn law(en: &str, de: &str, fr: &str, url: &str) -> Value {
    json!({"name": text(en, de, fr), "uri": format!("{url}/law")})
}

fn text(en: &str, de: &str, fr: &str) -> Value {
    json!({"en": en, "de": de, "fr": fr})
}
