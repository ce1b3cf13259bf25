//! One run: a log, four cosigners, what goes wrong, and then that everything is well again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use service::{Clock, TestClock};

use crate::chance::Chance;
use crate::disk::{Disk, Drive, Faults};
use crate::fixture::{Fixture, MIRROR, NOW, SUBMISSIONS, WITNESSES, known_keys};
use crate::instance::{BOUND, Face, check_entry, publish, sequence};
use crate::lock;
use crate::network::Network;
use crate::node::Node;
use crate::oracle::{Finding, Observer, Oracle};
use crate::plant::Plant;
use crate::store::SimStore;
use crate::tasks::{Owner, Tasks};
use crate::weather::Weather;

/// What a run came to in which everything held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Trees that were published.
    pub published: u64,
    /// Submissions that were acknowledged.
    pub acknowledged: u64,
}

/// Runs one seed.
///
/// # Errors
/// The first thing that did not hold.
pub fn run(seed: u64, plant: Option<Plant>) -> Result<Summary, Finding> {
    let mut world = World::new(seed, plant);
    for _ in 0..5 + world.chance.below(16) {
        world.step();
        if world.store.observer.has_found() {
            break;
        }
    }
    if !world.store.observer.has_found() {
        world.settle();
    }
    match world.store.observer.finding(seed) {
        Some(finding) => Err(finding),
        None => Ok(Summary {
            published: world.store.observer.publications(),
            acknowledged: world.store.observer.all_acknowledged().len() as u64,
        }),
    }
}

pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    tasks: Tasks,
    pub(crate) store: SimStore,
    pub(crate) network: Arc<Network>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) instances: Vec<(Owner, Face)>,
    next_owner: Owner,
    /// Which cosigner may lie.
    pub(crate) liar: usize,
    pub(crate) backup: Option<Disk>,
    submitted: BTreeSet<usize>,
    /// Bits flipped in what was committed: the log may stop for good.
    pub(crate) is_damaged: bool,
}

impl World {
    fn new(seed: u64, plant: Option<Plant>) -> Self {
        let (chance, observer) = (Chance::new(seed), Observer::default());
        let weather = Weather::of(&chance);
        let store = SimStore {
            drive: Drive {
                disk: Arc::new(Mutex::new(Fixture::get().disk())),
                chance: chance.clone(),
                is_lazy: plant == Some(Plant::CommitWithoutSync),
            },
            // Not drawn, so that the other runs are what they were.
            is_changing_key: seed % 4 == 3,
            plant,
            observer: observer.clone(),
            bound: (!weather.race).then_some(BOUND),
        };
        store.tell_durable();
        let is_lazy = plant == Some(Plant::WitnessAnswersFirst);
        let names = [WITNESSES[0], WITNESSES[1], WITNESSES[2], MIRROR];
        let network = Network {
            nodes: names
                .map(|name| Arc::new(Node::new(name, &chance, &observer, is_lazy)))
                .to_vec(),
            chance: chance.clone(),
            observer: observer.clone(),
            trouble: AtomicU64::new(if weather.network { 6 } else { 0 }),
        };
        observer.step(format!("{weather:?}, two log keys: {}", store.is_changing_key));
        let mut world = Self {
            liar: chance.place(names.len()),
            chance,
            weather,
            tasks: Tasks::default(),
            store,
            network: Arc::new(network),
            clock: Arc::new(TestClock::at(NOW)),
            instances: Vec::new(),
            next_owner: names.len() as Owner,
            backup: None,
            submitted: BTreeSet::new(),
            is_damaged: false,
        };
        (0..names.len()).for_each(|at| world.start_node(at));
        world.start();
        world.instances.iter().for_each(|(_, face)| face.allow_round());
        world.run(800);
        world
    }

    pub(crate) fn say(&self, what: impl Into<String>) {
        self.store.observer.step(what.into());
    }

    /// Gives turns. A log that stopped itself is gone with all it was about to do.
    fn run(&mut self, turns: u64) {
        self.tasks.run(turns, &self.chance);
        let stopped = self.instances.iter().filter(|(_, face)| face.is_stopped());
        let stopped: Vec<Owner> = stopped.map(|(owner, _)| *owner).collect();
        stopped.into_iter().for_each(|owner| self.end(owner));
    }

    /// One thing happens, and then everybody has a few turns.
    fn step(&mut self) {
        if self.instances.is_empty() {
            self.start();
        }
        match self.chance.below(24) {
            0..=4 => self.submit(),
            5..=9 => self.allow_rounds(),
            10 => self.instances.iter().for_each(|(_, face)| face.hour()),
            at => self.go_wrong(at),
        }
        let turns = 100 + self.chance.below(500);
        self.run(turns);
    }

