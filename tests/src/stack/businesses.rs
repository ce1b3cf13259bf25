//! The shop and the club: checks, identity, registration.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::Table;

use super::Stack;
use super::operators::private;
use super::parties::{Api, Business};
use super::settings::{Settings, path};
use super::tamper::copy;
use crate::process::{Program, run};

/// What the business registers.
const CHECKS: &str = include_str!("../../demo/checks.toml");
/// What a shop registers besides whose verifier the registrar's portal asks.
const SIGN_IN: &str = include_str!("../../demo/portal-sign-in.toml");
/// What it asks for besides, without having registered it.
const OVER_ASKING: &str = include_str!("../../demo/over-asking.toml");
/// Where the people of the demo's register live.
const COUNTRY: &str = "DE";

impl Stack {
    /// Makes the identity of a business and the file with which it applies.
    /// `issuers` says whose cards count at its checks.
    ///
    /// # Errors
    /// `holdfast-verifier init` fails.
    pub async fn found_business(&self, business: Business, issuers: &[&str]) -> Result<()> {
        self.found_asking(business, CHECKS, issuers).await
    }

    async fn found_asking(&self, business: Business, registered: &str, issuers: &[&str]) -> Result<()> {
        let service = business.service();
        let checks = |text: &str| write_checks(&self.checks_file(business), text, issuers);
        std::fs::create_dir_all(self.layout().of(service))?;
        checks(registered)?;
        self.business_settings(business)?.write(service, self.layout())?;
        let config = path(&self.layout().config(service));
        let [en, de, fr] = business.name();
        let arguments = [
            "init",
            "--config",
            &config,
            "--name",
            en,
            "--name-de",
            de,
            "--name-fr",
            fr,
        ];
        run("holdfast-verifier", &arguments, &[]).await?.success()?;
        if business == Business::Shop {
            // The portal was told of it before the shop was there.
            std::fs::write(self.business_token(business), self.sign_in_token()?)?;
        }
        if business == Business::Club {
            let anchors = self.layout().business_anchors();
            std::fs::create_dir_all(&anchors)?;
            std::fs::copy(self.business_authority(business), anchors.join("club.pem"))?;
        }
        checks(&format!("{registered}{OVER_ASKING}"))
    }

    /// Makes a business and has it registered. `issuers` says whose cards count at its checks.
    ///
    /// # Errors
    /// A command fails, or the ledger gives no receipt.
    pub async fn registered_business(&self, business: Business, issuers: &[&str]) -> Result<()> {
        self.found_business(business, issuers).await?;
        self.register(business).await
    }

    /// Makes the shop of a stack whose portal lets people sign in with a card, and has it registered.
    ///
    /// # Errors
    /// As [`Stack::registered_business`].
    pub async fn registered_shop(&self, issuers: &[&str]) -> Result<()> {
        let registered = format!("{CHECKS}{SIGN_IN}");
        self.found_asking(Business::Shop, &registered, issuers).await?;
        self.register(Business::Shop).await
    }

    async fn register(&self, business: Business) -> Result<()> {
        let application = path(&self.business_application(business));
        self.registrar(&["register-business", "--application", &application])
            .await?
            .success()
            .map(drop)
    }

    pub(super) fn business_program(&self, business: Business) -> Result<Program> {
        self.serving(business.service(), "holdfast-verifier")
    }

    /// The authority that signed a business's access certificate.
    #[must_use]
    pub fn business_authority(&self, business: Business) -> PathBuf {
        self.layout().of(business.service()).join("data/identity/access-ca.pem")
    }

    /// The ids of a business's checks.
    ///
    /// # Errors
    /// The file of checks cannot be read.
    pub fn check_ids(&self, business: Business) -> Result<Vec<String>> {
        let checks: Table = std::fs::read_to_string(self.checks_file(business))?.parse()?;
        let ids = checks["check"].as_array().into_iter().flatten();
        Ok(ids
            .filter_map(|check| Some(check.get("id")?.as_str()?.to_owned()))
            .collect())
    }

    /// Somebody has the keys of a business that the shop's verifier serves, and a verifier of their own in the club's
    /// place, which asks in that business's name whatever stands in `checks`: nobody holds it against the register.
    /// It is to be started.
    ///
    /// # Errors
    /// The verifier serves no such business, or the club's folder cannot be written.
    pub fn take_keys(&self, hosted: &str, checks: &str) -> Result<Api> {
        let layout = self.layout();
        let [shop, club] = [Business::Shop, Business::Club].map(Business::service);
        let keys = layout.of(shop).join("data/businesses").join(hosted);
        copy(&keys, &layout.of(club).join("data/identity"))?;
        private(self.business_token(Business::Club), service::random::token().as_bytes())?;
        write_checks(&self.checks_file(Business::Club), checks, &["accredited"])?;
        self.business_settings(Business::Club)?.write(club, layout)?;
        self.business(Business::Club)
    }

    /// The file with which a business applies for registration.
    #[must_use]
    pub fn business_application(&self, business: Business) -> PathBuf {
        self.layout()
            .of(business.service())
            .join("data/identity/application.json")
    }

    /// The interface of a business.
    ///
    /// # Errors
    /// It was not founded yet.
    pub fn business(&self, business: Business) -> Result<Api> {
        let service = business.service();
        let token = std::fs::read_to_string(self.business_token(business))
            .with_context(|| format!("{service} was not founded yet"))?;
        Ok(Api {
            url: self.layout().url(service)?,
            token: token.trim().to_owned(),
        })
    }

    pub(super) fn checks_file(&self, business: Business) -> PathBuf {
        self.layout().of(business.service()).join("checks.toml")
    }

    fn business_token(&self, business: Business) -> PathBuf {
        self.layout().of(business.service()).join("data/identity/api-token")
    }

    fn business_settings(&self, business: Business) -> Result<Settings> {
        let layout = self.layout();
        let mut settings = Settings::of(business.service(), layout)?;
        std::fs::create_dir_all(layout.issuer_anchors())?;
        if business == Business::Shop {
            // Many tests buy from one address.
            let shop = [("check", "adult".into()), ("checks_per_address", 1_000.into())];
            let shop: Table = shop.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
            settings
                .set("shop", shop)
                .set("provisioning_token", self.provisioning_token()?);
        }
        settings
            .set("trust_pack", path(&layout.trust_pack()))
            .set("ledger_url", layout.url("log")?)
            .set("mirror_urls", vec![layout.url("mirror")?])
            .set("checks", path(&self.checks_file(business)))
            .set("issuer_anchors", path(&layout.issuer_anchors()))
            // A PEM file alone is enough to trust an issuer known by certificate.
            .set("fetch_foreign_lists", true)
            .set("ledger_refresh_s", 0.5)
            .set("status_refresh_s", 0.5);
        Ok(settings)
    }
}

fn write_checks(file: &Path, text: &str, issuers: &[&str]) -> Result<()> {
    let text = text
        .replace("ISSUERS", &format!("{issuers:?}"))
        .replace("COUNTRY", COUNTRY);
    Ok(std::fs::write(file, text)?)
}
