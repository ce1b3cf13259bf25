/** A citizen at the command line, for tests of pages that need somebody to answer. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./processes.ts";
import { api, program, system } from "./system.ts";

export interface Answer {
  ok: boolean;
  code: string;
  [member: string]: unknown;
}

export class Citizen {
  private readonly folder = mkdtempSync(join(tmpdir(), "holdfast-citizen-"));
  /** As the register numbers people; everybody in it is invented. */
  readonly person: string;

  private constructor(person: string) {
    this.person = person;
    writeFileSync(join(this.folder, "pin"), "kelp holds on to rock", { mode: 0o600 });
  }

  /** Sets a wallet up that needs no keyring. */
  static async begin(person = "SYN-000001"): Promise<Citizen> {
    const citizen = new Citizen(person);
    const { wallet, ledger, mirror } = system();
    const set = ["--trust-pack", wallet.trust_pack, "--ledger-url", ledger.url, "--mirror-url", mirror.url];
    const ports = ["--development", "--ports", wallet.ports.join(",")];
    const anchors = [
      "--issuer-anchors",
      wallet.issuer_anchors,
      "--verifier-anchors",
      wallet.verifier_anchors,
    ];
    await citizen.does("init", ...set, ...ports, ...anchors, "--password-only");
    return citizen;
  }

  /** Gets a card without a page. */
  async gets(type: string): Promise<string> {
    const { issuer } = system();
    const wanted = { credential_type: type, subject: this.person };
    const offer = await api<{ id: string; offer_uri: string }>(issuer, "/api/v1/offers", wanted);
    await this.does("accept", offer.offer_uri);
    return (await api<{ credential_id: string }>(issuer, `/api/v1/offers/${offer.id}`)).credential_id;
  }

  /** Runs a command of the wallet that must succeed. */
  async does(...args: string[]): Promise<Answer> {
    const answer = await this.tries(...args);
    if (!answer.ok) throw new Error(`${args[0]}: ${answer.code}`);
    return answer;
  }

  /** Runs a command of the wallet. */
  async tries(...args: string[]): Promise<Answer> {
    const own = ["--profile", join(this.folder, "wallet"), "--pin-file", join(this.folder, "pin"), "--json"];
    const { out } = await run(program("holdfast-wallet"), [...own, ...args]);
    return JSON.parse(out.trim().split("\n").at(-1) ?? "") as Answer;
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
