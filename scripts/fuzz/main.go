// SPDX-License-Identifier: Apache-2.0

// Command fuzz runs every fuzz target of the module, one after the other, for
// a time each. The committed corpora are in testdata/fuzz of the packages; an
// input that fails is written there by go test.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type config struct {
	tags     string
	untagged []string
	each     time.Duration
	list     bool
	only     []string
}

// target is a fuzz target of a package, given by its folder.
type target struct{ folder, name string }

func main() {
	c := config{}
	untagged := flag.String("untagged", "", "folders whose packages are built without tags, separated by blanks")
	flag.StringVar(&c.tags, "tags", "", "build tags of all other packages")
	flag.DurationVar(&c.each, "time", 20*time.Second, "how long each target runs")
	flag.BoolVar(&c.list, "list", false, "list the targets and run none")
	flag.Parse()
	c.untagged, c.only = strings.Fields(*untagged), flag.Args()
	if err := run(c); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(c config) error {
	folders, err := c.packages(os.DirFS("."))
	if err != nil {
		return err
	}
	var failed []error
	total := 0
	for _, folder := range folders {
		targets, err := c.targets(folder)
		if err != nil {
			return err
		}
		for _, t := range targets {
			if len(c.only) > 0 && !slices.Contains(c.only, t.name) {
				continue
			}
			total++
			fmt.Println(t.folder, t.name)
			if c.list {
				continue
			}
			if err := c.fuzz(t); err != nil {
				failed = append(failed, fmt.Errorf("%s %s: %w", t.folder, t.name, err))
			}
		}
	}
	if total == 0 {
		return errors.New("there is no such target")
	}
	fmt.Printf("%d targets, %d failed\n", total, len(failed))
	return errors.Join(failed...)
}

// packages returns the folders with test files that declare a fuzz target that
// is asked for.
func (c config) packages(module fs.FS) ([]string, error) {
	var folders []string
	err := fs.WalkDir(module, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (name == "build" || name != "." && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(module, name)
		asked := slices.ContainsFunc(c.only, func(name string) bool { return bytes.Contains(text, []byte("\nfunc "+name+"(")) })
		if err == nil && (asked || len(c.only) == 0 && bytes.Contains(text, []byte("\nfunc Fuzz"))) {
			folders = append(folders, filepath.Dir(name))
		}
		return err
	})
	slices.Sort(folders)
	return slices.Compact(folders), err
}

// targets asks go test which targets a package has.
func (c config) targets(folder string) ([]target, error) {
	out, err := c.command(folder, "-list", "^Fuzz").Output()
	if err != nil {
		return nil, fmt.Errorf("list the targets of %s: %w\n%s", folder, err, out)
	}
	var all []target
	for line := range strings.Lines(string(out)) {
		if name := strings.TrimSpace(line); strings.HasPrefix(name, "Fuzz") {
			all = append(all, target{folder, name})
		}
	}
	return all, nil
}

func (c config) fuzz(t target) error {
	cmd := c.command(t.folder, "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", c.each.String())
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// command is go test on a package, with the tags that it is built with.
func (c config) command(folder string, args ...string) *exec.Cmd {
	args = append([]string{"test"}, args...)
	plain := slices.ContainsFunc(c.untagged, func(dir string) bool {
		return folder == dir || strings.HasPrefix(folder, dir+"/")
	})
	if !plain && c.tags != "" {
		args = append(args, "-tags", c.tags)
	}
	return exec.Command("go", append(args, "./"+filepath.ToSlash(folder))...)
}
