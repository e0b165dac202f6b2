import { describe, expect, it } from "vitest";
import { readManifest } from "./manifest.ts";
import { type Handled, manifestFaults } from "./manifest-faults.ts";

const manifest = {
  id: "echo",
  version: "1.0.0",
  contracts: ["IdentityPlugin"],
  endpoints: { health: "/health", get_user: "/get", find: { path: "/find/{id}", method: "GET" } },
  events: { subscribes: ["UserCreated"], endpoint: "/events" },
};
const handled: Handled = { operations: ["get_user", "find"], events: ["UserCreated"] };

describe("a manifest and its handlers", () => {
  it("fit when each declared operation and event has a handler", () => {
    expect(manifestFaults(readManifest(manifest), handled)).toEqual([]);
  });

  it("disagree out loud, everything at once", () => {
    const { get_user: _gone, ...endpoints } = manifest.endpoints;
    const wrong = {
      ...manifest,
      id: "Echo",
      version: "",
      endpoints: { ...endpoints, odd: { path: 7 }, bad: { path: "/x", method: "BREW" } },
    };
    const faults = manifestFaults(
      readManifest({ ...wrong, events: { subscribes: ["UserCreated", "EmailSent"] } }),
      handled,
    );
    expect(faults).toEqual([
      "/id: must be lower-case letters, digits and dashes",
      "/version: must be given",
      "/endpoints/odd: must be a path, or an object with a path and one of the known methods",
      "/endpoints/bad: must be a path, or an object with a path and one of the known methods",
      "/endpoints/get_user: IdentityPlugin asks for this operation",
      "operation get_user: has a handler and is not declared",
      "event EmailSent: is declared and has no handler",
      "/events/endpoint: must be a path, because events are subscribed to",
    ]);
  });

  it("are refused with an unknown contract, and with nothing at all", () => {
    const stranger = readManifest({ ...manifest, contracts: ["MagicPlugin"] });
    expect(manifestFaults(stranger, handled)).toEqual(["/contracts: MagicPlugin is not a known contract"]);
    expect(manifestFaults(readManifest({}), { operations: [], events: [] })).toHaveLength(2);
  });
});
