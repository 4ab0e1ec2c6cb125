// SPDX-License-Identifier: Apache-2.0

// Package openai tests the worker's front with what people use: the official
// client for Node, and llama.cpp on a tiny model that is made here. It finds
// both where `make npm` installs them.
package openai

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
)

// Sizes of the tiny model: 2 layers and about 100,000 weights. It speaks
// nonsense, as fast as a test needs it.
const (
	layers    = 2
	embedding = 64
	heads     = 4
	forward   = 128
	window    = 2048
)

// words are the tokens that it can say, beside single bytes that it can read.
var words = []string{
	"▁the", "▁a", "▁cup", "▁gold", "▁fire", "▁ash", "▁lead", "▁silver", "▁bone", "▁weighs", "▁melts", "▁proves",
	"▁trades", "▁of", "▁and", "▁in", "▁before", "▁after", "▁assayer", "▁metal", "▁pure", "▁slow", "▁bright", "▁is",
	"▁was", "▁hello", "▁world", "▁compute", "ing", "ed", "s", ".", ",", "▁", "e", "t", "o", "n", "i", "r",
}

// Types of values and tokens in GGUF.
const (
	typeUint32, typeInt32, typeFloat32, typeString, typeArray = 4, 5, 6, 8, 9

	tokenNormal, tokenUnknown, tokenControl, tokenByte = 1, 2, 3, 6
)

const alignment = 32

// WriteModel writes a model in GGUF v3 to path: a llama with random weights,
// the same at every run.
func WriteModel(path string) error {
	tokens, scores, types := vocabulary()
	tensors := weights(len(tokens))
	g := &gguf{}
	g.kvs(tokens, scores, types)
	var infos, data gguf
	for _, t := range tensors {
		infos.text(t.name)
		infos.put(uint32(len(t.shape)), t.shape, uint32(0), uint64(data.Len())) // 0: 32-bit floats
		data.put(t.values)
		data.pad()
	}
	var out gguf
	out.put([]byte("GGUF"), uint32(3), uint64(len(tensors)), g.count, g.Bytes(), infos.Bytes())
	out.pad()
	out.put(data.Bytes())
	return os.WriteFile(path, out.Bytes(), 0o600)
}

type gguf struct {
	bytes.Buffer
	count uint64
}

// put writes numbers and slices of them, little endian. A buffer takes all.
func (g *gguf) put(values ...any) {
	for _, v := range values {
		_ = binary.Write(g, binary.LittleEndian, v)
	}
}

func (g *gguf) text(s string) {
	g.put(uint64(len(s)), []byte(s))
}

func (g *gguf) pad() {
	for g.Len()%alignment != 0 {
		g.put(byte(0))
	}
}

func (g *gguf) key(name string, kind uint32) {
	g.count++
	g.text(name)
	g.put(kind)
}

func (g *gguf) kvs(tokens []string, scores []float32, types []int32) {
	for _, kv := range [][2]string{{"general.architecture", "llama"}, {"general.name", "cupel-tiny"}, {"tokenizer.ggml.model", "llama"}} {
		g.key(kv[0], typeString)
		g.text(kv[1])
	}
	for _, kv := range []struct {
		name  string
		value uint32
	}{
		{"llama.context_length", window},
		{"llama.embedding_length", embedding},
		{"llama.block_count", layers},
		{"llama.feed_forward_length", forward},
		{"llama.attention.head_count", heads},
		{"llama.attention.head_count_kv", heads},
		{"llama.rope.dimension_count", embedding / heads},
		{"general.file_type", 0},
		{"general.alignment", alignment},
		{"tokenizer.ggml.unknown_token_id", 0},
		{"tokenizer.ggml.bos_token_id", 1},
		{"tokenizer.ggml.eos_token_id", 2},
	} {
		g.key(kv.name, typeUint32)
		g.put(kv.value)
	}
	g.key("llama.attention.layer_norm_rms_epsilon", typeFloat32)
	g.put(float32(1e-5))
	g.key("tokenizer.ggml.tokens", typeArray)
	g.put(uint32(typeString), uint64(len(tokens)))
	for _, t := range tokens {
		g.text(t)
	}
	g.key("tokenizer.ggml.scores", typeArray)
	g.put(uint32(typeFloat32), uint64(len(scores)), scores)
	g.key("tokenizer.ggml.token_type", typeArray)
	g.put(uint32(typeInt32), uint64(len(types)), types)
}

// vocabulary is three marks, every byte, and the words.
func vocabulary() (tokens []string, scores []float32, types []int32) {
	add := func(token string, score float32, kind int32) {
		tokens, scores, types = append(tokens, token), append(scores, score), append(types, kind)
	}
	add("<unk>", 0, tokenUnknown)
	add("<s>", 0, tokenControl)
	add("</s>", 0, tokenControl)
	const hex = "0123456789ABCDEF"
	for b := range 256 {
		add("<0x"+string(hex[b>>4])+string(hex[b&15])+">", 0, tokenByte)
	}
	for i, w := range words {
		add(w, -float32(i), tokenNormal)
	}
	return tokens, scores, types
}

type tensor struct {
	name   string
	shape  []uint64
	values []float32
}

// weights are random, but for the output: only words can be said.
func weights(vocab int) []tensor {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // weights of a test model are no secret
	var all []tensor
	matrix := func(name string, in, out int) {
		t := tensor{name, []uint64{uint64(in), uint64(out)}, make([]float32, in*out)}
		for i := range t.values {
			t.values[i] = float32(rng.NormFloat64() / math.Sqrt(float64(in)))
		}
		all = append(all, t)
	}
	ones := func(name string) {
		t := tensor{name, []uint64{embedding}, make([]float32, embedding)}
		for i := range t.values {
			t.values[i] = 1
		}
		all = append(all, t)
	}
	matrix("token_embd.weight", embedding, vocab)
	for _, l := range []string{"blk.0.", "blk.1."} {
		ones(l + "attn_norm.weight")
		for _, m := range []string{"attn_q", "attn_k", "attn_v", "attn_output"} {
			matrix(l+m+".weight", embedding, embedding)
		}
		ones(l + "ffn_norm.weight")
		matrix(l+"ffn_gate.weight", embedding, forward)
		matrix(l+"ffn_up.weight", embedding, forward)
		matrix(l+"ffn_down.weight", forward, embedding)
	}
	ones("output_norm.weight")
	matrix("output.weight", embedding, vocab)
	last := all[len(all)-1].values
	clear(last[:(vocab-len(words))*embedding])
	for i := range last {
		last[i] *= 8
	}
	return all
}
