// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command nasty does everything that makes programs differ from run to run:
// it ranges over maps, starts goroutines, sleeps, reads the clock, asks for
// random bytes, lists directories and looks at file metadata. All of it goes
// into its output.
package main

import (
	crand "crypto/rand"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"
)

func main() {
	start := time.Now()
	fmt.Println("args", os.Args, "env", os.Environ())
	fmt.Println("start", start.UTC().Format(time.RFC3339Nano), start.Location(), runtime.NumCPU(), os.Getpid())
	maps()
	goroutines()
	random()
	files()
	if err := output(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	fmt.Println("heap", m.HeapAlloc, m.Mallocs, m.NumGC, m.PauseTotalNs)
	fmt.Println("took", time.Since(start))
}

func maps() {
	m := map[string]int{}
	for i := range 1000 {
		m[fmt.Sprint("key", i)] = i
	}
	var order []string
	for k := range m {
		order = append(order, k)
	}
	fmt.Println("map", order[:20], fmt.Sprintf("%p", &m))
}

func goroutines() {
	var wg sync.WaitGroup
	results := make(chan string, 100)
	for i := range 50 {
		wg.Go(func() {
			time.Sleep(time.Duration(rand.Intn(5000)) * time.Microsecond)
			for range i {
				runtime.Gosched()
			}
			results <- fmt.Sprint(i, "@", time.Now().UnixNano())
		})
	}
	wg.Wait()
	close(results)
	for r := range results {
		fmt.Println("goroutine", r)
	}
	select {
	case <-time.After(50 * time.Millisecond):
		fmt.Println("timer")
	case <-time.Tick(20 * time.Millisecond):
		fmt.Println("tick")
	}
}

func random() {
	b := make([]byte, 32)
	if _, err := crand.Read(b); err != nil {
		fmt.Println("random failed:", err)
	}
	fmt.Printf("random %x %d %v\n", b, rand.Int63(), rand.Perm(20))
}

func files() {
	err := filepath.Walk("/", func(path string, info os.FileInfo, err error) error {
		if err != nil {
			fmt.Println("walk", path, err)
			return nil
		}
		fmt.Println("file", path, info.Size(), info.Mode(), info.ModTime().UTC(), fmt.Sprintf("%+v", info.Sys()))
		return nil
	})
	fmt.Println("walked", err)
	if b, err := os.ReadFile("/in/text.txt"); err == nil {
		words := map[string]int{}
		for _, w := range strings.Fields(string(b)) {
			words[w]++
		}
		fmt.Println("words", len(words))
	}
	b := make([]byte, 1<<16)
	n, err := os.Stdin.Read(b)
	fmt.Println("stdin", n, err)
}

func output() error {
	seen := map[int]bool{}
	for i := range 30 {
		seen[i*i%31] = true
	}
	var names []string
	for i := range seen {
		dir := fmt.Sprintf("/out/d%d", i%3)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		name := fmt.Sprintf("%s/f%02d", dir, i)
		if err := os.WriteFile(name, []byte(fmt.Sprint(time.Now().UnixNano(), rand.Int())), 0o644); err != nil {
			return err
		}
		names = append(names, name)
	}
	sort.Strings(names)
	tmp, err := os.CreateTemp("", "scratch")
	if err != nil {
		return err
	}
	fmt.Println("scratch", tmp.Name(), len(names))
	return os.Rename(names[0], "/out/renamed")
}
