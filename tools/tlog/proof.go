package main

import (
	"fmt"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkProof verifies a .tlog-proof of the entry in a file. The first key is the log's, the others are witnesses'; all of
// them must have signed.
func checkProof(proofPath, entryPath string, vkeys []string) error {
	proof, err := os.ReadFile(proofPath)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return err
	}
	policy, err := allOf(vkeys)
	if err != nil {
		return err
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(entry), proof); err != nil {
		return err
	}
	fmt.Println("ok")
	return nil
}

func allOf(vkeys []string) (torchwood.Policy, error) {
	log, err := note.NewVerifier(vkeys[0])
	if err != nil {
		return nil, err
	}
	policies := []torchwood.Policy{torchwood.OriginPolicy(log.Name()), torchwood.SingleVerifierPolicy(log)}
	for _, vkey := range vkeys[1:] {
		witness, err := torchwood.NewCosignatureVerifier(vkey)
		if err != nil {
			return nil, err
		}
		policies = append(policies, torchwood.SingleVerifierPolicy(witness))
	}
	return torchwood.ThresholdPolicy(len(policies), policies...), nil
}
