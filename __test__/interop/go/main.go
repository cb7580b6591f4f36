// Checks a log that vouchsafe exported with software that nobody there wrote: Go's sumdb/note and tlog,
// transparency-dev/merkle, and Tessera's fsck. Prints a line for each check; the first that fails ends it.
//
//	interop <vkey> <folder> <older checkpoint> <.tlog-proof file> <leaf file>
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) != 6 {
		fail("arguments", fmt.Errorf("interop <vkey> <folder> <older checkpoint> <proof> <leaf>"))
	}
	vkey, folder, older, proof, leaf := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		fail("vkey", err)
	}
	log, err := openLog(folder, verifier)
	if err != nil {
		fail("checkpoint", err)
	}
	passed("checkpoint", log.tree.N)
	for _, check := range []struct {
		name string
		run  func() (int64, error)
	}{
		{"fsck", func() (int64, error) { return fsckFolder(folder, verifier) }},
		{"inclusion", log.checkInclusion},
		{"consistency", func() (int64, error) { return log.checkConsistency(older, verifier) }},
		{"proof file", func() (int64, error) { return checkProofFile(proof, leaf, verifier) }},
	} {
		count, err := check.run()
		if err != nil {
			fail(check.name, err)
		}
		passed(check.name, count)
	}
}

func passed(check string, count int64) {
	fmt.Printf("%s: %d\n", check, count)
}

func fail(check string, err error) {
	// Some print the whole tile.
	why, _, _ := strings.Cut(err.Error(), "\n")
	fmt.Printf("%s: refused: %.200s\n", check, why)
	os.Exit(1)
}
