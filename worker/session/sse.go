// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxEvent is the most bytes of one event of a stream.
const maxEvent = 4 << 20

// errEventSize is an event that is longer than any server sends.
var errEventSize = errors.New("an event is too long")

// eventReader reads the data of server-sent events. Names, ids and comments
// are passed over.
type eventReader struct {
	in *bufio.Reader
}

func newEventReader(r io.Reader) *eventReader {
	return &eventReader{in: bufio.NewReaderSize(r, 64<<10)}
}

// next returns the data of the next event, its lines joined by a line feed. An
// event that the end cuts off is dropped, as the standard says: io.EOF.
func (e *eventReader) next() ([]byte, error) {
	var data []byte
	some := false
	total := 0
	for {
		line, err := e.line(maxEvent - total)
		if err != nil {
			return nil, err
		}
		total += len(line) + 1
		if len(line) == 0 {
			if some {
				return data, nil
			}
			total = 0
			continue
		}
		rest, ok := bytes.CutPrefix(line, []byte("data"))
		if !ok || (len(rest) > 0 && rest[0] != ':') {
			continue
		}
		rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte(":")), []byte(" "))
		if some {
			data = append(data, '\n')
		}
		data, some = append(data, rest...), true
	}
}

// line returns a line without its end: LF, CRLF or CR.
func (e *eventReader) line(most int) ([]byte, error) {
	var out []byte
	for {
		b, err := e.in.ReadByte()
		if err != nil {
			return nil, err
		}
		switch b {
		case '\n':
			return out, nil
		case '\r':
			if next, err := e.in.Peek(1); err == nil && next[0] == '\n' {
				_, _ = e.in.ReadByte() // it was peeked
			}
			return out, nil
		}
		if len(out) >= most {
			return nil, errEventSize
		}
		out = append(out, b)
	}
}

// eventWriter writes server-sent events and hands each over at once. A client
// that reads too slowly loses its connection.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

// writeTimeout is what a client has to take one event.
const writeTimeout = 30 * time.Second

func newEventWriter(w http.ResponseWriter) *eventWriter {
	return &eventWriter{w: w, control: http.NewResponseController(w)}
}

// data writes one event. Line ends within it would end the event, so each line
// gets a field of its own.
func (e *eventWriter) data(payload []byte) error {
	var buf bytes.Buffer
	for _, line := range splitLines(payload) {
		buf.WriteString("data: ")
		buf.Write(line)
		buf.WriteByte('\n')
	}
	buf.WriteByte('\n')
	return e.write(buf.Bytes())
}

// comment writes a line that clients pass over.
func (e *eventWriter) comment(text string) error {
	var buf bytes.Buffer
	for _, line := range splitLines([]byte(text)) {
		fmt.Fprintf(&buf, ": %s\n", line)
	}
	buf.WriteByte('\n')
	return e.write(buf.Bytes())
}

func splitLines(b []byte) [][]byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	return bytes.Split(b, []byte("\n"))
}

func (e *eventWriter) write(b []byte) error {
	if !e.begun {
		h := e.w.Header()
		h.Set("Content-Type", "text/event-stream; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
		e.w.WriteHeader(http.StatusOK)
		e.begun = true
	}
	// A writer without deadlines, as in a test, still takes the bytes.
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.control.Flush()
}
