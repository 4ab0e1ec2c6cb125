// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command render ray-traces a scene of spheres on a checkered floor and writes
// a PNG image.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
)

// vec is a point, a direction or a color; in JSON it is an array of three.
type vec struct{ x, y, z float64 }

// UnmarshalJSON reads [x, y, z].
func (a *vec) UnmarshalJSON(b []byte) error {
	var v [3]float64
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*a = vec{v[0], v[1], v[2]}
	return nil
}

func (a vec) add(b vec) vec              { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec              { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) mul(s float64) vec          { return vec{a.x * s, a.y * s, a.z * s} }
func (a vec) dot(b vec) float64          { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) unit() vec                  { return a.mul(1 / math.Sqrt(a.dot(a))) }
func (a vec) reflect(n vec) vec          { return a.sub(n.mul(2 * a.dot(n))) }
func (a vec) along(d vec, t float64) vec { return a.add(d.mul(t)) }

type sphere struct {
	Center vec     `json:"center"`
	Radius float64 `json:"radius"`
	Color  vec     `json:"color"`
	Mirror float64 `json:"mirror"`
	Shine  float64 `json:"shine"`
}

type scene struct {
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	Samples int      `json:"samples"`
	Depth   int      `json:"depth"`
	Eye     vec      `json:"eye"`
	Target  vec      `json:"target"`
	FOV     float64  `json:"fov"`
	Light   vec      `json:"light"`
	Sky     vec      `json:"sky"`
	Floor   [2]vec   `json:"floor"`
	Spheres []sphere `json:"spheres"`

	tiles [2]sphere
}

func main() {
	in := flag.String("scene", "/in/scene.json", "scene description")
	out := flag.String("out", "/out/image.png", "image to write")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	b, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	var s scene
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read %s: %w", in, err)
	}
	if s.Width < 1 || s.Height < 1 || s.Width*s.Height > 1<<24 || s.Samples < 1 {
		return fmt.Errorf("scene is %dx%d with %d samples: give positive sizes of at most 16 megapixels", s.Width, s.Height, s.Samples)
	}
	for i := range s.tiles {
		s.tiles[i] = sphere{Color: s.Floor[i], Mirror: 0.15}
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if err := png.Encode(f, s.render()); err != nil {
		return err
	}
	fmt.Printf("rendered %dx%d, %d spheres, %d samples per pixel\n", s.Width, s.Height, len(s.Spheres), s.Samples*s.Samples)
	return f.Close()
}

func (s *scene) render() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, s.Width, s.Height))
	forward := s.Target.sub(s.Eye).unit()
	right := vec{forward.z, 0, -forward.x}.unit()
	up := vec{
		forward.y*right.z - forward.z*right.y,
		forward.z*right.x - forward.x*right.z,
		forward.x*right.y - forward.y*right.x,
	}
	scale := math.Tan(s.FOV * math.Pi / 360)
	for y := range s.Height {
		for x := range s.Width {
			var sum vec
			for i := range s.Samples * s.Samples {
				dx := (float64(i%s.Samples) + 0.5) / float64(s.Samples)
				dy := (float64(i/s.Samples) + 0.5) / float64(s.Samples)
				px := (2*(float64(x)+dx)/float64(s.Width) - 1) * scale * float64(s.Width) / float64(s.Height)
				py := (1 - 2*(float64(y)+dy)/float64(s.Height)) * scale
				sum = sum.add(s.trace(s.Eye, forward.add(right.mul(px)).add(up.mul(py)).unit(), s.Depth))
			}
			img.Set(x, y, pixel(sum.mul(1/float64(s.Samples*s.Samples))))
		}
	}
	return img
}

func pixel(c vec) color.RGBA {
	level := func(v float64) uint8 { return uint8(255*math.Sqrt(min(max(v, 0), 1)) + 0.5) }
	return color.RGBA{level(c.x), level(c.y), level(c.z), 255}
}

// tile is the surface of the floor at p.
func (s *scene) tile(p vec) *sphere {
	return &s.tiles[int(math.Floor(p.x)+math.Floor(p.z))&1]
}

// hit returns the distance to the nearest thing, its normal and its surface.
func (s *scene) hit(from, dir vec) (float64, vec, *sphere) {
	best := math.Inf(1)
	var found *sphere
	for i := range s.Spheres {
		b := &s.Spheres[i]
		oc := from.sub(b.Center)
		half := oc.dot(dir)
		root := half*half - oc.dot(oc) + b.Radius*b.Radius
		if root <= 0 {
			continue
		}
		if t := -half - math.Sqrt(root); t > 1e-6 && t < best {
			best, found = t, b
		}
	}
	if t := -from.y / dir.y; t > 1e-6 && t < best {
		return t, vec{0, 1, 0}, s.tile(from.along(dir, t))
	}
	if found == nil {
		return best, vec{}, nil
	}
	return best, from.along(dir, best).sub(found.Center).mul(1 / found.Radius), found
}

func (s *scene) trace(from, dir vec, depth int) vec {
	t, normal, surface := s.hit(from, dir)
	if surface == nil {
		return s.Sky.mul(0.6 + 0.4*max(dir.y, 0))
	}
	p := from.along(dir, t)
	toLight := s.Light.sub(p)
	distance := math.Sqrt(toLight.dot(toLight))
	toLight = toLight.mul(1 / distance)
	light := 0.15
	shine := 0.0
	if blocked, _, _ := s.hit(p.along(normal, 1e-6), toLight); blocked > distance {
		light += 0.85 * max(normal.dot(toLight), 0)
		shine = surface.Shine * math.Pow(max(dir.reflect(normal).dot(toLight), 0), 50)
	}
	c := surface.Color.mul(light).add(vec{shine, shine, shine})
	if depth > 0 && surface.Mirror > 0 {
		mirrored := s.trace(p.along(normal, 1e-6), dir.reflect(normal).unit(), depth-1)
		c = c.mul(1 - surface.Mirror).add(mirrored.mul(surface.Mirror))
	}
	return c
}
