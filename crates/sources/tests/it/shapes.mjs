// Checks a recorded conversation with GitHub against its published descriptions: the REST API's OpenAPI document and the
// schema of GraphQL. `node shapes.mjs MODULES OPENAPI TALK`, where TALK has a JSON object a line: {url, post, status, body}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [modules, openapi, talk] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const Ajv = require("ajv");
const formats = require("ajv-formats");
const { buildSchema, graphqlSync, parse, validate } = require("graphql");
const api = JSON.parse(readFileSync(openapi, "utf8"));
const schema = buildSchema(readFileSync(join(modules, "node_modules/@octokit/graphql-schema/schema.graphql"), "utf8"), { assumeValidSDL: true });
const ajv = new Ajv.default({ strict: false, allErrors: false, coerceTypes: false, validateFormats: true });
formats.default(ajv);
const loose = new Ajv.default({ strict: false, coerceTypes: true });
formats.default(loose);

// OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own.
const plainly = (part) => {
  if (Array.isArray(part)) return part.map(plainly);
  if (!part || typeof part !== "object") return part;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, plainly(value)]));
  return nullable === true ? { anyOf: [{ type: "null" }, rest] } : rest;
};
api.components = plainly(api.components);
// What stands behind a `$ref` of the document.
const resolved = (part) => (part.$ref ? part.$ref.slice(2).split("/").reduce((at, key) => at[key], api) : part);
const routes = Object.entries(api.paths).map(([path, methods]) => ({
  path, get: methods.get, fits: new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`),
}));
const compiled = new Map();
const answer = (path, get) => {
  if (!compiled.has(path)) {
    const shape = resolved(get.responses["200"]).content["application/json"].schema;
    compiled.set(path, ajv.compile({ components: api.components, ...plainly(shape) }));
  }
  return compiled.get(path);
};

const wrong = [];
const seen = {};
const met = (what) => { seen[what] = (seen[what] ?? 0) + 1; };
const rest = (line) => {
  const url = new URL(line.url);
  // Of two that fit, the one with fewer names to fill in is meant.
  const fitting = routes.filter((route) => route.get && route.fits.test(url.pathname));
  const route = fitting.sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
  if (!route) return wrong.push({ url: line.url, why: "no such path" });
  met(route.path);
  const known = new Map((route.get.parameters ?? []).map(resolved).filter((p) => p.in === "query").map((p) => [p.name, p.schema]));
  for (const [name, value] of url.searchParams) {
    if (!known.has(name)) { wrong.push({ url: line.url, why: `no such parameter: ${name}` }); continue; }
    const check = loose.compile({ type: "object", properties: { value: plainly(known.get(name)) } });
    if (!check({ value })) wrong.push({ url: line.url, why: `${name}=${value}`, errors: check.errors });
  }
  if (line.status !== 200) return;
  const check = answer(route.path, route.get);
  if (!check(JSON.parse(line.body))) wrong.push({ url: line.url, why: "the answer", errors: check.errors });
};
const graph = (line) => {
  const { query, variables } = JSON.parse(line.post);
  const errors = validate(schema, parse(query));
  met(`graphql ${query.match(/nameWithOwner (\w+)/)?.[1]}`);
  if (errors.length) return wrong.push({ query, errors: errors.map(String) });
  if (line.status !== 200) return;
  // Run over the answer itself: what does not fit its types, or lacks what may not lack, is an error; what was not asked for is
  // lost on the way.
  const data = JSON.parse(line.body).data;
  const run = graphqlSync({ schema, source: query, rootValue: data, variableValues: variables });
  if (run.errors) return wrong.push({ query, errors: run.errors.map(String).slice(0, 5) });
  const plain = (value) => JSON.stringify(value, (_, v) => (v && typeof v === "object" && !Array.isArray(v) ? Object.fromEntries(Object.keys(v).sort().map((key) => [key, v[key]])) : v));
  if (plain(run.data) !== plain(data)) wrong.push({ query, why: "the answer has what was not asked for, or lacks what was" });
};
for (const line of readFileSync(talk, "utf8").trim().split("\n").map((line) => JSON.parse(line))) {
  if (line.post) graph(line); else rest(line);
}
console.log(JSON.stringify({ wrong: wrong.slice(0, 8), all: wrong.length, seen }));
