package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// witness keeps the last checkpoint that it cosigned of one log (c2sp.org/tlog-witness).
type witness struct {
	log    note.Verifier
	signer *torchwood.CosignatureSigner
	mutex  sync.Mutex
	latest tlog.Tree
}

// serveWitness prints the witness's key and URL, one a line, and serves until stdin ends.
func serveWitness(vkey string) error {
	log, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signer, err := torchwood.NewCosignatureSigner("witness.example/test", key)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("%s\nhttp://%s\n", signer.Verifier(), listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, &witness{log: log, signer: signer})
}

func (w *witness) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, 1<<20))
	if err != nil || request.Method != http.MethodPost || request.URL.Path != "/add-checkpoint" {
		http.Error(answer, "not an add-checkpoint", http.StatusBadRequest)
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	status, text := w.add(body)
	if status == http.StatusConflict {
		answer.Header().Set("Content-Type", "text/x.tlog.size")
	}
	answer.WriteHeader(status)
	io.WriteString(answer, text)
}

// add judges a request in the order of the specification and gives the status and body of the answer.
func (w *witness) add(body []byte) (int, string) {
	head, signed, found := bytes.Cut(body, []byte("\n\n"))
	if !found {
		return http.StatusBadRequest, "no empty line\n"
	}
	old, proof, err := parseHead(string(head))
	if err != nil {
		return http.StatusBadRequest, err.Error() + "\n"
	}
	opened, err := note.Open(signed, note.VerifierList(w.log))
	if err != nil {
		return http.StatusForbidden, err.Error() + "\n"
	}
	checkpoint, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil || checkpoint.Origin != w.log.Name() || old > checkpoint.N {
		return http.StatusBadRequest, "not a checkpoint of this log\n"
	}
	if old != w.latest.N || (old == checkpoint.N && old > 0 && checkpoint.Hash != w.latest.Hash) {
		return http.StatusConflict, fmt.Sprintln(w.latest.N)
	}
	if err := checkGrowth(proof, checkpoint.Tree, w.latest); err != nil {
		return http.StatusUnprocessableEntity, err.Error() + "\n"
	}
	cosigned, err := note.Sign(&note.Note{Text: opened.Text}, w.signer)
	if err != nil {
		return http.StatusInternalServerError, err.Error() + "\n"
	}
	w.latest = checkpoint.Tree
	return http.StatusOK, string(cosigned[len(opened.Text)+1:])
}

func checkGrowth(proof tlog.TreeProof, tree, old tlog.Tree) error {
	if old.N == 0 || old.N == tree.N {
		if len(proof) > 0 {
			return fmt.Errorf("a proof of nothing")
		}
		return nil
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func parseHead(head string) (int64, tlog.TreeProof, error) {
	lines := strings.Split(head, "\n")
	digits, found := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || strconv.FormatInt(old, 10) != digits {
		return 0, nil, fmt.Errorf("no old size")
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return 0, nil, fmt.Errorf("a line of the proof is no hash")
		}
		proof = append(proof, tlog.Hash(hash))
	}
	return old, proof, nil
}
