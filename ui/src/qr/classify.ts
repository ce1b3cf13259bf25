/** What the text of a code is, before anything is done with it. */

/**
 * `offer` (OpenID4VCI 1.0 §4.1), `request` (OpenID4VP 1.0 §5), `response` (a compact JWE, RFC 7516 §3.1),
 * or something that is not ours.
 */
export type Kind = "offer" | "request" | "response" | "url" | "vcard" | "other";

const OFFER_SCHEMES = ["openid-credential-offer:", "haip-vci:"];
const REQUEST_SCHEMES = ["openid4vp:", "haip-vp:"];
/** Five parts, the first of which is an object: `{` in base64url begins with `e`. */
const COMPACT_JWE = /^e[wy][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){3}\.[A-Za-z0-9_-]+$/;

/** Says what a scanned text is. It is read as little as possible: nothing is fetched, nothing is decoded. */
export function classify(scanned: string): Kind {
  const text = scanned.trim();
  if (/^BEGIN:VCARD\b|^MECARD:/i.test(text)) return "vcard";
  if (COMPACT_JWE.test(text)) return "response";
  if (/\s/.test(text) || !URL.canParse(text)) return "other";
  return classifyUrl(new URL(text));
}

/** What codes that were read together are for a page that waits for some kinds: `wanted`, or why not. */
export function judge(texts: readonly string[], wanted: readonly Kind[]): "wanted" | "several" | Kind {
  const [text = "", ...more] = texts;
  if (more.length > 0) return "several";
  const kind = classify(text);
  return wanted.includes(kind) ? "wanted" : kind;
}

function classifyUrl({ protocol, searchParams }: URL): Kind {
  if (OFFER_SCHEMES.includes(protocol)) return "offer";
  if (REQUEST_SCHEMES.includes(protocol)) return "request";
  if (protocol !== "https:" && protocol !== "http:") return "other";
  if (searchParams.has("credential_offer") || searchParams.has("credential_offer_uri")) return "offer";
  if (searchParams.has("request_uri") || searchParams.has("client_id")) return "request";
  return "url";
}
