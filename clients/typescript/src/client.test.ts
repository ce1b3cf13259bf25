import { expect, test, vi } from "vitest";
import { Holdfast, HoldfastError } from "./index.ts";

function answering(...answers: Response[]) {
  const fetch = vi.fn(async (_url: string, _request: RequestInit) => answers.shift() ?? Response.error());
  const client = new Holdfast({ address: "https://v.example/", token: "hf_x", fetch: fetch as never });
  return { client, fetch };
}

test("a session is opened with the token and a key", async () => {
  const opened = { id: "s1", request_uri: "openid4vp://x", qr_svg: "<svg/>", expires_at: 1 };
  const { client, fetch } = answering(Response.json(opened));
  expect(await client.open("a b", { key: "0123456789abcdef" })).toEqual(opened);
  const [url, request] = fetch.mock.calls[0]!;
  expect(url).toBe("https://v.example/api/v1/checks/a%20b/sessions");
  const headers = new Headers(request.headers);
  expect([request.method, headers.get("authorization"), headers.get("idempotency-key")]).toEqual([
    "POST",
    "Bearer hf_x",
    "0123456789abcdef",
  ]);
  expect(request.body).toBe('{"flow":"cross_device"}');
});

test("an outcome is tried in the sandbox", async () => {
  const tried = { id: "sandbox.1", state: "answered", sandbox: true, verdict: "no", reason: "revoked" };
  const { client, fetch } = answering(Response.json(tried));
  expect(await client.rehearse("adult", "revoked")).toEqual(tried);
  const [url, request] = fetch.mock.calls[0]!;
  expect([url, request.body]).toEqual([
    "https://v.example/api/v1/checks/adult/sandbox",
    '{"reason":"revoked"}',
  ]);
});

test("what is refused has the code of the service", async () => {
  const problem = {
    type: "t",
    title: "Too many checks are open at once.",
    status: 503,
    code: "too_many_sessions",
  };
  const { client } = answering(Response.json(problem, { status: 503, headers: { "retry-after": "10" } }));
  const error = await client.read("s1", "code").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(HoldfastError);
  expect(error).toMatchObject({ code: "too_many_sessions", status: 503, retryAfter: 10 });
});

test("nobody who answers is a code of its own", async () => {
  const fetch = async () => Promise.reject(new TypeError("failed"));
  const client = new Holdfast({ address: "https://v.example", token: "x", fetch: fetch as never });
  await expect(client.removeWebhook("main", "till")).rejects.toMatchObject({ code: "offline", status: 0 });
});

test("a session is followed until its events end", async () => {
  const events =
    'event: session\ndata: {"id":"s1","state":"open"}\n\n: alive\n\nevent: session\ndata: {"id":"s1","state":"answered","verdict":"yes"}\n\n';
  const half = events.length / 2;
  const body = new ReadableStream({
    start(controller) {
      for (const part of [events.slice(0, half), events.slice(half)])
        controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
  const { client } = answering(new Response(body));
  const states = [];
  for await (const { state } of client.follow("s1")) states.push(state);
  expect(states).toEqual(["open", "answered"]);
});
