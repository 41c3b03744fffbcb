// Reads an AsyncAPI document and says what AsyncAPI's own parser makes of it: what it complains of, and what it found.
import { readFileSync } from "node:fs";
import { AvroSchemaParser } from "@asyncapi/avro-schema-parser";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
parser.registerSchemaParser(AvroSchemaParser());
const { document, diagnostics } = await parser.parse(readFileSync(0, "utf8"));
const complaints = diagnostics
  .filter((each) => each.severity < 2)
  .map((each) => `${each.path.join("/")}: ${each.message}`);
const channels = document === undefined ? [] : document.channels().all();
const found = channels.map((channel) => ({
  id: channel.id(),
  address: channel.address(),
  messages: channel.messages().all().map((message) => ({
    schemaFormat: message.schemaFormat(),
    fields: Object.keys(message.payload().properties() ?? {}),
  })),
}));
console.log(JSON.stringify({ complaints, found }));
