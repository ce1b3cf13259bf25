/** Who works at this page. */
import { type Failure, failureOf, get, post, SIGNED_OUT } from "@holdfast/ui/service";
import { API, type Me } from "./types.ts";

/** How often it is asked whether the session goes on, so that an open page does not show people for ever. */
const ASK_MS = 60_000;

export class Session {
  /** Who is signed in. */
  me = $state.raw<Me>();
  /** Whose work is on the page. It stays, unseen, while its operator signs in again. */
  owner = $state<string>();
  /** How often somebody signed in here: what failed for want of that is tried again. */
  entries = $state(0);
  /** Whether the service was asked who is signed in. */
  asked = $state(false);
  failure = $state.raw<Failure>();

  /** Asks who is signed in, now and then; gives what stops that. */
  watch = (): (() => void) => {
    const ended = () => (this.me = undefined);
    window.addEventListener(SIGNED_OUT, ended);
    void this.look();
    const timer = setInterval(() => {
      // What fails here says nothing yet: the next thing that is asked for will.
      if (this.me) void get(`${API}/me`).catch(() => undefined);
    }, ASK_MS);
    return () => {
      window.removeEventListener(SIGNED_OUT, ended);
      clearInterval(timer);
    };
  };

  look = async (): Promise<void> => {
    this.failure = undefined;
    try {
      this.entered(await get<Me>(`${API}/me`));
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code !== "signed_out") this.failure = failure;
    }
    this.asked = true;
  };

  /** Somebody signed in: the same operator finds the work as it was, another one an empty page. */
  entered = (me: Me): void => {
    this.me = me;
    this.owner = me.name;
    this.entries += 1;
  };

  signOut = async (): Promise<void> => {
    // Even where this fails, nobody else should find the page open.
    await post(`${API}/sign-out`, {}).catch(() => undefined);
    this.me = undefined;
    this.owner = undefined;
  };
}
