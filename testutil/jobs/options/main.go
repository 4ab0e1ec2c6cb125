// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command options prices options by Monte-Carlo simulation. It reads contracts
// from a parameter file and writes prices with their standard errors, and the
// closed form where there is one.
package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
)

type contract struct {
	Name       string  `json:"name"`
	Kind       string  `json:"kind"` // call, put, asian-call, barrier-call
	Spot       float64 `json:"spot"`
	Strike     float64 `json:"strike"`
	Barrier    float64 `json:"barrier"`
	Rate       float64 `json:"rate"`
	Volatility float64 `json:"volatility"`
	Years      float64 `json:"years"`
}

type params struct {
	Paths     int        `json:"paths"`
	Steps     int        `json:"steps"`
	Contracts []contract `json:"contracts"`
}

func main() {
	in := flag.String("params", "/in/params.json", "contracts to price")
	out := flag.String("out", "/out/prices.csv", "prices to write")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "options:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	b, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	var p params
	if err := json.Unmarshal(b, &p); err != nil {
		return fmt.Errorf("read %s: %w", in, err)
	}
	if p.Paths < 2 || p.Steps < 1 {
		return fmt.Errorf("%s: %d paths of %d steps: give at least 2 and 1", in, p.Paths, p.Steps)
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.Write([]string{"name", "kind", "price", "standard_error", "closed_form"}); err != nil {
		return err
	}
	// The seed is drawn from the task: every replica simulates the same paths,
	// and a later task simulates others.
	rng := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	for _, c := range p.Contracts {
		price, stderr, err := c.simulate(rng, p.Paths, p.Steps)
		if err != nil {
			return err
		}
		if err := w.Write([]string{c.Name, c.Kind, number(price), number(stderr), number(c.closedForm())}); err != nil {
			return err
		}
		fmt.Printf("%s: %.4f +- %.4f\n", c.Name, price, stderr)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return f.Close()
}

func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', 6, 64)
}

// simulate returns the discounted mean payoff and its standard error. Each
// random path is used with its mirror image.
func (c contract) simulate(rng *rand.Rand, paths, steps int) (price, stderr float64, err error) {
	if c.Spot <= 0 || c.Strike <= 0 || c.Volatility <= 0 || c.Years <= 0 {
		return 0, 0, fmt.Errorf("contract %q: spot, strike, volatility and years must be positive", c.Name)
	}
	if c.Kind == "call" || c.Kind == "put" {
		steps = 1
	}
	dt := c.Years / float64(steps)
	drift := (c.Rate - c.Volatility*c.Volatility/2) * dt
	vol := c.Volatility * math.Sqrt(dt)
	sum, squares := 0.0, 0.0
	normals := make([]float64, steps)
	for range paths / 2 {
		for i := range normals {
			normals[i] = rng.NormFloat64()
		}
		a, err := c.payoff(normals, drift, vol)
		if err != nil {
			return 0, 0, err
		}
		b, _ := c.payoff(normals, drift, -vol)
		v := (a + b) / 2
		sum += v
		squares += v * v
	}
	n := float64(paths / 2)
	mean := sum / n
	discount := math.Exp(-c.Rate * c.Years)
	return discount * mean, discount * math.Sqrt(max(squares/n-mean*mean, 0)/n), nil
}

func (c contract) payoff(normals []float64, drift, vol float64) (float64, error) {
	logSpot, sum, crossed := math.Log(c.Spot), 0.0, false
	for _, z := range normals {
		logSpot += drift + vol*z
		if c.Kind == "asian-call" || c.Kind == "barrier-call" {
			s := math.Exp(logSpot)
			sum += s
			crossed = crossed || s >= c.Barrier
		}
	}
	end := math.Exp(logSpot)
	switch c.Kind {
	case "call":
		return max(end-c.Strike, 0), nil
	case "put":
		return max(c.Strike-end, 0), nil
	case "asian-call":
		return max(sum/float64(len(normals))-c.Strike, 0), nil
	case "barrier-call":
		if crossed {
			return 0, nil
		}
		return max(end-c.Strike, 0), nil
	}
	return 0, fmt.Errorf("contract %q has kind %q: use call, put, asian-call or barrier-call", c.Name, c.Kind)
}

// closedForm is the Black-Scholes price, or NaN where there is none.
func (c contract) closedForm() float64 {
	root := c.Volatility * math.Sqrt(c.Years)
	d1 := (math.Log(c.Spot/c.Strike) + (c.Rate+c.Volatility*c.Volatility/2)*c.Years) / root
	d2 := d1 - root
	strike := c.Strike * math.Exp(-c.Rate*c.Years)
	switch c.Kind {
	case "call":
		return c.Spot*normal(d1) - strike*normal(d2)
	case "put":
		return strike*normal(-d2) - c.Spot*normal(-d1)
	}
	return math.NaN()
}

func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
