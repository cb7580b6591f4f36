package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkProofFile reads a c2sp.org/tlog-proof@v1 and checks it for a leaf: index, the hashes a line each, an empty line,
// the checkpoint.
func checkProofFile(proofPath, leafPath string, verifier note.Verifier) (int64, error) {
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return 0, err
	}
	leaf, err := os.ReadFile(leafPath)
	if err != nil {
		return 0, err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, fmt.Errorf("no tlog-proof")
	}
	tree, err := readCheckpoint([]byte(checkpoint), verifier)
	if err != nil {
		return 0, err
	}
	var index int64
	if _, err := fmt.Sscanf(lines[1], "index %d", &index); err != nil {
		return 0, err
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, err
		}
		path = append(path, hash)
	}
	return index, tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(leaf))
}
