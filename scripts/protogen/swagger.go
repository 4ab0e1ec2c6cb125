// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// ibcServices are the ibc-go files whose queries cupeld serves. The SDK's own
// are in the document that the SDK ships; app/docs merges the two.
var ibcServices = []string{
	"ibc/applications/transfer/v1/query.proto",
	"ibc/core/channel/v1/query.proto",
	"ibc/core/client/v1/query.proto",
	"ibc/core/connection/v1/query.proto",
}

// writeSwagger generates one OpenAPI document for the repository's queries and
// ibc-go's.
func writeSwagger(ctx context.Context, roots, names []string, binDir, to string) error {
	var services []string
	for _, name := range names {
		if strings.HasSuffix(name, "/query.proto") {
			services = append(services, name)
		}
	}
	services = append(services, ibcServices...)
	files, err := compile(ctx, roots, services)
	if err != nil {
		return err
	}
	bin, err := buildPlugin(ctx, binDir, swaggerPackage)
	if err != nil {
		return err
	}
	params := "logtostderr=true,allow_merge=true,fqn_for_swagger_name=true"
	out, err := callPlugin(ctx, bin, params, services, withImports(files))
	if err != nil {
		return err
	}
	if len(out) != 1 {
		return fmt.Errorf("protoc-gen-swagger wrote %d documents, expected 1", len(out))
	}
	document, err := uniqueOperations([]byte(out[0].GetContent()))
	if err != nil {
		return err
	}
	return writeFile(to, document)
}

// uniqueOperations replaces every operation id by one made from its path. The
// plugin names operations by method only, and each module has a Params.
func uniqueOperations(document []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("protoc-gen-swagger wrote invalid JSON: %w", err)
	}
	doc["info"] = map[string]any{"title": "Cupel", "version": "v1"}
	paths, _ := doc["paths"].(map[string]any)
	for route, item := range paths {
		methods, _ := item.(map[string]any)
		for verb, operation := range methods {
			if op, ok := operation.(map[string]any); ok {
				op["operationId"] = verb + strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_", "=", "", "*", "").Replace(route)
			}
		}
	}
	out, err := json.MarshalIndent(doc, "", " ")
	return append(out, '\n'), err
}
