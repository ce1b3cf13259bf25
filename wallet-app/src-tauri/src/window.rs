//! The one window. It shows what came with the app and goes nowhere else.

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use url::Url;

/// Its label, which the capabilities name.
pub(crate) const MAIN: &str = "main";

/// Opens it. What is on it is kept out of screen captures where the system can do that, and nothing
/// of it is stored on disk.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<WebviewWindow<R>> {
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .incognito(!is_driven_by_a_test())
        .devtools(false);
    #[cfg(desktop)]
    let window = window
        .title("Holdfast")
        .inner_size(460.0, 740.0)
        .min_inner_size(360.0, 480.0)
        .content_protected(true)
        // Files dropped on the page come to the page, which reads pictures; anywhere else a drop
        // would be a navigation, and that is denied.
        .disable_drag_drop_handler();
    window.build()
}

/// Brings it to the front.
pub(crate) fn focus<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(MAIN) {
        // Window managers may refuse; the link is there all the same.
        #[cfg(desktop)]
        let _ = window.unminimize().and_then(|()| window.show());
        let _ = window.set_focus();
    }
}

/// Whether an address is one of the app's own pages.
fn is_own(address: &Url) -> bool {
    let own = if cfg!(any(windows, target_os = "android")) {
        matches!(address.scheme(), "http" | "https") && address.host_str() == Some("tauri.localhost")
    } else {
        address.scheme() == "tauri" && address.host_str() == Some("localhost")
    };
    if !own {
        tracing::warn!(scheme = address.scheme(), "a page outside the app was not opened");
    }
    own
}

/// Only a build for development can be driven, and then the web view needs a context of its own
/// that is not private.
fn is_driven_by_a_test() -> bool {
    cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|set| set == "true")
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::is_own;
    use test_case::test_case;
    use url::Url;

    #[test_case("tauri://localhost/index.html" => true ; "the page")]
    #[test_case("tauri://localhost/assets/a.js" => true ; "what belongs to it")]
    #[test_case("https://shop.example/" => false ; "the web")]
    #[test_case("http://tauri.localhost/" => false ; "what would be ours elsewhere")]
    #[test_case("tauri://evil.example/" => false ; "our scheme with another host")]
    #[test_case("file:///home/a/page.html" => false ; "a dropped file")]
    #[test_case("data:text/html,<script>1</script>" => false ; "a page in a link")]
    #[test_case("about:blank" => false ; "nothing")]
    fn goes_to(address: &str) -> bool {
        is_own(&Url::parse(address).expect("an address"))
    }
}
