import { describe, expect, it } from "vitest";
import { envoyCommand } from "./envoy-command.ts";

describe("envoyCommand", () => {
  it("has the kernel end Envoy with its agent", () => {
    const { file, args } = envoyCommand("/opt/envoy", "info", (path) => path === "/usr/bin/setpriv");
    expect([file, ...args.slice(0, 4)]).toEqual(["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", "/opt/envoy"]);
  });

  it("starts Envoy itself where setpriv is missing", () => {
    expect(envoyCommand("/opt/envoy", "info", () => false).file).toBe("/opt/envoy");
  });

  it("leaves nothing outside the process and uses one worker", () => {
    const { args } = envoyCommand("/opt/envoy", "info", () => false);
    expect(args).toContain("--disable-hot-restart");
    expect(args.join(" ")).toContain("--concurrency 1");
  });
});
