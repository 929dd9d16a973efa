// Checks custom resources against the schemas that come with the models of their groups.
//
// usage: node custom.mjs FILE...    beside the packages that it imports

import { readFileSync } from "node:fs";
import * as gateway from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/index";
import * as networking from "@kubernetes-models/istio/networking.istio.io/v1/index";
import * as security from "@kubernetes-models/istio/security.istio.io/v1/index";
import { parseAllDocuments } from "yaml";

const groups = {
  "gateway.networking.k8s.io/v1": gateway,
  "networking.istio.io/v1": networking,
  "security.istio.io/v1": security,
};

let checked = 0;
for (const path of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(path, "utf8"))) {
    const own = document.toJS();
    const group = groups[own?.apiVersion];
    // What is of no group here is of Kubernetes itself; custom.mjs and render.py know the same groups.
    if (!group) continue;
    const Model = group[own.kind];
    if (!Model) throw new Error(`${path}: there is no ${own.kind} in ${own.apiVersion}`);
    try {
      new Model(own).validate();
    } catch (error) {
      throw new Error(`${path}: ${own.kind} ${own.metadata?.name}: ${error.message}`);
    }
    checked += 1;
  }
}
if (checked === 0) throw new Error("there were no custom resources");
console.log(`ok: ${checked} custom resources are valid`);
