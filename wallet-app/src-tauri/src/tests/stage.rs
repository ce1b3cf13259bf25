//! The app without a screen: the real commands, capabilities and pages, a wallet in a folder of its
//! own, and a keyring that lives as long as the test.

use crate::session::{Place, Session};
use crate::{context, with_commands};
use serde_json::Value;
use std::sync::Arc;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow};
use wallet::{MemorySecretStore, SystemClock};

/// Where the page lives.
pub(super) const OWN: &str = if cfg!(windows) {
    "http://tauri.localhost"
} else {
    "tauri://localhost"
};

/// The app, its window and its folder.
pub(super) struct Stage {
    pub(super) app: App<MockRuntime>,
    pub(super) window: WebviewWindow<MockRuntime>,
    pub(super) folder: tempfile::TempDir,
}

impl Stage {
    /// Without an ecosystem.
    pub(super) fn new() -> Self {
        Self::with_setup(None)
    }

    /// With the text of an ecosystem file.
    pub(super) fn with_setup(setup: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = setup.map(|text| {
            let file = folder.path().join("wallet.json");
            std::fs::write(&file, text).expect("written");
            file
        });
        let place = Place {
            profile: folder.path().join("profile"),
            setup: file,
            secrets: Arc::new(MemorySecretStore::default()),
            clock: Arc::new(SystemClock),
            camera: None,
        };
        let app = with_commands(mock_builder())
            .manage(Arc::new(Session::new(place)))
            .build(context())
            .expect("the app");
        let window = crate::window::open(app.handle()).expect("its window");
        Self { app, window, folder }
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
