// Issues, presents and verifies mdocs with a library by others, npm @owf/mdoc. Reads one JSON object from standard
// input, bytes in base64url, and prints one; ends with 1 and the library's words where it refuses. What stands in `each`
// is done once for each, and the answers are one list.
import { readFileSync } from 'node:fs';
import {
  CoseKey, DateOnly, DeviceKey, DeviceRequest, DeviceResponse, DocRequest, Holder, Issuer, IssuerSigned, ItemsRequest,
  SessionTranscript, SignatureAlgorithm, Verifier,
} from '@owf/mdoc';
import context from './mdoc-cryptography.mjs';

const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64url'));
const text = (data) => Buffer.from(data).toString('base64url');
const at = (seconds) => new Date(seconds * 1000);

// The library makes the transcript of OpenID4VP 1.0 itself, of what the request says.
const transcript = ({ clientId, nonce, jwkThumbprint, responseUri }) =>
  SessionTranscript.forOid4Vp(
    { clientId, nonce, responseUri, jwkThumbprint: jwkThumbprint && bytes(jwkThumbprint) }, context);

async function issue({ docType, namespaces, issuerKey, x5chain, deviceKey, validity }) {
  const issuer = new Issuer(docType, context);
  for (const [name, elements] of Object.entries(namespaces)) {
    const values = Object.entries(elements).map(([element, { date, binary, value }]) =>
      [element, date ? new DateOnly(date) : binary ? bytes(binary) : value]);
    issuer.addIssuerNamespace(name, Object.fromEntries(values));
  }
  const issued = await issuer.sign({
    signingKey: CoseKey.fromJwk({ ...issuerKey, alg: undefined }),
    algorithm: SignatureAlgorithm.ES256,
    digestAlgorithm: 'SHA-256',
    validityInfo: { signed: at(validity.signed), validFrom: at(validity.from), validUntil: at(validity.until) },
    deviceKeyInfo: { deviceKey: DeviceKey.fromJwk(deviceKey) },
    certificates: x5chain.map(bytes),
  });
  return { issuerSigned: text(issued.encode()) };
}

async function present({ issuerSigned, request, deviceKey, challenge, anchors, now }) {
  const received = IssuerSigned.decode(bytes(issuerSigned));
  await Holder.verifyIssuerSigned({ issuerSigned: received, trustedCertificates: anchors.map(bytes), now: at(now) }, context);
  const response = await Holder.createDeviceResponseForDeviceRequest({
    deviceRequest: DeviceRequest.create({ docRequests: [DocRequest.create({ itemsRequest: ItemsRequest.create(request) })] }),
    issuerSigned: [received],
    sessionTranscript: await transcript(challenge),
    signature: { signingKey: CoseKey.fromJwk({ ...deviceKey, alg: 'ES256' }) },
  }, context);
  return { response: text(response.encode()) };
}

async function verify({ response, challenge, anchors, now }) {
  const sessionTranscript = await transcript(challenge);
  const deviceResponse = DeviceResponse.decode(bytes(response));
  await Verifier.verifyDeviceResponse(
    { deviceResponse, sessionTranscript, trustedCertificates: anchors.map(bytes), now: at(now) }, context);
  const [document] = deviceResponse.documents;
  const believed = [...document.issuerSigned.issuerNamespaces.issuerNamespaces.entries()].map(([name, items]) =>
    [name, Object.fromEntries(items.map((item) => [item.elementIdentifier, shown(item.elementValue)]))]);
  return {
    docType: document.docType,
    elements: Object.fromEntries(believed),
    transcript: text(sessionTranscript.encode()),
  };
}

function shown(value) {
  if (value instanceof Uint8Array) return text(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, inside]) => [name, shown(inside)]));
  return Array.isArray(value) ? value.map(shown) : value;
}

try {
  const input = JSON.parse(readFileSync(0, 'utf8'));
  const run = { issue, present, verify }[input.do];
  const each = input.each?.map((one) => run({ ...input, ...one }));
  console.log(JSON.stringify(await (each ? Promise.all(each) : run(input))));
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
}
