/**
 * `@peculiar/x509`, ready to use: it registers its algorithms with tsyringe, which wants `reflect-metadata` to be there
 * first.
 * NOTE: the order of these two lines matters; modules are evaluated as they are named.
 */
import "reflect-metadata";

export * from "@peculiar/x509";
