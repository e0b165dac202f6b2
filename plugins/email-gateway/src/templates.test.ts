import { describe, expect, it } from "vitest";
import { fillTemplate, isTemplateName } from "./templates.ts";

describe("templates", () => {
  it("escape what they are given in the HTML and nowhere else", () => {
    const { text, html } = fillTemplate("welcome", { name: `<b>"Ada" & 'Co'</b>` });
    expect(text).toContain(`Hello <b>"Ada" & 'Co'</b>,`);
    expect(html).toContain("<p>Hello &lt;b&gt;&quot;Ada&quot; &amp; &#39;Co&#39;&lt;/b&gt;,</p>");
  });

  it("take values literally", () => {
    expect(fillTemplate("security_alert", { name: "{alert}$&", alert: "x" }).text).toContain("Hello {alert}$&,");
  });

  it("keep the subject on one line", () => {
    expect(fillTemplate("welcome", { name: "Ada\r\nBcc: all@demo.example" }).subject).toBe(
      "Welcome, Ada Bcc: all@demo.example",
    );
  });

  it("name everything that is missing or too much", () => {
    const fill = () => fillTemplate("password_reset", { nme: "Ada" });
    expect(fill).toThrow("/variables/name: must be given; /variables/reset_url: must be given; /variables: holds one");
  });

  it("are the three that exist", () => {
    const names = ["welcome", "password_reset", "security_alert", "constructor", "toString", ""];
    expect(names.filter(isTemplateName)).toEqual(["welcome", "password_reset", "security_alert"]);
  });
});
