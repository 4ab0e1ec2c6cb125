// SPDX-License-Identifier: Apache-2.0

package session

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func readEvents(t testing.TB, text string) []string {
	var all []string
	for r := newEventReader(strings.NewReader(text)); ; {
		data, err := r.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data))
	}
}

func TestEventReader(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"one":                 {"data: a\n\n", []string{"a"}},
		"no space":            {"data:a\n\n", []string{"a"}},
		"one space is taken":  {"data:  a\n\n", []string{" a"}},
		"lines are joined":    {"data: a\ndata: b\n\n", []string{"a\nb"}},
		"empty data":          {"data\n\ndata:\n\n", []string{"", ""}},
		"CRLF":                {"data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		"CR":                  {"data: a\r\rdata: b\r\r", []string{"a", "b"}},
		"comments and fields": {": hi\nevent: x\nid: 1\nretry: 5\ndata: a\n\n", []string{"a"}},
		"other names":         {"database: a\n\ndata: b\n\n", []string{"b"}},
		"only comments":       {": ping\n\n: ping\n\n", nil},
		"cut off":             {"data: a\n\ndata: b\n", []string{"a"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, readEvents(t, tc.text)) })
	}
}

func TestEventTooLong(t *testing.T) {
	for name, text := range map[string]string{
		"a line": "data: " + strings.Repeat("a", maxEvent) + "\n\n", "lines": strings.Repeat("data: "+strings.Repeat("a", 1<<20)+"\n", 5) + "\n",
	} {
		_, err := newEventReader(strings.NewReader(text)).next()
		require.ErrorIs(t, err, errEventSize, name)
	}
}

// FuzzEvents: what is written is read back, whatever it holds, and nothing in
// it can end an event, start another one, or be taken for a field.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{"", "a", "a\nb", "a\r\nb\r", "data: x\n\nevent: y", "\n\n\n", ": c", " lead"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, payload, comment string) {
		rec := httptest.NewRecorder()
		w := newEventWriter(rec)
		for _, err := range []error{w.data([]byte(payload)), w.comment(comment), w.data([]byte("end"))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		want := strings.ReplaceAll(strings.ReplaceAll(payload, "\r\n", "\n"), "\r", "\n")
		if got := readEvents(t, rec.Body.String()); len(got) != 2 || got[0] != want || got[1] != "end" {
			t.Fatalf("%q was read as %q", want, got)
		}
	})
}

// FuzzEventReader: no stream makes it loop or crash.
func FuzzEventReader(f *testing.F) {
	f.Add("data: a\r\n\r\n: x\n\ndata")
	f.Fuzz(func(t *testing.T, text string) {
		for _, data := range readEvents(t, text) {
			if strings.ContainsRune(data, '\r') {
				t.Fatalf("%q", data)
			}
		}
	})
}
