//! Programs without a network: in a namespace of their own, which has a loopback interface and no route.
//!
//! Only root can make one. What was tried inside is seen from outside, in the kernel's own counters.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::process::dying_with_us;

/// Brings loopback up, says so, and keeps the namespace until it is killed.
const HOLD: &str = "ip link set lo up && echo up && exec sleep infinity";
/// A socket that listens, in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// A namespace without a way out. Ends with this value.
#[derive(Debug)]
pub struct Alone {
    /// None where programs run as they are.
    holder: Option<Child>,
    pid: u32,
}

/// What was sent from a namespace since it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Connections that somebody began, also those to the same device.
    pub connections: u64,
    /// Those of them that nobody took.
    pub failed: u64,
    /// Datagrams, as for names.
    pub datagrams: u64,
}

impl Alone {
    /// Makes one.
    ///
    /// # Errors
    /// This machine does not let us: it takes root, `unshare` and `ip`.
    pub async fn begin() -> Result<Self> {
        let mut holder = dying_with_us(Path::new("unshare"))
            .args(["--net", "--", "sh", "-c", HOLD])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start unshare")?;
        let output = holder.stdout.take().context("what unshare prints")?;
        if BufReader::new(output).lines().next_line().await?.as_deref() != Some("up") {
            let mut said = String::new();
            if let Some(mut errors) = holder.stderr.take() {
                errors.read_to_string(&mut said).await?;
            }
            anyhow::bail!("no network namespace: {}", said.trim());
        }
        let pid = holder.id().context("the namespace is gone")?;
        let alone = Self {
            holder: Some(holder),
            pid,
        };
        alone.check()?;
        Ok(alone)
    }

    /// One where this machine lets us; else programs run as they are, and nothing is known of what they try.
    pub async fn where_possible() -> Self {
        Self::begin().await.unwrap_or_else(|_| Self {
            holder: None,
            pid: std::process::id(),
        })
    }

    /// Whether there is really no network.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.holder.is_some()
    }

    /// A program inside that dies with this one.
    pub(crate) fn command(&self, program: &Path) -> Command {
        if self.holder.is_none() {
            return dying_with_us(program);
        }
        let mut command = dying_with_us(Path::new("nsenter"));
        command.arg(format!("--net=/proc/{}/ns/net", self.pid));
        command.arg("--").arg(program);
        command
    }

    /// Fails where there is a route to anywhere else.
    fn check(&self) -> Result<()> {
        let routes = self.told("route")?;
        ensure!(routes.lines().count() <= 1, "there is a route: {routes}");
        // Not every kernel has version 6; the device stands last.
        let routes = self.told("ipv6_route").unwrap_or_default();
        ensure!(
            routes.lines().all(|line| line.ends_with("lo")),
            "there is a route: {routes}"
        );
        Ok(())
    }

    /// Whether somebody inside listens at this port, without asking them.
    ///
    /// # Errors
    /// The namespace is gone.
    pub fn listens(&self, port: u16) -> Result<bool> {
        let sockets = self.told("tcp")?;
        Ok(sockets.lines().any(|line| {
            let mut columns = line.split_whitespace().skip(1);
            let address = columns.next().unwrap_or_default();
            address.ends_with(&format!(":{port:04X}")) && columns.nth(1) == Some(LISTENS)
        }))
    }

    /// What was sent so far.
    ///
    /// # Errors
    /// The namespace is gone, or the kernel counts otherwise.
    pub fn tried(&self) -> Result<Tried> {
        let counters = self.told("snmp")?;
        Ok(Tried {
            connections: counter(&counters, "Tcp:", "ActiveOpens")?,
            failed: counter(&counters, "Tcp:", "AttemptFails")?,
            datagrams: counter(&counters, "Udp:", "OutDatagrams")?,
        })
    }

    fn told(&self, what: &str) -> Result<String> {
        let path = format!("/proc/{}/net/{what}", self.pid);
        std::fs::read_to_string(&path).with_context(|| path)
    }
}

/// A number under its title: one line has the titles, the next of the same name the numbers.
fn counter(counters: &str, protocol: &str, title: &str) -> Result<u64> {
    let mut lines = counters.lines().filter(|line| line.starts_with(protocol));
    let (titles, numbers) = lines
        .next()
        .zip(lines.next())
        .with_context(|| format!("no {protocol}"))?;
    let mut pairs = titles.split_whitespace().zip(numbers.split_whitespace());
    let (_, number) = pairs
        .find(|(known, _)| *known == title)
        .with_context(|| format!("no {title}"))?;
    Ok(number.parse()?)
}

#[cfg(test)]
mod tests {
    use super::counter;

    #[test]
    fn counters_stand_under_their_titles() {
        let text =
            "Ip: Forwarding\nIp: 2\nTcp: RtoMin ActiveOpens AttemptFails\nTcp: 200 7 3\nUdp: OutDatagrams\nUdp: 9\n";
        assert_eq!(counter(text, "Tcp:", "ActiveOpens").unwrap(), 7);
        assert_eq!(counter(text, "Tcp:", "AttemptFails").unwrap(), 3);
        assert_eq!(counter(text, "Udp:", "OutDatagrams").unwrap(), 9);
        assert!(counter(text, "Udp:", "ActiveOpens").is_err());
    }
}
