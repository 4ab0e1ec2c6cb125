// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
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
	return writeFile(to, append([]byte(out[0].GetContent()), '\n'))
}
