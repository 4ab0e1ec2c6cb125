// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/salt"
)

// selfTest is selftest.wat, compiled.
//
//go:embed selftest.wasm
var selfTest []byte

// Home checks that only the worker's user can read its home.
func Home(home string) Check {
	return Check{"home", func(context.Context) []Finding {
		info, err := os.Stat(home)
		switch {
		case err != nil:
			return []Finding{fail("run cupel-worker init", "%v", err)}
		case !info.IsDir():
			return []Finding{fail("choose another --home", "%s is not a directory", home)}
		case info.Mode().Perm()&0o077 != 0:
			return []Finding{fail("run chmod 700 "+home, "%s has mode %04o: others can read keys and secret", home, info.Mode().Perm())}
		}
		return []Finding{okay("%s is private", home)}
	}}
}

// Secret checks the file of the salts' secret.
func Secret(path string) Check {
	return Check{"secret", func(context.Context) []Finding {
		if _, err := salt.Load(path); err != nil {
			return []Finding{fail("run cupel-worker init, or restore your backup", "%v", err)}
		}
		return []Finding{okay("%s is in order: keep a backup of it elsewhere", path)}
	}}
}

// Disk checks that the home can hold what the worker may keep.
func Disk(home string, want uint64) Check {
	return Check{"disk", func(context.Context) []Finding {
		var st syscall.Statfs_t
		if err := syscall.Statfs(home, &st); err != nil {
			return []Finding{fail("check the disk", "%v", err)}
		}
		free := st.Bavail * uint64(st.Bsize)
		switch {
		case free < 1<<30:
			return []Finding{fail("free some space, or move the home", "%d MiB are free at %s", free>>20, home)}
		case free < want:
			return []Finding{warn("lower artifacts.cache_mib and engines.wasm.cache_mib, or free some space",
				"%d MiB are free at %s, the caches may take %d MiB", free>>20, home, want>>20)}
		}
		return []Finding{okay("%d MiB are free at %s", free>>20, home)}
	}}
}

// FileRoots checks the directories from which file:// may be read.
func FileRoots(roots []string) Check {
	return Check{"files", func(context.Context) []Finding {
		if len(roots) == 0 {
			return []Finding{okay("file:// inputs are refused: artifacts.file_roots is empty")}
		}
		var all []Finding
		for _, root := range roots {
			if info, err := os.Stat(root); err != nil || !info.IsDir() {
				all = append(all, warn("create it, or take it out of artifacts.file_roots", "%s is not a directory", root))
				continue
			}
			all = append(all, okay("anything below %s may be read by any job", root))
		}
		return all
	}}
}

// Engine runs a small guest twice and compares the results. Open may be slow:
// it is called when the check runs. Missing lists what is not isolated.
func Engine(open func(ctx context.Context) (eng engine.Engine, missing []string, err error)) Check {
	return Check{"engine", func(ctx context.Context) []Finding {
		eng, missing, err := open(ctx)
		if err != nil {
			return []Finding{fail("see the message; the engine starts children of this very program", "%v", err)}
		}
		all := []Finding{testEngine(ctx, eng)}
		for _, m := range missing {
			all = append(all, warn("see worker/README.md on isolation", "%s: not isolated: %s", eng.Class(), m))
		}
		if len(missing) == 0 {
			all = append(all, okay("%s: guests are isolated in their own namespaces", eng.Class()))
		}
		return all
	}}
}

func testEngine(ctx context.Context, eng engine.Engine) Finding {
	const fix = "do not offer this class from this machine: its results would be slashed"
	dir, err := os.MkdirTemp("", "cupel-doctor-*")
	if err != nil {
		return fail("check the directory for temporary files", "%v", err)
	}
	defer os.RemoveAll(dir)
	module := filepath.Join(dir, "selftest.wasm")
	if err := os.WriteFile(module, selfTest, 0o600); err != nil {
		return fail("check the directory for temporary files", "%v", err)
	}
	job := engine.Job{
		Class: eng.Class(), Module: module, ModuleSHA256: sha256.Sum256(selfTest),
		Fuel: 1 << 30, MemoryBytes: 1 << 20, Wall: 10 * time.Second, OutputBytes: 1 << 20,
	}
	var runs [2]engine.Result
	for i := range runs {
		scratch := filepath.Join(dir, string(rune('a'+i)))
		if err := os.Mkdir(scratch, 0o700); err != nil {
			return fail("check the directory for temporary files", "%v", err)
		}
		if runs[i], err = eng.Run(ctx, job, scratch); err != nil {
			return fail(fix, "%s failed: %v", eng.Class(), err)
		}
	}
	a, b := runs[0], runs[1]
	switch {
	case a.Outcome != engine.OutcomeOK:
		return fail(fix, "%s ended the self-test with %s: %s", eng.Class(), a.Outcome, a.Detail)
	case a.ArtifactSHA256 != b.ArtifactSHA256 || a.Fuel != b.Fuel || a.MemoryHash != b.MemoryHash:
		return fail(fix, "%s gave two results for one job", eng.Class())
	}
	return okay("%s gave the same result twice (%d fuel in %s)", eng.Class(), a.Fuel, a.Wall.Round(time.Microsecond))
}
