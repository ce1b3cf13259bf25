import { describe, expect, test } from "vitest";
import { classify, judge, type Kind } from "./classify.ts";

const cases: [string, string, Kind][] = [
  [
    "offer by reference",
    "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example%2Fo",
    "offer",
  ],
  ["offer by HAIP's scheme", "haip-vci://?credential_offer=%7B%7D", "offer"],
  ["offer as a link", "https://a.example/add?credential_offer_uri=https%3A%2F%2Fa.example%2Fo", "offer"],
  ["scheme in capitals", "OPENID-CREDENTIAL-OFFER://?credential_offer=%7B%7D", "offer"],
  ["spaces around", "  haip-vci://?credential_offer=%7B%7D\n", "offer"],
  ["request", "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fs.example%2Fr", "request"],
  ["request by HAIP's scheme", "haip-vp://?client_id=a&request_uri=b", "request"],
  ["request as a link", "https://s.example/wallet?request_uri=https%3A%2F%2Fs.example%2Fr", "request"],
  ["encrypted answer", "eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVy.dGFn", "response"],
  ["encrypted answer with a key", "eyJh.a2V5.aXY.Y2lwaGVy.dGFn", "response"],
  ["a signed thing of three parts", "eyJh.eyJh.c2ln", "other"],
  ["the code of a shop", "https://shop.example/p/42", "url"],
  ["a short link", "https://sho.rt/x1Y", "url"],
  ["contact details", "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEND:VCARD", "vcard"],
  ["contact details in short", "MECARD:N:Ada;TEL:1;;", "vcard"],
  ["a wireless network", "WIFI:S:cafe;T:WPA;P:secret;;", "other"],
  ["script as a link", "javascript:alert(1)", "other"],
  ["a link inside words", "see openid4vp://?client_id=a", "other"],
  ["a domain with five labels", "a.b.c.d.example", "other"],
  ["nothing", "", "other"],
];

describe("classify", () => {
  test.each(cases)("%s", (_name, text, kind) => {
    expect(classify(text)).toBe(kind);
  });
});

describe("judge", () => {
  test("one code of a kind that is wanted", () => {
    expect(judge(["haip-vp://?client_id=a"], ["offer", "request"])).toBe("wanted");
  });

  test("one code of another kind is named", () => {
    expect(judge(["https://shop.example/p/42"], ["offer", "request"])).toBe("url");
    expect(judge(["haip-vp://?client_id=a"], ["response"])).toBe("request");
  });

  test("two codes at once are never taken, even if both would do", () => {
    expect(judge(["haip-vp://?client_id=a", "haip-vp://?client_id=b"], ["request"])).toBe("several");
  });
});
