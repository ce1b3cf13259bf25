/**
 * A business that nobody has recorded, written against the specifications and not with our own code.
 * With a name it is certified by an authority of its own, which a wallet may be told to know.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, importPKCS8, SignJWT, type JWK } from "jose";
import { run } from "./processes.ts";

export class Stranger {
  private readonly folder = mkdtempSync(join(tmpdir(), "holdfast-stranger-"));
  /** What wallets sent it: the bodies of their answers. */
  readonly answers: string[] = [];
  /** Where it says that the browser goes on, once it has an answer. OpenID4VP 1.0 §8.2 */
  goesOn: string | undefined;
  private readonly objects = new Map<string, string>();
  private server: Server | undefined;
  private key!: CryptoKey;
  private session!: JWK;
  private leaf!: string;
  port = 0;

  private constructor() {}

  /** `name` is the subject of its certificate, as hostile as one likes. */
  static async begin(name: string): Promise<Stranger> {
    const stranger = new Stranger();
    await stranger.certify(name);
    const { publicKey } = await generateKeyPair("ECDH-ES", { crv: "P-256" });
    stranger.session = { ...(await exportJWK(publicKey)), kid: "session", use: "enc", alg: "ECDH-ES" };
    await stranger.listen();
    return stranger;
  }

  /** The authority that vouches for its name. */
  get authority(): string {
    return readFileSync(join(this.folder, "ca.pem"), "utf8");
  }

  get host(): string {
    return `stranger.localhost:${this.port}`;
  }

  /** A link to a request for these claims of one card. OpenID4VP 1.0 §5, HAIP 1.0 §5 */
  async asks(vct: string, ...claims: string[]): Promise<string> {
    const url = `http://${this.host}`;
    const id = randomBytes(16).toString("base64url");
    const client = `x509_hash:${createHash("sha256").update(Buffer.from(this.leaf, "base64")).digest("base64url")}`;
    const query = {
      id: "card",
      format: "dc+sd-jwt",
      meta: { vct_values: [vct] },
      claims: claims.map((name) => ({ id: name, path: [name] })),
    };
    const request = new SignJWT({
      client_id: client,
      aud: "https://self-issued.me/v2",
      response_type: "vp_token",
      response_mode: "direct_post.jwt",
      response_uri: `${url}/response`,
      nonce: randomBytes(24).toString("base64url"),
      state: randomBytes(24).toString("base64url"),
      dcql_query: { credentials: [query] },
      client_metadata: {
        jwks: { keys: [this.session] },
        encrypted_response_enc_values_supported: ["A128GCM", "A256GCM"],
        vp_formats_supported: {
          "dc+sd-jwt": { "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] },
        },
      },
    });
    request.setProtectedHeader({ alg: "ES256", typ: "oauth-authz-req+jwt", x5c: [this.leaf] });
    request.setIssuedAt().setExpirationTime("5 minutes");
    this.objects.set(`/request/${id}`, await request.sign(this.key));
    const link = new URLSearchParams({ client_id: client, request_uri: `${url}/request/${id}` });
    return `openid4vp://?${link}`;
  }

  end(): void {
    this.server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A leaf below an authority: HAIP 1.0 §5 lets neither the authority travel nor the leaf vouch for itself. */
  private async certify(name: string): Promise<void> {
    const file = (of: string) => join(this.folder, of);
    writeFileSync(
      file("openssl.cnf"),
      "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n" +
        "[leaf]\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectAltName=DNS:stranger.localhost\n",
    );
    const config = ["-config", file("openssl.cnf"), "-utf8", "-nodes", "-newkey", "ec", "-pkeyopt"];
    const curve = "ec_paramgen_curve:P-256";
    const subject = `/CN=${name.replaceAll("/", "\\/")}`;
    const ca = ["-x509", "-days", "30", "-extensions", "ca", "-subj", "/CN=Authority of strangers"];
    await openssl("req", ...config, curve, ...ca, "-keyout", file("ca.key"), "-out", file("ca.pem"));
    await openssl(
      "req",
      ...config,
      curve,
      "-subj",
      subject,
      "-keyout",
      file("leaf.key"),
      "-out",
      file("leaf.csr"),
    );
    const by = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "30"];
    const as = ["-extfile", file("openssl.cnf"), "-extensions", "leaf"];
    await openssl("x509", "-req", "-in", file("leaf.csr"), ...by, ...as, "-out", file("leaf.pem"));
    this.leaf = readFileSync(file("leaf.pem"), "utf8").replaceAll(/-----[^-]+-----|\s/g, "");
    this.key = await importPKCS8(readFileSync(file("leaf.key"), "utf8"), "ES256");
  }

  private async listen(): Promise<void> {
    this.server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (part: string) => (body += part));
      request.on("end", () => {
        const object = this.objects.get(request.url ?? "");
        if (request.method === "POST" && request.url === "/response") {
          this.answers.push(body);
          const next = JSON.stringify({ redirect_uri: this.goesOn });
          response.setHeader("content-type", "application/json").end(next);
        } else if (object) response.setHeader("content-type", "application/oauth-authz-req+jwt").end(object);
        else response.writeHead(404).end();
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(0, "127.0.0.1", resolve));
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    this.port = address.port;
  }
}

async function openssl(...args: string[]): Promise<void> {
  const made = await run("openssl", args);
  if (made.code !== 0) throw new Error(made.out);
}
