//! Codes, from the camera or a picture.

use super::{Shell, off_main};
use crate::camera::read_picture as read;
use crate::dto::Seen;
use crate::error::WalletError;
use crate::window::MAIN;
use tauri::ipc::{InvokeBody, Request};
use tauri::{AppHandle, Emitter as _, Runtime};

#[tauri::command]
pub(crate) fn start_camera<R: Runtime>(app: AppHandle<R>, shell: Shell<'_>) {
    shell.camera.start(move |event| {
        // Without a window nobody looks.
        let _ = app.emit_to(MAIN, "camera", event);
    });
}

#[tauri::command]
pub(crate) fn stop_camera(shell: Shell<'_>) {
    shell.camera.stop();
}

/// The bytes come as the body of the call, not as an argument: a photograph is large.
#[tauri::command]
pub(crate) async fn read_picture(shell: Shell<'_>, request: Request<'_>) -> Result<Seen, WalletError> {
    let bytes = match request.body() {
        InvokeBody::Raw(bytes) => bytes.clone(),
        // Where the web view cannot send bytes they come as numbers.
        InvokeBody::Json(numbers) => serde_json::from_value(numbers.clone()).unwrap_or_default(),
    };
    off_main(&shell, move |session| Ok(read(&bytes, &session.pictures)?)).await
}
