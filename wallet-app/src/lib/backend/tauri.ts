/**
 * The wallet behind the window. The only module that knows Tauri: commands are called by name, and
 * what the wallet says by itself comes as events.
 */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Backend, CameraEvent } from "./types";

interface Subscription {
  /** From then on nothing is missed. */
  listening: Promise<unknown>;
  stop: () => void;
}

function subscribe<T>(event: string, take: (payload: T) => void): Subscription {
  let wanted = true;
  const listening = listen<T>(event, ({ payload }) => {
    if (wanted) take(payload);
  });
  return {
    listening,
    stop() {
      wanted = false;
      void listening.then((unlisten) => unlisten());
    },
  };
}

/** The wallet of this machine. */
export function tauriBackend(): Backend {
  let camera: Subscription | undefined;

  return {
    state: () => invoke("state"),
    create: (secret, kind, keyring) => invoke("create", { secret, kind, keyring }),
    unlock: (secret) => invoke("unlock", { secret }),
    lock: () => invoke("lock"),
    touch: () => invoke("touch"),
    reset: (word) => invoke("reset", { word }),

    cards: () => invoke("cards"),
    card: (id) => invoke("card", { id }),
    deleteCard: (id) => invoke("delete_card", { id }),
    undoDelete: (id) => invoke("undo_delete", { id }),
    refreshStatus: () => invoke("refresh_status"),
    history: () => invoke("history"),
    businesses: () => invoke("businesses"),
    setBlocked: (id, blocked) => invoke("set_blocked", { id, blocked }),
    neverShown: () => invoke("never_shown"),
    setNeverShown: (cardType, claim, never) => invoke("set_never_shown", { cardType, claim, never }),
    saveComplaint: (entry) => invoke("save_complaint", { entry }),

    openLink: (link) => invoke("open_link", { link }),
    onLink(take) {
      const links = subscribe<string>("link", take);
      void links.listening.then(() => invoke("listen_links"));
      return links.stop;
    },
    readPicture: (bytes) => invoke("read_picture", bytes),
    async startCamera(take) {
      camera?.stop();
      camera = subscribe<CameraEvent>("camera", take);
      await camera.listening;
      await invoke("start_camera");
    },
    async stopCamera() {
      camera?.stop();
      camera = undefined;
      await invoke("stop_camera");
    },

    acceptOffer: (handle, txCode) => invoke("accept_offer", { handle, txCode }),
    keepCards: (handle) => invoke("keep_cards", { handle }),
    rejectCards: (handle) => invoke("reject_cards", { handle }),
    pendingCards: () => invoke("pending_cards"),

    share: (handle, optional, knowing) => invoke("share", { handle, optional, knowing }),
    refuse: (handle) => invoke("refuse", { handle }),
    close: (handle) => invoke("close", { handle }),
    tellUnanswered: (handle) => invoke("tell_unanswered", { handle }),

    openChallenge: (challenge) => invoke("open_challenge", { challenge }),
    show: (handle, optional, knowing) => invoke("show", { handle, optional, knowing }),
    wasRead: (handle) => invoke("was_read", { handle }),
    offlineReadiness: () => invoke("offline_readiness"),
    refreshProofs: () => invoke("refresh_proofs"),
    saveEvidence: () => invoke("save_evidence"),
    services: () => invoke("services"),

    preferences: () => invoke("preferences"),
    setPreferences: (wanted) => invoke("set_preferences", { wanted }),
    changeSecret: (current, next, kind) => invoke("change_secret", { current, next, kind }),
    copy: (text) => invoke("copy", { text }),
    trustedList: () => invoke("trusted_list"),
    openTrustedList: (link) => invoke("open_trusted_list", { link }),
    takeTrustedList: (fingerprint) => invoke("take_trusted_list", { fingerprint }),
    onAway: (take) => subscribe("away", take).stop,
  };
}
