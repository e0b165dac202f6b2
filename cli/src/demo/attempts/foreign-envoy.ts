import { claim } from "../claim.ts";
import type { StoryOfUser } from "../story.ts";
import type { Attempt } from "./attempt.ts";
import { knockOn } from "./rogue-envoy.ts";

/** Even with its own SVID and a route made by hand, one plugin's Envoy is refused by another's. */
export const foreignEnvoy: Attempt = {
  title: "its own Envoy, given a route to another plugin by hand",
  run: async (story) => {
    const knock = await knockWith(story, story.platform.plugins.get("newsletter")?.svidDirectory);
    claim(!knock.admitted, `user-management's Envoy refuses newsletter's SVID, and did not: ${knock.answer}`);
    const control = await knockWith(story, story.platform.home.at("gateway"));
    claim(control.admitted, `the same Envoy with the gateway's SVID would be let in, but: ${control.answer}`);
    story.tell.refused({
      tried: "a second Envoy with newsletter's own SVID dials user-management's Envoy",
      cameBack: knock.answer,
      why: `its listener admits spiffe://${story.platform.trustDomain}/gateway only (held against it: the same Envoy with the gateway's SVID gets through, and the plugin itself asks for a call token: ${control.answer})`,
    });
  },
};

function knockWith(story: StoryOfUser, svidDirectory: string | undefined) {
  const other = story.platform.plugins.get("user-management");
  claim(other !== undefined && svidDirectory !== undefined, "both plugins run");
  const { trustDomain, home } = story.platform;
  const expect = `spiffe://${trustDomain}/plugin/user-management`;
  return knockOn({ svidDirectory, meshPort: other.ports.mesh, expect, folder: home.at("rogue-envoy") });
}
