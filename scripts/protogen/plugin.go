// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"

	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// Plugins, as package paths that go.mod pins.
const (
	gocosmosPackage = "github.com/cosmos/gogoproto/protoc-gen-gocosmos"
	gatewayPackage  = "github.com/grpc-ecosystem/grpc-gateway/protoc-gen-grpc-gateway"
	swaggerPackage  = "github.com/grpc-ecosystem/grpc-gateway/protoc-gen-swagger"
)

// gocosmosParams maps the two imports whose Go package differs from what
// their files say, as the Cosmos SDK itself does.
const gocosmosParams = "plugins=grpc," +
	"Mgoogle/protobuf/any.proto=github.com/cosmos/gogoproto/types/any," +
	"Mcosmos/app/v1alpha1/module.proto=cosmossdk.io/api/cosmos/app/v1alpha1"

// generator turns compiled files into Go code of one module.
type generator struct {
	module string
	bin    string
	files  linker.Files
}

// goCode writes the messages, gRPC services and REST gateways of the named
// files. A plugin sees one directory at a time: a Go package is one request.
func (g generator) goCode(ctx context.Context, names []string) error {
	descriptors := withImports(g.files)
	byDir := map[string][]string{}
	for _, name := range names {
		byDir[path.Dir(name)] = append(byDir[path.Dir(name)], name)
	}
	dirs := make([]string, 0, len(byDir))
	for dir := range byDir {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)

	plugins := []struct{ pkg, params string }{
		{gocosmosPackage, gocosmosParams},
		{gatewayPackage, "logtostderr=true,allow_colon_final_segments=true"},
	}
	for _, plugin := range plugins {
		bin, err := buildPlugin(ctx, g.bin, plugin.pkg)
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			out, err := callPlugin(ctx, bin, plugin.params, byDir[dir], descriptors)
			if err != nil {
				return err
			}
			if err := g.write(out); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g generator) write(files []*pluginpb.CodeGeneratorResponse_File) error {
	for _, f := range files {
		name, err := inModule(g.module, f.GetName())
		if err != nil {
			return err
		}
		if err := writeFile(name, []byte(f.GetContent())); err != nil {
			return err
		}
	}
	return nil
}

// buildPlugin builds a plugin at the version in go.mod and returns its path.
func buildPlugin(ctx context.Context, binDir, pkg string) (string, error) {
	bin, err := filepath.Abs(filepath.Join(binDir, path.Base(pkg)))
	if err != nil {
		return "", err
	}
	_, err = output(ctx, "go", "build", "-o", bin, pkg)
	return bin, err
}

// callPlugin runs one protoc plugin over the named files.
func callPlugin(
	ctx context.Context, bin, params string, names []string, descriptors []*descriptorpb.FileDescriptorProto,
) ([]*pluginpb.CodeGeneratorResponse_File, error) {
	request, err := proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: names,
		Parameter:      proto.String(params),
		ProtoFile:      descriptors,
	})
	if err != nil {
		return nil, err
	}
	var stdout bytes.Buffer
	cmd := exec.CommandContext(ctx, bin)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(request), &stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s on %v: %w", path.Base(bin), names, err)
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(stdout.Bytes(), &response); err != nil {
		return nil, fmt.Errorf("%s answered something that is no plugin response: %w", path.Base(bin), err)
	}
	if response.Error != nil {
		return nil, fmt.Errorf("%s on %v: %s", path.Base(bin), names, response.GetError())
	}
	return response.GetFile(), nil
}
