// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"bytes"
	"encoding/json"

	"gopkg.in/yaml.v3"
)

// jsonReader turns a valid JSON document into the nodes of a YAML one: the
// YAML parser knows neither all escapes of JSON nor its tabs.
type jsonReader struct {
	data []byte
	dec  *json.Decoder
	line int
	at   int
}

func parseJSON(data []byte) (*yaml.Node, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	r := &jsonReader{data: data, dec: dec, line: 1}
	return r.value(0)
}

// lineNow counts the lines up to the last token.
func (r *jsonReader) lineNow() int {
	end := min(int(r.dec.InputOffset()), len(r.data))
	r.line += bytes.Count(r.data[r.at:end], []byte("\n"))
	r.at = end
	return r.line
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, errorf(r.line, "the job file is not valid JSON")
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Line: r.lineNow()}
	switch v := token.(type) {
	case json.Delim:
		node.Kind, node.Tag = yaml.MappingNode, "!!map"
		if v == '[' {
			node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		}
		return node, r.children(node, depth+1)
	case string:
		node.Value = v
	case json.Number:
		node.Value, node.Tag = v.String(), "!!int"
	case bool:
		node.Value, node.Tag = "false", "!!bool"
		if v {
			node.Value = "true"
		}
	default:
		node.Tag = "!!null"
	}
	return node, nil
}

// children reads to the end of an object or an array; keys are values too.
func (r *jsonReader) children(node *yaml.Node, depth int) error {
	if depth > maxDepth {
		return errorf(node.Line, "the job file is nested more than %d levels deep", maxDepth)
	}
	for r.dec.More() {
		child, err := r.value(depth)
		if err != nil {
			return err
		}
		node.Content = append(node.Content, child)
	}
	if _, err := r.dec.Token(); err != nil {
		return errorf(r.line, "the job file is not valid JSON")
	}
	return nil
}
