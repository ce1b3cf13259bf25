//! What goes wrong in a run, one at a time.

use std::sync::Arc;

use service::Clock;

use crate::disk::{Disk, Table};
use crate::lock;
use crate::node::Lie;
use crate::store::head_of;
use crate::world::World;

impl World {
    /// A fault, if the run has such faults.
    pub(crate) fn go_wrong(&mut self, which: u64) {
        let weather = self.weather;
        match which {
            11 | 12 if weather.crashes => self.kill(),
            13 if weather.crashes => self.cut_power(),
            14 if weather.away => self.send_away(),
            15 if weather.away => self.restart_node(),
            16 | 17 if weather.disk || weather.flips => self.fail_disk(),
            18 if weather.liar => self.lie(),
            19 if weather.clocks => self.move_clocks(),
            20..=22 if weather.rollback => self.copy(),
            20..=22 if weather.race && self.instances.len() == 1 => self.start(),
            23 if weather.network => self.deliver_late(),
            _ => self.submit(),
        }
    }

    fn kill(&mut self) {
        let at = self.chance.place(self.instances.len());
        if let Some((owner, _)) = self.instances.get(at) {
            let owner = *owner;
            self.say("a log is killed");
            self.end(owner);
        }
    }

    fn cut_power(&mut self) {
        self.say("the power is cut");
        self.end_all();
        lock(&self.store.drive.disk).cut_power(&self.chance);
        self.store.tell_durable();
        self.check_acknowledged();
    }

    fn restart_node(&mut self) {
        let at = self.chance.place(self.network.nodes.len());
        self.restart(at);
    }

    /// The mirror more often than others: without it there is no quorum.
    fn send_away(&self) {
        let nodes = self.network.nodes.len();
        let at = if self.chance.one_in(2) {
            nodes.saturating_sub(1)
        } else {
            self.chance.place(nodes)
        };
        if let Some(node) = self.network.nodes.get(at) {
            let mut state = lock(&node.state);
            state.is_away = !state.is_away;
            self.say(format!("{} is away: {}", node.name, state.is_away));
        }
    }

    fn lie(&self) {
        if let Some(node) = self.network.nodes.get(self.liar) {
            let lie = self.chance.pick(&Lie::ALL).filter(|_| !self.chance.one_in(4));
            let mut state = lock(&node.state);
            state.lie = lie;
            state.is_bad |= lie.is_some();
            self.say(format!("{} lies: {lie:?}", node.name));
        }
    }

    fn fail_disk(&mut self) {
        let mut disk = lock(&self.store.drive.disk);
        let fault = self.chance.below(5);
        match fault {
            0 if self.weather.disk => disk.faults.is_full = !disk.faults.is_full,
            1 if self.weather.disk => disk.faults.failing_syncs += 1,
            2 if self.weather.disk && self.chance.one_in(2) => disk.faults.failing_writes += 1,
            2 if self.weather.disk => disk.faults.untold += 1,
            3 if self.weather.flips && self.chance.one_in(4) => {
                self.is_damaged |= disk.flip(&[Table::Head, Table::Hashes, Table::MapNodes], &self.chance);
            }
            _ if self.weather.flips => disk.faults.flips += 1,
            _ => {}
        }
        let (faults, is_damaged) = (disk.faults, self.is_damaged);
        drop(disk);
        self.say(format!("{faults:?}, damaged: {is_damaged}"));
    }

    fn move_clocks(&self) {
        let jump = [60, 3600, 86_400, 30 * 86_400];
        let jump = self.chance.pick(&jump).unwrap_or(1);
        let clocks = self.network.nodes.iter().map(|node| &node.clock).chain([&self.clock]);
        for clock in clocks {
            if self.chance.one_in(2) {
                continue;
            }
            if self.chance.one_in(2) {
                clock.set(clock.now().saturating_sub(jump));
            } else {
                clock.advance(jump);
            }
        }
        self.say(format!("clocks jump by {jump} s"));
    }

    /// A copy of the disk is made, or put back.
    fn copy(&mut self) {
        let Some(backup) = self.backup.take() else {
            self.say("the disk is copied");
            self.backup = Some(lock(&self.store.drive.disk).clone());
            return;
        };
        let size = |disk: &Disk| head_of(disk).map_or(0, |head| head.size);
        if size(&backup) >= size(&lock(&self.store.drive.disk)) {
            self.backup = Some(backup);
            return;
        }
        self.say("an old copy of the disk is put back");
        self.end_all();
        self.store.observer.rolled_back();
        *lock(&self.store.drive.disk) = backup;
    }

    fn deliver_late(&self) {
        let at = self.chance.place(self.network.nodes.len());
        if let Some(node) = self.network.nodes.get(at) {
            let seen = lock(&node.seen);
            if let Some(body) = seen.get(self.chance.place(seen.len())) {
                lock(&node.inbox).push_back((body.clone(), Arc::default()));
                self.say(format!("{} gets an old request", node.name));
            }
        }
    }
}
