//! The people of the story's register, made while other things happen.

use std::path::PathBuf;

use anyhow::{Context, Result};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use crate::stack::{Layout, generate_people};

/// How many people the register of the population gets.
pub const PEOPLE: usize = 10_000;

/// A file of people that is being made.
pub struct People {
    making: tokio::sync::Mutex<Option<JoinHandle<Result<PathBuf>>>>,
    file: OnceCell<PathBuf>,
}

impl People {
    /// Begins.
    #[must_use]
    pub fn begin(layout: &Layout) -> Self {
        let layout = layout.clone();
        let making = tokio::spawn(async move { generate_people(&layout, PEOPLE).await });
        Self {
            making: tokio::sync::Mutex::new(Some(making)),
            file: OnceCell::new(),
        }
    }

    /// The file, once it is there.
    ///
    /// # Errors
    /// It could not be made.
    pub async fn file(&self) -> Result<PathBuf> {
        let wait = || async {
            let making = self.making.lock().await.take().context("the people were not made")?;
            making.await.context("the making of people")?
        };
        self.file.get_or_try_init(wait).await.cloned()
    }
}
