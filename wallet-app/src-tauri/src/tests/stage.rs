//! The app without a screen: the real commands, capabilities and pages, a wallet in a folder of its
//! own, and a keyring that lives as long as the test.

use crate::session::{Place, Session};
use crate::{context, with_commands};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager as _, WebviewWindow};
use wallet::{Clock, MemorySecretStore, Moment, SecretStore};

/// Where the page lives.
pub(super) const OWN: &str = if cfg!(windows) {
    "http://tauri.localhost"
} else {
    "tauri://localhost"
};

/// A clock that goes on when it is told to.
pub(super) struct TestClock(AtomicU64);

impl TestClock {
    pub(super) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn moment(&self) -> Moment {
        Moment {
            wall: self.0.load(Ordering::Relaxed),
            since_boot: None,
        }
    }
}

/// The app, its window and what is around them.
pub(super) struct Stage {
    pub(super) app: App<MockRuntime>,
    pub(super) window: WebviewWindow<MockRuntime>,
    pub(super) folder: tempfile::TempDir,
    pub(super) clock: Arc<TestClock>,
    pub(super) secrets: Arc<MemorySecretStore>,
}

impl Stage {
    /// Without an ecosystem.
    pub(super) fn new() -> Self {
        Self::build(|_, _| None)
    }

    /// With one that a wallet can be made for.
    pub(super) fn with_ecosystem() -> Self {
        Self::build(|folder, now| {
            let pack = testkit::Ledger::new(now).trust_pack_file();
            std::fs::write(folder.join("pack.json"), pack).expect("written");
            let setup = r#"{"trust_pack": "pack.json", "ledger_url": "http://log.localhost:1/", "ports": [1]}"#;
            std::fs::write(folder.join("wallet.json"), setup).expect("written");
            Some(folder.join("wallet.json"))
        })
    }

    fn build(setup: impl FnOnce(&Path, u64) -> Option<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs();
        let clock = Arc::new(TestClock(AtomicU64::new(now)));
        let secrets = Arc::new(MemorySecretStore::default());
        let place = Place {
            profile: folder.path().join("profile"),
            setup: setup(folder.path(), now),
            secrets: Arc::clone(&secrets) as Arc<dyn SecretStore>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            // Neither the camera nor the clipboard of whoever runs this.
            camera: Some(folder.path().join("camera")),
            clipboard: || None,
            downloads: Some(folder.path().join("downloads")),
        };
        let app = with_commands(mock_builder())
            .manage(Arc::new(Session::new(place)))
            .build(context())
            .expect("the app");
        let window = crate::window::open(app.handle()).expect("its window");
        Self {
            app,
            window,
            folder,
            clock,
            secrets,
        }
    }

    /// What the commands act on.
    pub(super) fn session(&self) -> Arc<Session> {
        Arc::clone(self.app.state::<Arc<Session>>().inner())
    }

    /// Calls a command as the page does.
    pub(super) fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        self.call_from(OWN, command, InvokeBody::Json(arguments))
    }

    /// Calls it as a page elsewhere would.
    pub(super) fn call_from(&self, page: &str, command: &str, body: InvokeBody) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: page.parse().expect("an address"),
            body,
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(&self.window, request).map(|answer| answer.deserialize().expect("JSON"))
    }
}
