// Checks a file of proofs of Millrace by tools that nobody of Millrace has written: the checkpoint by x/mod's note, each
// inclusion proof by transparency-dev's merkle. check FILE KEY prints how many proofs are good.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type head struct {
	Origin     string `json:"origin"`
	Checkpoint string `json:"checkpoint"`
}

type record struct {
	Index  uint64   `json:"index"`
	Entry  []byte   `json:"entry"`
	Hashes [][]byte `json:"hashes"`
}

func main() {
	if err := check(os.Args[1], os.Args[2]); err != nil {
		fmt.Println("wrong:", err)
		os.Exit(1)
	}
}

func check(name, key string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	lines.Scan()
	var first head
	if err := json.Unmarshal(lines.Bytes(), &first); err != nil {
		return err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(first.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	text := strings.Split(opened.Text, "\n")
	if text[0] != first.Origin {
		return fmt.Errorf("origin %q", text[0])
	}
	size, err := strconv.ParseUint(text[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := base64.StdEncoding.DecodeString(text[2])
	if err != nil {
		return err
	}
	good := 0
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(r.Entry)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, r.Index, size, leaf, r.Hashes, root); err != nil {
			return fmt.Errorf("index %d: %w", r.Index, err)
		}
		// The implementation of Go's checksum database shares no code with the one before.
		var path tlog.RecordProof
		for _, hash := range r.Hashes {
			path = append(path, tlog.Hash(hash))
		}
		if own := tlog.RecordHash(r.Entry); !bytes.Equal(own[:], leaf) {
			return fmt.Errorf("index %d: hash of the leaf", r.Index)
		}
		if err := tlog.CheckRecord(path, int64(size), tlog.Hash(root), int64(r.Index), tlog.Hash(leaf)); err != nil {
			return fmt.Errorf("index %d: %w", r.Index, err)
		}
		good++
	}
	fmt.Printf("good: %d proofs\n", good)
	return lines.Err()
}
