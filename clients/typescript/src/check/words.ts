/** What the element says, in three languages. */

export const LANGUAGES = ["en", "de", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

const en = {
  loading: "Preparing the check",
  scan: "Scan this code with your wallet",
  qr: "Code for your wallet to scan",
  open: "Open my wallet",
  left: "Valid for {time}",
  waiting: "Waiting for your wallet",
  scanned: "Your wallet has the request. Decide there.",
  yes: "Yes, that was shown.",
  no: "No, that was not shown.",
  could_not_check: "This could not be checked.",
  refused: "You showed nothing.",
  expired: "The time is over. Nothing was shown.",
  failed: "The check could not be started.",
  again: "Try again",
};

/** Every text there is. */
export type Words = typeof en;

const de: Words = {
  loading: "Die Prüfung wird vorbereitet",
  scan: "Scannen Sie diesen Code mit Ihrer Wallet",
  qr: "Code zum Scannen mit Ihrer Wallet",
  open: "Meine Wallet öffnen",
  left: "Gültig noch {time}",
  waiting: "Es wird auf Ihre Wallet gewartet",
  scanned: "Ihre Wallet hat die Anfrage. Entscheiden Sie dort.",
  yes: "Ja, das wurde gezeigt.",
  no: "Nein, das wurde nicht gezeigt.",
  could_not_check: "Das konnte nicht geprüft werden.",
  refused: "Sie haben nichts gezeigt.",
  expired: "Die Zeit ist um. Es wurde nichts gezeigt.",
  failed: "Die Prüfung konnte nicht begonnen werden.",
  again: "Noch einmal",
};

const fr: Words = {
  loading: "Préparation du contrôle",
  scan: "Scannez ce code avec votre portefeuille",
  qr: "Code à scanner avec votre portefeuille",
  open: "Ouvrir mon portefeuille",
  left: "Valable encore {time}",
  waiting: "En attente de votre portefeuille",
  scanned: "Votre portefeuille a la demande. Décidez-y.",
  yes: "Oui, cela a été montré.",
  no: "Non, cela n’a pas été montré.",
  could_not_check: "Cela n’a pas pu être contrôlé.",
  refused: "Vous n’avez rien montré.",
  expired: "Le temps est écoulé. Rien n’a été montré.",
  failed: "Le contrôle n’a pas pu commencer.",
  again: "Réessayer",
};

const ALL: Record<Language, Words> = { en, de, fr };

/** The words of a language, by its tag; English where there are none. */
export function wordsIn(tag: string): Words {
  const base = tag.toLowerCase().split("-")[0] ?? "";
  return ALL[(LANGUAGES as readonly string[]).includes(base) ? (base as Language) : "en"];
}
