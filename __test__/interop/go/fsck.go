package main

import (
	"context"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// fsckFolder runs what Tessera's fsck command runs on a file URL, and counts the resources that it read.
func fsckFolder(folder string, verifier note.Verifier) (int64, error) {
	check := fsck.New(verifier.Name(), verifier, &client.FileFetcher{Root: folder}, leafHashes, fsck.Opts{N: 2})
	if err := check.Check(context.Background()); err != nil {
		return 0, err
	}
	return int64(check.Status().ResourcesFetched), nil
}

// leafHashes is the hasher of that command.
func leafHashes(bundle []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}
