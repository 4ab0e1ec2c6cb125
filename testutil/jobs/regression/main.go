// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command regression fits a logistic regression to a CSV data set by gradient
// descent and writes the coefficients and how well they predict.
package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strconv"
)

type dataSet struct {
	names []string
	rows  [][]float64 // standardized, with a leading 1
	label []float64
	mean  []float64
	scale []float64
}

type model struct {
	Features     []string  `json:"features"`
	Intercept    float64   `json:"intercept"`
	Coefficients []float64 `json:"coefficients"`
	Iterations   int       `json:"iterations"`
	LogLoss      float64   `json:"log_loss"`
	Accuracy     float64   `json:"accuracy"`
	TestAccuracy float64   `json:"test_accuracy"`
	Rows         int       `json:"rows"`
}

func main() {
	in := flag.String("data", "/in/data.csv", "CSV with a header; the last column is the label, 0 or 1")
	out := flag.String("out", "/out/model.json", "model to write")
	iterations := flag.Int("iterations", 400, "steps of gradient descent")
	rate := flag.Float64("rate", 1.0, "learning rate")
	flag.Parse()
	if err := run(*in, *out, *iterations, *rate); err != nil {
		fmt.Fprintln(os.Stderr, "regression:", err)
		os.Exit(1)
	}
}

func run(in, out string, iterations int, rate float64) error {
	d, err := load(in)
	if err != nil {
		return err
	}
	d.standardize()
	cut := len(d.rows) * 4 / 5
	w := fit(d.rows[:cut], d.label[:cut], iterations, rate)
	m := model{Features: d.names, Iterations: iterations, Rows: len(d.rows)}
	m.LogLoss, m.Accuracy = score(w, d.rows[:cut], d.label[:cut])
	_, m.TestAccuracy = score(w, d.rows[cut:], d.label[cut:])
	m.Intercept = w[0]
	for j := range d.names {
		m.Coefficients = append(m.Coefficients, w[j+1]/d.scale[j])
		m.Intercept -= w[j+1] * d.mean[j] / d.scale[j]
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	fmt.Printf("%d rows, log loss %.4f, accuracy %.4f, on unseen rows %.4f\n", m.Rows, m.LogLoss, m.Accuracy, m.TestAccuracy)
	return os.WriteFile(out, append(b, '\n'), 0o644)
}

func load(path string) (*dataSet, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) < 10 || len(records[0]) < 2 {
		return nil, fmt.Errorf("%s has %d rows: give at least 10 and two columns", path, len(records))
	}
	last := len(records[0]) - 1
	d := &dataSet{names: records[0][:last]}
	for i, rec := range records[1:] {
		row := make([]float64, last+1)
		row[0] = 1
		for j, field := range rec {
			v, err := strconv.ParseFloat(field, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: row %d: %w", path, i+2, err)
			}
			if j == last {
				d.label = append(d.label, v)
			} else {
				row[j+1] = v
			}
		}
		d.rows = append(d.rows, row)
	}
	return d, nil
}

func (d *dataSet) standardize() {
	n := float64(len(d.rows))
	d.mean, d.scale = make([]float64, len(d.names)), make([]float64, len(d.names))
	for j := range d.names {
		for _, row := range d.rows {
			d.mean[j] += row[j+1] / n
		}
		for _, row := range d.rows {
			d.scale[j] += (row[j+1] - d.mean[j]) * (row[j+1] - d.mean[j]) / n
		}
		d.scale[j] = max(math.Sqrt(d.scale[j]), 1e-12)
		for _, row := range d.rows {
			row[j+1] = (row[j+1] - d.mean[j]) / d.scale[j]
		}
	}
}

func predict(w, row []float64) float64 {
	z := 0.0
	for j, v := range row {
		z += w[j] * v
	}
	return 1 / (1 + math.Exp(-z))
}

func fit(rows [][]float64, label []float64, iterations int, rate float64) []float64 {
	w := make([]float64, len(rows[0]))
	for range iterations {
		grad := make([]float64, len(w))
		for i, row := range rows {
			diff := predict(w, row) - label[i]
			for j, v := range row {
				grad[j] += diff * v
			}
		}
		for j := range w {
			w[j] -= rate * grad[j] / float64(len(rows))
		}
	}
	return w
}

func score(w []float64, rows [][]float64, label []float64) (loss, accuracy float64) {
	for i, row := range rows {
		p := min(max(predict(w, row), 1e-12), 1-1e-12)
		loss -= label[i]*math.Log(p) + (1-label[i])*math.Log(1-p)
		if (p >= 0.5) == (label[i] == 1) {
			accuracy++
		}
	}
	n := float64(len(rows))
	return loss / n, accuracy / n
}
