// SPDX-License-Identifier: Apache-2.0

package jobfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const operator = "cupel1qyqszqgpqyqszqgpqyqszqgpqyqszqgptsp4a7"

// valid is the least job file.
const valid = `apiVersion: cupel/v1
engine: wasm/v1-amd64
module: {path: render.wasm}
limits: {fuel: 1000}
price: {max: 50ucupel}
`

const full = `apiVersion: cupel/v1
name: render
engine: wasm/v1-amd64
module: {path: render.wasm}
args: ["-scene", /in/scene.json, 7]
env: {KEY: value, N: 3}
stdin: {path: input/a.json}
inputs:
  - {path: input/scene.json, mount: /in/scene.json}
sweep:
  - {inputs: [{path: input/a.json, mount: /in/params.json}]}
  - {inputs: [{path: input/b.json, mount: /in/params.json}]}
limits: {fuel: 20_000_000_000, memory: 256MiB, wall: 1500ms, output: 16MiB}
replicas: 3
policy: redundant
price: {max: 50ucupel, tip: 1ucupel}
lot_size: 2
deadline: 10m
requirements: {region: eu-west, min_score: 0.5, vram: 16GiB, compute_capability: "9.0"}
value_at_stake: 7ucupel
`

func TestParse(t *testing.T) {
	f, err := jobfile.Parse([]byte(full))
	require.NoError(t, err)
	require.Equal(t, "render", f.Name)
	require.Equal(t, []string{"-scene", "/in/scene.json", "7"}, f.Task.Args)
	require.Equal(t, map[string]string{"KEY": "value", "N": "3"}, f.Task.Env)
	require.Equal(t, 2, f.Count())
	require.Equal(t, markettypes.Limits{Units: 20_000_000_000, MemoryMib: 256, WallSeconds: 2, OutputKib: 16 << 10}, f.Limits)
	require.Equal(t, jobfile.Coin{Amount: 50, Denom: "ucupel"}, f.MaxPrice)
	require.Equal(t, jobfile.Coin{Amount: 1, Denom: "ucupel"}, f.Tip)
	require.Equal(t, markettypes.Requirements{
		Region: "eu-west", MinScore: 500_000, VramMib: 16 << 10, ComputeCapability: 90,
	}, f.Requirements)
	require.Equal(t, uint64(600_000), f.DeadlineMillis)
	require.Equal(t, uint64(7), f.ValueAtStake)
	require.Equal(t, uint32(2), f.LotSize)
}

func TestParseDefaults(t *testing.T) {
	f, err := jobfile.Parse([]byte(valid))
	require.NoError(t, err)
	require.Equal(t, "job", f.Name)
	require.Equal(t, uint32(3), f.Replicas)
	require.Equal(t, markettypes.PolicyRedundant, f.Policy)
	require.Equal(t, markettypes.Limits{Units: 1000, MemoryMib: 256, WallSeconds: 60, OutputKib: 16 << 10}, f.Limits)
	require.Equal(t, uint64(600_000), f.DeadlineMillis)

	for text, policy := range map[string]markettypes.Policy{
		"replicas: 1":           markettypes.PolicyOptimistic,
		"policy: optimistic":    markettypes.PolicyOptimistic,
		"hire: " + operator:     markettypes.PolicyOptimistic,
		"replicas: 2":           markettypes.PolicyRedundant,
		"args: &a [x]\nenv: {}": markettypes.PolicyRedundant,
	} {
		f, err := jobfile.Parse([]byte(valid + text + "\n"))
		require.NoError(t, err, text)
		require.Equal(t, policy, f.Policy, text)
	}
}

func TestParseJSON(t *testing.T) {
	f, err := jobfile.Parse([]byte(`{
	"apiVersion": "cupel/v1", "engine": "wasm/v1-amd64", "module": {"path": "a.wasm"},
	"limits": {"fuel": 1000}, "price": {"max": "50ucupel"}, "args": ["a\/b", "\ud83d\ude00", 7, true]
}`))
	require.NoError(t, err)
	require.Equal(t, []string{"a/b", "\U0001F600", "7", "true"}, f.Task.Args)
}

