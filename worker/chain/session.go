// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const methodSession = "/cupel.market.v1.Query/Session"

// Session returns a session and the height at which the answer holds, or
// ErrNotFound.
func (c *Client) Session(ctx context.Context, id uint64) (markettypes.QuerySessionResponse, int64, error) {
	var res markettypes.QuerySessionResponse
	height, err := c.invoke(ctx, methodSession, &markettypes.QuerySessionRequest{Session: id}, &res)
	return res, height, err
}
