//! The certificate in use. It is made anew when the machine gets another
//! address, and long before it runs out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use jose::UnixTime;
use service::Clock;
use tokio_rustls::rustls::crypto::aws_lc_rs::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use super::Reachable;
use super::authority::LocalAuthority;

/// Certifies this machine, again and again.
pub(crate) struct Leaf {
    authority: LocalAuthority,
    /// Where the pages are bound.
    bound: SocketAddr,
    clock: Arc<dyn Clock>,
    used: Mutex<Used>,
}

#[derive(Clone)]
struct Used {
    reachable: Reachable,
    made_at: UnixTime,
    certified: Arc<CertifiedKey>,
}

impl Leaf {
    pub(crate) fn new(authority: LocalAuthority, bound: SocketAddr, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let used = certify(&authority, Reachable::at(bound)?, clock.now())?;
        Ok(Self {
            authority,
            bound,
            clock,
            used: Mutex::new(used),
        })
    }

    /// Names and addresses in the certificate.
    pub(crate) fn reachable(&self) -> Reachable {
        self.used().reachable
    }

    /// Makes another certificate if this one is not good any more.
    pub(crate) fn renew(&self) -> anyhow::Result<()> {
        let (reachable, used, now) = (Reachable::at(self.bound)?, self.used(), self.clock.now());
        if reachable == used.reachable && now < used.made_at + RENEWED_AFTER {
            return Ok(());
        }
        let renewed = certify(&self.authority, reachable, now)?;
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    fn used(&self) -> Used {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn certify(authority: &LocalAuthority, reachable: Reachable, now: UnixTime) -> anyhow::Result<Used> {
    let leaf = authority.certify(&reachable, now)?;
    let key = any_supported_type(&PrivatePkcs8KeyDer::from(leaf.key).into())?;
    Ok(Used {
        reachable,
        made_at: now,
        certified: Arc::new(CertifiedKey::new(vec![CertificateDer::from(leaf.certificate)], key)),
    })
}

impl ResolvesServerCert for Leaf {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.used().certified)
    }
}

impl std::fmt::Debug for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leaf")
            .field("reachable", &self.used().reachable)
            .finish_non_exhaustive()
    }
}

/// A third of its life.
const RENEWED_AFTER: UnixTime = 30 * 86_400;
