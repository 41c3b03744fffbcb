// The npm client of registries: what it is told on its standard input it does, and says what came of it.
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'

let text = ''
for await (const part of process.stdin) text += part
const { host, username, password, subject, avro, json, value, wire } = JSON.parse(text)

const registry = new SchemaRegistry({ host, auth: { username, password } })
const said = {}
const first = await registry.register({ type: SchemaType.AVRO, schema: avro }, { subject })
const again = await registry.register({ type: SchemaType.AVRO, schema: avro }, { subject })
said.ids = [first.id, again.id]
said.latest = await registry.getLatestSchemaId(subject)
said.found = await registry.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: avro })
const encoded = await registry.encode(first.id, value)
said.encoded = encoded.toString('hex')
said.decoded = await new SchemaRegistry({ host, auth: { username, password } }).decode(encoded)
said.event = await registry.decode(Buffer.from(wire, 'hex'))
const checked = await registry.register({ type: SchemaType.JSON, schema: json }, { subject: `${subject}-json` })
said.json = await registry.decode(await registry.encode(checked.id, value))
try {
  await new SchemaRegistry({ host, auth: { username, password: 'wrong' }, retry: { retries: 0 } }).getLatestSchemaId(subject)
} catch (error) {
  said.refused = error.status
}
process.stdout.write(JSON.stringify(said))
