/** Where a link to a list of whom to trust leads, to be shown before anything is fetched. docs/ledger.md §9.3 */

const OWN = /^holdfast-ecosystem:[^?]*\?([^#]*)$/i;

/** Host and port from which the list of this link is fetched; `null` where it says none, or several. */
export function hostOfTrusted(link: string): string | null {
  const text = link.trim();
  const own = OWN.exec(text);
  const addresses: string[] = own ? new URLSearchParams(own[1]).getAll("pack") : [text];
  const [address] = addresses;
  if (address === undefined || addresses.length > 1 || !URL.canParse(address)) return null;
  const { protocol, host } = new URL(address);
  return /^https?:$/.test(protocol) && host !== "" ? host : null;
}
