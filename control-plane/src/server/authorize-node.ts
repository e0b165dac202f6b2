import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "node:tls";
import { NodeMetadata, parseEnvoyNodeId, pluginIdOf, type SpiffeId } from "@vivified/contracts";
import { svidOf } from "@vivified/runtime";
import { Check } from "typebox/value";
import type { MeshNode } from "../snapshot/node-resources.ts";
import { metadataOf, type WireNode } from "./ads-messages.ts";

/** Who opened a stream, by the certificate of the connection. */
export type NodePeer = { readonly spiffeId: SpiffeId; readonly pluginId: string; readonly expiresAt: Date };

/** Whose verified client certificate it is, whether a plugin's or not. */
export function svidOfPeer(certificate: PeerCertificate | undefined) {
  return certificate?.raw && svidOf(new X509Certificate(certificate.raw));
}

/** The plugin that a verified client certificate names; undefined for anybody who is no plugin's Envoy. */
export function nodePeer(certificate: PeerCertificate | undefined, trustDomain: string): NodePeer | undefined {
  const svid = svidOfPeer(certificate);
  const pluginId = svid && pluginIdOf(svid.id, trustDomain);
  return svid && pluginId ? { spiffeId: svid.id, pluginId, expiresAt: svid.expiresAt } : undefined;
}

/**
 * What a node says of itself, as far as it may: `node.id` must name the plugin of its SVID, and the metadata where its
 * listener goes. Undefined when it names another plugin, or nothing that can be used.
 */
export function authorizeNode(node: WireNode | undefined, peer: NodePeer): MeshNode | undefined {
  const named = parseEnvoyNodeId(node?.id ?? "");
  if (node === undefined || named?.pluginId !== peer.pluginId) return undefined;
  const metadata = metadataOf(node);
  if (!Check(NodeMetadata, metadata)) return undefined;
  return { ...named, mesh: { host: metadata.mesh_host, port: metadata.mesh_port } };
}
