// SPDX-License-Identifier: Apache-2.0

// Package inputs makes the inputs of the example jobs from fixed seeds.
package inputs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Files returns every input by its path below testutil/jobs.
func Files() map[string][]byte {
	files := map[string][]byte{
		"render/input/scene.json":   scene(),
		"regression/input/data.csv": dataSet(),
		"options/input/params.json": contracts(0),
		"merkle/input/data.bin":     archive(),
	}
	for i := range 8 {
		files[fmt.Sprintf("sweep/input/%c.json", 'a'+i)] = contracts(i)
	}
	return files
}

// Write writes every input below dir.
func Write(dir string) error {
	for name, b := range Files() {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func source(n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(2025, n)) //nolint:gosec // reproducible on purpose
}

func indent(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // only fixed structures come here
	}
	return append(b, '\n')
}

// hundredths keeps the text of a number short and exact.
func hundredths(v float64) float64 { return math.Round(v*100) / 100 }

// scene is a ring of spheres around a mirror ball.
func scene() []byte {
	rng := source(1)
	type sphere struct {
		Center [3]float64 `json:"center"`
		Radius float64    `json:"radius"`
		Color  [3]float64 `json:"color"`
		Mirror float64    `json:"mirror"`
		Shine  float64    `json:"shine"`
	}
	spheres := []sphere{{Center: [3]float64{0, 1.5, 0}, Radius: 1.5, Color: [3]float64{0.9, 0.9, 0.95}, Mirror: 0.8, Shine: 0.9}}
	for i := range 15 {
		angle := float64(i) * 2 * math.Pi / 15
		radius := 0.3 + 0.35*rng.Float64()
		distance := 3 + float64(i%2)
		spheres = append(spheres, sphere{
			Center: [3]float64{hundredths(distance * math.Cos(angle)), hundredths(radius), hundredths(distance * math.Sin(angle))},
			Radius: hundredths(radius),
			Color:  [3]float64{hundredths(0.2 + 0.8*rng.Float64()), hundredths(0.2 + 0.8*rng.Float64()), hundredths(0.2 + 0.8*rng.Float64())},
			Mirror: hundredths(0.4 * rng.Float64()), Shine: 0.5,
		})
	}
	return indent(map[string]any{
		"width": 240, "height": 180, "samples": 2, "depth": 4, "fov": 50,
		"eye": []float64{5, 3.5, -6}, "target": []float64{0, 0.9, 0}, "light": []float64{6, 9, -4},
		"sky":   []float64{0.5, 0.7, 0.95},
		"floor": [][]float64{{0.85, 0.85, 0.8}, {0.2, 0.22, 0.25}}, "spheres": spheres,
	})
}

// dataSet is about machines that fail or not, by a law the regression can find.
func dataSet() []byte {
	rng := source(2)
	var b bytes.Buffer
	b.WriteString("hours,load,temperature,vibration,age_years,failed\n")
	for range 3000 {
		hours, load := 8000*rng.Float64(), rng.Float64()
		temperature, vibration := 55+12*rng.NormFloat64(), rng.ExpFloat64()
		age := 10 * rng.Float64()
		z := -6.2 + hours/2500 + 2.1*load + 0.04*temperature + 0.9*vibration + 0.12*age
		failed := 0
		if rng.Float64() < 1/(1+math.Exp(-z)) {
			failed = 1
		}
		fmt.Fprintf(&b, "%.0f,%.3f,%.1f,%.3f,%.1f,%d\n", hours, load, temperature, vibration, age, failed)
	}
	return b.Bytes()
}

// contracts is one book of options; each book has its own market.
func contracts(book int) []byte {
	rng := source(uint64(10 + book))
	var list []map[string]any
	for i, kind := range []string{"call", "put", "asian-call", "barrier-call"} {
		spot := math.Round(80 + 40*rng.Float64())
		list = append(list, map[string]any{
			"name": fmt.Sprintf("book%d-%d", book, i), "kind": kind, "spot": spot,
			"strike": math.Round(spot * (0.9 + 0.2*rng.Float64())), "barrier": math.Round(spot * 1.4),
			"rate": hundredths(0.05 * rng.Float64()), "volatility": hundredths(0.15 + 0.25*rng.Float64()),
			"years": hundredths(0.25 + 1.75*rng.Float64()),
		})
	}
	return indent(map[string]any{"paths": 40_000, "steps": 32, "contracts": list})
}

// archive is half text, half noise: a file that compresses to about a half.
func archive() []byte {
	rng := source(3)
	words := []string{"the", "assay", "of", "silver", "in", "a", "cupel", "leaves", "only", "what", "is", "true", "and", "bone", "ash", "takes", "rest"}
	var b bytes.Buffer
	for b.Len() < 128<<10 {
		b.WriteString(words[rng.IntN(len(words))])
		b.WriteByte(' ')
	}
	for b.Len() < 256<<10 {
		b.WriteByte(byte(rng.Uint32()))
	}
	return b.Bytes()
}
