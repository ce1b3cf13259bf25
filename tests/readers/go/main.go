// Checks an exported log with golang.org/x/mod/sumdb, and none of our code: the checkpoint's
// signatures, every tile, every entry, every proof in proofs.json.
//
// Arguments: the folder of the export, the log's verifier key, those of its cosigners.
// Prints how many entries and proofs it saw.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder, logKey string, cosigners []string) error {
	tree, err := checkpoint(folder, logKey, cosigners)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tiles{folder})
	entries, err := entries(folder, tree.N)
	if err != nil {
		return err
	}
	for index, entry := range entries {
		own := tlog.RecordHash(entry)
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(index))})
		if err != nil {
			return err
		}
		if hashes[0] != own {
			return fmt.Errorf("entry %d is not the one of the tile", index)
		}
	}
	count, err := proofs(folder, tree, entries)
	if err != nil {
		return err
	}
	fmt.Printf("%d entries, %d proofs\n", len(entries), count)
	return nil
}

// The tree that everybody signed.
func checkpoint(folder, logKey string, cosigners []string) (tlog.Tree, error) {
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	verifiers := []note.Verifier{verifier}
	for _, key := range cosigners {
		cosigner, err := newCosigner(key)
		if err != nil {
			return tlog.Tree{}, err
		}
		verifiers = append(verifiers, cosigner)
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(verifiers) {
		return tlog.Tree{}, fmt.Errorf("%d of %d have signed", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// A key of type 4, which the package does not know: c2sp.org/tlog-cosignature.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	id, encoded, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	if len(key) != 33 || key[0] != 4 {
		return nil, fmt.Errorf("not the key of a cosigner: %s", vkey)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	if hex.EncodeToString(sum[:4]) != id {
		return nil, fmt.Errorf("the id of another key: %s", vkey)
	}
	return cosigner{name, binary.BigEndian.Uint32(sum[:4]), key[1:]}, nil
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

// Tiles as they lie in the folder: c2sp.org/tlog-tiles leaves the height out of the path.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return height }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func entries(folder string, size int64) ([][]byte, error) {
	var all [][]byte
	for first := int64(0); first < size; first += 1 << height {
		width := min(size-first, 1<<height)
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return nil, err
		}
		for range width {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s ends early", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			all, data = append(all, data[2:end]), data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s goes on after its last entry", path)
		}
	}
	return all, nil
}

type given struct {
	Inclusion []struct {
		Index  int64
		Hashes []string
	}
	Consistency []struct {
		Size   int64
		Root   string
		Hashes []string
	}
}

func hashes(texts []string) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		all = append(all, hash)
	}
	return all, nil
}

func proofs(folder string, tree tlog.Tree, entries [][]byte) (int, error) {
	data, err := os.ReadFile(filepath.Join(folder, "proofs.json"))
	if err != nil {
		return 0, err
	}
	var all given
	if err := json.Unmarshal(data, &all); err != nil {
		return 0, err
	}
	for _, one := range all.Inclusion {
		proof, err := hashes(one.Hashes)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, one.Index, tlog.RecordHash(entries[one.Index])); err != nil {
			return 0, err
		}
	}
	for _, one := range all.Consistency {
		proof, err := hashes(append(one.Hashes, one.Root))
		if err != nil {
			return 0, err
		}
		last := len(proof) - 1
		if err := tlog.CheckTree(proof[:last], tree.N, tree.Hash, one.Size, proof[last]); err != nil {
			return 0, err
		}
	}
	return len(all.Inclusion) + len(all.Consistency), nil
}
