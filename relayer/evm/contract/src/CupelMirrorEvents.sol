// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

/// @title What CupelMirror emits and by what it refuses
interface CupelMirrorEvents {
    /// @notice Emitted once, at deployment, with the anchor.
    event Anchored(uint64 indexed nonce, bytes32 indexed root, bytes32 indexed setHash, uint64 id, uint64 time, bytes members);
    /// @notice Emitted once for each accepted checkpoint.
    event CheckpointSubmitted(uint64 indexed nonce, bytes32 indexed root, uint64 height, uint32 leafCount);
    /// @notice Emitted once for each accepted set change, with the set that signs from now on.
    event AttestorsUpdated(uint64 indexed nonce, bytes32 indexed setHash, uint64 height, uint64 id, uint64 time, bytes members);
    /// @notice Emitted when the owner proposes a set, with the time from which it can be installed.
    event AttestorsProposed(uint64 indexed nonce, bytes32 indexed root, bytes32 indexed setHash, uint64 eta);
    /// @notice Emitted when a proposal is cancelled.
    event ProposalCancelled(bytes32 indexed setHash, address indexed by);
    /// @notice Emitted when a proposed set is installed. The root settles nothing; it is what the next header builds on.
    event AttestorsInstalled(uint64 indexed nonce, bytes32 indexed root, bytes32 indexed setHash, uint64 id, uint64 time, bytes members);

    /// @notice A constructor argument, or a new owner delay, is zero.
    error ZeroConfig(string name);
    /// @notice Owner and guardian would be one account.
    error GuardianIsOwner(address account);
    /// @notice The root is zero, or does not fit the nonce.
    error WrongAnchor(uint64 nonce, bytes32 root);
    /// @notice The header is not the next one. `got < want`: it is recorded already.
    error WrongNonce(uint64 got, uint64 want);
    /// @notice The header has no height.
    error ZeroHeight(uint64 nonce);
    /// @notice The header is of another line than this mirror.
    error WrongPrevRoot(bytes32 got, bytes32 want);
    /// @notice A set is not the one that was named: the current one for a header, the header's for the next.
    error WrongSet(bytes32 got, bytes32 want);
    /// @notice The header is no checkpoint: no or too many leaves, no new root, or another next set.
    error NotCheckpoint(uint64 nonce);
    /// @notice The header is no set change: it has leaves, a new root, or no other next set.
    error NotSetChange(uint64 nonce);
    /// @notice The root was submitted before, with this nonce.
    error RootReused(bytes32 root, uint64 nonce);
    /// @notice The set is too old to sign since `until`.
    error SetStale(uint64 time, uint256 until);
    /// @notice The owner cannot replace a set before it is stale.
    error SetNotStale(uint64 time, uint256 until);
    /// @notice The id of the next set does not follow.
    error WrongSetId(uint64 got, uint64 want);
    /// @notice The time of a set is zero, before that of the current one or too far ahead.
    error WrongSetTime(uint64 got, uint64 min, uint256 max);
    /// @notice The members are none, too many, or not a multiple of 28 bytes.
    error WrongMembers(uint256 length);
    /// @notice A member has no power or is not above the one before it; the first must be above zero.
    error WrongMember(uint256 index, address member, uint64 power);
    /// @notice The total power does not fit 63 bits.
    error WrongTotalPower(uint256 total);
    /// @notice The signatures are not a multiple of 66 bytes.
    error WrongSignaturesLength(uint256 length);
    /// @notice A signer's index is repeated, out of order or beyond the set.
    error WrongSignerOrder(uint256 index, uint256 min, uint256 members);
    /// @notice A signature is not by the member that it names; zero was recovered from a malformed one or a high s.
    error WrongSignature(uint256 index, address member, address recovered);
    /// @notice The signers have too little power.
    error NotEnoughPower(uint256 power, uint256 threshold);
    /// @notice Only the guardian may pause.
    error NotGuardian(address account);
    /// @notice A proposal must be cancelled before another is made.
    error ProposalPending(bytes32 setHash, uint64 eta);
    /// @notice This is not the pending proposal, or there is none.
    error NotProposed(uint64 nonce, bytes32 root, bytes32 setHash);
    /// @notice The proposal cannot be installed before this time.
    error TooEarly(uint64 eta);
}
