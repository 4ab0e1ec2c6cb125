// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"gopkg.in/yaml.v3"

	"github.com/cosmos/gogoproto/jsonpb"
	"github.com/cosmos/gogoproto/proto"
)

// maxFileBytes is the most bytes of a message in a file.
const maxFileBytes = 4 << 20

// readMessage reads a message from a file, or from stdin where path is "-".
func readMessage(path string, stdin io.Reader, msg proto.Message) error {
	in := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFileBytes+1))
	if err != nil {
		return err
	}
	if err := parseMessage(data, msg); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// parseMessage reads YAML or JSON. Unknown fields, keys that are there twice
// and anything after the document are refused.
func parseMessage(data []byte, msg proto.Message) error {
	if len(data) > maxFileBytes {
		return fmt.Errorf("the file has more than %d bytes", maxFileBytes)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("not valid YAML: %w", err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	bz, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("not a message: %w", err)
	}
	if err := jsonpb.Unmarshal(bytes.NewReader(bz), msg); err != nil {
		return fmt.Errorf("not a %s: %w", proto.MessageName(msg), err)
	}
	return nil
}
