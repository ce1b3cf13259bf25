//! Somebody takes the place of a service and passes on what he likes.

use anyhow::Result;
use toml::Table;

use super::Stack;
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
        let file = self.layout().config(service);
        let mut settings: Table = std::fs::read_to_string(&file)?.parse()?;
        let key = if settings.contains_key("status_listen") && service.ends_with("-status") {
            "status_listen"
        } else {
            "listen"
        };
        settings.insert(key.to_owned(), format!("127.0.0.1:{spare}").into());
        std::fs::write(&file, settings.to_string())?;
        let proxy = Proxy::start(public, spare, edit).await?;
        self.start_all(&[service]).await?;
        Ok(proxy)
    }
}
