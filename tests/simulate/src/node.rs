//! A cosigner: the product's rules for witnesses over a disk that fails, or one that lies.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use anchor::log::Reply;
use anchor::witness::{Cosigning, WitnessError};
use service::{Clock, Metrics, TestClock};
use tlog::{AddCheckpoint, Checkpoint, Cosigner, Hash, LogKey, Refusal, WitnessState};

use crate::chance::{Chance, give_way};
use crate::disk::{Disk, Drive, Table};
use crate::fixture;
use crate::lock;
use crate::oracle::{Observer, Oracle};
use crate::records::{SimRecords, recorded_size};

/// Where an answer goes.
pub(crate) type Slot = Arc<Mutex<Option<Reply>>>;

/// How a cosigner lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// A signature of something else.
    WrongSignature,
    /// It has a larger tree.
    LargerTree,
    /// The answer it gave last, to whatever is asked.
    OldAnswer,
    /// The proof does not verify.
    BadProof,
    /// It cosigns whatever it is shown.
    AnyFace,
    /// No answer of the protocol.
    Noise,
}

impl Lie {
    pub(crate) const ALL: [Self; 6] = [
        Self::WrongSignature,
        Self::LargerTree,
        Self::OldAnswer,
        Self::BadProof,
        Self::AnyFace,
        Self::Noise,
    ];
}

/// One cosigner.
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) disk: Arc<Mutex<Disk>>,
    pub(crate) inbox: Mutex<VecDeque<(Vec<u8>, Slot)>>,
    /// Requests that were seen, to come once more, late.
    pub(crate) seen: Mutex<Vec<Vec<u8>>>,
    pub(crate) state: Mutex<NodeState>,
    cosigning: Cosigning<SimRecords>,
    /// The same key once more, to lie with.
    liar: Cosigner,
    chance: Chance,
    observer: Observer,
    faces: Mutex<BTreeMap<u64, Hash>>,
    last: Mutex<Option<Reply>>,
}

/// What is wrong with a cosigner now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NodeState {
    /// Nothing reaches it.
    pub(crate) is_away: bool,
    pub(crate) lie: Option<Lie>,
    /// It once lied, or lost its memory: what it says binds nobody.
    pub(crate) is_bad: bool,
}

impl Node {
    pub(crate) fn new(name: &'static str, chance: &Chance, observer: &Observer, is_lazy: bool) -> Self {
        let disk = Arc::new(Mutex::new(Disk::default()));
        let clock = Arc::new(TestClock::at(fixture::NOW));
        let records = SimRecords(Drive {
            disk: Arc::clone(&disk),
            chance: chance.clone(),
            is_lazy,
        });
        let key = fixture::cosigner(name);
        Self {
            name,
            cosigning: Cosigning::new(records, key, Arc::clone(&clock) as Arc<dyn Clock>, &Metrics::new()),
            clock,
            disk,
            inbox: Mutex::default(),
            seen: Mutex::default(),
            state: Mutex::default(),
            liar: fixture::cosigner(name),
            chance: chance.clone(),
            observer: observer.clone(),
            faces: Mutex::default(),
            last: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> NodeState {
        *lock(&self.state)
    }

    /// Answers what comes, until it is ended.
    pub(crate) async fn serve(self: Arc<Self>, keys: Vec<LogKey>) {
        let Ok(mut state) = self.cosigning.load(keys).await else {
            return;
        };
        loop {
            let next = lock(&self.inbox).pop_front();
            let Some((body, slot)) = next else {
                give_way().await;
                continue;
            };
            let Ok(request) = AddCheckpoint::parse(&body) else {
                continue;
            };
            let reply = match self.now().lie {
                Some(lie) => self.lie(lie, &request),
                None => self.answer(&mut state, request).await,
            };
            if reply.status == 200 {
                *lock(&self.last) = Some(reply.clone());
            }
            *lock(&slot) = Some(reply);
        }
    }

    async fn answer(&self, state: &mut WitnessState, request: AddCheckpoint) -> Reply {
        let checkpoint = request.checkpoint.dangerous_checkpoint().clone();
        match self.cosigning.advance(state, request).await {
            Ok(line) => {
                self.observer.cosigned(self.name, &checkpoint);
                self.look(&checkpoint);
                reply(200, line.to_string())
            }
            Err(WitnessError::Refused(Refusal::Conflict { size })) => reply(409, format!("{size}\n")),
            Err(WitnessError::Refused(refusal)) => reply(refusal.status(), String::new()),
            Err(_) => reply(500, String::new()),
        }
    }

    /// What must hold when a cosignature leaves.
    fn look(&self, checkpoint: &Checkpoint) {
        if self.now().is_bad {
            return;
        }
        let (name, size) = (self.name, checkpoint.size());
        let key = checkpoint.origin().as_str().as_bytes();
        let survives = recorded_size(lock(&self.disk).survivor(Table::Newest, key));
        if survives < size {
            self.observer.find(Oracle::WitnessOneFace, || {
                format!("{name} cosigned {size} entries, and {survives} survive a power cut")
            });
        }
        let mut faces = lock(&self.faces);
        let largest = faces.keys().next_back().copied().unwrap_or(0);
        let before = faces.insert(size, *checkpoint.root());
        if largest > size || before.is_some_and(|before| before != *checkpoint.root()) {
            self.observer.find(Oracle::WitnessOneFace, || {
                format!("{name} cosigned {size} entries after {largest}, or two trees")
            });
        }
    }

    fn lie(&self, lie: Lie, request: &AddCheckpoint) -> Reply {
        let checkpoint = request.checkpoint.dangerous_checkpoint();
        let size = checkpoint.size();
        match lie {
            Lie::WrongSignature => {
                let other = Checkpoint::new(checkpoint.origin().clone(), size + 1, *checkpoint.root());
                self.sign(&other)
            }
            Lie::LargerTree => reply(409, format!("{}\n", size + 1 + self.chance.below(1000))),
            Lie::OldAnswer => lock(&self.last).clone().unwrap_or_else(|| reply(500, String::new())),
            Lie::BadProof => reply(422, String::new()),
            Lie::AnyFace => {
                self.observer.cosigned(self.name, checkpoint);
                self.sign(checkpoint)
            }
            Lie::Noise => reply(200, format!("\u{2014} {} {}\n", self.name, self.chance.below(u64::MAX))),
        }
    }

    fn sign(&self, checkpoint: &Checkpoint) -> Reply {
        match self.liar.cosign(checkpoint, self.clock.now()) {
            Ok(line) => reply(200, line.to_string()),
            Err(_) => reply(500, String::new()),
        }
    }
}

fn reply(status: u16, body: String) -> Reply {
    Reply {
        status,
        body: body.into_bytes(),
    }
}
