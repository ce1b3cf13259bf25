/** What a program of a business may call, from the description that the client is made from. */
import description from "../../../../clients/typescript/openapi.json";

/** A part of a call that differs each time. */
export interface Part {
  name: string;
  place: "path" | "query" | "header";
  required: boolean;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  about: string;
  parts: Part[];
  /** A body to begin with, where there is one. */
  body: string | undefined;
  statuses: string[];
}

interface Described {
  operationId: string;
  description: string;
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, unknown>;
}

interface Schema {
  type?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** All of them, in the order of the description. */
export const OPERATIONS: Operation[] = Object.entries(
  description.paths as unknown as Record<string, Record<string, Described>>,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, described]) => {
    const schema = described.requestBody?.content["application/json"]?.schema;
    return {
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      about: described.description,
      parts: described.parameters.map(({ name, in: place, required }) => ({
        name,
        place: place as Part["place"],
        required,
      })),
      body: schema && JSON.stringify(example(schema), null, 2),
      statuses: Object.keys(described.responses),
    };
  }),
);

/** Something that fits a schema. */
function example(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.type === "array") return schema.items ? [example(schema.items)] : [];
  if (schema.type === "object")
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, of]) => [name, example(of)]),
    );
  return schema.type === "integer" ? 0 : "";
}

/** The request of an operation with these values; what is empty and not needed is left out. */
export function requestOf(
  { method, path, parts }: Operation,
  values: Record<string, string>,
  token: string,
  body: string,
): [string, RequestInit] {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  const query = new URLSearchParams();
  let address = path;
  for (const { name, place } of parts) {
    const value = values[name] ?? "";
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && place === "query") query.set(name, value);
    else if (value) headers[name] = value;
  }
  const request: RequestInit = { method, headers };
  if (body) {
    headers["content-type"] = "application/json";
    request.body = body;
  }
  return [query.size > 0 ? `${address}?${query}` : address, request];
}
