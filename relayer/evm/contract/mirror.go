// SPDX-License-Identifier: Apache-2.0

// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package contract

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// CupelMirrorAttestorSet is an auto generated low-level Go binding around an user-defined struct.
type CupelMirrorAttestorSet struct {
	Id      uint64
	Time    uint64
	Members []byte
}

// CupelMirrorHeader is an auto generated low-level Go binding around an user-defined struct.
type CupelMirrorHeader struct {
	Nonce     uint64
	Height    uint64
	Root      [32]byte
	PrevRoot  [32]byte
	LeafCount uint32
	Set       [32]byte
	NextSet   [32]byte
}

// CupelMirrorLeaf is an auto generated low-level Go binding around an user-defined struct.
type CupelMirrorLeaf struct {
	Version   uint8
	HomeChain string
	Task      uint64
	Attempt   uint32
	Provider  []byte
	Requester []byte
	Denom     string
	Amount    *big.Int
	Result    [32]byte
	DestChain uint64
	Vault     common.Address
	To        common.Address
}

// CupelMirrorMetaData contains all meta data concerning the CupelMirror contract.
var CupelMirrorMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"salt_\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"nonce_\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root_\",\"type\":\"bytes32\"},{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"set_\",\"type\":\"tuple\"},{\"internalType\":\"uint64\",\"name\":\"maxSetAge_\",\"type\":\"uint64\"},{\"internalType\":\"uint48\",\"name\":\"ownerDelay_\",\"type\":\"uint48\"},{\"internalType\":\"address\",\"name\":\"owner_\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"guardian_\",\"type\":\"address\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[],\"name\":\"AccessControlBadConfirmation\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint48\",\"name\":\"schedule\",\"type\":\"uint48\"}],\"name\":\"AccessControlEnforcedDefaultAdminDelay\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"AccessControlEnforcedDefaultAdminRules\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"defaultAdmin\",\"type\":\"address\"}],\"name\":\"AccessControlInvalidDefaultAdmin\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"neededRole\",\"type\":\"bytes32\"}],\"name\":\"AccessControlUnauthorizedAccount\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"EnforcedPause\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ExpectedPause\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"GuardianIsOwner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"}],\"name\":\"NotCheckpoint\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"power\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"threshold\",\"type\":\"uint256\"}],\"name\":\"NotEnoughPower\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotGuardian\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"}],\"name\":\"NotProposed\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"}],\"name\":\"NotSetChange\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"eta\",\"type\":\"uint64\"}],\"name\":\"ProposalPending\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"}],\"name\":\"RootReused\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint8\",\"name\":\"bits\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"value\",\"type\":\"uint256\"}],\"name\":\"SafeCastOverflowedUintDowncast\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"uint256\",\"name\":\"until\",\"type\":\"uint256\"}],\"name\":\"SetNotStale\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"uint256\",\"name\":\"until\",\"type\":\"uint256\"}],\"name\":\"SetStale\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"eta\",\"type\":\"uint64\"}],\"name\":\"TooEarly\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"}],\"name\":\"WrongAnchor\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"},{\"internalType\":\"address\",\"name\":\"member\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"power\",\"type\":\"uint64\"}],\"name\":\"WrongMember\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"}],\"name\":\"WrongMembers\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"got\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"want\",\"type\":\"uint64\"}],\"name\":\"WrongNonce\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"want\",\"type\":\"bytes32\"}],\"name\":\"WrongPrevRoot\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"want\",\"type\":\"bytes32\"}],\"name\":\"WrongSet\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"got\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"want\",\"type\":\"uint64\"}],\"name\":\"WrongSetId\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"got\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"min\",\"type\":\"uint64\"},{\"internalType\":\"uint256\",\"name\":\"max\",\"type\":\"uint256\"}],\"name\":\"WrongSetTime\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"},{\"internalType\":\"address\",\"name\":\"member\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"recovered\",\"type\":\"address\"}],\"name\":\"WrongSignature\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"}],\"name\":\"WrongSignaturesLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"min\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"members\",\"type\":\"uint256\"}],\"name\":\"WrongSignerOrder\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"total\",\"type\":\"uint256\"}],\"name\":\"WrongTotalPower\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"string\",\"name\":\"name\",\"type\":\"string\"}],\"name\":\"ZeroConfig\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"}],\"name\":\"ZeroHeight\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"name\":\"Anchored\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"name\":\"AttestorsInstalled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"eta\",\"type\":\"uint64\"}],\"name\":\"AttestorsProposed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"name\":\"AttestorsUpdated\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"leafCount\",\"type\":\"uint32\"}],\"name\":\"CheckpointSubmitted\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[],\"name\":\"DefaultAdminDelayChangeCanceled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"uint48\",\"name\":\"newDelay\",\"type\":\"uint48\"},{\"indexed\":false,\"internalType\":\"uint48\",\"name\":\"effectSchedule\",\"type\":\"uint48\"}],\"name\":\"DefaultAdminDelayChangeScheduled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[],\"name\":\"DefaultAdminTransferCanceled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"newAdmin\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint48\",\"name\":\"acceptSchedule\",\"type\":\"uint48\"}],\"name\":\"DefaultAdminTransferScheduled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"Paused\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"ProposalCancelled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"previousAdminRole\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"newAdminRole\",\"type\":\"bytes32\"}],\"name\":\"RoleAdminChanged\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"sender\",\"type\":\"address\"}],\"name\":\"RoleGranted\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"sender\",\"type\":\"address\"}],\"name\":\"RoleRevoked\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"Unpaused\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"DEFAULT_ADMIN_ROLE\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"INSTALL_DELAY\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"MAX_CLOCK_SKEW\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"MAX_LEAVES\",\"outputs\":[{\"internalType\":\"uint32\",\"name\":\"\",\"type\":\"uint32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"MAX_MEMBERS\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"acceptDefaultAdminTransfer\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"newAdmin\",\"type\":\"address\"}],\"name\":\"beginDefaultAdminTransfer\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"cancelDefaultAdminTransfer\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"cancelProposal\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint48\",\"name\":\"newDelay\",\"type\":\"uint48\"}],\"name\":\"changeDefaultAdminDelay\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"set\",\"type\":\"tuple\"}],\"name\":\"checkSet\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"hash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"sealing\",\"type\":\"uint64\"}],\"stateMutability\":\"pure\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"defaultAdmin\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"defaultAdminDelay\",\"outputs\":[{\"internalType\":\"uint48\",\"name\":\"\",\"type\":\"uint48\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"defaultAdminDelayIncreaseWait\",\"outputs\":[{\"internalType\":\"uint48\",\"name\":\"\",\"type\":\"uint48\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"prevRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint32\",\"name\":\"leafCount\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"set\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"nextSet\",\"type\":\"bytes32\"}],\"internalType\":\"structCupelMirror.Header\",\"name\":\"h\",\"type\":\"tuple\"}],\"name\":\"digest\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"domainSeparator\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"}],\"name\":\"getRoleAdmin\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"grantRole\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"guardian\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"hasRole\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"set\",\"type\":\"tuple\"},{\"internalType\":\"uint64\",\"name\":\"nonce_\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root_\",\"type\":\"bytes32\"}],\"name\":\"installAttestors\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint8\",\"name\":\"version\",\"type\":\"uint8\"},{\"internalType\":\"string\",\"name\":\"homeChain\",\"type\":\"string\"},{\"internalType\":\"uint64\",\"name\":\"task\",\"type\":\"uint64\"},{\"internalType\":\"uint32\",\"name\":\"attempt\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"provider\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"requester\",\"type\":\"bytes\"},{\"internalType\":\"string\",\"name\":\"denom\",\"type\":\"string\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"result\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"destChain\",\"type\":\"uint64\"},{\"internalType\":\"address\",\"name\":\"vault\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"}],\"internalType\":\"structCupelMirror.Leaf\",\"name\":\"leaf\",\"type\":\"tuple\"},{\"internalType\":\"bytes32[]\",\"name\":\"proof\",\"type\":\"bytes32[]\"}],\"name\":\"isSettled\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint8\",\"name\":\"version\",\"type\":\"uint8\"},{\"internalType\":\"string\",\"name\":\"homeChain\",\"type\":\"string\"},{\"internalType\":\"uint64\",\"name\":\"task\",\"type\":\"uint64\"},{\"internalType\":\"uint32\",\"name\":\"attempt\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"provider\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"requester\",\"type\":\"bytes\"},{\"internalType\":\"string\",\"name\":\"denom\",\"type\":\"string\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"result\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"destChain\",\"type\":\"uint64\"},{\"internalType\":\"address\",\"name\":\"vault\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"}],\"internalType\":\"structCupelMirror.Leaf\",\"name\":\"leaf\",\"type\":\"tuple\"}],\"name\":\"leafHash\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"pure\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"maxSetAge\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"nonce\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"settledRoot\",\"type\":\"bytes32\"}],\"name\":\"nonceOf\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"owner\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"pause\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"paused\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"pendingDefaultAdmin\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"newAdmin\",\"type\":\"address\"},{\"internalType\":\"uint48\",\"name\":\"schedule\",\"type\":\"uint48\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"pendingDefaultAdminDelay\",\"outputs\":[{\"internalType\":\"uint48\",\"name\":\"newDelay\",\"type\":\"uint48\"},{\"internalType\":\"uint48\",\"name\":\"schedule\",\"type\":\"uint48\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"proposal\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"setHash\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"eta\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"set\",\"type\":\"tuple\"},{\"internalType\":\"uint64\",\"name\":\"nonce_\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root_\",\"type\":\"bytes32\"}],\"name\":\"proposeAttestors\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"renounceRole\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"role\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"revokeRole\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"rollbackDefaultAdminDelay\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"root\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"salt\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"setHash\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"setTime\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint8\",\"name\":\"version\",\"type\":\"uint8\"},{\"internalType\":\"string\",\"name\":\"homeChain\",\"type\":\"string\"},{\"internalType\":\"uint64\",\"name\":\"task\",\"type\":\"uint64\"},{\"internalType\":\"uint32\",\"name\":\"attempt\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"provider\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"requester\",\"type\":\"bytes\"},{\"internalType\":\"string\",\"name\":\"denom\",\"type\":\"string\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"result\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"destChain\",\"type\":\"uint64\"},{\"internalType\":\"address\",\"name\":\"vault\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"}],\"internalType\":\"structCupelMirror.Leaf\",\"name\":\"leaf\",\"type\":\"tuple\"},{\"internalType\":\"bytes32[]\",\"name\":\"proof\",\"type\":\"bytes32[]\"}],\"name\":\"settledAt\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"state\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"nonce_\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root_\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"setHash_\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"setTime_\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"threshold_\",\"type\":\"uint64\"},{\"internalType\":\"bool\",\"name\":\"paused_\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"prevRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint32\",\"name\":\"leafCount\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"set\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"nextSet\",\"type\":\"bytes32\"}],\"internalType\":\"structCupelMirror.Header\",\"name\":\"h\",\"type\":\"tuple\"},{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"set\",\"type\":\"tuple\"},{\"internalType\":\"bytes\",\"name\":\"signatures\",\"type\":\"bytes\"}],\"name\":\"submitCheckpoint\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes4\",\"name\":\"interfaceId\",\"type\":\"bytes4\"}],\"name\":\"supportsInterface\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"threshold\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"unpause\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"uint64\",\"name\":\"nonce\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"prevRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint32\",\"name\":\"leafCount\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"set\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"nextSet\",\"type\":\"bytes32\"}],\"internalType\":\"structCupelMirror.Header\",\"name\":\"h\",\"type\":\"tuple\"},{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"set\",\"type\":\"tuple\"},{\"components\":[{\"internalType\":\"uint64\",\"name\":\"id\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"members\",\"type\":\"bytes\"}],\"internalType\":\"structCupelMirror.AttestorSet\",\"name\":\"next\",\"type\":\"tuple\"},{\"internalType\":\"bytes\",\"name\":\"signatures\",\"type\":\"bytes\"}],\"name\":\"updateAttestors\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "CupelMirror",
	Bin: "0x61010060405234801561001157600080fd5b506040516148023803806148028339810160408190526100309161094f565b82826001600160a01b03811661006157604051636116401160e11b8152600060048201526024015b60405180910390fd5b600180546001600160d01b0316600160d01b65ffffffffffff85160217905561008b60008261037a565b50505060008890036100c9576040516303ceb56360e31b8152600401610058906020808252600490820152631cd85b1d60e21b604082015260600190565b836001600160401b031660000361010f576040516303ceb56360e31b81526020600482015260096024820152686d617853657441676560b81b6044820152606401610058565b8265ffffffffffff16600003610155576040516303ceb56360e31b815260206004820152600a6024820152696f776e657244656c617960b01b6044820152606401610058565b6001600160a01b038116610197576040516303ceb56360e31b815260206004820152600860248201526733bab0b93234b0b760c11b6044820152606401610058565b816001600160a01b0316816001600160a01b0316036101d45760405163619de95d60e11b81526001600160a01b0382166004820152602401610058565b60808881526001600160401b03851660c0526001600160a01b03821660e052604080517f599a80fcaa47b95e2323ab4d34d34e0cc9feda4b843edafcc30c7bdf60ea15bf60208201527f6036cf7964b67ea69ae55292ea7d7b6f899120dd468eaa1e2127918d0ec8bf19918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6606082015290810189905260009060a00160408051601f19818403018152919052805160209091012060a081905290508615806102b557506001600160401b0388161580156102b55750808714155b156102e5576040516328e34e1d60e11b81526001600160401b038916600482015260248101889052604401610058565b60038054610100600160481b0319166101006001600160401b038b16021790556004879055600061031687876103eb565b905080888a6001600160401b03167f3c00237e5bf0a81ec6349ca5cb1e4992832cd3873136157dbfdce32cf92a0a4e8a600001518b602001518c6040015160405161036393929190610aa4565b60405180910390a450505050505050505050610b73565b6000826103d85760006103956002546001600160a01b031690565b6001600160a01b0316146103bc57604051631fe1e13d60e11b815260040160405180910390fd5b600280546001600160a01b0319166001600160a01b0384161790555b6103e283836104c4565b90505b92915050565b6000806103f78461056e565b6020860151919350915061040a906107e3565b6000836001600160401b031685602001516001600160401b031661042e9190610b0b565b9050804211156104695760208501516040516325f9bae960e11b81526001600160401b03909116600482015260248101829052604401610058565b5060058290556020939093015160038054600160481b600160c81b03191669010000000000000000006001600160401b0393841602600160881b600160c81b03191617600160881b9290951691909102939093179092555090565b6000828152602081815260408083206001600160a01b038516845290915281205460ff16610566576000838152602081815260408083206001600160a01b03861684529091529020805460ff1916600117905561051e3390565b6001600160a01b0316826001600160a01b0316847f2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d60405160405180910390a45060016103e5565b5060006103e5565b6000806000836040015190506000601c825161058a9190610b34565b85519091506001600160401b03166000036105c25760405163ae6ab04d60e01b81526000600482015260016024820152604401610058565b84602001516001600160401b031660000361060757604051637d90c24960e11b815260006004820152600160248201526001600160401b036044820152606401610058565b801580610614575060c881115b8061062b5750601c82516106289190610b48565b15155b1561064e578151604051630ad163a560e11b815260040161005891815260200190565b60008060005b8381101561070f57601c810285016020015160008061067c83606081901c9160209190911c90565b91509150846001600160a01b0316826001600160a01b03161115806106a857506001600160401b038116155b156106e7576040516312afce7f60e01b8152600481018590526001600160a01b03831660248201526001600160401b0382166044820152606401610058565b819450806001600160401b0316866106ff9190610b0b565b9550505050806001019050610654565b5060016001603f1b0382111561073b57604051636c7047d560e11b815260048101839052602401610058565b865160208089015186518783012060405161079c947ff6e472881a04abf4b340c3e0dc941bede1a1a8e8b3c1e34727bb19bbe77b995e9490939291019384526001600160401b03928316602085015291166040830152606082015260800190565b60405160208183030381529060405280519060200120955060038260026107c39190610b5c565b6107cd9190610b34565b6107d8906001610b0b565b945050505050915091565b60006107f1610e1042610b0b565b6003549091506001600160401b03690100000000000000000090910481169083161080610826575080826001600160401b0316115b1561087057600354604051637d90c24960e11b81526001600160401b0384811660048301526901000000000000000000909204909116602482015260448101829052606401610058565b5050565b80516001600160401b038116811461088b57600080fd5b919050565b634e487b7160e01b600052604160045260246000fd5b604051606081016001600160401b03811182821017156108c8576108c8610890565b60405290565b604051601f8201601f191681016001600160401b03811182821017156108f6576108f6610890565b604052919050565b60005b83811015610919578181015183820152602001610901565b50506000910152565b805165ffffffffffff8116811461088b57600080fd5b80516001600160a01b038116811461088b57600080fd5b600080600080600080600080610100898b03121561096c57600080fd5b8851975061097c60208a01610874565b60408a015160608b015191985096506001600160401b0381111561099f57600080fd5b89016060818c0312156109b157600080fd5b6109b96108a6565b6109c282610874565b81526109d060208301610874565b602082015260408201516001600160401b038111156109ee57600080fd5b8083019250508b601f830112610a0357600080fd5b81516001600160401b03811115610a1c57610a1c610890565b610a2f601f8201601f19166020016108ce565b8181528d6020838601011115610a4457600080fd5b610a558260208301602087016108fe565b6040830152509550610a6b905060808a01610874565b9350610a7960a08a01610922565b9250610a8760c08a01610938565b9150610a9560e08a01610938565b90509295985092959890939650565b60018060401b038416815260018060401b03831660208201526060604082015260008251806060840152610adf8160808501602087016108fe565b601f01601f191691909101608001949350505050565b634e487b7160e01b600052601160045260246000fd5b808201808211156103e5576103e5610af5565b634e487b7160e01b600052601260045260246000fd5b600082610b4357610b43610b1e565b500490565b600082610b5757610b57610b1e565b500690565b80820281158282048414176103e5576103e5610af5565b60805160a05160c05160e051613c25610bdd6000396000818161043f01528181610acf01528181610f320152610fd30152600081816106eb015281816111b001528181611fa301526125c00152600081816108370152611a3d015260006106510152613c256000f3fe608060405234801561001057600080fd5b50600436106103155760003560e01c806391d14854116101a7578063d247fdc5116100ee578063e0bd658211610097578063ebf0c71711610071578063ebf0c71714610829578063f698da2514610832578063fe10649b1461085957600080fd5b8063e0bd658214610804578063e391931b14610817578063ea0e35b11461082157600080fd5b8063d6e05ab0116100c8578063d6e05ab0146107bd578063d9276a49146107d0578063dcae6e48146107f157600080fd5b8063d247fdc51461078f578063d547741f146107a2578063d602b9fd146107b557600080fd5b8063caf17ee311610150578063cefc14291161012a578063cefc142914610728578063cf6eefb714610730578063d11094451461077c57600080fd5b8063caf17ee3146106e6578063cbd4c8b11461070d578063cc8463c81461072057600080fd5b8063affed0e011610181578063affed0e014610633578063bfa0b1331461064c578063c19d93fb1461067357600080fd5b806391d14854146105c0578063a1eda53c14610604578063a217fddf1461062b57600080fd5b80634a9251951161026b578063753ec1031161021457806384ef8ffc116101ee57806384ef8ffc146105925780638da5cb5b146105b05780639070577f146105b857600080fd5b8063753ec103146105255780637869a72f146105815780638456cb591461058a57600080fd5b8063634e93da11610245578063634e93da146104ce578063649a5ec7146104e157806373cd8252146104f457600080fd5b80634a9251951461048657806359f3ec16146104995780635c975abb146104c357600080fd5b80632a0930a5116102cd5780633f4ba83a116102a75780633f4ba83a146103f057806342cde4e8146103f8578063452a93201461043a57600080fd5b80632a0930a5146103b75780632f2ff15d146103ca57806336568abe146103dd57600080fd5b8063082febf0116102fe578063082febf01461035e5780630aa6220b1461037c578063248a9ca31461038657600080fd5b806301ffc9a71461031a578063022d63fb14610342575b600080fd5b61032d6103283660046131cf565b610862565b60405190151581526020015b60405180910390f35b620697805b60405165ffffffffffff9091168152602001610339565b61036761400081565b60405163ffffffff9091168152602001610339565b6103846108be565b005b6103a9610394366004613211565b60009081526020819052604090206001015490565b604051908152602001610339565b6103a96103c5366004613243565b6108d4565b6103846103d83660046132a9565b610924565b6103846103eb3660046132a9565b610969565b610384610a73565b6003546104219071010000000000000000000000000000000000900467ffffffffffffffff1681565b60405167ffffffffffffffff9091168152602001610339565b6104617f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff9091168152602001610339565b6104216104943660046132d5565b610a86565b6104216104a7366004613211565b60066020526000908152604090205467ffffffffffffffff1681565b60035460ff1661032d565b6103846104dc366004613378565b610ac2565b6103846104ef366004613393565b610b73565b610507610502366004613523565b610bf9565b6040805192835267ffffffffffffffff909116602083015201610339565b60075460085460095461055192919067ffffffffffffffff808216916801000000000000000090041684565b60408051948552602085019390935267ffffffffffffffff91821692840192909252166060820152608001610339565b6103a960055481565b610384610f1a565b60025473ffffffffffffffffffffffffffffffffffffffff16610461565b610461610f95565b610384610fbb565b61032d6105ce3660046132a9565b60009182526020828152604080842073ffffffffffffffffffffffffffffffffffffffff93909316845291905290205460ff1690565b61060c6110c8565b6040805165ffffffffffff938416815292909116602083015201610339565b6103a9600081565b60035461042190610100900467ffffffffffffffff1681565b6103a97f000000000000000000000000000000000000000000000000000000000000000081565b6003546004546005546040805167ffffffffffffffff6101008604811682526020820194909452908101919091526901000000000000000000830482166060820152710100000000000000000000000000000000008304909116608082015260ff909116151560a082015260c001610339565b6104217f000000000000000000000000000000000000000000000000000000000000000081565b61038461071b36600461356a565b611144565b6103476113b5565b610384611453565b6001546040805173ffffffffffffffffffffffffffffffffffffffff831681527401000000000000000000000000000000000000000090920465ffffffffffff16602083015201610339565b61038461078a36600461356a565b6114af565b61038461079d36600461361d565b6116ad565b6103846107b03660046132a9565b6118f3565b610384611934565b6103a96107cb3660046136cd565b611947565b600354610421906901000000000000000000900467ffffffffffffffff1681565b61032d6107ff3660046132d5565b611a8b565b6103846108123660046136e9565b611aac565b61042162093a8081565b6103a960c881565b6103a960045481565b6103a97f000000000000000000000000000000000000000000000000000000000000000081565b610421610e1081565b60007fffffffff0000000000000000000000000000000000000000000000000000000082167f314987860000000000000000000000000000000000000000000000000000000014806108b857506108b882611cda565b92915050565b60006108c981611d71565b6108d1611d7b565b50565b600080826040516020016108e8919061381c565b60408051601f19818403810182528383528151019082012060208084019190915281518084038201815292820190915281519101209392505050565b8161095b576040517f3fc3c27a00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6109658282611d86565b5050565b81158015610991575060025473ffffffffffffffffffffffffffffffffffffffff8281169116145b15610a695760015473ffffffffffffffffffffffffffffffffffffffff81169074010000000000000000000000000000000000000000900465ffffffffffff16811515806109e5575065ffffffffffff8116155b806109f857504265ffffffffffff821610155b15610a3e576040517f19ca5ebb00000000000000000000000000000000000000000000000000000000815265ffffffffffff821660048201526024015b60405180910390fd5b5050600180547fffffffffffff000000000000ffffffffffffffffffffffffffffffffffffffff1690555b6109658282611db1565b6000610a7e81611d71565b6108d1611e0f565b600060066000610a9f8585610a9a896108d4565b611e8c565b815260208101919091526040016000205467ffffffffffffffff16949350505050565b6000610acd81611d71565b7f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff168273ffffffffffffffffffffffffffffffffffffffff1603610b6a576040517fc33bd2ba00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff83166004820152602401610a35565b61096582611ece565b6000610b7e81611d71565b8165ffffffffffff16600003610bf0576040517f1e75ab1800000000000000000000000000000000000000000000000000000000815260206004820152600a60248201527f6f776e657244656c6179000000000000000000000000000000000000000000006044820152606401610a35565b61096582611ee2565b6000806000836040015190506000601c8251610c159190613a04565b855190915067ffffffffffffffff16600003610c67576040517fae6ab04d0000000000000000000000000000000000000000000000000000000081526000600482015260016024820152604401610a35565b846020015167ffffffffffffffff16600003610cc7576040517ffb218492000000000000000000000000000000000000000000000000000000008152600060048201526001602482015267ffffffffffffffff6044820152606401610a35565b801580610cd4575060c881115b80610ceb5750601c8251610ce89190613a18565b15155b15610d275781516040517f15a2c74a000000000000000000000000000000000000000000000000000000008152600401610a3591815260200190565b60008060005b83811015610e2b57601c8102850160200151600080610d5583606081901c9160209190911c90565b915091508473ffffffffffffffffffffffffffffffffffffffff168273ffffffffffffffffffffffffffffffffffffffff16111580610d9c575067ffffffffffffffff8116155b15610e02576040517f12afce7f0000000000000000000000000000000000000000000000000000000081526004810185905273ffffffffffffffffffffffffffffffffffffffff8316602482015267ffffffffffffffff82166044820152606401610a35565b8194508067ffffffffffffffff1686610e1b9190613a2c565b9550505050806001019050610d2d565b50677fffffffffffffff821115610e71576040517fd8e08faa00000000000000000000000000000000000000000000000000000000815260048101839052602401610a35565b8651602080890151865187830120604051610ed3947ff6e472881a04abf4b340c3e0dc941bede1a1a8e8b3c1e34727bb19bbe77b995e94909392910193845267ffffffffffffffff928316602085015291166040830152606082015260800190565b6040516020818303038152906040528051906020012095506003826002610efa9190613a3f565b610f049190613a04565b610f0f906001613a2c565b945050505050915091565b3373ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001614610f8b576040517fa252c151000000000000000000000000000000000000000000000000000000008152336004820152602401610a35565b610f93611ef6565b565b6000610fb660025473ffffffffffffffffffffffffffffffffffffffff1690565b905090565b3373ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001614611002576110026000611d71565b60095468010000000000000000900467ffffffffffffffff16600003611065576040517fbb603683000000000000000000000000000000000000000000000000000000008152600060048201819052602482018190526044820152606401610a35565b6007546040513391907f56a54393c88fb71d37dc109609d88e0b586637deb2452aef5f41d3eb32adedfc90600090a360006007819055600855600980547fffffffffffffffffffffffffffffffff00000000000000000000000000000000169055565b6002546000907a010000000000000000000000000000000000000000000000000000900465ffffffffffff16801515801561110b57504265ffffffffffff821610155b6111175760008061113c565b60025474010000000000000000000000000000000000000000900465ffffffffffff16815b915091509091565b600061114f81611d71565b611157611f51565b61115f611f8e565b604080516080810182526007548152600854602082015260095467ffffffffffffffff80821693830193909352680100000000000000009004909116606082015260006111d46111ae87613a56565b7f0000000000000000000000000000000000000000000000000000000000000000612036565b9050816060015167ffffffffffffffff16600014806111f4575081518114155b8061121757508467ffffffffffffffff16826040015167ffffffffffffffff1614155b80611226575083826020015114155b15611277576040517fbb60368300000000000000000000000000000000000000000000000000000000815267ffffffffffffffff861660048201526024810185905260448101829052606401610a35565b816060015167ffffffffffffffff164210156112d15760608201516040517fd606d83f00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152602401610a35565b60006007819055600855600980547fffffffffffffffffffffffffffffffff00000000000000000000000000000000169055600380547fffffffffffffffffffffffffffffffffffffffffffffff0000000000000000ff1661010067ffffffffffffffff8816908102919091179091556004859055819085907fa37d96cb6bddef752aa6a0f37bac7965e3b2919c6c1a51ee93c969af4e98d6e561137860208b018b613a62565b61138860408c0160208d01613a62565b61139560408d018d613a7d565b6040516113a59493929190613ae2565b60405180910390a4505050505050565b6002546000907a010000000000000000000000000000000000000000000000000000900465ffffffffffff1680151580156113f757504265ffffffffffff8216105b611429576001547a010000000000000000000000000000000000000000000000000000900465ffffffffffff1661144d565b60025474010000000000000000000000000000000000000000900465ffffffffffff165b91505090565b60015473ffffffffffffffffffffffffffffffffffffffff163381146114a7576040517fc22c8022000000000000000000000000000000000000000000000000000000008152336004820152602401610a35565b6108d1612164565b60006114ba81611d71565b6114c2611f8e565b60095468010000000000000000900467ffffffffffffffff1615611537576007546009546040517faf28b71c000000000000000000000000000000000000000000000000000000008152600481019290925268010000000000000000900467ffffffffffffffff166024820152604401610a35565b60035467ffffffffffffffff61010090910481169084161080611558575081155b80611583575060035467ffffffffffffffff8481166101009092041614801561158357506004548214155b156115cd576040517f51c69c3a00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff8416600482015260248101839052604401610a35565b60006115db61050286613a56565b5090506115f66115f16040870160208801613a62565b612257565b600061160562093a8042613b20565b60408051608081018252848152602080820188905267ffffffffffffffff898116838501819052908516606090930183905260078790556008899055600980547fffffffffffffffffffffffffffffffff00000000000000000000000000000000168217680100000000000000008502179055925191825292935084928792917f99d7c08c452378b0e64625d28d74b48ae6faef526acd37e4d66f6b578577449691016113a5565b6116b5611f51565b6116c560a0860160808701613b40565b63ffffffff161515806116da57506040850135155b806116ed57508460600135856040013514155b806116ff57508460a001358560c00135145b15611750576117116020860186613a62565b6040517f515130f500000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152602401610a35565b61175c85858484612300565b6117696020850185613a62565b61177e9067ffffffffffffffff166001613a2c565b61178b6020850185613a62565b67ffffffffffffffff1614611805576117a76020840184613a62565b6117b46020860186613a62565b6117bf906001613b20565b6040517fae6ab04d00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff928316600482015291166024820152604401610a35565b60006118136111ae85613a56565b90508560c00135811461185f576040517f26bdc5810000000000000000000000000000000000000000000000000000000081526004810182905260c08701356024820152604401610a35565b8061186d6020880188613a62565b67ffffffffffffffff167f77a28f0d407ae79f36dd2959e15fd7a77db3da6b64b0dcc4b1fc7af0d97358326118a860408a0160208b01613a62565b6118b56020890189613a62565b6118c560408a0160208b01613a62565b6118d260408b018b613a7d565b6040516118e3959493929190613b5b565b60405180910390a3505050505050565b8161192a576040517f3fc3c27a00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6109658282612745565b600061193f81611d71565b6108d161276a565b6000807f62894dfe5aeb621cc6a6e92684153f0900ac75b9e4a67ddadff1c8a18941b8786119786020850185613a62565b6119886040860160208701613a62565b604086013560608701356119a260a0890160808a01613b40565b60408051602081019790975267ffffffffffffffff95861690870152929093166060850152608084015260a08084019290925263ffffffff1660c0808401919091529085013560e08301528401356101008201526101200160408051601f198184030181529082905280516020918201207f1901000000000000000000000000000000000000000000000000000000000000918301919091527f0000000000000000000000000000000000000000000000000000000000000000602283015260428201819052915060620160405160208183030381529060405280519060200120915050919050565b6000611a98848484610a86565b67ffffffffffffffff161515949350505050565b611ab4611f51565b611ac460a0850160808601613b40565b63ffffffff161580611aec5750614000611ae460a0860160808701613b40565b63ffffffff16115b80611af957506040840135155b80611b0b575083606001358460400135145b80611b1e57508360a001358460c0013514155b15611b6f57611b306020850185613a62565b6040517f5a08eb0b00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152602401610a35565b611b7b84848484612300565b60408085013560009081526006602052205467ffffffffffffffff1615611bf657604084810135600081815260066020528290205491517fbb41be03000000000000000000000000000000000000000000000000000000008152600481019190915267ffffffffffffffff9091166024820152604401610a35565b611c036020850185613a62565b60408581013560008181526006602090815292902080547fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000001667ffffffffffffffff94909416939093179092556004829055611c6190860186613a62565b67ffffffffffffffff167f663145918cf1438f9b2d039765fcf4d0c2f54231e40305cd448982f4e9422b83611c9c6040880160208901613a62565b611cac60a0890160808a01613b40565b6040805167ffffffffffffffff909316835263ffffffff90911660208301520160405180910390a350505050565b60007fffffffff0000000000000000000000000000000000000000000000000000000082167f7965db0b0000000000000000000000000000000000000000000000000000000014806108b857507f01ffc9a7000000000000000000000000000000000000000000000000000000007fffffffff000000000000000000000000000000000000000000000000000000008316146108b8565b6108d18133612775565b610f936000806127fb565b600082815260208190526040902060010154611da181611d71565b611dab8383612955565b50505050565b73ffffffffffffffffffffffffffffffffffffffff81163314611e00576040517f6697b23200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b611e0a8282612a1c565b505050565b611e17612a7e565b600380547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001690557f5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa335b60405173ffffffffffffffffffffffffffffffffffffffff909116815260200160405180910390a1565b600081815b84811015611ec557611ebb82878784818110611eaf57611eaf613baa565b90506020020135612aba565b9150600101611e91565b50949350505050565b6000611ed981611d71565b61096582612ae9565b6000611eed81611d71565b61096582612b69565b611efe611f51565b600380547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660011790557f62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258611e623390565b60035460ff1615610f93576040517fd93c066500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600354600090611fd89067ffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000008116916901000000000000000000900416613a2c565b90508042116108d1576003546040517f909076d1000000000000000000000000000000000000000000000000000000008152690100000000000000000090910467ffffffffffffffff16600482015260248101829052604401610a35565b60008061204284610bf9565b6020860151919350915061205590612257565b60008367ffffffffffffffff16856020015167ffffffffffffffff1661207b9190613a2c565b9050804211156120d05760208501516040517f4bf375d200000000000000000000000000000000000000000000000000000000815267ffffffffffffffff909116600482015260248101829052604401610a35565b50600582905560209390930151600380547fffffffffffffff00000000000000000000000000000000ffffffffffffffffff16690100000000000000000067ffffffffffffffff938416027fffffffffffffff0000000000000000ffffffffffffffffffffffffffffffffff1617710100000000000000000000000000000000009290951691909102939093179092555090565b60015473ffffffffffffffffffffffffffffffffffffffff81169074010000000000000000000000000000000000000000900465ffffffffffff168015806121b457504265ffffffffffff821610155b156121f5576040517f19ca5ebb00000000000000000000000000000000000000000000000000000000815265ffffffffffff82166004820152602401610a35565b61221e600061221960025473ffffffffffffffffffffffffffffffffffffffff1690565b612a1c565b5061222a600083612955565b5050600180547fffffffffffff000000000000000000000000000000000000000000000000000016905550565b6000612265610e1042613a2c565b60035490915067ffffffffffffffff69010000000000000000009091048116908316108061229c5750808267ffffffffffffffff16115b15610965576003546040517ffb21849200000000000000000000000000000000000000000000000000000000815267ffffffffffffffff84811660048301526901000000000000000000909204909116602482015260448101829052606401610a35565b60035461231d90610100900467ffffffffffffffff166001613a2c565b61232a6020860186613a62565b67ffffffffffffffff16146123a9576123466020850185613a62565b60035461236390610100900467ffffffffffffffff166001613b20565b6040517f1a5fbde000000000000000000000000000000000000000000000000000000000815267ffffffffffffffff928316600482015291166024820152604401610a35565b6123b96040850160208601613a62565b67ffffffffffffffff16600003612416576123d76020850185613a62565b6040517f7534680e00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152602401610a35565b60045484606001351461246657600480546040517f385ac16b0000000000000000000000000000000000000000000000000000000081526060870135928101929092526024820152604401610a35565b6005548460a00135146124b6576005546040517f26bdc58100000000000000000000000000000000000000000000000000000000815260a086013560048201526024810191909152604401610a35565b60007ff6e472881a04abf4b340c3e0dc941bede1a1a8e8b3c1e34727bb19bbe77b995e6124e66020860186613a62565b6124f66040870160208801613a62565b6125036040880188613a7d565b604051612511929190613bd9565b60405190819003812061254a9493929160200193845267ffffffffffffffff928316602085015291166040830152606082015260800190565b60405160208183030381529060405280519060200120905060055481146125ab576005546040517f26bdc581000000000000000000000000000000000000000000000000000000008152610a35918391600401918252602082015260400190565b6003546000906125f59067ffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000008116916901000000000000000000900416613a2c565b905080421115612654576003546040517f4bf375d2000000000000000000000000000000000000000000000000000000008152690100000000000000000090910467ffffffffffffffff16600482015260248101829052604401610a35565b600061267661266288611947565b61266f6040890189613a7d565b8888612bd9565b90508015806126a5575060035471010000000000000000000000000000000000900467ffffffffffffffff1681105b15612707576003546040517f2818471e000000000000000000000000000000000000000000000000000000008152600481018390527101000000000000000000000000000000000090910467ffffffffffffffff166024820152604401610a35565b6127146020880188613a62565b600360016101000a81548167ffffffffffffffff021916908367ffffffffffffffff16021790555050505050505050565b60008281526020819052604090206001015461276081611d71565b611dab8383612a1c565b610f93600080612dc6565b60008281526020818152604080832073ffffffffffffffffffffffffffffffffffffffff8516845290915290205460ff16610965576040517fe2517d3f00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff8216600482015260248101839052604401610a35565b6002547a010000000000000000000000000000000000000000000000000000900465ffffffffffff1680156128d0574265ffffffffffff821610156128a6576002546001805479ffffffffffffffffffffffffffffffffffffffffffffffffffff167401000000000000000000000000000000000000000090920465ffffffffffff167a010000000000000000000000000000000000000000000000000000029190911790556128d0565b6040517f2b1fa2edafe6f7b9e97c1a9e0c3660e645beb2dcaa2d45bdbf9beaf5472e1ec590600090a15b506002805473ffffffffffffffffffffffffffffffffffffffff167401000000000000000000000000000000000000000065ffffffffffff9485160279ffffffffffffffffffffffffffffffffffffffffffffffffffff16177a0100000000000000000000000000000000000000000000000000009290931691909102919091179055565b600082612a0b57600061297d60025473ffffffffffffffffffffffffffffffffffffffff1690565b73ffffffffffffffffffffffffffffffffffffffff16146129ca576040517f3fc3c27a00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600280547fffffffffffffffffffffffff00000000000000000000000000000000000000001673ffffffffffffffffffffffffffffffffffffffff84161790555b612a158383612e62565b9392505050565b600082158015612a46575060025473ffffffffffffffffffffffffffffffffffffffff8381169116145b15612a7457600280547fffffffffffffffffffffffff00000000000000000000000000000000000000001690555b612a158383612f5e565b60035460ff16610f93576040517f8dfc202b00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6000818310612ad6576000828152602084905260409020612a15565b6000838152602083905260409020612a15565b6000612af36113b5565b612afc42613019565b612b069190613be9565b9050612b128282612dc6565b60405165ffffffffffff8216815273ffffffffffffffffffffffffffffffffffffffff8316907f3377dc44241e779dd06afab5b788a35ca5f3b778836e2990bdb26a2a4b2e5ed69060200160405180910390a25050565b6000612b7482613069565b612b7d42613019565b612b879190613be9565b9050612b9382826127fb565b6040805165ffffffffffff8085168252831660208201527ff1038c18cf84a56e432fdbfaf746924b7ea511dfe03a6506a0ceba4888788d9b910160405180910390a15050565b6000612be6604283613a18565b15612c20576040517f8178dc0000000000000000000000000000000000000000000000000000000000815260048101839052602401610a35565b6000612c2d601c86613a04565b90506000805b84811015612dba576000868683818110612c4f57612c4f613baa565b919091013560f81c91505082811080612c685750838110155b15612cb0576040517fd9b893d7000000000000000000000000000000000000000000000000000000008152600481018290526024810184905260448101859052606401610a35565b612cbb816001613a2c565b9250601c8102890135606081901c602082901c6000612cdc8e8c8c896130b1565b905073ffffffffffffffffffffffffffffffffffffffff81161580612d2d57508273ffffffffffffffffffffffffffffffffffffffff168173ffffffffffffffffffffffffffffffffffffffff1614155b15612d8b576040517fd4af77e10000000000000000000000000000000000000000000000000000000081526004810186905273ffffffffffffffffffffffffffffffffffffffff808516602483015282166044820152606401610a35565b612d9f67ffffffffffffffff83168a613a2c565b98505050505050604281612db39190613a2c565b9050612c33565b50505095945050505050565b600180547401000000000000000000000000000000000000000065ffffffffffff84811682027fffffffffffff0000000000000000000000000000000000000000000000000000841673ffffffffffffffffffffffffffffffffffffffff881617179093559004168015611e0a576040517f8886ebfc4259abdbc16601dd8fb5678e54878f47b3c34836cfc51154a960510990600090a1505050565b60008281526020818152604080832073ffffffffffffffffffffffffffffffffffffffff8516845290915281205460ff16612f565760008381526020818152604080832073ffffffffffffffffffffffffffffffffffffffff86168452909152902080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00166001179055612ef43390565b73ffffffffffffffffffffffffffffffffffffffff168273ffffffffffffffffffffffffffffffffffffffff16847f2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d60405160405180910390a45060016108b8565b5060006108b8565b60008281526020818152604080832073ffffffffffffffffffffffffffffffffffffffff8516845290915281205460ff1615612f565760008381526020818152604080832073ffffffffffffffffffffffffffffffffffffffff8616808552925280832080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016905551339286917ff6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b9190a45060016108b8565b600065ffffffffffff821115613065576040517f6dfcc6500000000000000000000000000000000000000000000000000000000081526030600482015260248101839052604401610a35565b5090565b6000806130746113b5565b90508065ffffffffffff168365ffffffffffff161161309c576130978382613c07565b612a15565b612a1565ffffffffffff8416620697806130e3565b600081840160018101359060218101359060410135831a6130d4888285856130f3565b50909998505050505050505050565b6000828218828410028218612a15565b600080807f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a084111561312e57506000915060039050826131c5565b604080516000808252602082018084528a905260ff891692820192909252606081018790526080810186905260019060a0016020604051602081039080840390855afa158015613182573d6000803e3d6000fd5b5050604051601f19015191505073ffffffffffffffffffffffffffffffffffffffff81166131bb575060009250600191508290506131c5565b9250600091508190505b9450945094915050565b6000602082840312156131e157600080fd5b81357fffffffff0000000000000000000000000000000000000000000000000000000081168114612a1557600080fd5b60006020828403121561322357600080fd5b5035919050565b6000610180828403121561323d57600080fd5b50919050565b60006020828403121561325557600080fd5b813567ffffffffffffffff81111561326c57600080fd5b6132788482850161322a565b949350505050565b803573ffffffffffffffffffffffffffffffffffffffff811681146132a457600080fd5b919050565b600080604083850312156132bc57600080fd5b823591506132cc60208401613280565b90509250929050565b6000806000604084860312156132ea57600080fd5b833567ffffffffffffffff81111561330157600080fd5b61330d8682870161322a565b935050602084013567ffffffffffffffff81111561332a57600080fd5b8401601f8101861361333b57600080fd5b803567ffffffffffffffff81111561335257600080fd5b8660208260051b840101111561336757600080fd5b939660209190910195509293505050565b60006020828403121561338a57600080fd5b612a1582613280565b6000602082840312156133a557600080fd5b813565ffffffffffff81168114612a1557600080fd5b7f4e487b7100000000000000000000000000000000000000000000000000000000600052604160045260246000fd5b6040516060810167ffffffffffffffff8111828210171561340d5761340d6133bb565b60405290565b604051601f8201601f1916810167ffffffffffffffff8111828210171561343c5761343c6133bb565b604052919050565b803567ffffffffffffffff811681146132a457600080fd5b60006060828403121561346e57600080fd5b6134766133ea565b905061348182613444565b815261348f60208301613444565b6020820152604082013567ffffffffffffffff8111156134ae57600080fd5b8201601f810184136134bf57600080fd5b803567ffffffffffffffff8111156134d9576134d96133bb565b6134ec6020601f19601f84011601613413565b81815285602083850101111561350157600080fd5b8160208401602083013760006020838301015280604085015250505092915050565b60006020828403121561353557600080fd5b813567ffffffffffffffff81111561354c57600080fd5b6132788482850161345c565b60006060828403121561323d57600080fd5b60008060006060848603121561357f57600080fd5b833567ffffffffffffffff81111561359657600080fd5b6135a286828701613558565b9350506135b160208501613444565b929592945050506040919091013590565b600060e0828403121561323d57600080fd5b60008083601f8401126135e657600080fd5b50813567ffffffffffffffff8111156135fe57600080fd5b60208301915083602082850101111561361657600080fd5b9250929050565b6000806000806000610140868803121561363657600080fd5b61364087876135c2565b945060e086013567ffffffffffffffff81111561365c57600080fd5b61366888828901613558565b94505061010086013567ffffffffffffffff81111561368657600080fd5b61369288828901613558565b93505061012086013567ffffffffffffffff8111156136b057600080fd5b6136bc888289016135d4565b969995985093965092949392505050565b600060e082840312156136df57600080fd5b612a1583836135c2565b600080600080610120858703121561370057600080fd5b61370a86866135c2565b935060e085013567ffffffffffffffff81111561372657600080fd5b61373287828801613558565b93505061010085013567ffffffffffffffff81111561375057600080fd5b61375c878288016135d4565b95989497509550505050565b803560ff811681146132a457600080fd5b60008083357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18436030181126137ae57600080fd5b830160208101925035905067ffffffffffffffff8111156137ce57600080fd5b80360382131561361657600080fd5b818352818160208501375060006020828401015260006020601f19601f840116840101905092915050565b803563ffffffff811681146132a457600080fd5b602081526138376020820161383084613768565b60ff169052565b60006138466020840184613779565b610180604085015261385d6101a0850182846137dd565b91505061386c60408501613444565b67ffffffffffffffff811660608501525061388960608501613808565b63ffffffff81166080850152506138a36080850185613779565b601f198584030160a08601526138ba8382846137dd565b925050506138cb60a0850185613779565b601f198584030160c08601526138e28382846137dd565b925050506138f360c0850185613779565b601f198584030160e086015261390a8382846137dd565b60e08701356101008781019190915287013561012080880191909152909350613937925086019050613444565b67ffffffffffffffff8116610140850152506139566101408501613280565b73ffffffffffffffffffffffffffffffffffffffff8116610160850152506139816101608501613280565b73ffffffffffffffffffffffffffffffffffffffff8116610180850152509392505050565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052601260045260246000fd5b7f4e487b7100000000000000000000000000000000000000000000000000000000600052601160045260246000fd5b600082613a1357613a136139a6565b500490565b600082613a2757613a276139a6565b500690565b808201808211156108b8576108b86139d5565b80820281158282048414176108b8576108b86139d5565b60006108b8368361345c565b600060208284031215613a7457600080fd5b612a1582613444565b60008083357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1843603018112613ab257600080fd5b83018035915067ffffffffffffffff821115613acd57600080fd5b60200191503681900382131561361657600080fd5b67ffffffffffffffff8516815267ffffffffffffffff84166020820152606060408201526000613b166060830184866137dd565b9695505050505050565b67ffffffffffffffff81811683821601908111156108b8576108b86139d5565b600060208284031215613b5257600080fd5b612a1582613808565b67ffffffffffffffff8616815267ffffffffffffffff8516602082015267ffffffffffffffff84166040820152608060608201526000613b9f6080830184866137dd565b979650505050505050565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052603260045260246000fd5b8183823760009101908152919050565b65ffffffffffff81811683821601908111156108b8576108b86139d5565b65ffffffffffff82811682821603908111156108b8576108b86139d556",
}

