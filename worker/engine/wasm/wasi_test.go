// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/stretchr/testify/require"
)

// bench is a host with a memory and no running guest.
type bench struct {
	t testing.TB
	g *guest
	h *host
}

// Where the tests put things in the memory.
const (
	atPath = 1000
	atIovs = 5000
	atData = 8192
	atOut  = 60000
)

// benchEngine is shared: an engine is large.
var benchEngine = sync.OnceValue(newEngine)

func newBench(t testing.TB, inputs ...guestInput) *bench {
	t.Helper()
	g := &guest{args: []string{"guest", "a"}, env: []string{"K=V"}, fuel: 1 << 40, output: 10_000, inputs: inputs, seed: [32]byte{7}}
	store := wasmtime.NewStore(benchEngine())
	t.Cleanup(store.Close)
	require.NoError(t, store.SetFuel(g.fuel))
	require.NoError(t, g.newHost(store))
	kind, err := wasmtime.NewMemoryType(2, true, 2, false)
	require.NoError(t, err)
	memory, err := wasmtime.NewMemory(store, kind)
	require.NoError(t, err)
	g.host.memory = memory
	return &bench{t, g, g.host}
}

// call makes one host call as a guest does.
func (b *bench) call(name string, args ...uint64) errno {
	b.t.Helper()
	c, ok := wasiCalls[name]
	require.True(b.t, ok, name)
	require.Len(b.t, args, len(c.params), name)
	return b.h.call(c, args)
}

func (b *bench) mem() []byte { return b.h.memory.UnsafeData(b.h.store) }

func (b *bench) u32(at uint64) uint32 { return binary.LittleEndian.Uint32(b.mem()[at:]) }

func (b *bench) u64(at uint64) uint64 { return binary.LittleEndian.Uint64(b.mem()[at:]) }

func (b *bench) path(p string) (uint64, uint64) {
	copy(b.mem()[atPath:], p)
	return atPath, uint64(len(p))
}

func (b *bench) open(path string, oflags, rights uint64) (uint64, errno) {
	b.t.Helper()
	ptr, n := b.path(path)
	e := b.call("path_open", 3, 0, ptr, n, oflags, rights, 0, 0, atOut)
	return uint64(b.u32(atOut)), e
}

// iov writes one buffer of n bytes at atData.
func (b *bench) iov(n int) (uint64, uint64) {
	binary.LittleEndian.PutUint32(b.mem()[atIovs:], atData)
	binary.LittleEndian.PutUint32(b.mem()[atIovs+4:], uint32(n))
	return atIovs, 1
}

func (b *bench) write(fd uint64, s string) errno {
	b.t.Helper()
	copy(b.mem()[atData:], s)
	ptr, n := b.iov(len(s))
	return b.call("fd_write", fd, ptr, n, atOut)
}

func (b *bench) read(fd uint64, n int) (string, errno) {
	b.t.Helper()
	ptr, count := b.iov(n)
	e := b.call("fd_read", fd, ptr, count, atOut)
	return string(b.mem()[atData : atData+uint64(b.u32(atOut))]), e
}

func textInput(path, content string) guestInput {
	return guestInput{path: path, content: strings.NewReader(content), size: int64(len(content))}
}

// TestEveryCallRefusesBadPointers calls everything with pointers beyond the
// memory and with descriptors that are not open: an error, never a panic.
func TestEveryCallRefusesBadPointers(t *testing.T) {
	b := newBench(t, textInput("/in/a", "text"))
	values := []uint64{0, 1, 3, 4, 99, 131071, 131072, math.MaxInt32, math.MaxUint32}
	for name, c := range wasiCalls {
		t.Run(name, func(t *testing.T) {
			for _, v := range values {
				for i := range len(c.params) + 1 {
					args := make([]uint64, len(c.params))
					for j := range args {
						args[j] = v
						if j == i {
							args[j] = 1
						}
						if c.params[j] == 'I' && v == math.MaxUint32 {
							args[j] = math.MaxUint64
						}
					}
					b.h.stopped = running
					b.h.call(c, args)
					require.NotEqual(t, stopPanic, b.h.stopped, "%v: %s", args, b.h.detail)
				}
			}
		})
	}
}

