// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {AccessControlDefaultAdminRules} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {CupelMirrorEvents} from "./CupelMirrorEvents.sol";

/// @title CupelMirror
/// @notice Records the checkpoints of one Cupel chain, in order, and proves settlements against them. A header is
/// accepted from anyone if attestors with more than two thirds of the power of the current set have signed it. The
/// encodings are fixed by ADR-002 of x/oracle.
/// @dev Whoever carries the signatures is not trusted. Members are not stored: callers bring the set, its hash is checked.
contract CupelMirror is CupelMirrorEvents, AccessControlDefaultAdminRules, Pausable {
    /// @notice What attestors sign. See ADR-002 for the two kinds of header.
    struct Header {
        uint64 nonce;
        uint64 height;
        bytes32 root;
        bytes32 prevRoot;
        uint32 leafCount;
        bytes32 set;
        bytes32 nextSet;
    }

    /// @notice A snapshot of the attestors. `members` is 28 bytes a member, `address ‖ uint64 power`, ascending by
    /// address; `time` is in Unix seconds.
    struct AttestorSet {
        uint64 id;
        uint64 time;
        bytes members;
    }

    /// @notice One final payment: what one provider got for one task.
    struct Leaf {
        uint8 version;
        string homeChain;
        uint64 task;
        uint32 attempt;
        bytes provider;
        bytes requester;
        string denom;
        uint256 amount;
        bytes32 result;
        uint64 destChain;
        address vault;
        address to;
    }

    /// @notice A set that the owner wants to install without signatures, and from when that is possible.
    struct Proposal {
        bytes32 setHash;
        bytes32 root;
        uint64 nonce;
        uint64 eta;
    }

    /// @notice How long a proposed set waits before it can be installed.
    uint64 public constant INSTALL_DELAY = 7 days;
    /// @notice How far ahead of this chain's clock the time of a set may be.
    uint64 public constant MAX_CLOCK_SKEW = 1 hours;
    /// @notice The largest number of members of a set.
    uint256 public constant MAX_MEMBERS = 200;
    /// @notice The largest number of leaves of a checkpoint.
    uint32 public constant MAX_LEAVES = 16_384;

    uint256 private constant MEMBER_SIZE = 28; // address ‖ uint64 power
    uint256 private constant SIGNATURE_SIZE = 66; // uint8 member ‖ r ‖ s ‖ v
    uint256 private constant MAX_TOTAL_POWER = type(uint64).max >> 1;

    bytes32 private constant DOMAIN_TYPEHASH = keccak256("EIP712Domain(string name,string version,bytes32 salt)");
    bytes32 private constant SET_TYPEHASH = keccak256("AttestorSet(uint64 id,uint64 time,bytes members)");
    bytes32 private constant HEADER_TYPEHASH =
        keccak256(
            "Checkpoint(uint64 nonce,uint64 height,bytes32 root,bytes32 prevRoot,uint32 leafCount,bytes32 set,bytes32 nextSet)"
        );

    /// @notice Keccak-256 of the chain id of the Cupel chain.
    bytes32 public immutable salt;
    /// @notice The EIP-712 domain separator; also the previous root of nonce 1.
    bytes32 public immutable domainSeparator;
    /// @notice Seconds after its time from which a set is refused.
    uint64 public immutable maxSetAge;
    /// @notice May pause and cancel a proposal, nothing else. Fixed: give it to a multisig, which can change its keys.
    address public immutable guardian;

    // The first three share a slot with the paused flag.
    /// @notice The nonce of the last accepted header.
    uint64 public nonce;
    /// @notice The time of the current set, in Unix seconds.
    uint64 public setTime;
    /// @notice The power that seals a header of the current set.
    uint64 public threshold;
    /// @notice The root that the next header must name as previous.
    bytes32 public root;
    /// @notice The hash of the set that signs the next header.
    bytes32 public setHash;
    /// @notice The nonce whose checkpoint had this root, 0 for a root that was never submitted.
    mapping(bytes32 settledRoot => uint64) public nonceOf;
    /// @notice The pending proposal; `eta` is 0 if there is none.
    Proposal public proposal;

    /// @param salt_ Keccak-256 of the Cupel chain id.
    /// @param nonce_ The anchor: the last nonce that this mirror does not check; 0 for a mirror of the whole line.
    /// @param root_ The root after that nonce; the domain separator for nonce 0. Its leaves are not settled here.
    /// @param set_ The set that signs the next nonce.
    /// @param maxSetAge_ Seconds; at most half of the unbonding time of the Cupel chain.
    /// @param ownerDelay_ Seconds that a change of owner waits.
    constructor(
        bytes32 salt_,
        uint64 nonce_,
        bytes32 root_,
        AttestorSet memory set_,
        uint64 maxSetAge_,
        uint48 ownerDelay_,
        address owner_,
        address guardian_
    ) AccessControlDefaultAdminRules(ownerDelay_, owner_) {
        if (salt_ == 0) revert ZeroConfig("salt");
        if (maxSetAge_ == 0) revert ZeroConfig("maxSetAge");
        if (ownerDelay_ == 0) revert ZeroConfig("ownerDelay");
        if (guardian_ == address(0)) revert ZeroConfig("guardian");
        if (guardian_ == owner_) revert GuardianIsOwner(guardian_);
        salt = salt_;
        maxSetAge = maxSetAge_;
        guardian = guardian_;
        bytes32 separator = keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Cupel"), keccak256("1"), salt_));
        domainSeparator = separator;
        if (root_ == 0 || (nonce_ == 0 && root_ != separator)) revert WrongAnchor(nonce_, root_);
        nonce = nonce_;
        root = root_;
        bytes32 hash = _install(set_, maxSetAge_);
        emit Anchored(nonce_, root_, hash, set_.id, set_.time, set_.members);
    }

    /// @notice Records a checkpoint: the next header, which brings leaves and keeps the set.
    /// @param set The current set, all of it.
    /// @param signatures 66 bytes each, `uint8 member ‖ r ‖ s ‖ v`, strictly ascending by the member's index in the set.
    function submitCheckpoint(Header calldata h, AttestorSet calldata set, bytes calldata signatures) external whenNotPaused {
        if (h.leafCount == 0 || h.leafCount > MAX_LEAVES || h.root == 0 || h.root == h.prevRoot || h.nextSet != h.set) {
            revert NotCheckpoint(h.nonce);
        }
        _accept(h, set, signatures);
        if (nonceOf[h.root] != 0) revert RootReused(h.root, nonceOf[h.root]);
        nonceOf[h.root] = h.nonce;
        root = h.root;
        emit CheckpointSubmitted(h.nonce, h.root, h.height, h.leafCount);
    }

    /// @notice Hands over to the next set: the next header, which brings no leaf and keeps the root.
    /// @param set The current set, all of it.
    /// @param next The set that the header names.
    /// @param signatures By the current set, as for submitCheckpoint.
    function updateAttestors(
        Header calldata h,
        AttestorSet calldata set,
        AttestorSet calldata next,
        bytes calldata signatures
    ) external whenNotPaused {
        if (h.leafCount != 0 || h.root == 0 || h.root != h.prevRoot || h.nextSet == h.set) revert NotSetChange(h.nonce);
        _accept(h, set, signatures);
        if (next.id != uint256(set.id) + 1) revert WrongSetId(next.id, set.id + 1);
        bytes32 hash = _install(next, maxSetAge);
        if (hash != h.nextSet) revert WrongSet(hash, h.nextSet);
        emit AttestorsUpdated(h.nonce, hash, h.height, next.id, next.time, next.members);
    }

    /// @notice Reports whether a settlement is proven. It takes the leaf's fields, so no inner node passes as a leaf.
    function isSettled(Leaf calldata leaf, bytes32[] calldata proof) external view returns (bool) {
        return settledAt(leaf, proof) != 0;
    }

    /// @notice Returns the nonce of the checkpoint that holds a leaf, 0 if none that was submitted here.
    function settledAt(Leaf calldata leaf, bytes32[] calldata proof) public view returns (uint64) {
        return nonceOf[MerkleProof.processProofCalldata(proof, leafHash(leaf))];
    }

    /// @notice Returns the hash of a leaf: keccak256(keccak256(abi.encode(version, homeChain, …, to))).
    function leafHash(Leaf calldata leaf) public pure returns (bytes32) {
        bytes memory encoded = abi.encode(leaf);
        bytes32 inner;
        // A struct is encoded as its fields behind one offset word, which is no part of the leaf.
        assembly ("memory-safe") {
            inner := keccak256(add(encoded, 0x40), sub(mload(encoded), 0x20))
        }
        return keccak256(bytes.concat(inner));
    }

    /// @notice Returns the EIP-712 digest that attestors sign.
    function digest(Header calldata h) public view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(HEADER_TYPEHASH, h.nonce, h.height, h.root, h.prevRoot, h.leafCount, h.set, h.nextSet)
        );
        return keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash));
    }

    /// @notice Returns the hash of a set and the power that seals its headers. Reverts for a set that must never sign.
    function checkSet(AttestorSet memory set) public pure returns (bytes32 hash, uint64 sealing) {
        bytes memory members = set.members;
        uint256 count = members.length / MEMBER_SIZE;
        if (set.id == 0) revert WrongSetId(0, 1);
        if (set.time == 0) revert WrongSetTime(0, 1, type(uint64).max);
        if (count == 0 || count > MAX_MEMBERS || members.length % MEMBER_SIZE != 0) revert WrongMembers(members.length);
        uint256 total;
        address last;
        for (uint256 i; i < count; ++i) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(add(add(members, 0x20), mul(i, MEMBER_SIZE)))
            }
            (address member, uint64 power) = _member(word);
            if (member <= last || power == 0) revert WrongMember(i, member, power);
            last = member;
            total += power;
        }
        if (total > MAX_TOTAL_POWER) revert WrongTotalPower(total);
        hash = keccak256(abi.encode(SET_TYPEHASH, set.id, set.time, keccak256(members)));
        sealing = uint64((2 * total) / 3 + 1);
    }

    /// @notice Returns all that a relayer needs to know, from one state.
    function state()
        external
        view
        returns (uint64 nonce_, bytes32 root_, bytes32 setHash_, uint64 setTime_, uint64 threshold_, bool paused_)
    {
        return (nonce, root, setHash, setTime, threshold, paused());
    }

    /// @notice Stops submitCheckpoint, updateAttestors and installAttestors. What is settled stays settled.
    function pause() external {
        if (msg.sender != guardian) revert NotGuardian(msg.sender);
        _pause();
    }

    /// @notice Ends a pause.
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /// @notice Proposes a set that no header hands over to. Possible only while the current set is stale, so only when
    /// the attestors cannot do it themselves.
    /// @param nonce_ The last nonce before those that the set signs.
    /// @param root_ The root after that nonce. It does not become settled.
    function proposeAttestors(
        AttestorSet calldata set,
        uint64 nonce_,
        bytes32 root_
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireStale();
        if (proposal.eta != 0) revert ProposalPending(proposal.setHash, proposal.eta);
        if (nonce_ < nonce || root_ == 0 || (nonce_ == nonce && root_ != root)) revert WrongAnchor(nonce_, root_);
        (bytes32 hash, ) = checkSet(set);
        _checkTime(set.time);
        uint64 eta = uint64(block.timestamp) + INSTALL_DELAY;
        proposal = Proposal({setHash: hash, root: root_, nonce: nonce_, eta: eta});
        emit AttestorsProposed(nonce_, root_, hash, eta);
    }

    /// @notice Cancels the proposal.
    function cancelProposal() external {
        if (msg.sender != guardian) _checkRole(DEFAULT_ADMIN_ROLE);
        if (proposal.eta == 0) revert NotProposed(0, 0, 0);
        emit ProposalCancelled(proposal.setHash, msg.sender);
        delete proposal;
    }

    /// @notice Installs the proposed set after INSTALL_DELAY, if the current one is still stale. It settles no root.
    function installAttestors(
        AttestorSet calldata set,
        uint64 nonce_,
        bytes32 root_
    ) external onlyRole(DEFAULT_ADMIN_ROLE) whenNotPaused {
        _requireStale();
        Proposal memory p = proposal;
        bytes32 hash = _install(set, maxSetAge);
        if (p.eta == 0 || p.setHash != hash || p.nonce != nonce_ || p.root != root_) revert NotProposed(nonce_, root_, hash);
        if (block.timestamp < p.eta) revert TooEarly(p.eta);
        delete proposal;
        nonce = nonce_;
        root = root_;
        emit AttestorsInstalled(nonce_, root_, hash, set.id, set.time, set.members);
    }

    /// @notice As inherited, but a change of owner never becomes immediate.
    function changeDefaultAdminDelay(uint48 newDelay) public override onlyRole(DEFAULT_ADMIN_ROLE) {
        if (newDelay == 0) revert ZeroConfig("ownerDelay");
        super.changeDefaultAdminDelay(newDelay);
    }

    /// @notice As inherited, but the guardian never becomes the owner: it could not check itself.
    function beginDefaultAdminTransfer(address newAdmin) public override onlyRole(DEFAULT_ADMIN_ROLE) {
        if (newAdmin == guardian) revert GuardianIsOwner(newAdmin);
        super.beginDefaultAdminTransfer(newAdmin);
    }

    /// @dev Checks that the header is the next one, of the current set, and sealed; advances the nonce.
    function _accept(Header calldata h, AttestorSet calldata set, bytes calldata signatures) private {
        if (h.nonce != uint256(nonce) + 1) revert WrongNonce(h.nonce, nonce + 1);
        if (h.height == 0) revert ZeroHeight(h.nonce);
        if (h.prevRoot != root) revert WrongPrevRoot(h.prevRoot, root);
        if (h.set != setHash) revert WrongSet(h.set, setHash);
        bytes32 hash = keccak256(abi.encode(SET_TYPEHASH, set.id, set.time, keccak256(set.members)));
        if (hash != setHash) revert WrongSet(hash, setHash);
        uint256 until = uint256(setTime) + maxSetAge;
        if (block.timestamp > until) revert SetStale(setTime, until);
        uint256 power = _power(digest(h), set.members, signatures);
        if (power == 0 || power < threshold) revert NotEnoughPower(power, threshold);
        nonce = h.nonce;
    }

    /// @dev Returns the power behind signatures. Reverts unless every one is right and by another member.
    function _power(bytes32 digest_, bytes calldata members, bytes calldata signatures) private pure returns (uint256 power) {
        if (signatures.length % SIGNATURE_SIZE != 0) revert WrongSignaturesLength(signatures.length);
        uint256 count = members.length / MEMBER_SIZE;
        uint256 min;
        for (uint256 at; at < signatures.length; at += SIGNATURE_SIZE) {
            uint256 index = uint8(signatures[at]);
            if (index < min || index >= count) revert WrongSignerOrder(index, min, count);
            min = index + 1;
            uint256 word;
            assembly ("memory-safe") {
                word := calldataload(add(members.offset, mul(index, MEMBER_SIZE)))
            }
            (address member, uint64 own) = _member(word);
            address signer = _recover(digest_, signatures, at);
            if (signer == address(0) || signer != member) revert WrongSignature(index, member, signer);
            power += own;
        }
    }

    /// @dev Returns who made the signature at an offset, zero if it is malformed or its s is high.
    function _recover(bytes32 digest_, bytes calldata signatures, uint256 at) private pure returns (address signer) {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            let from := add(signatures.offset, at)
            r := calldataload(add(from, 1))
            s := calldataload(add(from, 33))
            v := byte(0, calldataload(add(from, 65)))
        }
        (signer, , ) = ECDSA.tryRecover(digest_, v, r, s);
    }

    /// @dev Makes a set the current one. It may be neither stale nor older than the current one.
    function _install(AttestorSet memory set, uint64 age) private returns (bytes32 hash) {
        uint64 sealing;
        (hash, sealing) = checkSet(set);
        _checkTime(set.time);
        uint256 until = uint256(set.time) + age;
        if (block.timestamp > until) revert SetStale(set.time, until);
        setHash = hash;
        setTime = set.time;
        threshold = sealing;
    }

    function _checkTime(uint64 time) private view {
        uint256 max = block.timestamp + MAX_CLOCK_SKEW;
        if (time < setTime || time > max) revert WrongSetTime(time, setTime, max);
    }

    function _requireStale() private view {
        uint256 until = uint256(setTime) + maxSetAge;
        if (block.timestamp <= until) revert SetNotStale(setTime, until);
    }

    /// @dev Splits the 28 upper bytes of a word.
    function _member(uint256 word) private pure returns (address member, uint64 power) {
        return (address(uint160(word >> 96)), uint64(word >> 32));
    }
}
