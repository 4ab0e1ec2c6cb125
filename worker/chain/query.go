// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"fmt"
	"strconv"

	"google.golang.org/grpc"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// pageSize is the number of lots asked for at once; maxPages bounds a poll.
const (
	pageSize = 100
	maxPages = 50
)

// Invoke implements grpc.ClientConnInterface over ABCI queries, so that the
// generated query clients work on the Client.
func (c *Client) Invoke(ctx context.Context, method string, args, reply any, _ ...grpc.CallOption) error {
	_, err := c.invoke(ctx, method, args, reply)
	return err
}

// NewStream implements grpc.ClientConnInterface. There are no streams.
func (c *Client) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, fmt.Errorf("streams are not part of the query services")
}

// invoke returns the height at which the answer holds.
func (c *Client) invoke(ctx context.Context, method string, args, reply any) (int64, error) {
	in, ok := args.(proto.Message)
	if !ok {
		return 0, fmt.Errorf("%T is not a protobuf message", args)
	}
	out, ok := reply.(proto.Message)
	if !ok {
		return 0, fmt.Errorf("%T is not a protobuf message", reply)
	}
	data, err := proto.Marshal(in)
	if err != nil {
		return 0, fmt.Errorf("encode %s: %w", method, err)
	}
	value, height, err := c.query(ctx, method, data)
	if err != nil {
		return 0, err
	}
	if err := proto.Unmarshal(value, out); err != nil {
		return 0, fmt.Errorf("decode %s: %w: %w", method, ErrUnknown, err)
	}
	return height, nil
}

// Work is all that awaits a provider.
type Work struct {
	Lots  []markettypes.LotWork
	Cases []markettypes.CaseWork
	// Tick is the market clock.
	Tick uint64
	// Height is the lowest height of the pages.
	Height int64
}

const methodWork = "/cupel.market.v1.Query/Work"

// Work lists what awaits a provider. More than 5,000 lots are cut off: the
// rest comes when those are done.
func (c *Client) Work(ctx context.Context, provider uint32) (Work, error) {
	if c.voting() {
		return c.workOfAll(ctx, provider)
	}
	return readWork(provider, func(req *markettypes.QueryWorkRequest, res *markettypes.QueryWorkResponse) (int64, error) {
		return c.invoke(ctx, methodWork, req, res)
	})
}

// readWork reads page after page with ask.
func readWork(provider uint32, ask func(*markettypes.QueryWorkRequest, *markettypes.QueryWorkResponse) (int64, error)) (Work, error) {
	var all Work
	var key []byte
	for range maxPages {
		req := &markettypes.QueryWorkRequest{Provider: provider, Pagination: &query.PageRequest{Key: key, Limit: pageSize}}
		var res markettypes.QueryWorkResponse
		height, err := ask(req, &res)
		if err != nil {
			return Work{}, err
		}
		all.Lots = append(all.Lots, res.Lots...)
		all.Cases, all.Tick = res.Cases, res.Tick
		if all.Height == 0 || height < all.Height {
			all.Height = height
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			break
		}
		key = res.Pagination.NextKey
	}
	return all, nil
}

// Batch returns a batch, or ErrNotFound.
func (c *Client) Batch(ctx context.Context, batch uint64) (*markettypes.QueryBatchResponse, error) {
	return markettypes.NewQueryClient(c).Batch(ctx, &markettypes.QueryBatchRequest{Batch: batch})
}

// Manifest returns the inline manifest of a batch or its URI.
func (c *Client) Manifest(ctx context.Context, batch uint64) (*markettypes.QueryManifestResponse, error) {
	return markettypes.NewQueryClient(c).Manifest(ctx, &markettypes.QueryManifestRequest{Batch: batch})
}

// Lot returns a lot, or ErrNotFound.
func (c *Client) Lot(ctx context.Context, batch uint64, lot uint32) (markettypes.Lot, error) {
	res, err := markettypes.NewQueryClient(c).Lot(ctx, &markettypes.QueryLotRequest{Batch: batch, Lot: lot})
	if err != nil {
		return markettypes.Lot{}, err
	}
	return res.Lot, nil
}

// Circuit returns the verifying key of a circuit of x/oracle, or ErrNotFound. A
// circuit never changes.
func (c *Client) Circuit(ctx context.Context, id uint64) ([]byte, error) {
	res, err := oracletypes.NewQueryClient(c).Circuit(ctx, &oracletypes.QueryCircuitRequest{Circuit: id})
	if err != nil {
		return nil, err
	}
	return res.Key, nil
}

// Case returns the case of a task, or ErrNotFound.
func (c *Client) Case(ctx context.Context, task uint64) (markettypes.Case, error) {
	res, err := markettypes.NewQueryClient(c).Case(ctx, &markettypes.QueryCaseRequest{Task: task})
	if err != nil {
		return markettypes.Case{}, err
	}
	return res.Case, nil
}

// Provider returns a provider by the address of its worker or operator.
func (c *Client) Provider(ctx context.Context, address string) (*registrytypes.QueryProviderResponse, error) {
	return registrytypes.NewQueryClient(c).Provider(ctx, &registrytypes.QueryProviderRequest{Provider: address})
}

// ProviderByID returns a provider by its id.
func (c *Client) ProviderByID(ctx context.Context, id uint32) (*registrytypes.QueryProviderResponse, error) {
	return c.Provider(ctx, strconv.FormatUint(uint64(id), 10))
}

// RegistryParams returns the params of x/registry.
func (c *Client) RegistryParams(ctx context.Context) (registrytypes.Params, error) {
	res, err := registrytypes.NewQueryClient(c).Params(ctx, &registrytypes.QueryParamsRequest{})
	if err != nil {
		return registrytypes.Params{}, err
	}
	return res.Params, nil
}

// Balance returns the coins of an account in one denom.
func (c *Client) Balance(ctx context.Context, address, denom string) (sdk.Coin, error) {
	res, err := banktypes.NewQueryClient(c).Balance(ctx, &banktypes.QueryBalanceRequest{Address: address, Denom: denom})
	if err != nil {
		return sdk.Coin{}, err
	}
	if res.Balance == nil {
		return sdk.NewInt64Coin(denom, 0), nil
	}
	return *res.Balance, nil
}

// AccountNumber returns the number that signatures bind, or ErrNotFound for an
// account that never received anything.
func (c *Client) AccountNumber(ctx context.Context, address string) (uint64, error) {
	res, err := authtypes.NewQueryClient(c).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: address})
	if err != nil {
		return 0, err
	}
	if res.Info == nil {
		return 0, ErrNotFound
	}
	return res.Info.AccountNumber, nil
}