// FuzzHostCalls makes any sequence of host calls on any memory.
func FuzzHostCalls(f *testing.F) {
	names := slices.Sorted(maps.Keys(wasiCalls))
	f.Add([]byte("some calls"), []byte("in/a"))
	f.Add(bytes.Repeat([]byte{26, 3, 0, 0, 100, 0, 4}, 20), []byte("../../out/x"))
	f.Fuzz(func(t *testing.T, calls, memory []byte) {
		b := newBench(t, textInput("/in/a", "text"))
		copy(b.mem(), memory)
		r := &reader{b: calls}
		for range 200 {
			index, err := r.byte()
			if err != nil {
				break
			}
			c := wasiCalls[names[int(index)%len(names)]]
			args := make([]uint64, len(c.params))
			for i := range args {
				args[i], _ = r.uleb(10)
				if c.params[i] == 'i' {
					args[i] &= math.MaxUint32
				}
			}
			b.h.call(c, args)
			require.NotEqual(t, stopPanic, b.h.stopped, b.h.detail)
			if b.h.stopped != running {
				return
			}
		}
		require.LessOrEqual(t, b.h.tree.used[areaOut], b.h.tree.quota[areaOut])
	})
}

func TestFiles(t *testing.T) {
	b := newBench(t, textInput("/in/data/a.txt", "0123456789"))
	in, e := b.open("in/data/a.txt", 0, rightRead)
	require.Equal(t, errSuccess, e)
	require.Equal(t, uint64(4), in)
	s, e := b.read(in, 4)
	require.Equal(t, errSuccess, e)
	require.Equal(t, "0123", s)
	require.Equal(t, errSuccess, b.call("fd_seek", in, ^uint64(1), 1, atOut))
	require.Equal(t, uint64(2), b.u64(atOut))
	s, _ = b.read(in, 100)
	require.Equal(t, "23456789", s)
	s, e = b.read(in, 100)
	require.Equal(t, errSuccess, e)
	require.Empty(t, s)
	require.Equal(t, errBadf, b.write(in, "x"))

	for path, want := range map[string]errno{
		"in/data/a.txt": errRofs, "in/new": errRofs, "new": errRofs, "in": errIsdir, "nowhere/x": errNoent, "in/data/a.txt/x": errNotdir,
		"../x": errNotcapable, "/out/x": errNotcapable, "out/../../x": errNotcapable, "": errNoent, "out/" + strings.Repeat("n", 101): errNameTooLong,
		"out/\xff": errIlseq, "out/a\\b": errIlseq, "out/.": errInval,
	} {
		_, e := b.open(path, oCreate, rightWrite)
		require.Equal(t, want, e, path)
	}
	out, e := b.open("out/x", oCreate|oExclusive, rightRead|rightWrite)
	require.Equal(t, errSuccess, e)
	require.Equal(t, errSuccess, b.write(out, "hello"))
	require.Equal(t, errSuccess, b.call("fd_seek", out, 8, 0, atOut))
	require.Equal(t, errSuccess, b.write(out, "end"))
	require.Equal(t, "hello\x00\x00\x00end", string(b.h.tree.root.children["out"].children["x"].data))
	_, e = b.open("out/x", oCreate|oExclusive, rightWrite)
	require.Equal(t, errExist, e)
	require.Equal(t, errSuccess, b.call("fd_filestat_set_size", out, 2))
	require.Equal(t, int64(2), b.h.tree.used[areaOut])
	require.Equal(t, errSuccess, b.call("fd_filestat_get", out, atOut))
	require.Equal(t, uint64(2), b.u64(atOut+32))
	require.Equal(t, uint64(clockBase), b.u64(atOut+48))
	require.Equal(t, errSuccess, b.call("fd_close", out))
	require.Equal(t, errBadf, b.call("fd_close", out))
}

// TestUnlinkedBytesStillCount: a file that is open but has no name any more
// keeps its quota until it is closed.
func TestUnlinkedBytesStillCount(t *testing.T) {
	b := newBench(t)
	fd, e := b.open("out/x", oCreate, rightWrite)
	require.Equal(t, errSuccess, e)
	require.Equal(t, errSuccess, b.write(fd, "12345"))
	ptr, n := b.path("out/x")
	require.Equal(t, errSuccess, b.call("path_unlink_file", 3, ptr, n))
	require.Equal(t, int64(5), b.h.tree.used[areaOut])
	require.Equal(t, errSuccess, b.write(fd, "678"))
	require.Equal(t, int64(8), b.h.tree.used[areaOut])
	require.Equal(t, errSuccess, b.call("fd_close", fd))
	require.Zero(t, b.h.tree.used[areaOut])
	require.Equal(t, 2, b.h.tree.nodes)
}

