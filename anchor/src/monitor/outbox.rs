//! What a webhook is to be told, kept in a file until it was taken: neither the end of a monitor nor an address that is
//! gone loses it. docs/monitor.md, "Messages"

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jose::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::files::write_atomically;
use service::webhook::pause_after;

use super::finding::Finding;

/// Messages that wait, and as many that were given up, at most.
const MOST: usize = 1000;

/// The messages of a monitor.
#[derive(Debug)]
pub(super) struct Outbox {
    path: PathBuf,
    kept: Kept,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// Not taken yet, those whose turn is first before the others.
    waiting: Vec<Message>,
    /// Sent so often that they are sent no more: dead letters.
    given_up: Vec<Message>,
    /// Messages for which there was no room.
    dropped: u64,
}

/// A message, the same each time it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub(super) id: String,
    /// What makes a finding the same one.
    key: String,
    #[serde(rename = "type")]
    kind: String,
    /// When it was found.
    timestamp: String,
    data: Value,
    /// Looks in which it was sent and not taken.
    failures: u32,
    /// Not sent before.
    next_at: UnixTime,
}

/// Why the file is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutboxError {
    /// It cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        path: String,
        #[source]
        source: std::io::Error,
    },
    /// It is not what a monitor wrote.
    #[error("{0} is not what a monitor wrote")]
    Form(String),
}

impl Message {
    /// What is sent. Standard Webhooks 1.0
    pub(super) fn body(&self) -> Vec<u8> {
        let message = json!({ "type": self.kind, "timestamp": self.timestamp, "data": self.data });
        message.to_string().into_bytes()
    }

    fn described(&self, state: &str) -> Value {
        json!({
            "state": state,
            "id": self.id,
            "type": self.kind,
            "timestamp": self.timestamp,
            "data": self.data,
            "failures": self.failures,
        })
    }
}

impl Outbox {
    /// Goes on from what the folder holds.
    ///
    /// # Errors
    /// [`OutboxError`]: there may be dead letters in it, so it is not begun anew.
    pub(super) fn below(folder: &Path) -> Result<Self, OutboxError> {
        let path = folder.join("outbox.json");
        let name = || path.display().to_string();
        let kept = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| OutboxError::Form(name()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept::default(),
            Err(source) => return Err(OutboxError::File { path: name(), source }),
        };
        Ok(Self { path, kept })
    }

    /// One more to be sent, unless the same is waiting.
    pub(super) fn put(&mut self, finding: &Finding, key: String, now: UnixTime) {
        if self.kept.waiting.iter().any(|waiting| waiting.key == key) {
            return;
        }
        if self.kept.waiting.len() >= MOST {
            self.kept.dropped += 1;
            return;
        }
        let timestamp = i64::try_from(now).ok().and_then(|now| Timestamp::from_second(now).ok());
        self.kept.waiting.push(Message {
            id: format!("msg_{}", service::random::id()),
            key,
            kind: finding.name().to_owned(),
            timestamp: timestamp.map_or_else(|| now.to_string(), |timestamp| timestamp.to_string()),
            data: finding.data(),
            failures: 0,
            next_at: now,
        });
    }

    /// What is to be sent now.
    pub(super) fn due(&self, now: UnixTime) -> Vec<Message> {
        let due = self.kept.waiting.iter().filter(|message| message.next_at <= now);
        due.cloned().collect()
    }

    /// It was taken.
    pub(super) fn taken(&mut self, id: &str) {
        self.kept.waiting.retain(|message| message.id != id);
    }

    /// It was not taken: it comes again behind the others, after longer and longer, at first in the next look. Once it
    /// was sent often enough, or where nobody is there `for_good`, it is kept and sent no more; true is told then.
    pub(super) fn not_taken(&mut self, id: &str, for_good: bool, now: UnixTime) -> bool {
        let Some(place) = self.kept.waiting.iter().position(|message| message.id == id) else {
            return false;
        };
        let mut message = self.kept.waiting.remove(place);
        message.failures = message.failures.saturating_add(1);
        let pause = match message.failures {
            1 => Some(0),
            failures => pause_after(failures.saturating_sub(1)),
        };
        match pause.filter(|_| !for_good) {
            Some(pause) => {
                message.next_at = now.saturating_add(pause);
                self.kept.waiting.push(message);
                false
            }
            None => {
                self.give_up(message);
                true
            }
        }
    }

