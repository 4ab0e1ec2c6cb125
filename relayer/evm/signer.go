// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/google/uuid"

	"github.com/cupel-network/cupel/relayer/secret"
)

// Signer holds the key of one account, or reaches who holds it.
type Signer interface {
	Address() common.Address
	// Sign returns the transaction signed for the chain id that it names.
	Sign(ctx context.Context, tx *types.Transaction) (*types.Transaction, error)
}

// localSigner signs with a key in memory.
type localSigner struct {
	key     *ecdsa.PrivateKey
	address common.Address
}

// NewSigner returns the signer of a key in memory.
func NewSigner(key *ecdsa.PrivateKey) Signer {
	return localSigner{key, crypto.PubkeyToAddress(key.PublicKey)}
}

func (s localSigner) Address() common.Address { return s.address }

func (s localSigner) Sign(_ context.Context, tx *types.Transaction) (*types.Transaction, error) {
	return types.SignTx(tx, types.LatestSignerForChainID(tx.ChainId()), s.key)
}

// String hides the key from logs.
func (s localSigner) String() string { return s.address.Hex() }

// GoString hides the key from logs.
func (s localSigner) GoString() string { return s.address.Hex() }

// LoadKeystore returns the signer of an encrypted key file in go-ethereum's
// format. The file must be readable by its owner only.
func LoadKeystore(path, password string) (Signer, error) {
	text, err := secret.Read(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	key, err := keystore.DecryptKey(text, password)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return NewSigner(key.PrivateKey), nil
}

// WriteKeystore encrypts a key into a new file with mode 0600. It never
// overwrites a file.
func WriteKeystore(path, password string, key *ecdsa.PrivateKey) (common.Address, error) {
	if password == "" {
		return common.Address{}, errors.New("the password is empty")
	}
	address := crypto.PubkeyToAddress(key.PublicKey)
	text, err := keystore.EncryptKey(&keystore.Key{Id: uuid.New(), Address: address, PrivateKey: key}, password, keystore.StandardScryptN, keystore.StandardScryptP)
	if err != nil {
		return common.Address{}, fmt.Errorf("encrypt: %w", err)
	}
	if err := secret.Write(path, text); err != nil {
		return common.Address{}, fmt.Errorf("key file: %w", err)
	}
	return address, nil
}

// remoteSigner asks a JSON-RPC service such as web3signer or clef.
type remoteSigner struct {
	rpc     *rpc.Client
	address common.Address
}

// NewRemoteSigner returns the signer of an account that a JSON-RPC service
// holds (eth_signTransaction, as web3signer and clef have it).
func NewRemoteSigner(ctx context.Context, url string, account common.Address) (Signer, error) {
	client, err := rpc.DialContext(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("remote signer: %w", Redact(err))
	}
	return remoteSigner{client, account}, nil
}

func (s remoteSigner) Address() common.Address { return s.address }

// signArgs are the arguments of eth_signTransaction.
type signArgs struct {
	From    common.Address  `json:"from"`
	To      *common.Address `json:"to"`
	Gas     hexutil.Uint64  `json:"gas"`
	FeeCap  *hexutil.Big    `json:"maxFeePerGas"`
	Tip     *hexutil.Big    `json:"maxPriorityFeePerGas"`
	Value   *hexutil.Big    `json:"value"`
	Nonce   hexutil.Uint64  `json:"nonce"`
	Data    hexutil.Bytes   `json:"data"`
	ChainID *hexutil.Big    `json:"chainId"`
}

// Sign returns an error if what comes back is another transaction or another
// account's: the service is not trusted with more than the key.
func (s remoteSigner) Sign(ctx context.Context, tx *types.Transaction) (*types.Transaction, error) {
	var answer json.RawMessage
	if err := s.rpc.CallContext(ctx, &answer, "eth_signTransaction", signArgs{
		From: s.address, To: tx.To(), Gas: hexutil.Uint64(tx.Gas()), FeeCap: (*hexutil.Big)(tx.GasFeeCap()),
		Tip: (*hexutil.Big)(tx.GasTipCap()), Value: (*hexutil.Big)(tx.Value()), Nonce: hexutil.Uint64(tx.Nonce()),
		Data: tx.Data(), ChainID: (*hexutil.Big)(tx.ChainId()),
	}); err != nil {
		return nil, fmt.Errorf("remote signer: %w", Redact(err))
	}
	raw, err := rawTransaction(answer)
	if err != nil {
		return nil, fmt.Errorf("remote signer: %w", err)
	}
	signed := new(types.Transaction)
	if err := signed.UnmarshalBinary(raw); err != nil {
		return nil, fmt.Errorf("remote signer: %w", err)
	}
	if err := sameTransaction(tx, signed, s.address); err != nil {
		return nil, err
	}
	return signed, nil
}

// rawTransaction reads the two forms of answer: the bytes, or an object that
// has them as raw.
func rawTransaction(answer json.RawMessage) (hexutil.Bytes, error) {
	var raw hexutil.Bytes
	if bytes.HasPrefix(bytes.TrimSpace(answer), []byte{'"'}) {
		return raw, json.Unmarshal(answer, &raw)
	}
	var object struct {
		Raw hexutil.Bytes `json:"raw"`
	}
	err := json.Unmarshal(answer, &object)
	return object.Raw, err
}

// sameTransaction compares the hash that is signed: it covers every field.
func sameTransaction(want, got *types.Transaction, account common.Address) error {
	signer := types.LatestSignerForChainID(want.ChainId())
	if signer.Hash(want) != signer.Hash(got) || want.Type() != got.Type() {
		return errors.New("remote signer: it signed another transaction than asked")
	}
	from, err := types.Sender(signer, got)
	if err != nil {
		return fmt.Errorf("remote signer: %w", err)
	}
	if from != account {
		return fmt.Errorf("remote signer: it signed as %s, want %s", from, account)
	}
	return nil
}
