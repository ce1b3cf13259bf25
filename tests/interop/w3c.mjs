// Issues, presents and verifies W3C credentials with libraries by others, npm @digitalbazaar/vc and its cryptosuites.
// Reads one JSON object from standard input and prints one; ends with 1 and the library's words where it refuses.
// Contexts and public keys are those of the input; nothing is fetched. What stands in `each` is done once for each, and
// the answers are one list.
import { readFileSync } from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { cryptosuite as ecdsa } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import { cryptosuite as eddsa } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const ofKey = ({ kty }) => (kty === 'EC' ? [EcdsaMultikey, ecdsa] : [Ed25519Multikey, eddsa]);

async function loader({ contexts, keys }) {
  const held = new Map(Object.entries(contexts));
  for (const { method, controller, jwk } of keys) {
    const pair = await ofKey(jwk)[0].fromJwk({ jwk, id: method, controller });
    held.set(method, await pair.export({ publicKey: true }));
    const relations = { authentication: [method], assertionMethod: [method] };
    held.set(controller, { '@context': 'https://www.w3.org/ns/did/v1', id: controller, ...relations });
  }
  return async (url) => {
    if (!held.has(url)) throw new Error(`not held here: ${url}`);
    return { contextUrl: null, documentUrl: url, document: held.get(url) };
  };
}

async function signing({ jwk, method, controller }) {
  const [multikey, cryptosuite] = ofKey(jwk);
  const pair = await multikey.fromJwk({ jwk, id: method, controller, secretKey: true });
  return new DataIntegrityProof({ signer: pair.signer(), cryptosuite });
}

const suite = [ecdsa, eddsa].map((cryptosuite) => new DataIntegrityProof({ cryptosuite }));

async function issue({ credential, key }, documentLoader) {
  return vc.issue({ credential, suite: await signing(key), documentLoader });
}

async function present({ credential, holder, key, challenge, domain }, documentLoader) {
  const presentation = vc.createPresentation({ verifiableCredential: [credential], holder, version: 2.0 });
  return vc.signPresentation({ presentation, suite: await signing(key), challenge, domain, documentLoader });
}

async function verify({ presentation, credential, challenge, domain }, documentLoader) {
  const result = presentation
    ? await vc.verify({ presentation, challenge, domain, suite, documentLoader })
    : await vc.verifyCredential({ credential, suite, documentLoader });
  if (!result.verified) throw new Error(words(result).join('; '));
  return { verified: true };
}

// Every reason, from wherever the library put it.
function words({ error, results = [], presentationResult, credentialResults = [] }) {
  const own = error ? [error.message, ...(error.errors ?? []).map(({ message }) => message)] : [];
  const inside = [...results, ...credentialResults, ...(presentationResult ? [presentationResult] : [])];
  return [...new Set([...own, ...inside.flatMap(words)])];
}

try {
  const input = JSON.parse(readFileSync(0, 'utf8'));
  const [run, held] = [{ issue, present, verify }[input.do], await loader(input)];
  const each = input.each?.map((one) => run({ ...input, ...one }, held));
  console.log(JSON.stringify(await (each ? Promise.all(each) : run(input, held))));
} catch (error) {
  console.error(`${error.name}: ${error.message}${error.details ? ` ${JSON.stringify(error.details)}` : ''}`);
  process.exit(1);
}
