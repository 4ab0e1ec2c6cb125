// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

type vectors struct {
	Arrays []struct {
		Name  string `json:"name"`
		Rule  Rule   `json:"rule"`
		A     string `json:"a"`
		B     string `json:"b"`
		Close bool   `json:"close"`
	} `json:"arrays"`
	Groups []struct {
		Name    string   `json:"name"`
		Answers int      `json:"answers"`
		Votes   []uint32 `json:"votes"` // one each if there are none
		Close   [][2]int `json:"close"`
		Right   uint32   `json:"right"`
	} `json:"groups"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return raw
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	require.GreaterOrEqual(t, len(v.Arrays), 40)
	both := map[bool]int{}
	for _, c := range v.Arrays {
		t.Run(c.Name, func(t *testing.T) {
			a, b := unhex(t, c.A), unhex(t, c.B)
			require.NoError(t, c.Rule.Validate())
			require.Equal(t, c.Close, c.Rule.Arrays(a, b))
			require.Equal(t, c.Close, c.Rule.Arrays(b, a), "symmetric")
			require.True(t, c.Rule.Arrays(a, a), "reflexive")
		})
		both[c.Close]++
	}
	require.Greater(t, both[false], 20)
	require.Greater(t, both[true], 20)
}

func TestGroups(t *testing.T) {
	for _, g := range readVectors(t).Groups {
		t.Run(g.Name, func(t *testing.T) {
			votes := g.Votes
			for len(votes) < g.Answers {
				votes = append(votes, 1)
			}
			got, err := Right(votes, func(i, j int) (bool, error) {
				require.Less(t, i, j)
				return slices.Contains(g.Close, [2]int{i, j}), nil
			})
			require.NoError(t, err)
			require.Equal(t, g.Right, got)
		})
	}
	_, err := Right(make([]uint32, 33), nil)
	require.Error(t, err)
	_, err = Right([]uint32{1, 1}, func(int, int) (bool, error) { return false, io.ErrUnexpectedEOF })
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// slowNear is near without its shortcut.
func slowNear(r Rule, a, b number) bool {
	t := newTester(Rule{Rel: 0})
	t.rule.Rel = 0
	t.abs.SetUint64(r.Abs)
	t.rel.SetUint64(r.Rel)
	return t.near(a, b)
}

// TestShortcut compares the 128-bit shortcut with the exact rule on numbers
// that are about as far apart as allowed.
func TestShortcut(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	hits := 0
	for range 200_000 {
		rel := uint64(rnd.Int63n(1 << uint(1+rnd.Intn(39))))
		r := Rule{Kind: Tolerance, DType: Float64, Rel: rel % parts}
		x := math.Float64frombits(rnd.Uint64())
		y := x * (1 + float64(r.Rel)/parts*(0.99+0.02*rnd.Float64()))
		a, b := binary64.decode(math.Float64bits(x)), binary64.decode(math.Float64bits(y))
		if a.class != finite || b.class != finite {
			continue
		}
		fast := newTester(r)
		want := slowNear(r, a, b)
		require.Equal(t, want, fast.near(a, b), "%v %v %+v", x, y, r)
		if fast.surelyNear(a, b) {
			hits++
			require.True(t, want)
		}
	}
	require.Greater(t, hits, 20_000)
}

// TestLongArrays crosses the boundaries of what is read at once.
func TestLongArrays(t *testing.T) {
	const n = 3*chunk/4 + 5
	a := make([]byte, 4*n)
	rnd := rand.New(rand.NewSource(2))
	rnd.Read(a)
	for _, r := range []Rule{{Kind: Tolerance, DType: Int32, Abs: 1}, {Kind: TopK, DType: Int32, K: 7}} {
		b := slices.Clone(a)
		require.True(t, r.Arrays(a, b))
		copy(b[4*(n-1):], []byte{255, 255, 255, 127})
		require.False(t, r.Arrays(a, b))
		_, err := r.Streams(bytes.NewReader(a), bytes.NewReader(b[:8]), int64(len(a)), int64(len(a)))
		require.Error(t, err)
	}
	text := a[:len(a)-1]
	other := slices.Clone(text)
	r := Rule{Kind: Tolerance, DType: Int32, Abs: 1}
	require.True(t, r.Arrays(text, other))
	other[chunk+3] ^= 1
	require.False(t, r.Arrays(text, other))
}

func TestFromTask(t *testing.T) {
	r, err := FromTask(markettypes.ComparatorTolerance, &markettypes.Tolerance{Abs: 5, Rel: 7, Dtype: markettypes.DTypeInt64})
	require.NoError(t, err)
	require.Equal(t, Rule{Kind: Tolerance, DType: Int64, Abs: 5, Rel: 7}, r)
	r, err = FromTask(markettypes.ComparatorTopK, &markettypes.Tolerance{K: 5, OverlapBps: 7, Dtype: markettypes.DTypeFloat32})
	require.NoError(t, err)
	require.Equal(t, Rule{Kind: TopK, DType: Float32, K: 5, OverlapBps: 7}, r)
	for name, tc := range map[string]struct {
		c markettypes.Comparator
		t *markettypes.Tolerance
	}{
		"exact":      {markettypes.ComparatorExact, &markettypes.Tolerance{Dtype: markettypes.DTypeInt32}},
		"no terms":   {markettypes.ComparatorTopK, nil},
		"no dtype":   {markettypes.ComparatorTolerance, &markettypes.Tolerance{Abs: 1}},
		"k is zero":  {markettypes.ComparatorTopK, &markettypes.Tolerance{Dtype: markettypes.DTypeInt32}},
		"k too high": {markettypes.ComparatorTopK, &markettypes.Tolerance{Dtype: markettypes.DTypeInt32, K: markettypes.MaxTopK + 1}},
		"rel is one": {markettypes.ComparatorTolerance, &markettypes.Tolerance{Dtype: markettypes.DTypeInt32, Rel: parts}},
		"two kinds":  {markettypes.ComparatorTolerance, &markettypes.Tolerance{Dtype: markettypes.DTypeInt32, K: 1, Abs: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FromTask(tc.c, tc.t)
			require.ErrorIs(t, err, ErrInvalidRule)
		})
	}
}

func write(t *testing.T, meta engine.Meta, entries map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "artifact")
	var list []engine.Entry
	for name, content := range entries {
		list = append(list, engine.BytesEntry(name, []byte(content)))
	}
	var out bytes.Buffer
	require.NoError(t, engine.WriteArtifact(&out, meta, list))
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

func TestFiles(t *testing.T) {
	rule := Rule{Kind: Tolerance, DType: Int32, Abs: parts}
	ok := engine.Meta{Outcome: engine.OutcomeOK}
	base := map[string]string{"out/x": "\x01\x00\x00\x00", "stdout": "done\n", "stderr": "took 1 s\n"}
	tests := map[string]struct {
		meta    engine.Meta
		entries map[string]string
		close   bool
	}{
		"the same":             {ok, base, true},
		"other words for us":   {ok, map[string]string{"out/x": base["out/x"], "stdout": "done\n", "stderr": "took 2 s\n"}, true},
		"near":                 {ok, map[string]string{"out/x": "\x02\x00\x00\x00", "stdout": "done\n"}, true},
		"far":                  {ok, map[string]string{"out/x": "\x03\x00\x00\x00", "stdout": "done\n"}, false},
		"another text":         {ok, map[string]string{"out/x": base["out/x"], "stdout": "gone\n"}, false},
		"another name":         {ok, map[string]string{"out/y": base["out/x"], "stdout": "done\n"}, false},
		"one file more":        {ok, map[string]string{"out/x": base["out/x"], "out/y": "", "stdout": "done\n"}, false},
		"ended in another way": {engine.Meta{Outcome: engine.OutcomeExit, ExitCode: 1}, base, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := write(t, ok, base), write(t, tc.meta, tc.entries)
			for _, pair := range [][2]string{{a, b}, {b, a}} {
				got, err := rule.Files(pair[0], pair[1])
				require.NoError(t, err)
				require.Equal(t, tc.close, got)
			}
		})
	}
	t.Run("no artifacts", func(t *testing.T) {
		dir := t.TempDir()
		paths := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b"), write(t, ok, base), filepath.Join(dir, "gone")}
		require.NoError(t, os.WriteFile(paths[0], []byte{1, 0, 0, 0}, 0o600))
		require.NoError(t, os.WriteFile(paths[1], []byte{2, 0, 0, 0}, 0o600))
		near, err := rule.Files(paths[0], paths[1])
		require.NoError(t, err)
		require.True(t, near)
		near, err = rule.Files(paths[0], paths[2])
		require.NoError(t, err)
		require.False(t, near)
		_, err = rule.Files(paths[0], paths[3])
		require.True(t, errors.Is(err, os.ErrNotExist))
	})
}

func FuzzArrays(f *testing.F) {
	for i, c := range readVectors(f).Arrays {
		a, b := unhex(f, c.A), unhex(f, c.B)
		f.Add(a, b, uint8(i), c.Rule.Abs, c.Rule.Rel, c.Rule.K, c.Rule.OverlapBps)
	}
	dtypes := []DType{Float32, Float64, Int32, Int64}
	f.Fuzz(func(t *testing.T, a, b []byte, which uint8, abs, rel uint64, k, overlap uint32) {
		r := Rule{Kind: Tolerance, DType: dtypes[which%4], Abs: abs, Rel: rel}
		if which&4 != 0 {
			r = Rule{Kind: TopK, DType: dtypes[which%4], K: k, OverlapBps: overlap}
		}
		if r.Validate() != nil {
			if r.Arrays(a, b) {
				t.Fatal("an invalid rule finds two arrays close")
			}
			return
		}
		if r.Arrays(a, b) != r.Arrays(b, a) {
			t.Fatal("not symmetric")
		}
		if !r.Arrays(a, a) || !r.Arrays(b, b) {
			t.Fatal("not reflexive")
		}
		if bytes.Equal(a, b) != true && len(a) != len(b) && r.Arrays(a, b) {
			t.Fatal("close with another length")
		}
	})
}

// FuzzRight: whatever is close to what, the answer is a group of at least two that
// one of them is close to all of, with no fewer votes than any other, or nothing.
func FuzzRight(f *testing.F) {
	f.Add(uint8(3), uint64(0b111), []byte{1, 1, 1})
	f.Add(uint8(32), ^uint64(0), []byte{3})
	f.Add(uint8(33), uint64(1), []byte{})
	f.Fuzz(func(t *testing.T, n uint8, edges uint64, weights []byte) {
		votes := make([]uint32, n)
		for i := range votes {
			if i < len(weights) {
				votes[i] = uint32(weights[i])
			}
		}
		near := func(i, j int) bool { return edges>>((i*7+j*13)%64)&1 == 1 }
		mask, err := Right(votes, func(i, j int) (bool, error) {
			if i >= j || j >= int(n) {
				t.Fatalf("asked for %d and %d of %d", i, j, n)
			}
			return near(i, j), nil
		})
		if (err != nil) != (n > maxAnswers) {
			t.Fatalf("%d answers: %v", n, err)
		}
		if err != nil {
			return
		}
		sum := func(mask uint32) (s uint64) {
			for i, v := range votes {
				if mask&(1<<i) != 0 {
					s += uint64(v)
				}
			}
			return s
		}
		found := mask == 0
		for i := range int(n) {
			group := uint32(1) << i
			for j := range int(n) {
				if i != j && near(min(i, j), max(i, j)) {
					group |= 1 << j
				}
			}
			found = found || group == mask
			if group&(group-1) != 0 && (mask == 0 || sum(group) > sum(mask)) {
				t.Fatalf("%b has more votes than %b", group, mask)
			}
		}
		if !found || mask != 0 && mask&(mask-1) == 0 {
			t.Fatalf("%b is nobody's group of two", mask)
		}
	})
}
