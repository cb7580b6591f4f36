package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// exported is a log in a folder of tlog-tiles. As a tlog.TileReader it reads the tiles, which tlog checks against the root.
type exported struct {
	folder string
	tree   tlog.Tree
}

func openLog(folder string, verifier note.Verifier) (*exported, error) {
	tree, err := readCheckpointFile(filepath.Join(folder, "checkpoint"), verifier)
	return &exported{folder, tree}, err
}

func (log *exported) Height() int { return 8 }

func (log *exported) SaveTiles([]tlog.Tile, [][]byte) {}

func (log *exported) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(log.folder, path(tile)))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

// path is a tile's path in C2SP tlog-tiles, which leaves out the height and calls data tiles entries.
func path(tile tlog.Tile) string {
	rest := strings.TrimPrefix(tile.Path(), "tile/8/")
	return "tile/" + strings.Replace(rest, "data/", "entries/", 1)
}

// entries reads all leaves from the entry bundles: u16be length, then the leaf.
func (log *exported) entries() ([][]byte, error) {
	var leaves [][]byte
	for n := int64(0); n*256 < log.tree.N; n++ {
		tile := tlog.Tile{H: 8, L: -1, N: n, W: int(min(256, log.tree.N-n*256))}
		bundle, err := os.ReadFile(filepath.Join(log.folder, path(tile)))
		if err != nil {
			return nil, err
		}
		for len(bundle) >= 2 {
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				return nil, fmt.Errorf("%s ends within an entry", path(tile))
			}
			leaves = append(leaves, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	if int64(len(leaves)) != log.tree.N {
		return nil, fmt.Errorf("%d entries in a log of %d", len(leaves), log.tree.N)
	}
	return leaves, nil
}

// checkInclusion proves every entry by tlog, and checks the proof by tlog and by transparency-dev/merkle.
func (log *exported) checkInclusion() (int64, error) {
	leaves, err := log.entries()
	if err != nil {
		return 0, err
	}
	reader := tlog.TileHashReader(log.tree, log)
	for index, leaf := range leaves {
		path, err := tlog.ProveRecord(log.tree.N, int64(index), reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(path, log.tree.N, log.tree.Hash, int64(index), tlog.RecordHash(leaf)); err != nil {
			return 0, fmt.Errorf("entry %d by tlog: %w", index, err)
		}
		hash := rfc6962.DefaultHasher.HashLeaf(leaf)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(log.tree.N), hash, slices(path), log.tree.Hash[:]); err != nil {
			return 0, fmt.Errorf("entry %d by merkle: %w", index, err)
		}
	}
	return int64(len(leaves)), nil
}

// checkConsistency proves that the log extends an older checkpoint, likewise by both.
func (log *exported) checkConsistency(older string, verifier note.Verifier) (int64, error) {
	old, err := readCheckpointFile(older, verifier)
	if err != nil {
		return 0, err
	}
	path, err := tlog.ProveTree(log.tree.N, old.N, tlog.TileHashReader(log.tree, log))
	if err != nil {
		return 0, err
	}
	if err := tlog.CheckTree(path, log.tree.N, log.tree.Hash, old.N, old.Hash); err != nil {
		return 0, fmt.Errorf("by tlog: %w", err)
	}
	err = proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old.N), uint64(log.tree.N), slices(path), old.Hash[:], log.tree.Hash[:])
	return old.N, err
}

func slices(hashes []tlog.Hash) [][]byte {
	var all [][]byte
	for _, hash := range hashes {
		all = append(all, hash[:])
	}
	return all
}