// CupelMirror is an auto generated Go binding around an Ethereum contract.
type CupelMirror struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *CupelMirror) GetABI() abi.ABI {
	return c.abi
}

// NewCupelMirror creates a new instance of CupelMirror.
func NewCupelMirror() *CupelMirror {
	parsed, err := CupelMirrorMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &CupelMirror{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *CupelMirror) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 salt_, uint64 nonce_, bytes32 root_, (uint64,uint64,bytes) set_, uint64 maxSetAge_, uint48 ownerDelay_, address owner_, address guardian_) returns()
func (cupelMirror *CupelMirror) PackConstructor(salt_ [32]byte, nonce_ uint64, root_ [32]byte, set_ CupelMirrorAttestorSet, maxSetAge_ uint64, ownerDelay_ *big.Int, owner_ common.Address, guardian_ common.Address) []byte {
	enc, err := cupelMirror.abi.Pack("", salt_, nonce_, root_, set_, maxSetAge_, ownerDelay_, owner_, guardian_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackDEFAULTADMINROLE is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa217fddf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function DEFAULT_ADMIN_ROLE() view returns(bytes32)
func (cupelMirror *CupelMirror) PackDEFAULTADMINROLE() []byte {
	enc, err := cupelMirror.abi.Pack("DEFAULT_ADMIN_ROLE")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDEFAULTADMINROLE is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa217fddf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function DEFAULT_ADMIN_ROLE() view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackDEFAULTADMINROLE() ([]byte, error) {
	return cupelMirror.abi.Pack("DEFAULT_ADMIN_ROLE")
}

// UnpackDEFAULTADMINROLE is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xa217fddf.
//
// Solidity: function DEFAULT_ADMIN_ROLE() view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackDEFAULTADMINROLE(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("DEFAULT_ADMIN_ROLE", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackINSTALLDELAY is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe391931b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function INSTALL_DELAY() view returns(uint64)
func (cupelMirror *CupelMirror) PackINSTALLDELAY() []byte {
	enc, err := cupelMirror.abi.Pack("INSTALL_DELAY")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackINSTALLDELAY is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe391931b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function INSTALL_DELAY() view returns(uint64)
func (cupelMirror *CupelMirror) TryPackINSTALLDELAY() ([]byte, error) {
	return cupelMirror.abi.Pack("INSTALL_DELAY")
}

// UnpackINSTALLDELAY is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xe391931b.
//
// Solidity: function INSTALL_DELAY() view returns(uint64)
func (cupelMirror *CupelMirror) UnpackINSTALLDELAY(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("INSTALL_DELAY", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackMAXCLOCKSKEW is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfe10649b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_CLOCK_SKEW() view returns(uint64)
func (cupelMirror *CupelMirror) PackMAXCLOCKSKEW() []byte {
	enc, err := cupelMirror.abi.Pack("MAX_CLOCK_SKEW")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXCLOCKSKEW is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfe10649b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_CLOCK_SKEW() view returns(uint64)
func (cupelMirror *CupelMirror) TryPackMAXCLOCKSKEW() ([]byte, error) {
	return cupelMirror.abi.Pack("MAX_CLOCK_SKEW")
}

// UnpackMAXCLOCKSKEW is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfe10649b.
//
// Solidity: function MAX_CLOCK_SKEW() view returns(uint64)
func (cupelMirror *CupelMirror) UnpackMAXCLOCKSKEW(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("MAX_CLOCK_SKEW", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackMAXLEAVES is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x082febf0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_LEAVES() view returns(uint32)
func (cupelMirror *CupelMirror) PackMAXLEAVES() []byte {
	enc, err := cupelMirror.abi.Pack("MAX_LEAVES")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXLEAVES is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x082febf0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_LEAVES() view returns(uint32)
func (cupelMirror *CupelMirror) TryPackMAXLEAVES() ([]byte, error) {
	return cupelMirror.abi.Pack("MAX_LEAVES")
}

// UnpackMAXLEAVES is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x082febf0.
//
// Solidity: function MAX_LEAVES() view returns(uint32)
func (cupelMirror *CupelMirror) UnpackMAXLEAVES(data []byte) (uint32, error) {
	out, err := cupelMirror.abi.Unpack("MAX_LEAVES", data)
	if err != nil {
		return *new(uint32), err
	}
	out0 := *abi.ConvertType(out[0], new(uint32)).(*uint32)
	return out0, nil
}

// PackMAXMEMBERS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xea0e35b1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_MEMBERS() view returns(uint256)
func (cupelMirror *CupelMirror) PackMAXMEMBERS() []byte {
	enc, err := cupelMirror.abi.Pack("MAX_MEMBERS")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXMEMBERS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xea0e35b1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_MEMBERS() view returns(uint256)
func (cupelMirror *CupelMirror) TryPackMAXMEMBERS() ([]byte, error) {
	return cupelMirror.abi.Pack("MAX_MEMBERS")
}

// UnpackMAXMEMBERS is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xea0e35b1.
//
// Solidity: function MAX_MEMBERS() view returns(uint256)
func (cupelMirror *CupelMirror) UnpackMAXMEMBERS(data []byte) (*big.Int, error) {
	out, err := cupelMirror.abi.Unpack("MAX_MEMBERS", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackAcceptDefaultAdminTransfer is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcefc1429.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function acceptDefaultAdminTransfer() returns()
func (cupelMirror *CupelMirror) PackAcceptDefaultAdminTransfer() []byte {
	enc, err := cupelMirror.abi.Pack("acceptDefaultAdminTransfer")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAcceptDefaultAdminTransfer is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcefc1429.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function acceptDefaultAdminTransfer() returns()
func (cupelMirror *CupelMirror) TryPackAcceptDefaultAdminTransfer() ([]byte, error) {
	return cupelMirror.abi.Pack("acceptDefaultAdminTransfer")
}

// PackBeginDefaultAdminTransfer is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x634e93da.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function beginDefaultAdminTransfer(address newAdmin) returns()
func (cupelMirror *CupelMirror) PackBeginDefaultAdminTransfer(newAdmin common.Address) []byte {
	enc, err := cupelMirror.abi.Pack("beginDefaultAdminTransfer", newAdmin)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackBeginDefaultAdminTransfer is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x634e93da.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function beginDefaultAdminTransfer(address newAdmin) returns()
func (cupelMirror *CupelMirror) TryPackBeginDefaultAdminTransfer(newAdmin common.Address) ([]byte, error) {
	return cupelMirror.abi.Pack("beginDefaultAdminTransfer", newAdmin)
}

// PackCancelDefaultAdminTransfer is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd602b9fd.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function cancelDefaultAdminTransfer() returns()
func (cupelMirror *CupelMirror) PackCancelDefaultAdminTransfer() []byte {
	enc, err := cupelMirror.abi.Pack("cancelDefaultAdminTransfer")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCancelDefaultAdminTransfer is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd602b9fd.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function cancelDefaultAdminTransfer() returns()
func (cupelMirror *CupelMirror) TryPackCancelDefaultAdminTransfer() ([]byte, error) {
	return cupelMirror.abi.Pack("cancelDefaultAdminTransfer")
}

// PackCancelProposal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9070577f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function cancelProposal() returns()
func (cupelMirror *CupelMirror) PackCancelProposal() []byte {
	enc, err := cupelMirror.abi.Pack("cancelProposal")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCancelProposal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9070577f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function cancelProposal() returns()
func (cupelMirror *CupelMirror) TryPackCancelProposal() ([]byte, error) {
	return cupelMirror.abi.Pack("cancelProposal")
}

// PackChangeDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x649a5ec7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function changeDefaultAdminDelay(uint48 newDelay) returns()
func (cupelMirror *CupelMirror) PackChangeDefaultAdminDelay(newDelay *big.Int) []byte {
	enc, err := cupelMirror.abi.Pack("changeDefaultAdminDelay", newDelay)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChangeDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x649a5ec7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function changeDefaultAdminDelay(uint48 newDelay) returns()
func (cupelMirror *CupelMirror) TryPackChangeDefaultAdminDelay(newDelay *big.Int) ([]byte, error) {
	return cupelMirror.abi.Pack("changeDefaultAdminDelay", newDelay)
}

// PackCheckSet is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x73cd8252.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function checkSet((uint64,uint64,bytes) set) pure returns(bytes32 hash, uint64 sealing)
func (cupelMirror *CupelMirror) PackCheckSet(set CupelMirrorAttestorSet) []byte {
	enc, err := cupelMirror.abi.Pack("checkSet", set)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCheckSet is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x73cd8252.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function checkSet((uint64,uint64,bytes) set) pure returns(bytes32 hash, uint64 sealing)
func (cupelMirror *CupelMirror) TryPackCheckSet(set CupelMirrorAttestorSet) ([]byte, error) {
	return cupelMirror.abi.Pack("checkSet", set)
}

// CheckSetOutput serves as a container for the return parameters of contract
// method CheckSet.
type CheckSetOutput struct {
	Hash    [32]byte
	Sealing uint64
}

// UnpackCheckSet is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x73cd8252.
//
// Solidity: function checkSet((uint64,uint64,bytes) set) pure returns(bytes32 hash, uint64 sealing)
func (cupelMirror *CupelMirror) UnpackCheckSet(data []byte) (CheckSetOutput, error) {
	out, err := cupelMirror.abi.Unpack("checkSet", data)
	outstruct := new(CheckSetOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Hash = *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	outstruct.Sealing = *abi.ConvertType(out[1], new(uint64)).(*uint64)
	return *outstruct, nil
}

// PackDefaultAdmin is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84ef8ffc.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function defaultAdmin() view returns(address)
func (cupelMirror *CupelMirror) PackDefaultAdmin() []byte {
	enc, err := cupelMirror.abi.Pack("defaultAdmin")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDefaultAdmin is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84ef8ffc.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function defaultAdmin() view returns(address)
func (cupelMirror *CupelMirror) TryPackDefaultAdmin() ([]byte, error) {
	return cupelMirror.abi.Pack("defaultAdmin")
}

// UnpackDefaultAdmin is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x84ef8ffc.
//
// Solidity: function defaultAdmin() view returns(address)
func (cupelMirror *CupelMirror) UnpackDefaultAdmin(data []byte) (common.Address, error) {
	out, err := cupelMirror.abi.Unpack("defaultAdmin", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcc8463c8.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function defaultAdminDelay() view returns(uint48)
func (cupelMirror *CupelMirror) PackDefaultAdminDelay() []byte {
	enc, err := cupelMirror.abi.Pack("defaultAdminDelay")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcc8463c8.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function defaultAdminDelay() view returns(uint48)
func (cupelMirror *CupelMirror) TryPackDefaultAdminDelay() ([]byte, error) {
	return cupelMirror.abi.Pack("defaultAdminDelay")
}

// UnpackDefaultAdminDelay is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xcc8463c8.
//
// Solidity: function defaultAdminDelay() view returns(uint48)
func (cupelMirror *CupelMirror) UnpackDefaultAdminDelay(data []byte) (*big.Int, error) {
	out, err := cupelMirror.abi.Unpack("defaultAdminDelay", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackDefaultAdminDelayIncreaseWait is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x022d63fb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function defaultAdminDelayIncreaseWait() view returns(uint48)
func (cupelMirror *CupelMirror) PackDefaultAdminDelayIncreaseWait() []byte {
	enc, err := cupelMirror.abi.Pack("defaultAdminDelayIncreaseWait")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDefaultAdminDelayIncreaseWait is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x022d63fb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function defaultAdminDelayIncreaseWait() view returns(uint48)
func (cupelMirror *CupelMirror) TryPackDefaultAdminDelayIncreaseWait() ([]byte, error) {
	return cupelMirror.abi.Pack("defaultAdminDelayIncreaseWait")
}

// UnpackDefaultAdminDelayIncreaseWait is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x022d63fb.
//
// Solidity: function defaultAdminDelayIncreaseWait() view returns(uint48)
func (cupelMirror *CupelMirror) UnpackDefaultAdminDelayIncreaseWait(data []byte) (*big.Int, error) {
	out, err := cupelMirror.abi.Unpack("defaultAdminDelayIncreaseWait", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackDigest is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd6e05ab0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function digest((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h) view returns(bytes32)
func (cupelMirror *CupelMirror) PackDigest(h CupelMirrorHeader) []byte {
	enc, err := cupelMirror.abi.Pack("digest", h)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDigest is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd6e05ab0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function digest((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h) view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackDigest(h CupelMirrorHeader) ([]byte, error) {
	return cupelMirror.abi.Pack("digest", h)
}

// UnpackDigest is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xd6e05ab0.
//
// Solidity: function digest((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h) view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackDigest(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("digest", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackDomainSeparator is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf698da25.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function domainSeparator() view returns(bytes32)
func (cupelMirror *CupelMirror) PackDomainSeparator() []byte {
	enc, err := cupelMirror.abi.Pack("domainSeparator")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDomainSeparator is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf698da25.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function domainSeparator() view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackDomainSeparator() ([]byte, error) {
	return cupelMirror.abi.Pack("domainSeparator")
}

// UnpackDomainSeparator is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xf698da25.
//
// Solidity: function domainSeparator() view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackDomainSeparator(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("domainSeparator", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackGetRoleAdmin is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x248a9ca3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getRoleAdmin(bytes32 role) view returns(bytes32)
func (cupelMirror *CupelMirror) PackGetRoleAdmin(role [32]byte) []byte {
	enc, err := cupelMirror.abi.Pack("getRoleAdmin", role)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetRoleAdmin is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x248a9ca3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getRoleAdmin(bytes32 role) view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackGetRoleAdmin(role [32]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("getRoleAdmin", role)
}

// UnpackGetRoleAdmin is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x248a9ca3.
//
// Solidity: function getRoleAdmin(bytes32 role) view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackGetRoleAdmin(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("getRoleAdmin", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackGrantRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2f2ff15d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function grantRole(bytes32 role, address account) returns()
func (cupelMirror *CupelMirror) PackGrantRole(role [32]byte, account common.Address) []byte {
	enc, err := cupelMirror.abi.Pack("grantRole", role, account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGrantRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2f2ff15d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function grantRole(bytes32 role, address account) returns()
func (cupelMirror *CupelMirror) TryPackGrantRole(role [32]byte, account common.Address) ([]byte, error) {
	return cupelMirror.abi.Pack("grantRole", role, account)
}

// PackGuardian is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x452a9320.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function guardian() view returns(address)
func (cupelMirror *CupelMirror) PackGuardian() []byte {
	enc, err := cupelMirror.abi.Pack("guardian")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGuardian is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x452a9320.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function guardian() view returns(address)
func (cupelMirror *CupelMirror) TryPackGuardian() ([]byte, error) {
	return cupelMirror.abi.Pack("guardian")
}

// UnpackGuardian is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x452a9320.
//
// Solidity: function guardian() view returns(address)
func (cupelMirror *CupelMirror) UnpackGuardian(data []byte) (common.Address, error) {
	out, err := cupelMirror.abi.Unpack("guardian", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackHasRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x91d14854.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function hasRole(bytes32 role, address account) view returns(bool)
func (cupelMirror *CupelMirror) PackHasRole(role [32]byte, account common.Address) []byte {
	enc, err := cupelMirror.abi.Pack("hasRole", role, account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackHasRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x91d14854.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function hasRole(bytes32 role, address account) view returns(bool)
func (cupelMirror *CupelMirror) TryPackHasRole(role [32]byte, account common.Address) ([]byte, error) {
	return cupelMirror.abi.Pack("hasRole", role, account)
}

// UnpackHasRole is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x91d14854.
//
// Solidity: function hasRole(bytes32 role, address account) view returns(bool)
func (cupelMirror *CupelMirror) UnpackHasRole(data []byte) (bool, error) {
	out, err := cupelMirror.abi.Unpack("hasRole", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackInstallAttestors is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcbd4c8b1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function installAttestors((uint64,uint64,bytes) set, uint64 nonce_, bytes32 root_) returns()
func (cupelMirror *CupelMirror) PackInstallAttestors(set CupelMirrorAttestorSet, nonce uint64, root [32]byte) []byte {
	enc, err := cupelMirror.abi.Pack("installAttestors", set, nonce, root)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackInstallAttestors is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcbd4c8b1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function installAttestors((uint64,uint64,bytes) set, uint64 nonce_, bytes32 root_) returns()
func (cupelMirror *CupelMirror) TryPackInstallAttestors(set CupelMirrorAttestorSet, nonce uint64, root [32]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("installAttestors", set, nonce, root)
}

// PackIsSettled is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdcae6e48.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function isSettled((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf, bytes32[] proof) view returns(bool)
func (cupelMirror *CupelMirror) PackIsSettled(leaf CupelMirrorLeaf, proof [][32]byte) []byte {
	enc, err := cupelMirror.abi.Pack("isSettled", leaf, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackIsSettled is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdcae6e48.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function isSettled((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf, bytes32[] proof) view returns(bool)
func (cupelMirror *CupelMirror) TryPackIsSettled(leaf CupelMirrorLeaf, proof [][32]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("isSettled", leaf, proof)
}

// UnpackIsSettled is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xdcae6e48.
//
// Solidity: function isSettled((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf, bytes32[] proof) view returns(bool)
func (cupelMirror *CupelMirror) UnpackIsSettled(data []byte) (bool, error) {
	out, err := cupelMirror.abi.Unpack("isSettled", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackLeafHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2a0930a5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function leafHash((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf) pure returns(bytes32)
func (cupelMirror *CupelMirror) PackLeafHash(leaf CupelMirrorLeaf) []byte {
	enc, err := cupelMirror.abi.Pack("leafHash", leaf)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackLeafHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2a0930a5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function leafHash((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf) pure returns(bytes32)
func (cupelMirror *CupelMirror) TryPackLeafHash(leaf CupelMirrorLeaf) ([]byte, error) {
	return cupelMirror.abi.Pack("leafHash", leaf)
}

// UnpackLeafHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x2a0930a5.
//
// Solidity: function leafHash((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf) pure returns(bytes32)
func (cupelMirror *CupelMirror) UnpackLeafHash(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("leafHash", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackMaxSetAge is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcaf17ee3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function maxSetAge() view returns(uint64)
func (cupelMirror *CupelMirror) PackMaxSetAge() []byte {
	enc, err := cupelMirror.abi.Pack("maxSetAge")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMaxSetAge is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcaf17ee3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function maxSetAge() view returns(uint64)
func (cupelMirror *CupelMirror) TryPackMaxSetAge() ([]byte, error) {
	return cupelMirror.abi.Pack("maxSetAge")
}

// UnpackMaxSetAge is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xcaf17ee3.
//
// Solidity: function maxSetAge() view returns(uint64)
func (cupelMirror *CupelMirror) UnpackMaxSetAge(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("maxSetAge", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackNonce is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xaffed0e0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function nonce() view returns(uint64)
func (cupelMirror *CupelMirror) PackNonce() []byte {
	enc, err := cupelMirror.abi.Pack("nonce")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackNonce is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xaffed0e0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function nonce() view returns(uint64)
func (cupelMirror *CupelMirror) TryPackNonce() ([]byte, error) {
	return cupelMirror.abi.Pack("nonce")
}

// UnpackNonce is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xaffed0e0.
//
// Solidity: function nonce() view returns(uint64)
func (cupelMirror *CupelMirror) UnpackNonce(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("nonce", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackNonceOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x59f3ec16.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function nonceOf(bytes32 settledRoot) view returns(uint64)
func (cupelMirror *CupelMirror) PackNonceOf(settledRoot [32]byte) []byte {
	enc, err := cupelMirror.abi.Pack("nonceOf", settledRoot)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackNonceOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x59f3ec16.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function nonceOf(bytes32 settledRoot) view returns(uint64)
func (cupelMirror *CupelMirror) TryPackNonceOf(settledRoot [32]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("nonceOf", settledRoot)
}

// UnpackNonceOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x59f3ec16.
//
// Solidity: function nonceOf(bytes32 settledRoot) view returns(uint64)
func (cupelMirror *CupelMirror) UnpackNonceOf(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("nonceOf", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owner() view returns(address)
func (cupelMirror *CupelMirror) PackOwner() []byte {
	enc, err := cupelMirror.abi.Pack("owner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owner() view returns(address)
func (cupelMirror *CupelMirror) TryPackOwner() ([]byte, error) {
	return cupelMirror.abi.Pack("owner")
}

// UnpackOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8da5cb5b.
//
// Solidity: function owner() view returns(address)
func (cupelMirror *CupelMirror) UnpackOwner(data []byte) (common.Address, error) {
	out, err := cupelMirror.abi.Unpack("owner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8456cb59.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pause() returns()
func (cupelMirror *CupelMirror) PackPause() []byte {
	enc, err := cupelMirror.abi.Pack("pause")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8456cb59.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pause() returns()
func (cupelMirror *CupelMirror) TryPackPause() ([]byte, error) {
	return cupelMirror.abi.Pack("pause")
}

// PackPaused is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5c975abb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function paused() view returns(bool)
func (cupelMirror *CupelMirror) PackPaused() []byte {
	enc, err := cupelMirror.abi.Pack("paused")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPaused is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5c975abb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function paused() view returns(bool)
func (cupelMirror *CupelMirror) TryPackPaused() ([]byte, error) {
	return cupelMirror.abi.Pack("paused")
}

// UnpackPaused is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x5c975abb.
//
// Solidity: function paused() view returns(bool)
func (cupelMirror *CupelMirror) UnpackPaused(data []byte) (bool, error) {
	out, err := cupelMirror.abi.Unpack("paused", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackPendingDefaultAdmin is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcf6eefb7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pendingDefaultAdmin() view returns(address newAdmin, uint48 schedule)
func (cupelMirror *CupelMirror) PackPendingDefaultAdmin() []byte {
	enc, err := cupelMirror.abi.Pack("pendingDefaultAdmin")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPendingDefaultAdmin is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcf6eefb7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pendingDefaultAdmin() view returns(address newAdmin, uint48 schedule)
func (cupelMirror *CupelMirror) TryPackPendingDefaultAdmin() ([]byte, error) {
	return cupelMirror.abi.Pack("pendingDefaultAdmin")
}

// PendingDefaultAdminOutput serves as a container for the return parameters of contract
// method PendingDefaultAdmin.
type PendingDefaultAdminOutput struct {
	NewAdmin common.Address
	Schedule *big.Int
}

// UnpackPendingDefaultAdmin is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xcf6eefb7.
//
// Solidity: function pendingDefaultAdmin() view returns(address newAdmin, uint48 schedule)
func (cupelMirror *CupelMirror) UnpackPendingDefaultAdmin(data []byte) (PendingDefaultAdminOutput, error) {
	out, err := cupelMirror.abi.Unpack("pendingDefaultAdmin", data)
	outstruct := new(PendingDefaultAdminOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.NewAdmin = *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	outstruct.Schedule = abi.ConvertType(out[1], new(big.Int)).(*big.Int)
	return *outstruct, nil
}

// PackPendingDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa1eda53c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pendingDefaultAdminDelay() view returns(uint48 newDelay, uint48 schedule)
func (cupelMirror *CupelMirror) PackPendingDefaultAdminDelay() []byte {
	enc, err := cupelMirror.abi.Pack("pendingDefaultAdminDelay")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPendingDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa1eda53c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pendingDefaultAdminDelay() view returns(uint48 newDelay, uint48 schedule)
func (cupelMirror *CupelMirror) TryPackPendingDefaultAdminDelay() ([]byte, error) {
	return cupelMirror.abi.Pack("pendingDefaultAdminDelay")
}

// PendingDefaultAdminDelayOutput serves as a container for the return parameters of contract
// method PendingDefaultAdminDelay.
type PendingDefaultAdminDelayOutput struct {
	NewDelay *big.Int
	Schedule *big.Int
}

// UnpackPendingDefaultAdminDelay is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xa1eda53c.
//
// Solidity: function pendingDefaultAdminDelay() view returns(uint48 newDelay, uint48 schedule)
func (cupelMirror *CupelMirror) UnpackPendingDefaultAdminDelay(data []byte) (PendingDefaultAdminDelayOutput, error) {
	out, err := cupelMirror.abi.Unpack("pendingDefaultAdminDelay", data)
	outstruct := new(PendingDefaultAdminDelayOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.NewDelay = abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	outstruct.Schedule = abi.ConvertType(out[1], new(big.Int)).(*big.Int)
	return *outstruct, nil
}

// PackProposal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x753ec103.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function proposal() view returns(bytes32 setHash, bytes32 root, uint64 nonce, uint64 eta)
func (cupelMirror *CupelMirror) PackProposal() []byte {
	enc, err := cupelMirror.abi.Pack("proposal")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackProposal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x753ec103.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function proposal() view returns(bytes32 setHash, bytes32 root, uint64 nonce, uint64 eta)
func (cupelMirror *CupelMirror) TryPackProposal() ([]byte, error) {
	return cupelMirror.abi.Pack("proposal")
}

// ProposalOutput serves as a container for the return parameters of contract
// method Proposal.
type ProposalOutput struct {
	SetHash [32]byte
	Root    [32]byte
	Nonce   uint64
	Eta     uint64
}

// UnpackProposal is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x753ec103.
//
// Solidity: function proposal() view returns(bytes32 setHash, bytes32 root, uint64 nonce, uint64 eta)
func (cupelMirror *CupelMirror) UnpackProposal(data []byte) (ProposalOutput, error) {
	out, err := cupelMirror.abi.Unpack("proposal", data)
	outstruct := new(ProposalOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.SetHash = *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	outstruct.Root = *abi.ConvertType(out[1], new([32]byte)).(*[32]byte)
	outstruct.Nonce = *abi.ConvertType(out[2], new(uint64)).(*uint64)
	outstruct.Eta = *abi.ConvertType(out[3], new(uint64)).(*uint64)
	return *outstruct, nil
}

// PackProposeAttestors is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd1109445.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function proposeAttestors((uint64,uint64,bytes) set, uint64 nonce_, bytes32 root_) returns()
func (cupelMirror *CupelMirror) PackProposeAttestors(set CupelMirrorAttestorSet, nonce uint64, root [32]byte) []byte {
	enc, err := cupelMirror.abi.Pack("proposeAttestors", set, nonce, root)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackProposeAttestors is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd1109445.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function proposeAttestors((uint64,uint64,bytes) set, uint64 nonce_, bytes32 root_) returns()
func (cupelMirror *CupelMirror) TryPackProposeAttestors(set CupelMirrorAttestorSet, nonce uint64, root [32]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("proposeAttestors", set, nonce, root)
}

// PackRenounceRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x36568abe.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function renounceRole(bytes32 role, address account) returns()
func (cupelMirror *CupelMirror) PackRenounceRole(role [32]byte, account common.Address) []byte {
	enc, err := cupelMirror.abi.Pack("renounceRole", role, account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRenounceRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x36568abe.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function renounceRole(bytes32 role, address account) returns()
func (cupelMirror *CupelMirror) TryPackRenounceRole(role [32]byte, account common.Address) ([]byte, error) {
	return cupelMirror.abi.Pack("renounceRole", role, account)
}

// PackRevokeRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd547741f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function revokeRole(bytes32 role, address account) returns()
func (cupelMirror *CupelMirror) PackRevokeRole(role [32]byte, account common.Address) []byte {
	enc, err := cupelMirror.abi.Pack("revokeRole", role, account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRevokeRole is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd547741f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function revokeRole(bytes32 role, address account) returns()
func (cupelMirror *CupelMirror) TryPackRevokeRole(role [32]byte, account common.Address) ([]byte, error) {
	return cupelMirror.abi.Pack("revokeRole", role, account)
}

// PackRollbackDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0aa6220b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function rollbackDefaultAdminDelay() returns()
func (cupelMirror *CupelMirror) PackRollbackDefaultAdminDelay() []byte {
	enc, err := cupelMirror.abi.Pack("rollbackDefaultAdminDelay")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRollbackDefaultAdminDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0aa6220b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function rollbackDefaultAdminDelay() returns()
func (cupelMirror *CupelMirror) TryPackRollbackDefaultAdminDelay() ([]byte, error) {
	return cupelMirror.abi.Pack("rollbackDefaultAdminDelay")
}

// PackRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xebf0c717.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function root() view returns(bytes32)
func (cupelMirror *CupelMirror) PackRoot() []byte {
	enc, err := cupelMirror.abi.Pack("root")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xebf0c717.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function root() view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackRoot() ([]byte, error) {
	return cupelMirror.abi.Pack("root")
}

// UnpackRoot is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xebf0c717.
//
// Solidity: function root() view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackRoot(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("root", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackSalt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbfa0b133.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function salt() view returns(bytes32)
func (cupelMirror *CupelMirror) PackSalt() []byte {
	enc, err := cupelMirror.abi.Pack("salt")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSalt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbfa0b133.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function salt() view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackSalt() ([]byte, error) {
	return cupelMirror.abi.Pack("salt")
}

// UnpackSalt is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xbfa0b133.
//
// Solidity: function salt() view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackSalt(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("salt", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackSetHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7869a72f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function setHash() view returns(bytes32)
func (cupelMirror *CupelMirror) PackSetHash() []byte {
	enc, err := cupelMirror.abi.Pack("setHash")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSetHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7869a72f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function setHash() view returns(bytes32)
func (cupelMirror *CupelMirror) TryPackSetHash() ([]byte, error) {
	return cupelMirror.abi.Pack("setHash")
}

// UnpackSetHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7869a72f.
//
// Solidity: function setHash() view returns(bytes32)
func (cupelMirror *CupelMirror) UnpackSetHash(data []byte) ([32]byte, error) {
	out, err := cupelMirror.abi.Unpack("setHash", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackSetTime is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd9276a49.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function setTime() view returns(uint64)
func (cupelMirror *CupelMirror) PackSetTime() []byte {
	enc, err := cupelMirror.abi.Pack("setTime")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSetTime is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd9276a49.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function setTime() view returns(uint64)
func (cupelMirror *CupelMirror) TryPackSetTime() ([]byte, error) {
	return cupelMirror.abi.Pack("setTime")
}

// UnpackSetTime is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xd9276a49.
//
// Solidity: function setTime() view returns(uint64)
func (cupelMirror *CupelMirror) UnpackSetTime(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("setTime", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackSettledAt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4a925195.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function settledAt((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf, bytes32[] proof) view returns(uint64)
func (cupelMirror *CupelMirror) PackSettledAt(leaf CupelMirrorLeaf, proof [][32]byte) []byte {
	enc, err := cupelMirror.abi.Pack("settledAt", leaf, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSettledAt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4a925195.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function settledAt((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf, bytes32[] proof) view returns(uint64)
func (cupelMirror *CupelMirror) TryPackSettledAt(leaf CupelMirrorLeaf, proof [][32]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("settledAt", leaf, proof)
}

// UnpackSettledAt is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4a925195.
//
// Solidity: function settledAt((uint8,string,uint64,uint32,bytes,bytes,string,uint256,bytes32,uint64,address,address) leaf, bytes32[] proof) view returns(uint64)
func (cupelMirror *CupelMirror) UnpackSettledAt(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("settledAt", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackState is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc19d93fb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function state() view returns(uint64 nonce_, bytes32 root_, bytes32 setHash_, uint64 setTime_, uint64 threshold_, bool paused_)
func (cupelMirror *CupelMirror) PackState() []byte {
	enc, err := cupelMirror.abi.Pack("state")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackState is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc19d93fb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function state() view returns(uint64 nonce_, bytes32 root_, bytes32 setHash_, uint64 setTime_, uint64 threshold_, bool paused_)
func (cupelMirror *CupelMirror) TryPackState() ([]byte, error) {
	return cupelMirror.abi.Pack("state")
}

// StateOutput serves as a container for the return parameters of contract
// method State.
type StateOutput struct {
	Nonce     uint64
	Root      [32]byte
	SetHash   [32]byte
	SetTime   uint64
	Threshold uint64
	Paused    bool
}

// UnpackState is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc19d93fb.
//
// Solidity: function state() view returns(uint64 nonce_, bytes32 root_, bytes32 setHash_, uint64 setTime_, uint64 threshold_, bool paused_)
func (cupelMirror *CupelMirror) UnpackState(data []byte) (StateOutput, error) {
	out, err := cupelMirror.abi.Unpack("state", data)
	outstruct := new(StateOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Nonce = *abi.ConvertType(out[0], new(uint64)).(*uint64)
	outstruct.Root = *abi.ConvertType(out[1], new([32]byte)).(*[32]byte)
	outstruct.SetHash = *abi.ConvertType(out[2], new([32]byte)).(*[32]byte)
	outstruct.SetTime = *abi.ConvertType(out[3], new(uint64)).(*uint64)
	outstruct.Threshold = *abi.ConvertType(out[4], new(uint64)).(*uint64)
	outstruct.Paused = *abi.ConvertType(out[5], new(bool)).(*bool)
	return *outstruct, nil
}

// PackSubmitCheckpoint is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe0bd6582.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function submitCheckpoint((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h, (uint64,uint64,bytes) set, bytes signatures) returns()
func (cupelMirror *CupelMirror) PackSubmitCheckpoint(h CupelMirrorHeader, set CupelMirrorAttestorSet, signatures []byte) []byte {
	enc, err := cupelMirror.abi.Pack("submitCheckpoint", h, set, signatures)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSubmitCheckpoint is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe0bd6582.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function submitCheckpoint((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h, (uint64,uint64,bytes) set, bytes signatures) returns()
func (cupelMirror *CupelMirror) TryPackSubmitCheckpoint(h CupelMirrorHeader, set CupelMirrorAttestorSet, signatures []byte) ([]byte, error) {
	return cupelMirror.abi.Pack("submitCheckpoint", h, set, signatures)
}

// PackSupportsInterface is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x01ffc9a7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function supportsInterface(bytes4 interfaceId) view returns(bool)
func (cupelMirror *CupelMirror) PackSupportsInterface(interfaceId [4]byte) []byte {
	enc, err := cupelMirror.abi.Pack("supportsInterface", interfaceId)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSupportsInterface is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x01ffc9a7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function supportsInterface(bytes4 interfaceId) view returns(bool)
func (cupelMirror *CupelMirror) TryPackSupportsInterface(interfaceId [4]byte) ([]byte, error) {
	return cupelMirror.abi.Pack("supportsInterface", interfaceId)
}

// UnpackSupportsInterface is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x01ffc9a7.
//
// Solidity: function supportsInterface(bytes4 interfaceId) view returns(bool)
func (cupelMirror *CupelMirror) UnpackSupportsInterface(data []byte) (bool, error) {
	out, err := cupelMirror.abi.Unpack("supportsInterface", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackThreshold is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x42cde4e8.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function threshold() view returns(uint64)
func (cupelMirror *CupelMirror) PackThreshold() []byte {
	enc, err := cupelMirror.abi.Pack("threshold")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackThreshold is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x42cde4e8.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function threshold() view returns(uint64)
func (cupelMirror *CupelMirror) TryPackThreshold() ([]byte, error) {
	return cupelMirror.abi.Pack("threshold")
}

// UnpackThreshold is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x42cde4e8.
//
// Solidity: function threshold() view returns(uint64)
func (cupelMirror *CupelMirror) UnpackThreshold(data []byte) (uint64, error) {
	out, err := cupelMirror.abi.Unpack("threshold", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackUnpause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3f4ba83a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function unpause() returns()
func (cupelMirror *CupelMirror) PackUnpause() []byte {
	enc, err := cupelMirror.abi.Pack("unpause")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackUnpause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3f4ba83a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function unpause() returns()
func (cupelMirror *CupelMirror) TryPackUnpause() ([]byte, error) {
	return cupelMirror.abi.Pack("unpause")
}

// PackUpdateAttestors is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd247fdc5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function updateAttestors((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h, (uint64,uint64,bytes) set, (uint64,uint64,bytes) next, bytes signatures) returns()
func (cupelMirror *CupelMirror) PackUpdateAttestors(h CupelMirrorHeader, set CupelMirrorAttestorSet, next CupelMirrorAttestorSet, signatures []byte) []byte {
	enc, err := cupelMirror.abi.Pack("updateAttestors", h, set, next, signatures)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackUpdateAttestors is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd247fdc5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function updateAttestors((uint64,uint64,bytes32,bytes32,uint32,bytes32,bytes32) h, (uint64,uint64,bytes) set, (uint64,uint64,bytes) next, bytes signatures) returns()
func (cupelMirror *CupelMirror) TryPackUpdateAttestors(h CupelMirrorHeader, set CupelMirrorAttestorSet, next CupelMirrorAttestorSet, signatures []byte) ([]byte, error) {
	return cupelMirror.abi.Pack("updateAttestors", h, set, next, signatures)
}

// CupelMirrorAnchored represents a Anchored event raised by the CupelMirror contract.
type CupelMirrorAnchored struct {
	Nonce   uint64
	Root    [32]byte
	SetHash [32]byte
	Id      uint64
	Time    uint64
	Members []byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorAnchoredEventName = "Anchored"

// ContractEventName returns the user-defined event name.
func (CupelMirrorAnchored) ContractEventName() string {
	return CupelMirrorAnchoredEventName
}

// UnpackAnchoredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Anchored(uint64 indexed nonce, bytes32 indexed root, bytes32 indexed setHash, uint64 id, uint64 time, bytes members)
func (cupelMirror *CupelMirror) UnpackAnchoredEvent(log *types.Log) (*CupelMirrorAnchored, error) {
	event := "Anchored"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorAnchored)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorAttestorsInstalled represents a AttestorsInstalled event raised by the CupelMirror contract.
type CupelMirrorAttestorsInstalled struct {
	Nonce   uint64
	Root    [32]byte
	SetHash [32]byte
	Id      uint64
	Time    uint64
	Members []byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorAttestorsInstalledEventName = "AttestorsInstalled"

// ContractEventName returns the user-defined event name.
func (CupelMirrorAttestorsInstalled) ContractEventName() string {
	return CupelMirrorAttestorsInstalledEventName
}

// UnpackAttestorsInstalledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event AttestorsInstalled(uint64 indexed nonce, bytes32 indexed root, bytes32 indexed setHash, uint64 id, uint64 time, bytes members)
func (cupelMirror *CupelMirror) UnpackAttestorsInstalledEvent(log *types.Log) (*CupelMirrorAttestorsInstalled, error) {
	event := "AttestorsInstalled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorAttestorsInstalled)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorAttestorsProposed represents a AttestorsProposed event raised by the CupelMirror contract.
type CupelMirrorAttestorsProposed struct {
	Nonce   uint64
	Root    [32]byte
	SetHash [32]byte
	Eta     uint64
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorAttestorsProposedEventName = "AttestorsProposed"

// ContractEventName returns the user-defined event name.
func (CupelMirrorAttestorsProposed) ContractEventName() string {
	return CupelMirrorAttestorsProposedEventName
}

// UnpackAttestorsProposedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event AttestorsProposed(uint64 indexed nonce, bytes32 indexed root, bytes32 indexed setHash, uint64 eta)
func (cupelMirror *CupelMirror) UnpackAttestorsProposedEvent(log *types.Log) (*CupelMirrorAttestorsProposed, error) {
	event := "AttestorsProposed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorAttestorsProposed)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorAttestorsUpdated represents a AttestorsUpdated event raised by the CupelMirror contract.
type CupelMirrorAttestorsUpdated struct {
	Nonce   uint64
	SetHash [32]byte
	Height  uint64
	Id      uint64
	Time    uint64
	Members []byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorAttestorsUpdatedEventName = "AttestorsUpdated"

// ContractEventName returns the user-defined event name.
func (CupelMirrorAttestorsUpdated) ContractEventName() string {
	return CupelMirrorAttestorsUpdatedEventName
}

// UnpackAttestorsUpdatedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event AttestorsUpdated(uint64 indexed nonce, bytes32 indexed setHash, uint64 height, uint64 id, uint64 time, bytes members)
func (cupelMirror *CupelMirror) UnpackAttestorsUpdatedEvent(log *types.Log) (*CupelMirrorAttestorsUpdated, error) {
	event := "AttestorsUpdated"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorAttestorsUpdated)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorCheckpointSubmitted represents a CheckpointSubmitted event raised by the CupelMirror contract.
type CupelMirrorCheckpointSubmitted struct {
	Nonce     uint64
	Root      [32]byte
	Height    uint64
	LeafCount uint32
	Raw       *types.Log // Blockchain specific contextual infos
}

const CupelMirrorCheckpointSubmittedEventName = "CheckpointSubmitted"

// ContractEventName returns the user-defined event name.
func (CupelMirrorCheckpointSubmitted) ContractEventName() string {
	return CupelMirrorCheckpointSubmittedEventName
}

// UnpackCheckpointSubmittedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event CheckpointSubmitted(uint64 indexed nonce, bytes32 indexed root, uint64 height, uint32 leafCount)
func (cupelMirror *CupelMirror) UnpackCheckpointSubmittedEvent(log *types.Log) (*CupelMirrorCheckpointSubmitted, error) {
	event := "CheckpointSubmitted"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorCheckpointSubmitted)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorDefaultAdminDelayChangeCanceled represents a DefaultAdminDelayChangeCanceled event raised by the CupelMirror contract.
type CupelMirrorDefaultAdminDelayChangeCanceled struct {
	Raw *types.Log // Blockchain specific contextual infos
}

const CupelMirrorDefaultAdminDelayChangeCanceledEventName = "DefaultAdminDelayChangeCanceled"

// ContractEventName returns the user-defined event name.
func (CupelMirrorDefaultAdminDelayChangeCanceled) ContractEventName() string {
	return CupelMirrorDefaultAdminDelayChangeCanceledEventName
}

// UnpackDefaultAdminDelayChangeCanceledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event DefaultAdminDelayChangeCanceled()
func (cupelMirror *CupelMirror) UnpackDefaultAdminDelayChangeCanceledEvent(log *types.Log) (*CupelMirrorDefaultAdminDelayChangeCanceled, error) {
	event := "DefaultAdminDelayChangeCanceled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorDefaultAdminDelayChangeCanceled)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorDefaultAdminDelayChangeScheduled represents a DefaultAdminDelayChangeScheduled event raised by the CupelMirror contract.
type CupelMirrorDefaultAdminDelayChangeScheduled struct {
	NewDelay       *big.Int
	EffectSchedule *big.Int
	Raw            *types.Log // Blockchain specific contextual infos
}

const CupelMirrorDefaultAdminDelayChangeScheduledEventName = "DefaultAdminDelayChangeScheduled"

// ContractEventName returns the user-defined event name.
func (CupelMirrorDefaultAdminDelayChangeScheduled) ContractEventName() string {
	return CupelMirrorDefaultAdminDelayChangeScheduledEventName
}

// UnpackDefaultAdminDelayChangeScheduledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event DefaultAdminDelayChangeScheduled(uint48 newDelay, uint48 effectSchedule)
func (cupelMirror *CupelMirror) UnpackDefaultAdminDelayChangeScheduledEvent(log *types.Log) (*CupelMirrorDefaultAdminDelayChangeScheduled, error) {
	event := "DefaultAdminDelayChangeScheduled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorDefaultAdminDelayChangeScheduled)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorDefaultAdminTransferCanceled represents a DefaultAdminTransferCanceled event raised by the CupelMirror contract.
type CupelMirrorDefaultAdminTransferCanceled struct {
	Raw *types.Log // Blockchain specific contextual infos
}

const CupelMirrorDefaultAdminTransferCanceledEventName = "DefaultAdminTransferCanceled"

// ContractEventName returns the user-defined event name.
func (CupelMirrorDefaultAdminTransferCanceled) ContractEventName() string {
	return CupelMirrorDefaultAdminTransferCanceledEventName
}

// UnpackDefaultAdminTransferCanceledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event DefaultAdminTransferCanceled()
func (cupelMirror *CupelMirror) UnpackDefaultAdminTransferCanceledEvent(log *types.Log) (*CupelMirrorDefaultAdminTransferCanceled, error) {
	event := "DefaultAdminTransferCanceled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorDefaultAdminTransferCanceled)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorDefaultAdminTransferScheduled represents a DefaultAdminTransferScheduled event raised by the CupelMirror contract.
type CupelMirrorDefaultAdminTransferScheduled struct {
	NewAdmin       common.Address
	AcceptSchedule *big.Int
	Raw            *types.Log // Blockchain specific contextual infos
}

const CupelMirrorDefaultAdminTransferScheduledEventName = "DefaultAdminTransferScheduled"

// ContractEventName returns the user-defined event name.
func (CupelMirrorDefaultAdminTransferScheduled) ContractEventName() string {
	return CupelMirrorDefaultAdminTransferScheduledEventName
}

// UnpackDefaultAdminTransferScheduledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event DefaultAdminTransferScheduled(address indexed newAdmin, uint48 acceptSchedule)
func (cupelMirror *CupelMirror) UnpackDefaultAdminTransferScheduledEvent(log *types.Log) (*CupelMirrorDefaultAdminTransferScheduled, error) {
	event := "DefaultAdminTransferScheduled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorDefaultAdminTransferScheduled)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorPaused represents a Paused event raised by the CupelMirror contract.
type CupelMirrorPaused struct {
	Account common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorPausedEventName = "Paused"

// ContractEventName returns the user-defined event name.
func (CupelMirrorPaused) ContractEventName() string {
	return CupelMirrorPausedEventName
}

// UnpackPausedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Paused(address account)
func (cupelMirror *CupelMirror) UnpackPausedEvent(log *types.Log) (*CupelMirrorPaused, error) {
	event := "Paused"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorPaused)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorProposalCancelled represents a ProposalCancelled event raised by the CupelMirror contract.
type CupelMirrorProposalCancelled struct {
	SetHash [32]byte
	By      common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorProposalCancelledEventName = "ProposalCancelled"

// ContractEventName returns the user-defined event name.
func (CupelMirrorProposalCancelled) ContractEventName() string {
	return CupelMirrorProposalCancelledEventName
}

// UnpackProposalCancelledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ProposalCancelled(bytes32 indexed setHash, address indexed by)
func (cupelMirror *CupelMirror) UnpackProposalCancelledEvent(log *types.Log) (*CupelMirrorProposalCancelled, error) {
	event := "ProposalCancelled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorProposalCancelled)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorRoleAdminChanged represents a RoleAdminChanged event raised by the CupelMirror contract.
type CupelMirrorRoleAdminChanged struct {
	Role              [32]byte
	PreviousAdminRole [32]byte
	NewAdminRole      [32]byte
	Raw               *types.Log // Blockchain specific contextual infos
}

const CupelMirrorRoleAdminChangedEventName = "RoleAdminChanged"

// ContractEventName returns the user-defined event name.
func (CupelMirrorRoleAdminChanged) ContractEventName() string {
	return CupelMirrorRoleAdminChangedEventName
}

// UnpackRoleAdminChangedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole)
func (cupelMirror *CupelMirror) UnpackRoleAdminChangedEvent(log *types.Log) (*CupelMirrorRoleAdminChanged, error) {
	event := "RoleAdminChanged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorRoleAdminChanged)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorRoleGranted represents a RoleGranted event raised by the CupelMirror contract.
type CupelMirrorRoleGranted struct {
	Role    [32]byte
	Account common.Address
	Sender  common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorRoleGrantedEventName = "RoleGranted"

// ContractEventName returns the user-defined event name.
func (CupelMirrorRoleGranted) ContractEventName() string {
	return CupelMirrorRoleGrantedEventName
}

// UnpackRoleGrantedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)
func (cupelMirror *CupelMirror) UnpackRoleGrantedEvent(log *types.Log) (*CupelMirrorRoleGranted, error) {
	event := "RoleGranted"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorRoleGranted)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorRoleRevoked represents a RoleRevoked event raised by the CupelMirror contract.
type CupelMirrorRoleRevoked struct {
	Role    [32]byte
	Account common.Address
	Sender  common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorRoleRevokedEventName = "RoleRevoked"

// ContractEventName returns the user-defined event name.
func (CupelMirrorRoleRevoked) ContractEventName() string {
	return CupelMirrorRoleRevokedEventName
}

// UnpackRoleRevokedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)
func (cupelMirror *CupelMirror) UnpackRoleRevokedEvent(log *types.Log) (*CupelMirrorRoleRevoked, error) {
	event := "RoleRevoked"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorRoleRevoked)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// CupelMirrorUnpaused represents a Unpaused event raised by the CupelMirror contract.
type CupelMirrorUnpaused struct {
	Account common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const CupelMirrorUnpausedEventName = "Unpaused"

// ContractEventName returns the user-defined event name.
func (CupelMirrorUnpaused) ContractEventName() string {
	return CupelMirrorUnpausedEventName
}

// UnpackUnpausedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Unpaused(address account)
func (cupelMirror *CupelMirror) UnpackUnpausedEvent(log *types.Log) (*CupelMirrorUnpaused, error) {
	event := "Unpaused"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != cupelMirror.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(CupelMirrorUnpaused)
	if len(log.Data) > 0 {
		if err := cupelMirror.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range cupelMirror.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (cupelMirror *CupelMirror) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["AccessControlBadConfirmation"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackAccessControlBadConfirmationError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["AccessControlEnforcedDefaultAdminDelay"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackAccessControlEnforcedDefaultAdminDelayError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["AccessControlEnforcedDefaultAdminRules"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackAccessControlEnforcedDefaultAdminRulesError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["AccessControlInvalidDefaultAdmin"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackAccessControlInvalidDefaultAdminError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["AccessControlUnauthorizedAccount"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackAccessControlUnauthorizedAccountError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["EnforcedPause"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackEnforcedPauseError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["ExpectedPause"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackExpectedPauseError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["GuardianIsOwner"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackGuardianIsOwnerError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["NotCheckpoint"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackNotCheckpointError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["NotEnoughPower"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackNotEnoughPowerError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["NotGuardian"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackNotGuardianError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["NotProposed"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackNotProposedError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["NotSetChange"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackNotSetChangeError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["ProposalPending"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackProposalPendingError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["RootReused"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackRootReusedError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["SafeCastOverflowedUintDowncast"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackSafeCastOverflowedUintDowncastError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["SetNotStale"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackSetNotStaleError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["SetStale"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackSetStaleError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["TooEarly"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackTooEarlyError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongAnchor"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongAnchorError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongMember"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongMemberError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongMembers"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongMembersError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongNonce"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongNonceError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongPrevRoot"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongPrevRootError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongSet"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongSetError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongSetId"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongSetIdError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongSetTime"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongSetTimeError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongSignature"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongSignatureError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongSignaturesLength"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongSignaturesLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongSignerOrder"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongSignerOrderError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["WrongTotalPower"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackWrongTotalPowerError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["ZeroConfig"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackZeroConfigError(raw[4:])
	}
	if bytes.Equal(raw[:4], cupelMirror.abi.Errors["ZeroHeight"].ID.Bytes()[:4]) {
		return cupelMirror.UnpackZeroHeightError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// CupelMirrorAccessControlBadConfirmation represents a AccessControlBadConfirmation error raised by the CupelMirror contract.
type CupelMirrorAccessControlBadConfirmation struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AccessControlBadConfirmation()
func CupelMirrorAccessControlBadConfirmationErrorID() common.Hash {
	return common.HexToHash("0x6697b23232a647058342c0724fe7c415cab25915b54e5dbc03f233173d37b41c")
}

// UnpackAccessControlBadConfirmationError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AccessControlBadConfirmation()
func (cupelMirror *CupelMirror) UnpackAccessControlBadConfirmationError(raw []byte) (*CupelMirrorAccessControlBadConfirmation, error) {
	out := new(CupelMirrorAccessControlBadConfirmation)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "AccessControlBadConfirmation", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorAccessControlEnforcedDefaultAdminDelay represents a AccessControlEnforcedDefaultAdminDelay error raised by the CupelMirror contract.
type CupelMirrorAccessControlEnforcedDefaultAdminDelay struct {
	Schedule *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AccessControlEnforcedDefaultAdminDelay(uint48 schedule)
func CupelMirrorAccessControlEnforcedDefaultAdminDelayErrorID() common.Hash {
	return common.HexToHash("0x19ca5ebb8fb33f00e502c9392eddab1501674629178bf69b853cf037aaf4bb5d")
}

// UnpackAccessControlEnforcedDefaultAdminDelayError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AccessControlEnforcedDefaultAdminDelay(uint48 schedule)
func (cupelMirror *CupelMirror) UnpackAccessControlEnforcedDefaultAdminDelayError(raw []byte) (*CupelMirrorAccessControlEnforcedDefaultAdminDelay, error) {
	out := new(CupelMirrorAccessControlEnforcedDefaultAdminDelay)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "AccessControlEnforcedDefaultAdminDelay", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorAccessControlEnforcedDefaultAdminRules represents a AccessControlEnforcedDefaultAdminRules error raised by the CupelMirror contract.
type CupelMirrorAccessControlEnforcedDefaultAdminRules struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AccessControlEnforcedDefaultAdminRules()
func CupelMirrorAccessControlEnforcedDefaultAdminRulesErrorID() common.Hash {
	return common.HexToHash("0x3fc3c27ae3db78c81b8f6e685172134623efa268ee8cd8d54be38ad2a74fc13b")
}

// UnpackAccessControlEnforcedDefaultAdminRulesError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AccessControlEnforcedDefaultAdminRules()
func (cupelMirror *CupelMirror) UnpackAccessControlEnforcedDefaultAdminRulesError(raw []byte) (*CupelMirrorAccessControlEnforcedDefaultAdminRules, error) {
	out := new(CupelMirrorAccessControlEnforcedDefaultAdminRules)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "AccessControlEnforcedDefaultAdminRules", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorAccessControlInvalidDefaultAdmin represents a AccessControlInvalidDefaultAdmin error raised by the CupelMirror contract.
type CupelMirrorAccessControlInvalidDefaultAdmin struct {
	DefaultAdmin common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AccessControlInvalidDefaultAdmin(address defaultAdmin)
func CupelMirrorAccessControlInvalidDefaultAdminErrorID() common.Hash {
	return common.HexToHash("0xc22c8022f2a840d6b6a9f113407715f5bbd4e88c1b0dd9434dc00700ba609ed4")
}

// UnpackAccessControlInvalidDefaultAdminError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AccessControlInvalidDefaultAdmin(address defaultAdmin)
func (cupelMirror *CupelMirror) UnpackAccessControlInvalidDefaultAdminError(raw []byte) (*CupelMirrorAccessControlInvalidDefaultAdmin, error) {
	out := new(CupelMirrorAccessControlInvalidDefaultAdmin)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "AccessControlInvalidDefaultAdmin", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorAccessControlUnauthorizedAccount represents a AccessControlUnauthorizedAccount error raised by the CupelMirror contract.
type CupelMirrorAccessControlUnauthorizedAccount struct {
	Account    common.Address
	NeededRole [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)
func CupelMirrorAccessControlUnauthorizedAccountErrorID() common.Hash {
	return common.HexToHash("0xe2517d3fbfae6f8515ef5ff1ccedc3933ab0cbbda0b492c06eb54ad10ef03b3e")
}

// UnpackAccessControlUnauthorizedAccountError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)
func (cupelMirror *CupelMirror) UnpackAccessControlUnauthorizedAccountError(raw []byte) (*CupelMirrorAccessControlUnauthorizedAccount, error) {
	out := new(CupelMirrorAccessControlUnauthorizedAccount)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "AccessControlUnauthorizedAccount", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorEnforcedPause represents a EnforcedPause error raised by the CupelMirror contract.
type CupelMirrorEnforcedPause struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error EnforcedPause()
func CupelMirrorEnforcedPauseErrorID() common.Hash {
	return common.HexToHash("0xd93c0665d6c96d04a8f174024fc4ddd66c250604aff22bbec808de86dd3637e3")
}

// UnpackEnforcedPauseError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error EnforcedPause()
func (cupelMirror *CupelMirror) UnpackEnforcedPauseError(raw []byte) (*CupelMirrorEnforcedPause, error) {
	out := new(CupelMirrorEnforcedPause)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "EnforcedPause", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorExpectedPause represents a ExpectedPause error raised by the CupelMirror contract.
type CupelMirrorExpectedPause struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ExpectedPause()
func CupelMirrorExpectedPauseErrorID() common.Hash {
	return common.HexToHash("0x8dfc202bcfe9a735b559bee70674422512bc5c30f687046ae8778315fb81da44")
}

// UnpackExpectedPauseError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ExpectedPause()
func (cupelMirror *CupelMirror) UnpackExpectedPauseError(raw []byte) (*CupelMirrorExpectedPause, error) {
	out := new(CupelMirrorExpectedPause)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "ExpectedPause", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorGuardianIsOwner represents a GuardianIsOwner error raised by the CupelMirror contract.
type CupelMirrorGuardianIsOwner struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error GuardianIsOwner(address account)
func CupelMirrorGuardianIsOwnerErrorID() common.Hash {
	return common.HexToHash("0xc33bd2ba7b828c243f831eb5e874a6cd395b3f378b3e0f2e529f36c44eab2efb")
}

// UnpackGuardianIsOwnerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error GuardianIsOwner(address account)
func (cupelMirror *CupelMirror) UnpackGuardianIsOwnerError(raw []byte) (*CupelMirrorGuardianIsOwner, error) {
	out := new(CupelMirrorGuardianIsOwner)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "GuardianIsOwner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorNotCheckpoint represents a NotCheckpoint error raised by the CupelMirror contract.
type CupelMirrorNotCheckpoint struct {
	Nonce uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotCheckpoint(uint64 nonce)
func CupelMirrorNotCheckpointErrorID() common.Hash {
	return common.HexToHash("0x5a08eb0b927f60de9e56eb21b34803eb192cfe587dbeb3895e78aacf1b6dfbd9")
}

// UnpackNotCheckpointError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotCheckpoint(uint64 nonce)
func (cupelMirror *CupelMirror) UnpackNotCheckpointError(raw []byte) (*CupelMirrorNotCheckpoint, error) {
	out := new(CupelMirrorNotCheckpoint)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "NotCheckpoint", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorNotEnoughPower represents a NotEnoughPower error raised by the CupelMirror contract.
type CupelMirrorNotEnoughPower struct {
	Power     *big.Int
	Threshold *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotEnoughPower(uint256 power, uint256 threshold)
func CupelMirrorNotEnoughPowerErrorID() common.Hash {
	return common.HexToHash("0x2818471e89747c07a734bd246a38b5c4b17e3d94e5a91fc9484cbaeff1d5568f")
}

// UnpackNotEnoughPowerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotEnoughPower(uint256 power, uint256 threshold)
func (cupelMirror *CupelMirror) UnpackNotEnoughPowerError(raw []byte) (*CupelMirrorNotEnoughPower, error) {
	out := new(CupelMirrorNotEnoughPower)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "NotEnoughPower", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorNotGuardian represents a NotGuardian error raised by the CupelMirror contract.
type CupelMirrorNotGuardian struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotGuardian(address account)
func CupelMirrorNotGuardianErrorID() common.Hash {
	return common.HexToHash("0xa252c151cd1ee155ad6a596fd962f839a8b963fd05f5e863eca095de2e0b08a4")
}

// UnpackNotGuardianError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotGuardian(address account)
func (cupelMirror *CupelMirror) UnpackNotGuardianError(raw []byte) (*CupelMirrorNotGuardian, error) {
	out := new(CupelMirrorNotGuardian)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "NotGuardian", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorNotProposed represents a NotProposed error raised by the CupelMirror contract.
type CupelMirrorNotProposed struct {
	Nonce   uint64
	Root    [32]byte
	SetHash [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotProposed(uint64 nonce, bytes32 root, bytes32 setHash)
func CupelMirrorNotProposedErrorID() common.Hash {
	return common.HexToHash("0xbb603683a5b75a49af680859748f0cb776f609e673f1f41bd05c3e8e64b9a1d0")
}

// UnpackNotProposedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotProposed(uint64 nonce, bytes32 root, bytes32 setHash)
func (cupelMirror *CupelMirror) UnpackNotProposedError(raw []byte) (*CupelMirrorNotProposed, error) {
	out := new(CupelMirrorNotProposed)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "NotProposed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorNotSetChange represents a NotSetChange error raised by the CupelMirror contract.
type CupelMirrorNotSetChange struct {
	Nonce uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotSetChange(uint64 nonce)
func CupelMirrorNotSetChangeErrorID() common.Hash {
	return common.HexToHash("0x515130f50012b52f322463b44939e47332fab2eee6d338dfabced088b785c179")
}

// UnpackNotSetChangeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotSetChange(uint64 nonce)
func (cupelMirror *CupelMirror) UnpackNotSetChangeError(raw []byte) (*CupelMirrorNotSetChange, error) {
	out := new(CupelMirrorNotSetChange)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "NotSetChange", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorProposalPending represents a ProposalPending error raised by the CupelMirror contract.
type CupelMirrorProposalPending struct {
	SetHash [32]byte
	Eta     uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ProposalPending(bytes32 setHash, uint64 eta)
func CupelMirrorProposalPendingErrorID() common.Hash {
	return common.HexToHash("0xaf28b71ce5d8233196983f39deb75721112403973ec8361ee70253cfe2ba02ff")
}

// UnpackProposalPendingError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ProposalPending(bytes32 setHash, uint64 eta)
func (cupelMirror *CupelMirror) UnpackProposalPendingError(raw []byte) (*CupelMirrorProposalPending, error) {
	out := new(CupelMirrorProposalPending)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "ProposalPending", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorRootReused represents a RootReused error raised by the CupelMirror contract.
type CupelMirrorRootReused struct {
	Root  [32]byte
	Nonce uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RootReused(bytes32 root, uint64 nonce)
func CupelMirrorRootReusedErrorID() common.Hash {
	return common.HexToHash("0xbb41be03322a6765815331ea780d596412fd4e33482dff2753dd64ac7c6cff37")
}

// UnpackRootReusedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RootReused(bytes32 root, uint64 nonce)
func (cupelMirror *CupelMirror) UnpackRootReusedError(raw []byte) (*CupelMirrorRootReused, error) {
	out := new(CupelMirrorRootReused)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "RootReused", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorSafeCastOverflowedUintDowncast represents a SafeCastOverflowedUintDowncast error raised by the CupelMirror contract.
type CupelMirrorSafeCastOverflowedUintDowncast struct {
	Bits  uint8
	Value *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)
func CupelMirrorSafeCastOverflowedUintDowncastErrorID() common.Hash {
	return common.HexToHash("0x6dfcc6503a32754ce7a89698e18201fc5294fd4aad43edefee786f88423b1a12")
}

// UnpackSafeCastOverflowedUintDowncastError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)
func (cupelMirror *CupelMirror) UnpackSafeCastOverflowedUintDowncastError(raw []byte) (*CupelMirrorSafeCastOverflowedUintDowncast, error) {
	out := new(CupelMirrorSafeCastOverflowedUintDowncast)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "SafeCastOverflowedUintDowncast", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorSetNotStale represents a SetNotStale error raised by the CupelMirror contract.
type CupelMirrorSetNotStale struct {
	Time  uint64
	Until *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SetNotStale(uint64 time, uint256 until)
func CupelMirrorSetNotStaleErrorID() common.Hash {
	return common.HexToHash("0x909076d141b094a307c58e8f7a101194a8d5d5e3c90a9b76c607cce7ac685eed")
}

// UnpackSetNotStaleError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SetNotStale(uint64 time, uint256 until)
func (cupelMirror *CupelMirror) UnpackSetNotStaleError(raw []byte) (*CupelMirrorSetNotStale, error) {
	out := new(CupelMirrorSetNotStale)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "SetNotStale", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorSetStale represents a SetStale error raised by the CupelMirror contract.
type CupelMirrorSetStale struct {
	Time  uint64
	Until *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SetStale(uint64 time, uint256 until)
func CupelMirrorSetStaleErrorID() common.Hash {
	return common.HexToHash("0x4bf375d21c09d763040d7bbd2fd9097d0760ccd162565426d66a653d0d6ef7f0")
}

// UnpackSetStaleError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SetStale(uint64 time, uint256 until)
func (cupelMirror *CupelMirror) UnpackSetStaleError(raw []byte) (*CupelMirrorSetStale, error) {
	out := new(CupelMirrorSetStale)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "SetStale", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorTooEarly represents a TooEarly error raised by the CupelMirror contract.
type CupelMirrorTooEarly struct {
	Eta uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooEarly(uint64 eta)
func CupelMirrorTooEarlyErrorID() common.Hash {
	return common.HexToHash("0xd606d83fc5c7e56637c0959f5077c3a15f782b710d7eab50461ed55fd6deb6ae")
}

// UnpackTooEarlyError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooEarly(uint64 eta)
func (cupelMirror *CupelMirror) UnpackTooEarlyError(raw []byte) (*CupelMirrorTooEarly, error) {
	out := new(CupelMirrorTooEarly)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "TooEarly", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongAnchor represents a WrongAnchor error raised by the CupelMirror contract.
type CupelMirrorWrongAnchor struct {
	Nonce uint64
	Root  [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongAnchor(uint64 nonce, bytes32 root)
func CupelMirrorWrongAnchorErrorID() common.Hash {
	return common.HexToHash("0x51c69c3aafbaf211e5e49f7ed5f0e6df969a566eccc706d9e3c46c32bbb68502")
}

// UnpackWrongAnchorError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongAnchor(uint64 nonce, bytes32 root)
func (cupelMirror *CupelMirror) UnpackWrongAnchorError(raw []byte) (*CupelMirrorWrongAnchor, error) {
	out := new(CupelMirrorWrongAnchor)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongAnchor", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongMember represents a WrongMember error raised by the CupelMirror contract.
type CupelMirrorWrongMember struct {
	Index  *big.Int
	Member common.Address
	Power  uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongMember(uint256 index, address member, uint64 power)
func CupelMirrorWrongMemberErrorID() common.Hash {
	return common.HexToHash("0x12afce7fe6e42fb8326a61d256ce18539a12549f872a9fb41040e46bc37fb547")
}

// UnpackWrongMemberError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongMember(uint256 index, address member, uint64 power)
func (cupelMirror *CupelMirror) UnpackWrongMemberError(raw []byte) (*CupelMirrorWrongMember, error) {
	out := new(CupelMirrorWrongMember)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongMember", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongMembers represents a WrongMembers error raised by the CupelMirror contract.
type CupelMirrorWrongMembers struct {
	Length *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongMembers(uint256 length)
func CupelMirrorWrongMembersErrorID() common.Hash {
	return common.HexToHash("0x15a2c74a3999adcd8e3de88c22da1a8d7916eac6110c6ae197976efbfeee6bcd")
}

// UnpackWrongMembersError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongMembers(uint256 length)
func (cupelMirror *CupelMirror) UnpackWrongMembersError(raw []byte) (*CupelMirrorWrongMembers, error) {
	out := new(CupelMirrorWrongMembers)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongMembers", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongNonce represents a WrongNonce error raised by the CupelMirror contract.
type CupelMirrorWrongNonce struct {
	Got  uint64
	Want uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongNonce(uint64 got, uint64 want)
func CupelMirrorWrongNonceErrorID() common.Hash {
	return common.HexToHash("0x1a5fbde0b3b8d326e4442c24bf303a09eb030d7dd42c15e15678d2e0e8e9d0f9")
}

// UnpackWrongNonceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongNonce(uint64 got, uint64 want)
func (cupelMirror *CupelMirror) UnpackWrongNonceError(raw []byte) (*CupelMirrorWrongNonce, error) {
	out := new(CupelMirrorWrongNonce)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongNonce", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongPrevRoot represents a WrongPrevRoot error raised by the CupelMirror contract.
type CupelMirrorWrongPrevRoot struct {
	Got  [32]byte
	Want [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongPrevRoot(bytes32 got, bytes32 want)
func CupelMirrorWrongPrevRootErrorID() common.Hash {
	return common.HexToHash("0x385ac16b4c21ee918c5b43db913887c52ea1550967b57fd4119042e4374b7af0")
}

// UnpackWrongPrevRootError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongPrevRoot(bytes32 got, bytes32 want)
func (cupelMirror *CupelMirror) UnpackWrongPrevRootError(raw []byte) (*CupelMirrorWrongPrevRoot, error) {
	out := new(CupelMirrorWrongPrevRoot)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongPrevRoot", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongSet represents a WrongSet error raised by the CupelMirror contract.
type CupelMirrorWrongSet struct {
	Got  [32]byte
	Want [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSet(bytes32 got, bytes32 want)
func CupelMirrorWrongSetErrorID() common.Hash {
	return common.HexToHash("0x26bdc5816fe9bb0ddb150b9260f08a515db74469460533a055c6dc58ec77b522")
}

// UnpackWrongSetError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSet(bytes32 got, bytes32 want)
func (cupelMirror *CupelMirror) UnpackWrongSetError(raw []byte) (*CupelMirrorWrongSet, error) {
	out := new(CupelMirrorWrongSet)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongSet", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongSetId represents a WrongSetId error raised by the CupelMirror contract.
type CupelMirrorWrongSetId struct {
	Got  uint64
	Want uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSetId(uint64 got, uint64 want)
func CupelMirrorWrongSetIdErrorID() common.Hash {
	return common.HexToHash("0xae6ab04d886461d2b6b48183671826305e6ec25c54b01ecf376ad8a3de5a923b")
}

// UnpackWrongSetIdError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSetId(uint64 got, uint64 want)
func (cupelMirror *CupelMirror) UnpackWrongSetIdError(raw []byte) (*CupelMirrorWrongSetId, error) {
	out := new(CupelMirrorWrongSetId)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongSetId", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongSetTime represents a WrongSetTime error raised by the CupelMirror contract.
type CupelMirrorWrongSetTime struct {
	Got uint64
	Min uint64
	Max *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSetTime(uint64 got, uint64 min, uint256 max)
func CupelMirrorWrongSetTimeErrorID() common.Hash {
	return common.HexToHash("0xfb21849280a5955718e174a932f01bc7ec28d2b479ee67cee655f01e779c1969")
}

// UnpackWrongSetTimeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSetTime(uint64 got, uint64 min, uint256 max)
func (cupelMirror *CupelMirror) UnpackWrongSetTimeError(raw []byte) (*CupelMirrorWrongSetTime, error) {
	out := new(CupelMirrorWrongSetTime)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongSetTime", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongSignature represents a WrongSignature error raised by the CupelMirror contract.
type CupelMirrorWrongSignature struct {
	Index     *big.Int
	Member    common.Address
	Recovered common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSignature(uint256 index, address member, address recovered)
func CupelMirrorWrongSignatureErrorID() common.Hash {
	return common.HexToHash("0xd4af77e1882e4e00b9dd22a8171466c1f3f05cc064af49852a1367de20d88d9e")
}

// UnpackWrongSignatureError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSignature(uint256 index, address member, address recovered)
func (cupelMirror *CupelMirror) UnpackWrongSignatureError(raw []byte) (*CupelMirrorWrongSignature, error) {
	out := new(CupelMirrorWrongSignature)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongSignature", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongSignaturesLength represents a WrongSignaturesLength error raised by the CupelMirror contract.
type CupelMirrorWrongSignaturesLength struct {
	Length *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSignaturesLength(uint256 length)
func CupelMirrorWrongSignaturesLengthErrorID() common.Hash {
	return common.HexToHash("0x8178dc007a54cad778a6406e9f35f19458394ec6d71439536d0d63b472409259")
}

// UnpackWrongSignaturesLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSignaturesLength(uint256 length)
func (cupelMirror *CupelMirror) UnpackWrongSignaturesLengthError(raw []byte) (*CupelMirrorWrongSignaturesLength, error) {
	out := new(CupelMirrorWrongSignaturesLength)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongSignaturesLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongSignerOrder represents a WrongSignerOrder error raised by the CupelMirror contract.
type CupelMirrorWrongSignerOrder struct {
	Index   *big.Int
	Min     *big.Int
	Members *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSignerOrder(uint256 index, uint256 min, uint256 members)
func CupelMirrorWrongSignerOrderErrorID() common.Hash {
	return common.HexToHash("0xd9b893d7372d3b5f2079662e9a650b85a9e878fee6fe903ed2475e21910ce594")
}

// UnpackWrongSignerOrderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSignerOrder(uint256 index, uint256 min, uint256 members)
func (cupelMirror *CupelMirror) UnpackWrongSignerOrderError(raw []byte) (*CupelMirrorWrongSignerOrder, error) {
	out := new(CupelMirrorWrongSignerOrder)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongSignerOrder", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorWrongTotalPower represents a WrongTotalPower error raised by the CupelMirror contract.
type CupelMirrorWrongTotalPower struct {
	Total *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongTotalPower(uint256 total)
func CupelMirrorWrongTotalPowerErrorID() common.Hash {
	return common.HexToHash("0xd8e08faaee719bc31b3cbe3efcb7a9fe0aed389ffa377179cbcbbae6c80c46ce")
}

// UnpackWrongTotalPowerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongTotalPower(uint256 total)
func (cupelMirror *CupelMirror) UnpackWrongTotalPowerError(raw []byte) (*CupelMirrorWrongTotalPower, error) {
	out := new(CupelMirrorWrongTotalPower)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "WrongTotalPower", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorZeroConfig represents a ZeroConfig error raised by the CupelMirror contract.
type CupelMirrorZeroConfig struct {
	Name string
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroConfig(string name)
func CupelMirrorZeroConfigErrorID() common.Hash {
	return common.HexToHash("0x1e75ab183f3235a1aafd751a120761e6b6e8d3bd731dd9253f3bf9a02bfc994f")
}

// UnpackZeroConfigError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroConfig(string name)
func (cupelMirror *CupelMirror) UnpackZeroConfigError(raw []byte) (*CupelMirrorZeroConfig, error) {
	out := new(CupelMirrorZeroConfig)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "ZeroConfig", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// CupelMirrorZeroHeight represents a ZeroHeight error raised by the CupelMirror contract.
type CupelMirrorZeroHeight struct {
	Nonce uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroHeight(uint64 nonce)
func CupelMirrorZeroHeightErrorID() common.Hash {
	return common.HexToHash("0x7534680e656100b18eb9999f52d367d5cab8cec9160da3c81543110224f24f1a")
}

// UnpackZeroHeightError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroHeight(uint64 nonce)
func (cupelMirror *CupelMirror) UnpackZeroHeightError(raw []byte) (*CupelMirrorZeroHeight, error) {
	out := new(CupelMirrorZeroHeight)
	if err := cupelMirror.abi.UnpackIntoInterface(out, "ZeroHeight", raw); err != nil {
		return nil, err
	}
	return out, nil
}
