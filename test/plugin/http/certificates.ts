import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its private key as PEM text. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** An authority with a server for `localhost` and a client, valid for a day. */
export interface Certificates {
  readonly authority: KeyPair;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

/** Makes certificates with the machine's openssl. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "workflow-tls-"));
  const openssl = (...args: readonly string[]) => {
    const run = Bun.spawnSync(["openssl", ...args], { cwd: directory, stderr: "pipe" });
    if (!run.success) throw new Error(`openssl failed: ${run.stderr.toString()}`);
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const signed = (name: string, extension: string) => {
    writeFileSync(join(directory, `${name}.ext`), extension);
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const from = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"];
    const to = ["-in", `${name}.csr`, "-out", `${name}.pem`, "-days", "1", "-extfile", `${name}.ext`];
    openssl("x509", "-req", ...from, ...to);
  };
  try {
    const subject = ["-subj", "/CN=authority", "-days", "1"];
    openssl("req", "-x509", ...newKey, "-keyout", "authority.key", "-out", "authority.pem", ...subject);
    signed("server", "subjectAltName=DNS:localhost,IP:127.0.0.1");
    signed("client", "extendedKeyUsage=clientAuth");
    const pair = (name: string): KeyPair => ({
      cert: readFileSync(join(directory, `${name}.pem`), "utf8"),
      key: readFileSync(join(directory, `${name}.key`), "utf8"),
    });
    return { authority: pair("authority"), server: pair("server"), client: pair("client") };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
