/**
 * `@peculiar/x509`, ready to use: tsyringe, which it registers its algorithms with, refuses to load without the
 * `reflect-metadata` API.
 * NOTE: the polyfill must stay the first import; modules are evaluated in the order they are named.
 */
import "reflect-metadata";

export * from "@peculiar/x509";
