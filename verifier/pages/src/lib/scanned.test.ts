import { expect, test } from "vitest";
import { judge } from "./scanned.ts";

const ANSWER = "eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVy.dGFn";
const OWN = "openid4vp://?client_id=x&request_uri=https%3A%2F%2Fshop.example%2F1";

test.each([
  [[ANSWER], { answer: ANSWER }],
  [[` ${ANSWER}\n`], { answer: ANSWER }],
  [[OWN, ANSWER], { answer: ANSWER }],
  [[ANSWER, ANSWER], { answer: ANSWER }],
  [[ANSWER, ANSWER.replace("Y2", "Z2")], { refused: "several" }],
  [["https://example.com", "hello"], { refused: "several" }],
  [[OWN], { refused: "request" }],
  [["openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example"], { refused: "offer" }],
  [["https://bit.ly/x"], { refused: "url" }],
  [["BEGIN:VCARD\nFN:A\nEND:VCARD"], { refused: "vcard" }],
  [["4006381333931"], { refused: "other" }],
  [[""], { refused: "other" }],
])("%j", (texts, expected) => {
  expect(judge(texts, OWN)).toEqual(expected);
});
