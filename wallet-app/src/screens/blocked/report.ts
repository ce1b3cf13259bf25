/** A report of a request that the wallet refused: who asked for what, and nothing of the person's own. */
import { t } from "@holdfast/ui/messages";
import { codeOf, isWalletError } from "../../lib/problems";

/** Plain text, a line for each thing that is known. */
export function reportOf(error: unknown, when: string): string {
  const { name, host, claim } = isWalletError(error) ? error.params : {};
  const code = codeOf(error);
  const what = code === "verifier_not_registered" ? "reserved" : "too_much";
  const lines = [
    t("sharing.report.title"),
    "",
    t("sharing.report.when", { when }),
    name && t("sharing.report.who", { name }),
    host && t("sharing.report.where", { host }),
    claim && t(`sharing.report.${what}`, { claim }),
    t("sharing.report.refused"),
    t("sharing.report.code", { code }),
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}
