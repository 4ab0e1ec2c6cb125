// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Bounds of a document with all its aliases expanded.
const (
	maxDepth = 16
	maxNodes = 500_000
)

// decoder walks a document and keeps the first mistake it finds.
type decoder struct {
	err error
}

func (d *decoder) fail(node *yaml.Node, format string, args ...any) {
	if d.err == nil {
		d.err = errorf(node.Line, format, args...)
	}
}

// parseDocument returns the root node of the only document in data.
func parseDocument(data []byte) (*yaml.Node, error) {
	if len(data) > MaxFileBytes {
		return nil, tooLarge(int64(len(data)))
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, errorf(0, "the job file is not UTF-8 text")
	}
	if json.Valid(data) {
		return parseJSON(data)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, errorf(0, "the job file is empty")
	case err != nil:
		return nil, syntaxError(data, err)
	}
	var more yaml.Node
	switch err := dec.Decode(&more); {
	case err == nil:
		return nil, errorf(more.Line, "the job file holds more than one YAML document")
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(data, err)
	}
	if len(doc.Content) != 1 {
		return nil, errorf(0, "the job file is empty")
	}
	nodes := 0
	if err := measure(doc.Content[0], 0, &nodes); err != nil {
		return nil, err
	}
	return doc.Content[0], nil
}

// syntaxError names a tab where there is one: what the parser says of it
// helps nobody.
func syntaxError(data []byte, err error) error {
	for i, line := range strings.Split(string(data), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if strings.Contains(indent, "\t") {
			return errorf(i+1, "the line is indented with a tab, YAML wants spaces")
		}
	}
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	return errorf(0, "the job file is not valid YAML: %s", text)
}

// measure refuses documents that are deep or large once aliases are expanded.
func measure(node *yaml.Node, depth int, nodes *int) error {
	if *nodes++; *nodes > maxNodes {
		return errorf(node.Line, "the job file has more than %d values once its aliases are expanded", maxNodes)
	}
	if depth > maxDepth {
		return errorf(node.Line, "the job file is nested more than %d levels deep", maxDepth)
	}
	if node.Kind == yaml.AliasNode {
		return measure(node.Alias, depth+1, nodes)
	}
	for _, child := range node.Content {
		if err := measure(child, depth+1, nodes); err != nil {
			return err
		}
	}
	return nil
}

// resolve follows an alias.
func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Tag == "!!null"
}

// object is a mapping with known keys.
type object struct {
	d      *decoder
	node   *yaml.Node
	name   string
	fields map[string]*yaml.Node
}

// object reads a mapping and refuses keys that are not in known. name is empty
// for the document itself.
func (d *decoder) object(node *yaml.Node, name string, known ...string) object {
	node = resolve(node)
	o := object{d: d, node: node, name: name, fields: map[string]*yaml.Node{}}
	d.pairs(node, name, func(key string, at, value *yaml.Node) {
		for _, k := range known {
			if k == key {
				o.fields[key] = resolve(value)
				return
			}
		}
		where := ""
		if name != "" {
			where = " in " + name
		}
		d.fail(at, "unknown field %.64q%s, known are %s", key, where, strings.Join(known, ", "))
	})
	return o
}

// pairs calls visit for every key of a mapping. Keys are plain text and unique.
func (d *decoder) pairs(node *yaml.Node, name string, visit func(key string, at, value *yaml.Node)) {
	if name == "" {
		name = "the job file"
	}
	if node.Kind != yaml.MappingNode {
		d.fail(node, "%s is not a mapping of fields to values", name)
		return
	}
	seen := make(map[string]bool, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := resolve(node.Content[i])
		if key.Kind != yaml.ScalarNode || isNull(key) {
			d.fail(key, "%s has a key that is not plain text", name)
			return
		}
		if seen[key.Value] {
			d.fail(key, "%.64q is there twice in %s", key.Value, name)
			return
		}
		seen[key.Value] = true
		visit(key.Value, key, node.Content[i+1])
	}
}

// list returns the elements of a sequence.
func (d *decoder) list(node *yaml.Node, name string) []*yaml.Node {
	node = resolve(node)
	if node.Kind != yaml.SequenceNode {
		d.fail(node, "%s is not a list", name)
		return nil
	}
	return node.Content
}

// text returns a scalar as it is written: 9.0 and "9.0" are the same.
func (d *decoder) text(node *yaml.Node, name string) string {
	node = resolve(node)
	if node.Kind != yaml.ScalarNode || isNull(node) {
		d.fail(node, "%s has no value", name)
		return ""
	}
	return node.Value
}

func (o object) path(key string) string {
	if o.name == "" {
		return key
	}
	return o.name + "." + key
}

// has reports whether a field is there.
func (o object) has(key string) bool { return o.fields[key] != nil }

// text returns a field, "" where it is absent.
func (o object) text(key string) string {
	if !o.has(key) {
		return ""
	}
	return o.d.text(o.fields[key], o.path(key))
}

// at returns the node to blame for a field: its own, or that of the object.
func (o object) at(key string) *yaml.Node {
	if o.has(key) {
		return o.fields[key]
	}
	return o.node
}

// require fails where a field is absent.
func (o object) require(key, hint string) {
	if !o.has(key) {
		o.d.fail(o.node, "%s is missing, write %s", o.path(key), hint)
	}
}
