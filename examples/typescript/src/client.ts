// Calls the service from TypeScript: over gRPC, over JSON as a browser would, and as a stream.
//
//   npm install && npm run generate && npm run build && npm start -- http://127.0.0.1:50051

import { create, createRegistry } from "@bufbuild/protobuf";
import { anyUnpack, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { WeaponLaunchSchema } from "./gen/dateline/events/v1/weapons_pb.js";
import { ArticleSchema, ExtractionService, OffsetEncoding } from "./gen/dateline/v1/extraction_service_pb.js";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:50051";
const registry = createRegistry(WeaponLaunchSchema);
const body = "SEOUL. North Korea launched two missiles on Friday.";

function check(truth: boolean, what: string) {
  if (!truth) throw new Error(`FAILED: ${what}`);
  console.log(`ok: ${what}`);
}

async function main() {
  const article = create(ArticleSchema, { id: "a", body, publishedAt: timestampFromDate(new Date("2016-03-18")) });
  const transports = {
    gRPC: createGrpcTransport({ baseUrl }),
    // JSON can only be read with the types of details at hand; packs may bring more of them.
    JSON: createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false, jsonOptions: { registry } }),
    protobuf: createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true }),
  };
  for (const [name, transport] of Object.entries(transports)) {
    const client = createClient(ExtractionService, transport);
    const { events } = await client.extract({ article, options: { offsetEncoding: OffsetEncoding.UTF16 } });
    check(events.length === 1, `${name}: one event`);
    const [event] = events;
    const launch = event.detail && anyUnpack(event.detail, WeaponLaunchSchema);
    check(launch?.launcher[0]?.country === "PRK", `${name}: its detail unpacks, the launcher is North Korea`);
    const { start, end, text } = event.evidence[0];
    check(body.slice(Number(start), Number(end)) === text, `${name}: offsets count as JavaScript counts`);
    try {
      await client.extract({});
      check(false, `${name}: a request without an article is refused`);
    } catch (error) {
      check(ConnectError.from(error).code === Code.InvalidArgument, `${name}: a request without an article is refused`);
    }
  }

  const client = createClient(ExtractionService, transports.gRPC);
  async function* articles() {
    for (let number = 0; number < 20; number++) yield { article: { id: String(number), body } };
  }
  const seen = new Set<string>();
  for await (const result of client.extractStream(articles())) seen.add(result.articleId);
  check(seen.size === 20, "every article of a stream is answered");
}

await main();
