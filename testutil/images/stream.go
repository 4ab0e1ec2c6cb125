// SPDX-License-Identifier: Apache-2.0

package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readID returns the id that an import reports at its end.
func readID(r io.Reader) (string, error) {
	id := ""
	for dec := json.NewDecoder(r); ; {
		var m struct{ Status, Error string }
		switch err := dec.Decode(&m); {
		case errors.Is(err, io.EOF) && id != "":
			return id, nil
		case err != nil:
			return "", fmt.Errorf("the daemon reported no id of the image: %w", err)
		case m.Error != "":
			return "", fmt.Errorf("import an image: %s", m.Error)
		case strings.HasPrefix(m.Status, "sha256:"):
			id = m.Status
		}
	}
}
