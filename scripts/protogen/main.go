// SPDX-License-Identifier: Apache-2.0

// Command protogen compiles every file under proto/ and writes the generated
// Go code into the packages that the files name. It needs no protoc, no buf
// and no network: the compiler is a library, the plugins and the imported
// protos come from the module versions in go.mod.
//
// Run it from the repository root:
//
//	go run ./scripts/protogen
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	gogoproto "github.com/cosmos/gogoproto/proto"
	_ "github.com/cosmos/ics23/go" // registers cosmos/ics23/v1/proofs.proto
)

// importRoots are the directories, as module and folder, that imports are
// looked up in after the repository's own proto/.
var importRoots = []struct{ module, dir string }{
	{"github.com/cosmos/cosmos-sdk", "proto"},
	{"github.com/cosmos/cosmos-proto", "proto"},
	{"github.com/cosmos/gogoproto", "."},
	{"github.com/cosmos/ibc-go/v8", "proto"},
	{"github.com/grpc-ecosystem/grpc-gateway", "third_party/googleapis"},
}

func main() {
	root := flag.String("proto", "proto", "folder of the files to generate for")
	swagger := flag.String("swagger", "", "also write the merged OpenAPI document of the repository's and ibc-go's queries to this file")
	deps := flag.String("deps", "", "only copy the imported protos into this folder (for buf), generate nothing")
	flag.Parse()
	if err := run(context.Background(), *root, *swagger, *deps); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, swagger, deps string) error {
	dirs, err := moduleDirs(ctx)
	if err != nil {
		return err
	}
	if deps != "" {
		return copyImports(deps, dirs)
	}
	modulePath, err := output(ctx, "go", "list", "-m")
	if err != nil {
		return err
	}
	names, err := protoFiles(root)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no .proto file under %s: run protogen from the repository root", root)
	}
	roots := append([]string{root}, dirs...)
	files, err := compile(ctx, roots, names)
	if err != nil {
		return err
	}
	gen := generator{module: modulePath, bin: filepath.Join("build", "bin"), files: files}
	if err := gen.goCode(ctx, names); err != nil {
		return err
	}
	if swagger == "" {
		return nil
	}
	return writeSwagger(ctx, roots, names, gen.bin, swagger)
}

// moduleDirs returns the import roots as folders of the module cache.
func moduleDirs(ctx context.Context) ([]string, error) {
	args := []string{"list", "-m", "-f", "{{.Dir}}"}
	for _, root := range importRoots {
		args = append(args, root.module)
	}
	out, err := output(ctx, "go", args...)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(out, "\n")
	if len(lines) != len(importRoots) {
		return nil, fmt.Errorf("go list -m answered %d folders for %d modules: run go mod download", len(lines), len(importRoots))
	}
	for i := range lines {
		if lines[i] == "" {
			return nil, fmt.Errorf("module %s is not in the module cache: run go mod download", importRoots[i].module)
		}
		lines[i] = filepath.Join(lines[i], filepath.FromSlash(importRoots[i].dir))
	}
	return lines, nil
}

// protoFiles lists the .proto files under root, relative to it and sorted.
func protoFiles(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".proto" {
			return err
		}
		rel, err := filepath.Rel(root, p)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	sort.Strings(names)
	return names, err
}

// compile parses and links the named files and reports every error it finds,
// each with its file and line.
func compile(ctx context.Context, roots, names []string) (linker.Files, error) {
	var problems []error
	rep := reporter.NewReporter(func(err reporter.ErrorWithPos) error {
		problems = append(problems, err)
		return nil
	}, nil)
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(protocompile.CompositeResolver{&protocompile.SourceResolver{ImportPaths: roots}, protocompile.ResolverFunc(linkedProto)}),
		SourceInfoMode: protocompile.SourceInfoStandard,
		Reporter:       rep,
	}
	files, err := compiler.Compile(ctx, names...)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return files, err
}

// linkedProto answers with a file that is linked into this program. ibc-go
// imports cosmos/ics23, whose Go module carries no .proto file.
func linkedProto(name string) (protocompile.SearchResult, error) {
	if !strings.HasPrefix(name, "cosmos/ics23/") {
		return protocompile.SearchResult{}, fs.ErrNotExist
	}
	fd, err := gogoproto.HybridResolver.FindFileByPath(name)
	return protocompile.SearchResult{Desc: fd}, err
}

// withImports returns the descriptors of the files and of all they import,
// imports first, as a plugin expects them.
func withImports(files linker.Files) []*descriptorpb.FileDescriptorProto {
	var all []*descriptorpb.FileDescriptorProto
	seen := map[string]bool{}
	var visit func(protoreflect.FileDescriptor)
	visit = func(fd protoreflect.FileDescriptor) {
		if seen[fd.Path()] {
			return
		}
		seen[fd.Path()] = true
		imports := fd.Imports()
		for i := range imports.Len() {
			visit(imports.Get(i).FileDescriptor)
		}
		file := protoutil.ProtoFromFileDescriptor(fd)
		if file.GetSourceCodeInfo() == nil {
			// Plugins complain of a file without comments, even of an import.
			file = proto.CloneOf(file)
			file.SourceCodeInfo = &descriptorpb.SourceCodeInfo{}
		}
		all = append(all, file)
	}
	for _, f := range files {
		visit(f)
	}
	return all
}

// copyImports mirrors the import roots' .proto files into one folder, because
// buf reads modules only from below its workspace.
func copyImports(to string, dirs []string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	for _, dir := range dirs {
		names, err := protoFiles(dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			if !strings.Contains(name, "/") || strings.Contains("/"+name, "/test") {
				continue
			}
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				return err
			}
			if err := writeFile(filepath.Join(to, filepath.FromSlash(name)), data); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == string(data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// output runs a command and returns what it printed, trimmed.
func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// inModule cuts the module path off a generated file's name. Anything that
// would land outside the module is an error.
func inModule(module, name string) (string, error) {
	rel, ok := strings.CutPrefix(path.Clean(name), module+"/")
	if !ok || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("generated file %s is outside module %s: correct go_package in the .proto file", name, module)
	}
	return filepath.FromSlash(rel), nil
}
