//! Somebody takes the place of a service and passes on what he likes.

use anyhow::Result;

use super::Stack;
use super::settings::Settings;
use crate::proxy::{Edit, Proxy};

impl Stack {
    /// Moves a service to the spare port, and puts a proxy that changes its
    /// answers where it was. Only one service can be moved at a time.
    ///
    /// # Errors
    /// The service does not stop or start.
    pub async fn reroute(&mut self, service: &str, edit: Edit) -> Result<Proxy> {
        let (public, spare) = (self.port(service)?, self.port("proxy")?);
        self.stop(service).await?;
        let key = if service.ends_with("-status") {
            "status_listen"
        } else {
            "listen"
        };
        let mut settings = Settings::read(service, self.layout())?;
        settings
            .set(key, format!("127.0.0.1:{spare}"))
            .write(service, self.layout())?;
        let proxy = Proxy::start(public, spare, edit).await?;
        self.start_all(&[service]).await?;
        Ok(proxy)
    }
}
