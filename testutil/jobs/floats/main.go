// SPDX-License-Identifier: Apache-2.0

// Command floats writes a damped wave as an array of float32, little endian.
// On one class of WebAssembly all replicas write the same bytes; on GPUs the
// last bits would differ, which is what its comparators are for.
package main

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
)

// wave is what the input says.
type wave struct {
	Values int     `json:"values"`
	Period float64 `json:"period"`
	Decay  float64 `json:"decay"`
}

func main() {
	params := flag.String("params", "/in/params.json", "the wave")
	flag.Parse()
	if err := run(*params); err != nil {
		fmt.Fprintln(os.Stderr, "floats:", err)
		os.Exit(1)
	}
}

func run(params string) error {
	raw, err := os.ReadFile(params)
	if err != nil {
		return err
	}
	var w wave
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	out := make([]byte, 0, 4*w.Values)
	for i := range w.Values {
		x := float64(i)
		y := math.Sin(2*math.Pi*x/w.Period) * math.Exp(-w.Decay*x)
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(y)))
	}
	// Standard output is compared as an array too; words go to standard error.
	fmt.Fprintf(os.Stderr, "%d values\n", w.Values)
	return os.WriteFile("/out/wave.f32", out, 0o644)
}
