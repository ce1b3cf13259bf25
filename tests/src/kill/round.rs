//! Seeds, one after the other, against one stack; and the end of the story.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::dice::Dice;
use super::inspect::{inspect, settled};
use super::journal::Journal;
use super::killer::{Blow, strike};
use super::scene::{Scene, found};
use super::steps::{Errand, Step, Tried, Try};
use super::target::Target;
use crate::stack::{Business, Stack};

/// How many seeds a target gets where nothing else is said.
const SEEDS: usize = 3;
/// How many one stack takes: a card has so many copies, a ledger so many entries an hour.
const SEEDS_A_STACK: usize = 3;
/// The longest time that a process is down.
const DOWN: Duration = Duration::from_millis(300);
/// How long a step may take, tries and all.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// What a target survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survived {
    /// How often it was killed.
    pub kills: usize,
    /// How many records were held against it in the end.
    pub records: usize,
}

/// The seeds of this run: the one in `HOLDFAST_SEED`, or as many fresh ones as
/// `HOLDFAST_KILL_SEEDS` says.
///
/// # Errors
/// A variable is no number.
pub fn seeds() -> Result<Vec<u64>> {
    if let Ok(seed) = std::env::var("HOLDFAST_SEED") {
        return Ok(vec![seed.parse().context("HOLDFAST_SEED")?]);
    }
    let count = match std::env::var("HOLDFAST_KILL_SEEDS") {
        Ok(count) => count.parse().context("HOLDFAST_KILL_SEEDS")?,
        Err(_) => SEEDS,
    };
    Ok((0..count)
        .map(|_| u64::from(u32::from_le_bytes(service::random::bytes())))
        .collect())
}

/// Kills the target at random moments inside each step, for every seed, and holds
/// everything acknowledged against it. Uses an empty folder.
///
/// # Errors
/// What was lost, with seed, step and moment.
pub async fn survive(folder: &Path, target: Target, seeds: &[u64]) -> Result<Survived> {
    let mut survived = Survived::default();
    for (number, seeds) in seeds.chunks(SEEDS_A_STACK).enumerate() {
        let mut round = Round::found(&folder.join(number.to_string()), target).await?;
        for seed in seeds {
            println!("{}: HOLDFAST_SEED={seed}", target.name());
            round
                .seed(*seed)
                .await
                .with_context(|| format!("{} with HOLDFAST_SEED={seed}", target.name()))?;
        }
        round.finish().await.context("after the last kill")?;
        survived.kills += round.kills;
        survived.records += round.journal.records();
    }
    Ok(survived)
}

/// A stack under one target's seeds.
pub(super) struct Round {
    target: Target,
    pub(super) scene: Scene,
    pub(super) services: Stack,
    pub(super) journal: Journal,
    /// How long each step takes when nobody is killed; for the wallet, its command.
    took: BTreeMap<Step, Duration>,
    kills: usize,
}

impl Round {
    /// A stack in which every step was done once.
    ///
    /// # Errors
    /// A step fails although nobody was killed.
    pub(super) async fn found(folder: &Path, target: Target) -> Result<Self> {
        let mut journal = Journal::default();
        let (scene, services) = found(folder, target, &mut journal)
            .await
            .context("founding the stack")?;
        let mut round = Self {
            target,
            scene,
            services,
            journal,
            took: BTreeMap::new(),
            kills: 0,
        };
        round.unharmed().await.context("before anything is killed")?;
        Ok(round)
    }

    /// Every step once, to measure it. The card for identification stays good: it is
    /// what is shown later.
    async fn unharmed(&mut self) -> Result<()> {
        let mut errand = Errand::new("residence", "customer-account");
        for step in [
            Step::Offer,
            Step::Accept,
            Step::Suspend,
            Step::Reactivate,
            Step::Revoke,
            Step::Snapshot,
        ] {
            self.finish_step(step, &mut errand).await?;
        }
        if self.target == Target::Wallet {
            for step in [Step::Offer, Step::Accept, Step::Delete] {
                self.finish_step(step, &mut errand).await?;
            }
        }
        self.story_goes_on().await?;
        self.all_is_there().await
    }

