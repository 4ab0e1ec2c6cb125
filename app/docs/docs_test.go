// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/app/docs"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	docs.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestServesTheInterface(t *testing.T) {
	page := get(t, docs.Path)
	require.Equal(t, http.StatusOK, page.Code)
	require.Contains(t, page.Body.String(), "swagger-ui")
}

func TestDocumentIsMerged(t *testing.T) {
	response := get(t, docs.Path+"swagger.yaml")
	require.Equal(t, http.StatusOK, response.Code)

	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(response.Body.Bytes(), &document))
	for _, route := range []string{
		"/cosmos/bank/v1beta1/balances/{address}", "/cosmos/tx/v1beta1/txs", "/ibc/core/channel/v1/channels",
	} {
		require.Contains(t, document.Paths, route)
	}
	require.NotContains(t, document.Paths, "/cosmos/params/v1beta1/params")

	seen := map[string]string{}
	for route, methods := range document.Paths {
		for verb, operation := range methods {
			other, taken := seen[operation.OperationID]
			require.False(t, taken, "%s %s and %s are both %s", verb, route, other, operation.OperationID)
			seen[operation.OperationID] = verb + " " + route
		}
	}
}
