import { expect, test } from "vitest";
import { OPERATIONS, requestOf } from "./operations.ts";

const named = (id: string) => OPERATIONS.find((operation) => operation.id === id)!;

test("a call has its values where they belong, and nothing that is empty", () => {
  const open = named("post_api_v1_checks_check_sessions");
  const [path, request] = requestOf(open, { check: "a/b", "Idempotency-Key": "" }, "hf_x", open.body ?? "");
  expect([path, request.method]).toEqual(["/api/v1/checks/a%2Fb/sessions", "POST"]);
  expect(request.headers).toEqual({ authorization: "Bearer hf_x", "content-type": "application/json" });
  expect(JSON.parse(String(request.body))).toEqual({ flow: "cross_device" });
});

test("what is asked for in the query stands there", () => {
  const read = named("get_api_v1_sessions_id");
  expect(requestOf(read, { id: "s1", response_code: "c d" }, "hf_x", "")[0]).toBe(
    "/api/v1/sessions/s1?response_code=c+d",
  );
  expect(requestOf(read, { id: "s1" }, "hf_x", "")[0]).toBe("/api/v1/sessions/s1");
});

test("a body to begin with fits what is taken", () => {
  const set = named("put_api_v1_businesses_business_webhooks_webhook");
  expect(JSON.parse(set.body ?? "")).toEqual({ url: "", events: ["session.closed"] });
});