func TestParseAliases(t *testing.T) {
	f, err := jobfile.Parse([]byte(valid + "args: &common [a, b]\nsweep:\n  - {args: *common}\n  - {args: *common}\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, f.Sweep[1].Args)
}

// edit replaces a line of the valid file that starts with key, or adds one.
func edit(key, line string) string {
	var out []string
	found := false
	for _, l := range strings.Split(strings.TrimSpace(valid), "\n") {
		if strings.HasPrefix(l, key+":") {
			l, found = line, true
		}
		if l != "" {
			out = append(out, l)
		}
	}
	if !found {
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

// badFiles are mistakes that parsing alone finds, with a part of what is said.
var badFiles = map[string]struct{ text, says string }{
	"empty":                {"", "is empty"},
	"only a comment":       {"# nothing\n", "is empty"},
	"list":                 {"- a\n", "not a mapping"},
	"plain text":           {"hello", "not a mapping"},
	"binary":               {"\x00asm\x01\x00\x00\x00", "not UTF-8 text"},
	"latin-1":              {"name: caf\xe9\n", "not UTF-8 text"},
	"bad YAML":             {valid + "args: [a\n", "not valid YAML"},
	"unclosed quote":       {valid + "name: \"a\n", "not valid YAML"},
	"tab":                  {"apiVersion: cupel/v1\nlimits:\n\tfuel: 1\n", "line 3: the line is indented with a tab"},
	"two documents":        {valid + "---\n" + valid, "more than one YAML document"},
	"unknown field":        {valid + "colour: red\n", `unknown field "colour", known are apiVersion`},
	"unknown nested":       {edit("limits", "limits: {fuel: 1, cpu: 2}"), `unknown field "cpu" in limits`},
	"unknown in input":     {valid + "inputs: [{path: a, mount: /in/a, mode: rw}]\n", `unknown field "mode"`},
	"unknown in sweep":     {valid + "sweep: [{limits: {fuel: 1}}]\n", `unknown field "limits" in an element of sweep`},
	"merge key":            {valid + "env: &e {A: b}\nsweep: [{<<: *e}]\n", "unknown field"},
	"key twice":            {valid + "engine: wasm/v1-amd64\n", `"engine" is there twice`},
	"nested key twice":     {edit("limits", "limits: {fuel: 1, fuel: 2}"), `"fuel" is there twice in limits`},
	"env key twice":        {valid + "env: {A: b, A: c}\n", `"A" is there twice in env`},
	"key that is a list":   {valid + "? [a]\n: b\n", "key that is not plain text"},
	"no apiVersion":        {edit("apiVersion", ""), "apiVersion is missing"},
	"other apiVersion":     {edit("apiVersion", "apiVersion: cupel/v2"), `apiVersion is "cupel/v2"`},
	"no engine":            {edit("engine", ""), "engine is missing"},
	"other engine":         {edit("engine", "engine: docker"), "engine \"docker\" is not known"},
	"no module":            {edit("module", ""), "module is missing"},
	"module is text":       {edit("module", "module: render.wasm"), "module is not a mapping"},
	"module is null":       {edit("module", "module:"), "module is not a mapping"},
	"module has no source": {edit("module", "module: {size: 3}"), "module names no content"},
	"path and uri":         {edit("module", "module: {path: a, uri: 'https://a/b'}"), "both path and uri"},
	"uri without hash":     {edit("module", "module: {uri: 'https://a/b'}"), "uri without sha256"},
	"uri of other scheme":  {edit("module", "module: {uri: 'ftp://a/b', sha256: "+strings.Repeat("0", 64)+"}"), "is not file:///, http://, https://, s3:// or ipfs://"},
	"short hash":           {edit("module", "module: {path: a, sha256: abc}"), "not 64 lower-case hex digits"},
	"upper-case hash":      {edit("module", "module: {path: a, sha256: "+strings.Repeat("A", 64)+"}"), "not 64 lower-case hex digits"},
	"negative size":        {edit("module", "module: {path: a, size: -1}"), "is negative"},
	"path with a newline":  {edit("module", `module: {path: "a\nb"}`), "line break"},
	"no limits":            {edit("limits", ""), "limits is missing"},
	"no fuel":              {edit("limits", "limits: {memory: 1MiB}"), "limits.fuel is missing"},
	"zero fuel":            {edit("limits", "limits: {fuel: 0}"), "limits.fuel is 0"},
	"negative fuel":        {edit("limits", "limits: {fuel: -5}"), `limits.fuel "-5" is negative`},
	"fuel with a fraction": {edit("limits", "limits: {fuel: 1.5}"), "not a whole number"},
	"fuel too large":       {edit("limits", "limits: {fuel: 99999999999999999999}"), "too large"},
	"fuel above the chain": {edit("limits", "limits: {fuel: 1000000000000001}"), "is allowed"},
	"fuel is null":         {edit("limits", "limits: {fuel: }"), "has no value"},
	"fuel is a list":       {edit("limits", "limits: {fuel: [1]}"), "has no value"},
	"memory without unit":  {edit("limits", "limits: {fuel: 1, memory: 256}"), "has no unit"},
	"memory in MB":         {edit("limits", "limits: {fuel: 1, memory: 256MB}"), "is not a whole number"},
	"memory too small":     {edit("limits", "limits: {fuel: 1, memory: 1KiB}"), "out of range"},
	"memory too large":     {edit("limits", "limits: {fuel: 1, memory: 5GiB}"), "out of range"},
	"memory overflows":     {edit("limits", "limits: {fuel: 1, memory: 9223372036854775807GiB}"), "too large"},
	"wall without unit":    {edit("limits", "limits: {fuel: 1, wall: 60}"), "has no unit"},
	"wall is text":         {edit("limits", "limits: {fuel: 1, wall: long}"), "is not a time"},
	"wall is zero":         {edit("limits", "limits: {fuel: 1, wall: 0s}"), "not more than zero"},
	"wall is negative":     {edit("limits", "limits: {fuel: 1, wall: -1s}"), "not more than zero"},
	"wall too long":        {edit("limits", "limits: {fuel: 1, wall: 25h}"), "too long"},
	"output is zero":       {edit("limits", "limits: {fuel: 1, output: 0MiB}"), "out of range"},
	"no price":             {edit("price", ""), "price is missing"},
	"no price.max":         {edit("price", "price: {tip: 1ucupel}"), "price.max is missing"},
	"negative price":       {edit("price", "price: {max: -50ucupel}"), `price.max "-50ucupel" is negative`},
	"price of zero":        {edit("price", "price: {max: 0ucupel}"), "price.max is zero"},
	"price without denom":  {edit("price", "price: {max: 50}"), "has no denom"},
	"price without amount": {edit("price", "price: {max: ucupel}"), "not an amount with a denom"},
	"price with fraction":  {edit("price", "price: {max: 0.5ucupel}"), "not a whole number of base units"},
	"price in bad denom":   {edit("price", "price: {max: 50!}"), "invalid denom"},
	"price too large":      {edit("price", "price: {max: 9007199254740993ucupel}"), "too large"},
	"tip in other denom":   {edit("price", "price: {max: 50ucupel, tip: 1uatom}"), "use one denom"},
	"stake in other denom": {valid + "value_at_stake: 5uatom\n", "counted in ucupel"},
	"zero replicas":        {valid + "replicas: 0\n", "replicas is 0"},
	"too many replicas":    {valid + "replicas: 65\n", "replicas is 65"},
	"unknown policy":       {valid + "policy: trust\n", "is not known"},
	"optimistic with 3":    {valid + "policy: optimistic\nreplicas: 3\n", "runs 1 replica"},
	"redundant with 1":     {valid + "policy: redundant\nreplicas: 1\n", "needs 2 or more"},
	"lot larger than job":  {valid + "lot_size: 2\n", "more than the number of tasks"},
	"lot too large":        {valid + "lot_size: 33\n", "1 to 32 is allowed"},
	"deadline as a number": {valid + "deadline: 10\n", "has no unit"},
	"deadline too long":    {valid + "deadline: 9000h\n", "too long"},
	"region with space":    {valid + "requirements: {region: 'eu west'}\n", "requirements.region"},
	"score above one":      {valid + "requirements: {min_score: 1.1}\n", "is more than 1"},
	"score is text":        {valid + "requirements: {min_score: high}\n", "is not a number"},
	"score too fine":       {valid + "requirements: {min_score: 0.1234567}\n", "more than 6 decimals"},
	"negative score":       {valid + "requirements: {min_score: -0.1}\n", "is negative"},
	"vram without unit":    {valid + "requirements: {vram: 16}\n", "has no unit"},
	"hire is a name":       {valid + "hire: alice\n", "is not the address of an operator"},
	"hire on other chain":  {valid + "hire: cosmos1qyqszqgpqyqszqgpqyqszqgpqyqszqgpjnp7du\n", "is not the address of an operator"},
	"hire with replicas":   {valid + "hire: " + operator + "\nreplicas: 3\n", "names one provider"},
	"name with a slash":    {valid + "name: a/b\n", "name \"a/b\""},
	"name is a path":       {valid + "name: ..\n", "name \"..\""},
	"name too long":        {valid + "name: " + strings.Repeat("a", 65) + "\n", "1 to 64 letters"},
	"args is text":         {valid + "args: -v\n", "args is not a list"},
	"null argument":        {valid + "args: [a, ~]\n", "has no value"},
	"env is a list":        {valid + "env: [A=b]\n", "env is not a mapping"},
	"env name with =":      {valid + "env: {'A=B': c}\n", "not the name of an environment variable"},
	"input without mount":  {valid + "inputs: [{path: a}]\n", "mount is missing"},
	"relative mount":       {valid + "inputs: [{path: a, mount: in/a}]\n", "not an absolute clean path"},
	"mount that climbs":    {valid + "inputs: [{path: a, mount: /in/../etc}]\n", "not an absolute clean path"},
	"mount below /out":     {valid + "inputs: [{path: a, mount: /out/a}]\n", "is under /out"},
	"empty sweep":          {valid + "sweep: []\n", "sweep has 0 elements"},
	"sweep too long":       {valid + "sweep: [" + strings.Repeat("{},", 4097) + "]\n", "sweep has 4097 elements"},
	"sweep of text":        {valid + "sweep: [a]\n", "an element of sweep is not a mapping"},
	"nested too deep":      {valid + "args: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", "nested more than"},
	"alias bomb":           {bomb(), "once its aliases are expanded"},
	"JSON key twice":       {`{"engine": "a", "engine": "b"}`, `"engine" is there twice`},
	"JSON unknown field":   {"{\n\"colour\": 1}", `line 2: unknown field "colour"`},
	"JSON nested too deep": {`{"args": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}", "nested more than"},
	"JSON cut short":       {`{"engine": `, "not valid YAML"},
	"alias of itself":      {"a: &a [*a]\n", "nested more than"},
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := byte(1); i < 9; i++ {
		alias := "*a" + string('0'+i-1)
		b.WriteString("a" + string('0'+i) + ": &a" + string('0'+i) + " [" + strings.Repeat(alias+" ,", 9) + alias + " ]\n")
	}
	return b.String()
}

func requireSentence(t *testing.T, err error, says string) {
	t.Helper()
	var bad *jobfile.Error
	require.ErrorAs(t, err, &bad)
	require.Contains(t, err.Error(), says)
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 400)
}

func TestParseRefuses(t *testing.T) {
	require.GreaterOrEqual(t, len(badFiles), 60)
	for name, tc := range badFiles {
		t.Run(name, func(t *testing.T) {
			_, err := jobfile.Parse([]byte(tc.text))
			requireSentence(t, err, tc.says)
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yaml")
	require.NoError(t, os.WriteFile(big, make([]byte, 10<<20), 0o600))
	_, err := jobfile.Load(big)
	requireSentence(t, err, "10485760 bytes")
	_, err = jobfile.Load(dir)
	requireSentence(t, err, "not a regular file")
	_, err = jobfile.Load(filepath.Join(dir, "none.yaml"))
	requireSentence(t, err, "cannot open the job file")
	_, err = jobfile.Parse(make([]byte, jobfile.MaxFileBytes+1))
	requireSentence(t, err, "at most 1048576")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(full))
	for _, tc := range badFiles {
		if len(tc.text) < 2048 {
			f.Add([]byte(tc.text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := jobfile.Parse(data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Fatalf("not one line: %q", err)
			}
			return
		}
		if file.Limits.Units == 0 || file.MaxPrice.Amount == 0 || file.Count() < 1 || file.Replicas == 0 || file.DeadlineMillis == 0 {
			t.Fatalf("accepted what is not valid: %+v", file)
		}
	})
}
