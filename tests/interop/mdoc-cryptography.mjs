// What @owf/mdoc asks of its surroundings: signatures, digests and certificates, on Node's own cryptography.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto';
import { CoseKey } from '@owf/mdoc';

// The library numbers digests with any 32 bits; ISO/IEC 18013-5 §9.1.2.5 has them below 2^31, and our reader insists.
const digestId = () => {
  const drawn = randomBytes(4);
  drawn[0] &= 0x7f;
  return drawn;
};

const unsupported = () => {
  throw new Error('not asked for here');
};

const read = (der) => new X509Certificate(Buffer.from(der));

const publicKey = (cose) => {
  const { kty, crv, x, y } = cose.jwk;
  return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
};

// A path to a trusted certificate: each link signed by the next, in force, and by an authority.
const verifyCertificateChain = ({ trustedCertificates, x5chain, now }) => {
  const chain = x5chain.map(read);
  const anchors = trustedCertificates.map(read);
  chain.forEach((certificate, index) => {
    const above = chain.slice(index + 1, index + 2);
    const signed = (above.length ? above : anchors).some(
      (issuer) => issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
    );
    if (!signed) throw new Error('a certificate is signed by nobody who is trusted');
    if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) throw new Error('not in force');
  });
};

const context = {
  crypto: {
    random: (length) => new Uint8Array(length === 4 ? digestId() : randomBytes(length)),
    digest: ({ digestAlgorithm, bytes }) =>
      new Uint8Array(createHash(digestAlgorithm.replace('-', '')).update(bytes).digest()),
    calculateEphemeralMacKey: unsupported,
  },
  cose: {
    sign1: {
      sign: ({ key, toBeSigned }) => {
        const { kty, crv, x, y, d } = key.jwk;
        const secret = createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' });
        return new Uint8Array(sign('sha256', toBeSigned, { key: secret, dsaEncoding: 'ieee-p1363' }));
      },
      verify: ({ key, sign1 }) =>
        sign1.signatureAlgorithmName === 'ES256' &&
        verify('sha256', sign1.toBeSigned, { key: publicKey(key), dsaEncoding: 'ieee-p1363' }, sign1.signature),
    },
    mac0: { sign: unsupported, verify: unsupported },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      read(certificate)
        .issuer.split('\n')
        .filter((line) => line.startsWith(`${field}=`))
        .map((line) => line.slice(field.length + 1)),
    getPublicKey: ({ certificate }) => CoseKey.fromJwk(read(certificate).publicKey.export({ format: 'jwk' })),
    verifyCertificateChain,
    getCertificateData: ({ certificate }) => {
      const { issuer, subject, serialNumber, fingerprint256, validFrom, validTo } = read(certificate);
      return {
        issuerName: issuer,
        subjectName: subject,
        serialNumber,
        thumbprint: fingerprint256,
        notBefore: new Date(validFrom),
        notAfter: new Date(validTo),
        pem: read(certificate).toString(),
      };
    },
  },
};

export default context;
