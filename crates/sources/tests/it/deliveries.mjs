// Checks recorded deliveries against the published schemas of GitHub's webhooks. `node deliveries.mjs MODULES FOLDER`
import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [modules, folder] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const Ajv = require("ajv");
const formats = require("ajv-formats");
const ajv = new Ajv.default({ strict: false, allErrors: false });
formats.default(ajv);
const schema = JSON.parse(readFileSync(join(modules, "node_modules/@octokit/webhooks-schemas/schema.json"), "utf8"));
ajv.addKeyword("tsAdditionalProperties");
ajv.addSchema(schema, "hooks");
const wrong = [];
let checked = 0;
for (const file of readdirSync(folder).sort()) {
  const [event, action] = file.split(".");
  const validate = ajv.compile({ $ref: `hooks#/definitions/${event}$${event === "ping" ? "event" : action}` });
  checked += 1;
  if (!validate(JSON.parse(readFileSync(join(folder, file), "utf8")))) wrong.push({ file, why: validate.errors });
}
console.log(JSON.stringify({ wrong, checked }));
