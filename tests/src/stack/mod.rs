//! All services of the demo, as processes, below one data folder.

mod agencies;
mod attester;
mod businesses;
mod entry;
mod layout;
mod ledger;
mod offline;
mod operators;
mod parties;
mod portal;
mod reroute;
mod services;
mod settings;
mod sign_in;
mod tamper;
mod up;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::future::join_all;

pub use agencies::generate_people;
pub use entry::Entry;
pub use layout::{Layout, clear};
pub use ledger::{Ledger, WITNESSES, cosignatures, size};
pub use offline::Device;
pub use operators::Operator;
pub use parties::{Agency, Api, Business};
pub use tamper::{copy, open};
pub use up::{Announce, Founded, run, up};

use crate::http::Http;
use crate::ports::Ports;
use crate::process::{Program, Service};

/// How long a service may take until it answers `/readyz`.
const READY_TIME: Duration = Duration::from_secs(30);

/// The services of one data folder, running or not.
pub struct Stack {
    layout: Layout,
    http: Http,
    services: BTreeMap<String, Service>,
}

impl Stack {
    /// The stack of a folder, nothing of it running.
    ///
    /// # Errors
    /// No free ports, or the folder cannot be written.
    pub fn on(folder: &Path) -> Result<Self> {
        let layout = Layout::new(folder)?;
        let http = Http::new(layout.ports())?;
        let logs = layout.folder().join("logs");
        let mut stack = Self {
            layout,
            http,
            services: BTreeMap::new(),
        };
        for program in stack.programs()? {
            stack
                .services
                .insert(program.name.clone(), Service::new(program, &logs));
        }
        Ok(stack)
    }

    /// Where everything lies.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The HTTP client for this stack.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The folder of the logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.layout.folder().join("logs")
    }

    /// The port of a listener.
    ///
    /// # Errors
    /// There is no listener of this name.
    pub fn port(&self, name: &str) -> Result<u16> {
        self.layout.ports().port(name)
    }

    /// The ports.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        self.layout.ports()
    }

    /// The process ids of what runs.
    #[must_use]
    pub fn pids(&self) -> BTreeMap<&str, u32> {
        let running = self
            .services
            .iter()
            .filter_map(|(name, service)| Some((name.as_str(), service.pid()?)));
        running.collect()
    }

    /// Starts a service and does not wait for it.
    ///
    /// # Errors
    /// It runs already, or its binary is missing.
    pub fn start(&mut self, name: &str) -> Result<()> {
        self.service(name)?.start()
    }

    /// Waits until a service answers `/readyz` with 200.
    ///
    /// # Errors
    /// It has ended, or is not ready in time.
    pub async fn ready(&mut self, name: &str) -> Result<()> {
        let service = self
            .services
            .get_mut(name)
            .with_context(|| format!("no service {name}"))?;
        let Some(port) = service.program().ops_port else {
            return Ok(());
        };
        let url = format!("http://localhost:{port}/readyz");
        let end = tokio::time::Instant::now() + READY_TIME;
        loop {
            service.ensure_running()?;
            let answer = self.http.get(&url).await;
            match answer {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) if tokio::time::Instant::now() > end => {
                    let waiting = String::from_utf8_lossy(answer.body()).into_owned();
                    bail!("{name} is not ready: {waiting}");
                }
                Err(error) if tokio::time::Instant::now() > end => {
                    return Err(error).with_context(|| format!("{name} does not answer"));
                }
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
            }
        }
    }

    /// Starts services and waits until all of them are ready.
    ///
    /// # Errors
    /// As [`Stack::start`] and [`Stack::ready`].
    pub async fn start_all(&mut self, names: &[&str]) -> Result<()> {
        for name in names {
            self.start(name)?;
        }
        for name in names {
            self.ready(name).await?;
        }
        Ok(())
    }

    /// Stops a service with SIGTERM.
    ///
    /// # Errors
    /// It does not stop in time or fails while stopping.
    pub async fn stop(&mut self, name: &str) -> Result<()> {
        self.service(name)?.stop().await
    }

    /// Kills a service with SIGKILL.
    ///
    /// # Errors
    /// The operating system refuses.
    pub async fn kill(&mut self, name: &str) -> Result<()> {
        self.service(name)?.kill().await
    }

    /// Stops everything at once.
    ///
    /// # Errors
    /// The first that does not stop; the rest is stopped all the same.
    pub async fn stop_all(&mut self) -> Result<()> {
        let stopped = join_all(self.services.values_mut().map(Service::stop)).await;
        stopped.into_iter().collect()
    }

    /// The command that sets a wallet up for this stack.
    ///
    /// # Errors
    /// There is no listener for log or mirror.
    pub fn wallet_settings(&self) -> Result<Vec<String>> {
        let layout = self.layout();
        let ports: Vec<String> = layout.ports().all().iter().map(u16::to_string).collect();
        let (issuers, businesses) = (layout.issuer_anchors(), layout.business_anchors());
        std::fs::create_dir_all(&issuers)?;
        std::fs::create_dir_all(&businesses)?;
        let text = |path: &Path| path.display().to_string();
        let mut command = vec!["init".to_owned(), "--development".to_owned()];
        for (name, value) in [
            ("--ports", ports.join(",")),
            ("--trust-pack", text(&layout.trust_pack())),
            ("--ledger-url", layout.url("log")?),
            ("--mirror-url", layout.url("mirror")?),
            ("--attester-url", layout.url("attester")?),
            ("--issuer-anchors", text(&issuers)),
            ("--verifier-anchors", text(&businesses)),
        ] {
            command.extend([name.to_owned(), value]);
        }
        Ok(command)
    }

    /// Every service, in the order of starting.
    fn programs(&self) -> Result<Vec<Program>> {
        let mut programs = self.ledger_programs()?;
        for agency in Agency::ALL {
            programs.extend(self.agency_programs(agency)?);
        }
        programs.extend([self.attester_program()?, self.sign_in_program()?]);
        for business in Business::ALL {
            programs.push(self.business_program(business)?);
        }
        Ok(programs)
    }

    /// A service that is one program with one configuration file.
    fn serving(&self, name: &str, binary: &'static str) -> Result<Program> {
        let config = self.layout().config(name).display().to_string();
        Ok(Program {
            name: name.to_owned(),
            binary,
            arguments: ["serve", "--config", &config].map(str::to_owned).to_vec(),
            ops_port: Some(self.port(&format!("{name}-ops"))?),
        })
    }

    fn service(&mut self, name: &str) -> Result<&mut Service> {
        self.services
            .get_mut(name)
            .with_context(|| format!("no service {name}"))
    }
}
