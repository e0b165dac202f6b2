export { base64Of, bytesOf } from "./note/base64.ts";
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./note/checkpoint.ts";
export { type CheckpointKeys, type OpenedCheckpoint, openCheckpoint } from "./note/open-checkpoint.ts";
export { type NoteFault, type OpenedNote, openNote } from "./note/open-note.ts";
export { cosign, type NoteSigner, signNote } from "./note/sign-note.ts";
export type { SignatureLine } from "./note/signature-line.ts";
export { type SplitNote, splitNote } from "./note/split-note.ts";
export {
  formatTlogProof,
  parseTlogProof,
  type TlogProof,
  type VerifiedProof,
  verifyTlogProof,
} from "./note/tlog-proof.ts";
export {
  formatVerifierKey,
  isKeyName,
  parseVerifierKey,
  type SignatureType,
  signatureTypes,
  type VerifierKey,
  verifierKeyOf,
} from "./note/verifier-key.ts";
export type { VerifiedSignature } from "./note/verify-signature.ts";
export {
  type AddCheckpoint,
  cosignaturesIn,
  formatAddCheckpoint,
  parseAddCheckpoint,
} from "./note/witness-exchange.ts";
export { decodeBundle, encodeBundle, maxEntryBytes } from "./tiles/entry-bundle.ts";
export { splitTile, type TileReader, tileHashes } from "./tiles/tile-hashes.ts";
export { type Bundle, bundlePath, parseTilePath, type Tile, tilePath, tileWidth } from "./tiles/tile-path.ts";
export { newBundles, newTiles, tileAt } from "./tiles/tiles-of.ts";
export { emptyEdge, extendTree, type FilledTile, readEdge, rootOfEdge, type TreeEdge } from "./tiles/tree-edge.ts";
export { consistencyProof, type Growth } from "./tree/consistency-proof.ts";
export { emptyRoot, equalHashes, type Hash, hashBytes, leafHash, nodeHash } from "./tree/hash.ts";
export { type Inclusion, inclusionProof } from "./tree/inclusion-proof.ts";
export { type HashReader, rootAt } from "./tree/read-hashes.ts";
export { rootOf } from "./tree/root-of.ts";
export type { Range, Subtree } from "./tree/subtrees.ts";
export { type ConsistencyClaim, verifyConsistency } from "./tree/verify-consistency.ts";
export { type InclusionClaim, verifyInclusion } from "./tree/verify-inclusion.ts";
