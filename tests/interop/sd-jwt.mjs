// Verifies a presentation of ours with a library by others, npm @sd-jwt/sd-jwt-vc,
// on Node's own cryptography. Reads one JSON object from standard input and
// prints the claims it believes; ends with 1 and the library's words otherwise.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

const input = JSON.parse(readFileSync(0, 'utf8'));

const es256 = (jwk) => (data, signature) =>
  verify('sha256', Buffer.from(data), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'));

const library = new SDJwtVcInstance({
  hasher: (data, algorithm) => createHash(algorithm.replace('-', '')).update(Buffer.from(data)).digest(),
  hashAlg: 'sha-256',
  verifier: es256(input.issuerKey),
  kbVerifier: (data, signature, payload) => es256(payload.cnf.jwk)(data, signature),
  statusListFetcher: async () => input.statusToken,
  statusVerifier: es256(input.issuerKey),
});

try {
  const { payload, kb } = await library.verify(input.presentation, { keyBindingNonce: input.nonce });
  if (kb.payload.aud !== input.audience) throw new Error('another audience');
  console.log(JSON.stringify(payload));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