    /// How many were given up.
    pub(super) fn given_up(&self) -> usize {
        self.kept.given_up.len()
    }

    /// Every message, one JSON object each.
    pub(super) fn described(&self) -> Vec<Value> {
        let waiting = self.kept.waiting.iter().map(|message| message.described("waiting"));
        let given_up = self.kept.given_up.iter().map(|message| message.described("given_up"));
        let dropped = (self.kept.dropped > 0).then(|| json!({ "state": "dropped", "messages": self.kept.dropped }));
        waiting.chain(given_up).chain(dropped).collect()
    }

    /// What was given up is sent again, from the beginning.
    pub(super) fn send_again(&mut self) {
        for mut message in std::mem::take(&mut self.kept.given_up) {
            message.failures = 0;
            message.next_at = 0;
            self.kept.waiting.push(message);
        }
    }

    /// Somebody has read what was given up and dropped.
    pub(super) fn forget(&mut self) {
        self.kept.given_up.clear();
        self.kept.dropped = 0;
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`OutboxError::File`]
    pub(super) fn save(&self) -> Result<(), OutboxError> {
        let bytes = serde_json::to_vec(&self.kept).unwrap_or_default();
        write_atomically(&self.path, &bytes).map_err(|source| OutboxError::File {
            path: self.path.display().to_string(),
            source,
        })
    }

    /// A dead letter. One about the same as an earlier one takes its place: a state that lasts is found again and again.
    fn give_up(&mut self, message: Message) {
        self.kept.given_up.retain(|before| before.key != message.key);
        if self.kept.given_up.len() >= MOST {
            self.kept.dropped += 1;
            return;
        }
        self.kept.given_up.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox() -> (tempfile::TempDir, Outbox) {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::below(folder.path()).unwrap();
        (folder, outbox)
    }

    fn entry(number: u64) -> Finding {
        Finding::Entry {
            number,
            rule: "conflict".to_owned(),
        }
    }

    fn put(outbox: &mut Outbox, number: u64, now: UnixTime) {
        outbox.put(&entry(number), entry(number).to_string(), now);
    }

    #[test]
    fn a_message_comes_again_after_longer_and_longer_and_is_then_given_up() {
        let (_folder, mut outbox) = outbox();
        put(&mut outbox, 7, 100);
        let mut now = 100;
        let mut pauses = Vec::new();
        loop {
            let message = outbox.due(now).remove(0);
            if outbox.not_taken(&message.id, false, now) {
                break;
            }
            let next = outbox.kept.waiting[0].next_at;
            assert!(next == now || outbox.due(next - 1).is_empty());
            pauses.push(next - now);
            now = next;
        }
        assert_eq!(pauses, [0, 30, 120, 600, 3_600, 14_400, 43_200, 86_400, 86_400]);
        assert_eq!((outbox.given_up(), outbox.kept.waiting.len()), (1, 0));
    }

    #[test]
    fn one_that_was_not_taken_is_behind_the_others() {
        let (_folder, mut outbox) = outbox();
        put(&mut outbox, 1, 5);
        put(&mut outbox, 2, 5);
        let first = outbox.due(5).remove(0);
        outbox.not_taken(&first.id, false, 5);
        assert_eq!(outbox.due(5)[1], Message { failures: 1, ..first });
    }

    #[test]
    fn what_is_kept_is_read_again_and_keeps_its_name() {
        let (folder, mut outbox) = outbox();
        put(&mut outbox, 1, 5);
        let sent = outbox.due(5);
        outbox.save().unwrap();
        let again = Outbox::below(folder.path()).unwrap();
        assert_eq!(again.due(5), sent);
    }

    #[test]
    fn no_more_than_a_thousand_wait_and_the_rest_is_counted() {
        let (_folder, mut outbox) = outbox();
        (0..=1000).for_each(|number| put(&mut outbox, number, 5));
        assert_eq!((outbox.due(5).len(), outbox.kept.dropped), (1000, 1));
        outbox.forget();
        assert_eq!(outbox.kept.dropped, 0);
    }
}