func TestQuotas(t *testing.T) {
	b := newBench(t)
	require.Equal(t, errSuccess, b.write(1, strings.Repeat("x", 6000)))
	require.Equal(t, errSuccess, b.write(2, strings.Repeat("x", 3000)))
	fd, _ := b.open("out/x", oCreate, rightWrite)
	require.Equal(t, errSuccess, b.write(fd, strings.Repeat("x", 1000)))
	require.Equal(t, running, b.h.stopped)
	require.Equal(t, errNospc, b.write(fd, "x"))
	require.Equal(t, stopOutput, b.h.stopped, "cut output must not look like a result")

	b = newBench(t)
	tmp, _ := b.open("tmp/x", oCreate, rightWrite)
	require.Equal(t, errSuccess, b.call("fd_allocate", tmp, 0, MaxTmpBytes))
	require.Equal(t, errNospc, b.call("fd_allocate", tmp, 0, MaxTmpBytes+1))
	require.Equal(t, errNospc, b.call("fd_filestat_set_size", tmp, math.MaxUint64))
	require.Equal(t, running, b.h.stopped)

	for i := 0; ; i++ {
		fd, e := b.open("tmp/x", 0, rightRead)
		if e != errSuccess {
			require.Equal(t, errMfile, e)
			require.Equal(t, MaxOpenFiles, i+5)
			break
		}
		require.Equal(t, uint64(i)+5, fd)
	}
}

func TestDirectories(t *testing.T) {
	b := newBench(t, textInput("/in/b", ""), textInput("/in/a", ""), textInput("/in/c/d", ""))
	dir, e := b.open("in", oDirectory, rightRead)
	require.Equal(t, errSuccess, e)
	require.Equal(t, []string{".", "..", "a", "b", "c"}, b.list(dir, 4096))
	require.Equal(t, b.list(dir, 4096), b.list(dir, 40), "a small buffer lists the same")
	_, e = b.open("in/a", oDirectory, rightRead)
	require.Equal(t, errNotdir, e)

	mkdir := func(p string) errno { ptr, n := b.path(p); return b.call("path_create_directory", 3, ptr, n) }
	require.Equal(t, errSuccess, mkdir("tmp/d"))
	require.Equal(t, errExist, mkdir("tmp/d"))
	require.Equal(t, errRofs, mkdir("in/d"))
	require.Equal(t, errSuccess, mkdir("tmp/d/e/"))
	rename := func(from, to string) errno {
		copy(b.mem()[2000:], from)
		copy(b.mem()[3000:], to)
		return b.call("path_rename", 3, 2000, uint64(len(from)), 3, 3000, uint64(len(to)))
	}
	require.Equal(t, errInval, rename("tmp/d", "tmp/d/e/f"))
	require.Equal(t, errXdev, rename("tmp/d", "out/d"))
	require.Equal(t, errRofs, rename("tmp/d", "in/d"))
	require.Equal(t, errRofs, rename("in/a", "tmp/a"))
	require.Equal(t, errRofs, rename("out", "tmp/out"))
	require.Equal(t, errSuccess, rename("tmp/d", "tmp/g"))
	rmdir := func(p string) errno { ptr, n := b.path(p); return b.call("path_remove_directory", 3, ptr, n) }
	require.Equal(t, errNotempty, rmdir("tmp/g"))
	require.Equal(t, errSuccess, rmdir("tmp/g/e"))
	require.Equal(t, errSuccess, rmdir("tmp/g"))
	require.Equal(t, errNoent, rmdir("tmp/g"))
	require.Equal(t, errRofs, rmdir("out"))
}

// TestRenameKeepsArtifactNames: a directory cannot move to where a file below
// it would have a name that the artifact cannot hold.
func TestRenameKeepsArtifactNames(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("n", 90)
	for _, p := range []string{"out/" + long, "out/d", "out/d/" + long} {
		ptr, n := b.path(p)
		require.Equal(t, errSuccess, b.call("path_create_directory", 3, ptr, n))
	}
	_, e := b.open("out/d/"+long+"/"+long, oCreate, rightWrite)
	require.Equal(t, errSuccess, e)
	copy(b.mem()[2000:], "out/d")
	copy(b.mem()[3000:], "out/"+long+"/d")
	require.Equal(t, errNameTooLong, b.call("path_rename", 3, 2000, 5, 3, 3000, uint64(len("out/"+long+"/d"))))
}

