/** The order of this browser: a check on the way, by a code, by the wallet here, or both. */
import { type Failure, failureOf, poll, post } from "@holdfast/ui/service";
import { isFinal, type OrderState, type Started } from "./types.ts";

export class Order {
  state = $state.raw<OrderState>();
  /** The code to scan, once there is one. */
  code = $state.raw<Started>();
  /** The wallet on this device was asked to open. */
  opened = $state(false);
  busy = $state(false);
  /** There is no order in this browser. */
  none = $state(false);
  failure = $state.raw<Failure>();

  #stop: (() => void) | undefined;

  /** A code for a wallet on another device. */
  showCode = async (): Promise<void> => {
    await this.#start("cross_device", (started) => (this.code = started));
  };

  /** A code that ran out is not shown any more. */
  codeOver = (): void => {
    this.code = undefined;
  };

  /** Opens the wallet on this device. */
  openWallet = async (): Promise<void> => {
    await this.#start("same_device", ({ request_uri }) => {
      this.opened = true;
      location.href = request_uri;
    });
  };

  /** Reads where the order stands until that is final. */
  watch = (): void => {
    this.close();
    this.#stop = poll<OrderState>({
      path: "/shop/api/v1/order",
      isFinal,
      onstate: (state) => {
        this.none = false;
        this.state = state;
      },
      ontrouble: (failure) => {
        if (failure?.code === "no_order") {
          this.none = true;
          this.close();
        } else {
          this.failure = failure;
        }
      },
    });
  };

  /** After a verdict: from the beginning. */
  again = (): void => {
    this.close();
    this.state = undefined;
    this.code = undefined;
    this.opened = false;
    this.failure = undefined;
  };

  /** Stops reading. */
  close = (): void => {
    this.#stop?.();
    this.#stop = undefined;
  };

  async #start(flow: "cross_device" | "same_device", onstarted: (started: Started) => void): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = undefined;
    try {
      onstarted(await post<Started>("/shop/api/v1/order/checks", { flow }));
      this.state = { state: "open" };
      this.watch();
    } catch (error) {
      this.failure = failureOf(error);
    } finally {
      this.busy = false;
    }
  }
}
