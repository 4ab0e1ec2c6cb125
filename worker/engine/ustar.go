// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strings"
)

const (
	ustarBlock   = 512
	ustarMaxSize = 1<<33 - 1
	ustarTrailer = 2 * ustarBlock
)

// ustarHeader is the only header an artifact may hold for a name and a size: a
// regular file, mode 0644, owner 0:0, time 0. It is written here and not by
// archive/tar so that the bytes of a result cannot change with the Go release.
func ustarHeader(name string, size int64) ([ustarBlock]byte, error) {
	var h [ustarBlock]byte
	prefix, base, err := ustarSplit(name)
	if err != nil {
		return h, err
	}
	if size < 0 || size > ustarMaxSize {
		return h, fmt.Errorf("artifact entry %q has %d bytes, a tar entry holds at most %d", name, size, int64(ustarMaxSize))
	}
	copy(h[0:100], base)
	copy(h[100:108], "0000644\x00")
	copy(h[108:116], "0000000\x00")
	copy(h[116:124], "0000000\x00")
	copy(h[124:136], fmt.Sprintf("%011o\x00", size))
	copy(h[136:148], "00000000000\x00")
	h[156] = '0'
	copy(h[257:265], "ustar\x0000")
	copy(h[329:337], "0000000\x00")
	copy(h[337:345], "0000000\x00")
	copy(h[345:500], prefix)
	copy(h[148:156], "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return h, nil
}

// ustarSplit puts a name into the two fields of the format. The shortest prefix
// that works is taken, so that a name has one encoding only.
func ustarSplit(name string) (prefix, base string, err error) {
	if len(name) <= 100 {
		return "", name, nil
	}
	for i := 0; i < len(name); i++ {
		if name[i] != '/' || len(name)-i-1 > 100 {
			continue
		}
		if i > 155 {
			break
		}
		return name[:i], name[i+1:], nil
	}
	return "", "", fmt.Errorf("artifact entry name %.40q... does not fit a tar header: use shorter names", name)
}

// ustarName joins the two fields of a header.
func ustarName(h *[ustarBlock]byte) string {
	base := strings.TrimRight(string(h[0:100]), "\x00")
	prefix := strings.TrimRight(string(h[345:500]), "\x00")
	if prefix == "" {
		return base
	}
	return prefix + "/" + base
}

func ustarPad(size int64) int64 {
	return (ustarBlock - size%ustarBlock) % ustarBlock
}