func (b *bench) list(fd uint64, size int) []string {
	var names []string
	for cookie := uint64(0); ; {
		require.Equal(b.t, errSuccess, b.call("fd_readdir", fd, atData, uint64(size), cookie, atOut))
		used := int(b.u32(atOut))
		buf := b.mem()[atData : atData+used]
		for len(buf) >= direntBytes {
			n := int(binary.LittleEndian.Uint32(buf[16:]))
			if len(buf) < direntBytes+n {
				break
			}
			names = append(names, string(buf[direntBytes:direntBytes+n]))
			cookie = binary.LittleEndian.Uint64(buf)
			buf = buf[direntBytes+n:]
		}
		if used < size {
			return names
		}
	}
}

func TestClockAndSleep(t *testing.T) {
	b := newBench(t)
	now := func(clock uint64) uint64 {
		require.Equal(t, errSuccess, b.call("clock_time_get", clock, 1, atOut))
		return b.u64(atOut)
	}
	require.Equal(t, uint64(clockBase+FuelPerCall), now(0))
	require.Equal(t, uint64(2*FuelPerCall), now(1))
	require.Equal(t, errInval, b.call("clock_time_get", 4, 1, atOut))
	sleep := func(clock, timeout uint64, flags uint16) {
		sub := b.mem()[atData:][:subscriptionBytes]
		clear(sub)
		binary.LittleEndian.PutUint64(sub, 42)
		binary.LittleEndian.PutUint32(sub[16:], uint32(clock))
		binary.LittleEndian.PutUint64(sub[24:], timeout)
		binary.LittleEndian.PutUint16(sub[40:], flags)
		require.Equal(t, errSuccess, b.call("poll_oneoff", atData, atIovs, 1, atOut))
		require.Equal(t, uint32(1), b.u32(atOut))
		require.Equal(t, uint64(42), b.u64(atIovs))
	}
	before := now(1)
	sleep(clockMonotonic, 5_000_000_000, 0)
	require.Equal(t, before+5_000_000_000+2*FuelPerCall+FuelPerItem, now(1))
	sleep(clockRealtime, clockBase+100_000_000_000, subClockAbsolute)
	require.Equal(t, uint64(clockBase+100_000_000_000+FuelPerCall), now(0))
	sleep(clockRealtime, 1, subClockAbsolute)
	require.Less(t, now(0), uint64(clockBase+100_000_010_000), "a time that has passed does not move the clock")
	sleep(clockMonotonic, math.MaxUint64, 0)
	require.Equal(t, uint64(math.MaxUint64), now(0), "the clock stops at its end")
	sleep(clockMonotonic, math.MaxUint64, 0)
}

func TestRandomIsSeeded(t *testing.T) {
	draw := func(seed byte) []byte {
		b := newBench(t)
		b.h.random = rand.NewChaCha8([32]byte{seed})
		require.Equal(t, errSuccess, b.call("random_get", atData, 64))
		require.Equal(t, errFault, b.call("random_get", 131000, 200))
		return bytes.Clone(b.mem()[atData:][:64])
	}
	require.Equal(t, draw(1), draw(1))
	require.NotEqual(t, draw(2), draw(1))
}

func TestArgumentsAndSockets(t *testing.T) {
	b := newBench(t)
	require.Equal(t, errSuccess, b.call("args_sizes_get", atOut, atOut+4))
	require.Equal(t, []uint32{2, 8}, []uint32{b.u32(atOut), b.u32(atOut + 4)})
	require.Equal(t, errSuccess, b.call("args_get", atIovs, atData))
	require.Equal(t, "guest\x00a\x00", string(b.mem()[atData:][:8]))
	require.Equal(t, errSuccess, b.call("environ_get", atIovs, atData))
	require.Equal(t, "K=V\x00", string(b.mem()[atData:][:4]))
	for _, name := range []string{"sock_accept", "sock_recv", "sock_send", "sock_shutdown", "path_symlink", "path_link", "proc_raise"} {
		require.Equal(t, errNotsup, b.call(name, make([]uint64, len(wasiCalls[name].params))...), name)
	}
	require.Len(t, wasiCalls, 46)
}

func TestHostCallsRunOutOfFuel(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.h.store.SetFuel(FuelPerCall+FuelPerItem+4))
	require.Equal(t, errIO, b.write(1, "hello"))
	require.Equal(t, stopFuel, b.h.stopped)
	require.Zero(t, b.g.stdout.Len(), "a call that cannot be paid has no effect")
	left, err := b.h.store.GetFuel()
	require.NoError(t, err)
	require.Zero(t, left)
}
