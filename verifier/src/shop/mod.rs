//! The example shop: what a page of a business does with a check. It knows an
//! order by a token that only the customer's browser holds, and keeps nothing
//! but which sessions belong to it.

mod order;

pub(crate) use order::order_state;

use std::net::IpAddr;

use jose::UnixTime;
use service::AddressLimit;
use sha2::{Digest, Sha256};

use crate::config::ShopSettings;
use crate::error::ApiError;

/// The shop's part of the service.
#[derive(Debug)]
pub struct Shop {
    check: String,
    limit: AddressLimit,
}

/// A browser with an order: what its cookie holds.
#[derive(Clone)]
pub(crate) struct Browser(String);

impl Shop {
    /// A shop as configured.
    pub fn new(settings: &ShopSettings) -> Self {
        Self {
            check: settings.check.clone(),
            limit: AddressLimit::new(settings.checks_per_address),
        }
    }

    /// The check that a customer must pass.
    pub fn check(&self) -> &str {
        &self.check
    }

    /// Counts a check that an address starts.
    pub(crate) fn start(&self, address: Option<IpAddr>, now: UnixTime) -> Result<(), ApiError> {
        self.limit
            .count(address, now)
            .map_err(|retry_after| ApiError::TooManyFromOne { retry_after })
    }
}

impl Browser {
    /// A browser that had no order.
    pub(crate) fn new() -> Self {
        Self(service::random::token())
    }

    /// The browser that sent this cookie.
    pub(crate) fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// What goes into the cookie.
    pub(crate) fn cookie(&self) -> &str {
        &self.0
    }

    /// Under what its order is kept: whoever reads the store cannot be welcomed
    /// in its place.
    pub(crate) fn key(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}