    /// Starts a log on the disk.
    pub(crate) fn start(&mut self) {
        if self.instances.is_empty() {
            lock(&self.store.drive.disk).open();
            self.store.tell_durable();
            self.check_acknowledged();
        }
        self.say("a log starts");
        let (owner, face) = (self.next_owner, Face::new(&self.store));
        self.next_owner += 1;
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.tasks
            .begin(owner, sequence(self.store.clone(), face.clone(), Arc::clone(&clock)));
        let network = Arc::clone(&self.network);
        self.tasks
            .begin(owner, publish(self.store.clone(), face.clone(), network, clock));
        self.instances.push((owner, face));
    }

    pub(crate) fn submit(&mut self) {
        for _ in 0..=self.chance.below(3) {
            let first = self.chance.place(self.instances.len());
            // Where two instances run, both often have something to write at once.
            let asked = if self.chance.one_in(2) { self.instances.len() } else { 1 };
            for (_, face) in self.instances.iter().cycle().skip(first).take(asked) {
                let submission = self.chance.place(SUBMISSIONS);
                let taken = face.submit(submission, &self.store);
                self.submitted.insert(submission);
                self.say(format!("submission {submission}: {taken:?}"));
            }
            self.run(30);
        }
    }

    /// Another round for who has anything to publish, and now and then for who has not.
    fn allow_rounds(&self) {
        self.say("another round");
        for (_, face) in &self.instances {
            if face.wants_round() || self.chance.one_in(4) {
                face.allow_round();
            }
        }
    }

    pub(crate) fn end(&mut self, owner: Owner) {
        self.tasks.end(owner);
        self.instances.retain(|(of, _)| *of != owner);
    }

    pub(crate) fn end_all(&mut self) {
        while let Some((owner, _)) = self.instances.first() {
            let owner = *owner;
            self.end(owner);
        }
    }

    pub(crate) fn check_acknowledged(&self) {
        if !self.store.observer.was_rolled_back() {
            for (submission, index) in self.store.observer.all_acknowledged() {
                check_entry(&self.store, submission, index);
            }
        }
    }

    fn start_node(&mut self, at: usize) {
        if let Some(node) = self.network.nodes.get(at) {
            let keys = known_keys(node.name, self.store.is_changing_key);
            self.tasks.begin(at as Owner, Arc::clone(node).serve(keys));
        }
    }

    /// The power of a cosigner's machine is cut, and comes back.
    pub(crate) fn restart(&mut self, at: usize) {
        self.tasks.end(at as Owner);
        if let Some(node) = self.network.nodes.get(at) {
            self.say(format!("{} starts again", node.name));
            lock(&node.inbox).clear();
            lock(&node.disk).cut_power(&self.chance);
        }
        self.start_node(at);
    }

    /// All faults end. Everything that was handed in is then published, unless nothing could bring it back.
    fn settle(&mut self) {
        self.say("all faults end");
        self.end_all();
        lock(&self.store.drive.disk).faults = Faults::default();
        self.network.trouble.store(0, Ordering::Relaxed);
        self.clock.set(self.clock.now().max(NOW));
        for at in 0..self.network.nodes.len() {
            if let Some(node) = self.network.nodes.get(at) {
                let mut state = lock(&node.state);
                (state.is_away, state.lie) = (false, None);
                node.clock.set(node.clock.now().max(NOW));
            }
            self.restart(at);
        }
        self.start();
        let is_lost = self.is_damaged || self.store.observer.was_rolled_back();
        let rounds = if is_lost { 4 } else { 120 };
        for _ in 0..rounds {
            if self.is_settled() {
                return;
            }
            self.hand_in_again();
            self.run(300);
        }
        if !is_lost {
            let left = self.left();
            let find = || format!("submissions {left:?} are not published");
            self.store.observer.find(Oracle::Progress, find);
        }
    }

    fn hand_in_again(&self) {
        let left = self.left();
        for (_, face) in &self.instances {
            left.iter().for_each(|one| drop(face.submit(*one, &self.store)));
            if face.wants_round() {
                face.allow_round();
            }
        }
    }

    fn left(&self) -> Vec<usize> {
        let acknowledged = self.store.observer.all_acknowledged();
        let left = self.submitted.iter().filter(|one| !acknowledged.contains_key(*one));
        left.copied().collect()
    }

    fn is_settled(&self) -> bool {
        self.left().is_empty() || self.store.observer.has_found()
    }
}
