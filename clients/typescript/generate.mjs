// Writes src/operations.ts from openapi.json: a type and a function for each operation of the
// verifier's interface for businesses. With --check it writes nothing, and fails where the file is
// not what it would write. `cargo test -p verifier description` keeps openapi.json to what the
// service answers; HOLDFAST_WRITE_DESCRIPTION=1 has it written anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const HERE = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const TARGET = join(HERE, "src/operations.ts");
const { paths, components } = JSON.parse(readFileSync(join(HERE, "openapi.json"), "utf8"));

/** A JSON schema as a type, as far as the descriptions of the services go. */
function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return `(${typeOf(schema.items)})[]`;
    case "object":
      return objectOf(schema);
    default:
      throw new Error(`a schema that has no type here: ${JSON.stringify(schema)}`);
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }) {
  const members = Object.entries(properties).map(
    ([name, schema]) => `${nameOf(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}`,
  );
  if (members.length > 0) return `{ ${members.join("; ")} }`;
  if (additionalProperties === false) return "Record<string, never>";
  const of = typeof additionalProperties === "object" ? typeOf(additionalProperties) : "unknown";
  return `Record<string, ${of}>`;
}

function nameOf(name) {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

/** `postChecksSessions` of `POST /api/v1/checks/{check}/sessions`. */
function functionOf(method, path) {
  const words = path
    .split("/")
    .filter((step) => step && !step.startsWith("{") && step !== "api" && step !== "v1");
  const last = path.endsWith("}") ? ["one"] : [];
  return [method, ...words, ...last]
    .map((word, at) => (at ? word[0].toUpperCase() + word.slice(1) : word))
    .join("");
}

function operation(path, method, { description, parameters, requestBody, responses }) {
  const name = functionOf(method, path);
  const type = name[0].toUpperCase() + name.slice(1);
  const [, answer] = Object.entries(responses).find(([status]) => status.startsWith("2"));
  const schema = answer.content?.["application/json"]?.schema;
  const raw = answer.content && !schema;
  const takes = parameters.map(
    ({ name, required, schema }) => `${nameOf(name)}${required ? "" : "?"}: ${typeOf(schema)}`,
  );
  const body = requestBody?.content["application/json"].schema;
  if (body) takes.push(`body${requestBody.required ? "" : "?"}: ${typeOf(body)}`);
  const places = Object.fromEntries(parameters.map(({ name, in: place }) => [name, place]));
  const answers = raw ? "Response" : schema ? typeOf(schema) : "void";
  return `/** What \`${name}\` takes. */
export type ${type}Input = { ${takes.join("; ")} };
/** What it answers. */
export type ${type}Answer = ${answers};
/** \`${method.toUpperCase()} ${path}\`: ${description} */
export function ${name}(call: Call, input: ${type}Input): Promise<${type}Answer> {
  return call<${type}Answer>({ method: "${method.toUpperCase()}", path: "${path}", places: ${JSON.stringify(places)}, answer: "${raw ? "raw" : schema ? "json" : "nothing"}" }, input);
}
`;
}

const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, described]) => operation(path, method, described)),
);
const written = `// Made by generate.mjs from openapi.json. What is changed here is lost.

/** How an operation is called. */
export interface Operation {
  method: string;
  path: string;
  /** Where each parameter goes: \`path\`, \`query\` or \`header\`. */
  places: Record<string, string>;
  answer: "json" | "nothing" | "raw";
}

/** Calls an operation; the client has one. */
export type Call = <T>(operation: Operation, input: Record<string, unknown>) => Promise<T>;

/** What is told of a call that failed. RFC 9457 */
export type Problem = ${typeOf(components.schemas.Problem)};

${operations.join("\n")}`;

const { format } = await import("prettier");
const pretty = await format(written, { parser: "typescript", printWidth: 110 });
if (!process.argv.includes("--check")) {
  writeFileSync(TARGET, pretty);
} else if (readFileSync(TARGET, "utf8") !== pretty) {
  console.error("clients/typescript/src/operations.ts is not made from openapi.json: run node generate.mjs");
  process.exitCode = 1;
}
