package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkLog verifies the checkpoint's signature, every tile and every entry in a directory, and that the log at each old
// size is the beginning of it. It prints the size and the root.
func checkLog(dir, vkey string, oldSizes []string) error {
	tree, err := openCheckpoint(filepath.Join(dir, "checkpoint"), vkey)
	if err != nil {
		return err
	}
	tiles, err := torchwood.NewTileFS(os.DirFS(dir))
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := readEntries(ctx, tree, tiles); err != nil {
		return err
	}
	hashes := torchwood.TileHashReaderWithContext(ctx, tree, tiles)
	if err := proveRecords(tree, hashes); err != nil {
		return err
	}
	for _, size := range oldSizes {
		if err := proveGrowth(size, tree, hashes); err != nil {
			return err
		}
	}
	fmt.Println("ok", tree.N, tree.Hash)
	return nil
}

func openCheckpoint(path, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	checkpoint, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil {
		return tlog.Tree{}, err
	}
	if checkpoint.Origin != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("the checkpoint is of %q", checkpoint.Origin)
	}
	return checkpoint.Tree, nil
}

// readEntries makes torchwood's client read, and so authenticate, all entry bundles and hash tiles.
func readEntries(ctx context.Context, tree tlog.Tree, tiles torchwood.TileReader) error {
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		return err
	}
	var count int64
	for index := range client.AllEntries(ctx, tree, 0) {
		if index != count {
			return fmt.Errorf("entry %d stands where %d is expected", index, count)
		}
		count++
	}
	if client.Err() != nil {
		return client.Err()
	}
	if count != tree.N {
		return fmt.Errorf("%d entries of %d", count, tree.N)
	}
	return nil
}

// proveRecords makes and checks inclusion proofs of the first, the middle and the last record.
func proveRecords(tree tlog.Tree, hashes tlog.HashReader) error {
	for _, index := range []int64{0, tree.N / 2, tree.N - 1} {
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]); err != nil {
			return err
		}
	}
	return nil
}

// proveGrowth checks that the tree began as the tree of an older size whose root is given: SIZE:ROOT.
func proveGrowth(old string, tree tlog.Tree, hashes tlog.HashReader) error {
	size, root, err := parseOldTree(old)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, size, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, size, root)
}

func parseOldTree(old string) (int64, tlog.Hash, error) {
	var digits, base64 string
	for at, char := range old {
		if char == ':' {
			digits, base64 = old[:at], old[at+1:]
		}
	}
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := tlog.ParseHash(base64)
	return size, root, err
}