    /// One more entry, one more card, and a yes.
    ///
    /// # Errors
    /// A step fails.
    pub(super) async fn story_goes_on(&mut self) -> Result<()> {
        let mut errand = Errand::new("person-identification", "customer-account");
        for step in [Step::Entry, Step::Offer, Step::Accept, Step::Show] {
            self.finish_step(step, &mut errand).await?;
        }
        Ok(())
    }

    async fn seed(&mut self, seed: u64) -> Result<()> {
        let mut dice = Dice::new(seed);
        let mut errand = Errand::new("residence", "customer-account");
        for &step in Step::plan(self.target) {
            let tried = if self.target == Target::Wallet {
                self.kill_wallet(step, &mut errand, &mut dice).await?
            } else {
                self.kill_service(step, &mut errand, &mut dice).await?
            };
            inspect(&self.scene, &mut self.journal)
                .await
                .with_context(|| format!("after the kill in {step:?}"))?;
            if tried != Tried::Done {
                self.finish_step(step, &mut errand).await?;
            }
        }
        self.all_is_there().await
    }

    async fn kill_service(&mut self, step: Step, errand: &mut Errand, dice: &mut Dice) -> Result<Tried> {
        let service = dice.pick(self.target.services()).context("no service to kill")?;
        let took = self.took.get(&step).copied().unwrap_or_default();
        let blow = Blow {
            service,
            after: dice.moment(took),
            down: dice.moment(DOWN),
        };
        let mut one = Try {
            scene: &self.scene,
            journal: &mut self.journal,
            errand,
            wallet_dies: None,
        };
        let tried = strike(&mut self.services, blow, one.run(step))
            .await?
            .with_context(|| format!("{service} killed {} ms into {step:?}", blow.after.as_millis()))?;
        println!(
            "  {step:?} ({} ms): {service} killed after {} ms, down {} ms: {tried:?}",
            took.as_millis(),
            blow.after.as_millis(),
            blow.down.as_millis()
        );
        self.kills += 1;
        Ok(tried)
    }

    async fn kill_wallet(&mut self, step: Step, errand: &mut Errand, dice: &mut Dice) -> Result<Tried> {
        let took = self.took.get(&step).copied().unwrap_or_default();
        let after = dice.moment(took);
        let mut one = Try {
            scene: &self.scene,
            journal: &mut self.journal,
            errand,
            wallet_dies: step.uses_wallet().then_some(after),
        };
        let tried = one.run(step).await.with_context(|| format!("killed after {after:?}"))?;
        if step.uses_wallet() {
            println!(
                "  {step:?} ({} ms): the wallet killed after {} ms: {tried:?}",
                took.as_millis(),
                after.as_millis()
            );
            self.kills += usize::from(tried != Tried::Done);
        }
        Ok(tried)
    }

    /// Tries until the step is acknowledged, and notes how long that took.
    async fn finish_step(&mut self, step: Step, errand: &mut Errand) -> Result<()> {
        let begun = Instant::now();
        loop {
            let tried = Instant::now();
            let mut one = Try {
                scene: &self.scene,
                journal: &mut self.journal,
                errand,
                wallet_dies: None,
            };
            let Tried::Again(why) = one.run(step).await? else {
                let took = match self.target {
                    Target::Wallet if step.uses_wallet() => errand.wallet_took,
                    _ => tried.elapsed(),
                };
                self.took.entry(step).or_insert(took);
                return Ok(());
            };
            if begun.elapsed() > PATIENCE {
                bail!("{step:?} does not come to its end: {why}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Nothing is under way: everything is there, and nothing more.
    ///
    /// # Errors
    /// What is not.
    pub(super) async fn all_is_there(&mut self) -> Result<()> {
        inspect(&self.scene, &mut self.journal).await?;
        settled(&self.scene, &self.journal).await
    }

    /// The story goes on: a card, a yes, a no for what was revoked, and an auditor who
    /// replays all of it.
    async fn finish(&mut self) -> Result<()> {
        self.story_goes_on().await?;
        self.all_is_there().await?;
        self.scene
            .world
            .expect_soon(Business::Shop, "adult-resident", "no", "revoked")
            .await?;
        for source in ["log", "mirror"] {
            let audit = self
                .scene
                .world
                .stack
                .audit(&self.scene.url(source)?)
                .await?
                .success()?;
            ensure!(audit.stdout.contains("everything holds"), "{}", audit.stdout);
        }
        self.services.stop_all().await
    }
}
