import { describe, expect, it } from "vitest";
import { matchPath } from "./route.ts";

describe("a path template", () => {
  it.each([
    ["/a/b", "/a/b", {}],
    ["/users/{id}", "/users/u-1", { id: "u-1" }],
    ["/users/{id}/mails/{mail}", "/users/a%2Fb/mails/%C3%A4", { id: "a/b", mail: "ä" }],
  ])("%s matches %s", (template, path, parameters) => {
    expect(matchPath(template, path)).toEqual(parameters);
  });

  it.each([
    ["/a/b", "/a"],
    ["/a/b", "/a/b/"],
    ["/a/b", "/A/b"],
    ["/users/{id}", "/users/"],
    ["/users/{id}", "/users/a/b"],
    ["/users/{id}", "/users/%zz"],
    ["/users/{id}", "//users/a"],
  ])("%s does not match %s", (template, path) => {
    expect(matchPath(template, path)).toBeUndefined();
  });

  it("fills no prototype", () => {
    expect(Object.getPrototypeOf(matchPath("/{__proto__}", "/x"))).toBe(Object.prototype);
  });
});
