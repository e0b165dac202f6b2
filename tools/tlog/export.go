package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/torchwood"
	"github.com/gowebpki/jcs"
	"golang.org/x/mod/sumdb/tlog"
)

// hashes are the stored hashes of a tree that is computed anew from its entries.
type hashes []tlog.Hash

// ReadHashes implements tlog.HashReader.
func (known hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		if index >= int64(len(known)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[at] = known[index]
	}
	return found, nil
}

// checkExport verifies an unpacked export of a whole log, made for audits: the root is computed anew from the entries,
// each record is canonicalized (RFC 8785) and held against its entry's digest, and the log at each old size is the
// beginning of it. A record that is missing is an error. It prints the size and the root.
func checkExport(dir, vkey string, oldSizes []string) error {
	tree, err := openCheckpoint(filepath.Join(dir, "checkpoint"), vkey)
	if err != nil {
		return err
	}
	entries, err := readBundles(dir, tree.N)
	if err != nil {
		return err
	}
	known, err := treeOf(entries)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, known)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have the root %v, the checkpoint has %v", root, tree.Hash)
	}
	for _, size := range oldSizes {
		if err := proveGrowth(size, tree, known); err != nil {
			return err
		}
	}
	if err := checkRecords(filepath.Join(dir, "records.ndjson"), entries); err != nil {
		return err
	}
	fmt.Println("ok", tree.N, tree.Hash)
	return nil
}

func readBundles(dir string, size int64) ([][]byte, error) {
	entries := make([][]byte, 0, size)
	for size > int64(len(entries)) {
		at := int64(len(entries))
		tile := tlog.Tile{H: torchwood.TileHeight, L: -1, N: at / torchwood.TileWidth, W: int(min(torchwood.TileWidth, size-at))}
		rest, err := os.ReadFile(filepath.Join(dir, torchwood.TilePath(tile)))
		if err != nil {
			return nil, err
		}
		for range tile.W {
			var entry []byte
			if entry, rest, err = torchwood.ReadTileEntry(rest); err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		}
		if len(rest) > 0 {
			return nil, fmt.Errorf("%d bytes behind the entries of %v", len(rest), tile)
		}
	}
	return entries, nil
}

func treeOf(entries [][]byte) (hashes, error) {
	var known hashes
	for at, entry := range entries {
		more, err := tlog.StoredHashes(int64(at), entry, known)
		if err != nil {
			return nil, err
		}
		known = append(known, more...)
	}
	return known, nil
}

// checkRecords holds line n, the record of place n, against entry n.
func checkRecords(path string, entries [][]byte) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for at, entry := range entries {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("no line for the record of place %d: %w", at, err)
		}
		if err := checkLine(int64(at), line, entry); err != nil {
			return fmt.Errorf("place %d: %w", at, err)
		}
	}
	if _, err := lines.ReadByte(); err != io.EOF {
		return fmt.Errorf("more records than entries")
	}
	return nil
}

func checkLine(place int64, line, entry []byte) error {
	var told struct {
		Index  int64           `json:"index"`
		Record json.RawMessage `json:"record"`
	}
	if err := json.Unmarshal(line, &told); err != nil {
		return err
	}
	var promised struct {
		Digest string `json:"digest"`
	}
	if err := json.Unmarshal(entry, &promised); err != nil {
		return err
	}
	canonical, err := jcs.Transform(told.Record)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(canonical)
	if told.Index != place || hex.EncodeToString(digest[:]) != promised.Digest {
		return fmt.Errorf("the record is not the entry's")
	}
	return nil
}
