// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {CupelMirror} from "../src/CupelMirror.sol";

interface Vm {
    function addr(uint256 key) external pure returns (address);
    function assume(bool) external pure;
    function expectEmit(bool, bool, bool, bool, address) external;
    function expectRevert(bytes calldata) external;
    function prank(address) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256) external;
}

/// @dev A mirror of four attestors with powers of choice, and what they sign.
abstract contract Fixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 internal constant SALT = keccak256("cupel-1");
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint64 internal constant START = 1_800_000_000;
    uint64 internal constant MAX_AGE = 10 days;
    uint48 internal constant OWNER_DELAY = 2 days;
    address internal constant OWNER = address(0x0071);
    address internal constant GUARDIAN = address(0x0072);
    address internal constant STRANGER = address(0x0073);

    CupelMirror internal mirror;
    CupelMirror.AttestorSet internal set;
    uint256[] internal keys;

    function setUp() public virtual {
        vm.warp(START);
        keys = sortedKeys("attestor", 4);
        set = makeSet(1, START - 60, keys, equalPowers(4));
        mirror = deploy(set);
    }

    function deploy(CupelMirror.AttestorSet memory set_) internal returns (CupelMirror) {
        return new CupelMirror(SALT, 0, separator(), set_, MAX_AGE, OWNER_DELAY, OWNER, GUARDIAN);
    }

    function separator() internal pure returns (bytes32) {
        bytes32 domain = keccak256("EIP712Domain(string name,string version,bytes32 salt)");
        return keccak256(abi.encode(domain, keccak256("Cupel"), keccak256("1"), SALT));
    }

    /// @dev Returns private keys whose addresses ascend.
    function sortedKeys(string memory name, uint256 n) internal pure returns (uint256[] memory out) {
        out = new uint256[](n);
        address[] memory addresses = new address[](n);
        for (uint256 i; i < n; ++i) {
            uint256 key = uint256(keccak256(abi.encode(name, i))) % (ORDER - 1) + 1;
            address account = vm.addr(key);
            uint256 at = i;
            for (; at > 0 && addresses[at - 1] > account; --at) {
                (out[at], addresses[at]) = (out[at - 1], addresses[at - 1]);
            }
            (out[at], addresses[at]) = (key, account);
        }
    }

    function equalPowers(uint256 n) internal pure returns (uint64[] memory out) {
        out = new uint64[](n);
        for (uint256 i; i < n; ++i) out[i] = 10;
    }

    function makeSet(
        uint64 id,
        uint64 time,
        uint256[] memory keys_,
        uint64[] memory powers
    ) internal pure returns (CupelMirror.AttestorSet memory) {
        bytes memory members;
        for (uint256 i; i < keys_.length; ++i) members = abi.encodePacked(members, vm.addr(keys_[i]), powers[i]);
        return CupelMirror.AttestorSet({id: id, time: time, members: members});
    }

    function hashOf(CupelMirror.AttestorSet memory s) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256("AttestorSet(uint64 id,uint64 time,bytes members)");
        return keccak256(abi.encode(typeHash, s.id, s.time, keccak256(s.members)));
    }

    /// @dev The next checkpoint that the chain would make.
    function checkpoint(bytes32 root) internal view returns (CupelMirror.Header memory) {
        return
            CupelMirror.Header({
                nonce: mirror.nonce() + 1,
                height: 60,
                root: root,
                prevRoot: mirror.root(),
                leafCount: 1,
                set: mirror.setHash(),
                nextSet: mirror.setHash()
            });
    }

    /// @dev The set change to `next` that the chain would make.
    function setChange(CupelMirror.AttestorSet memory next) internal view returns (CupelMirror.Header memory h) {
        h = checkpoint(mirror.root());
        h.leafCount = 0;
        h.nextSet = hashOf(next);
    }

    /// @dev Signatures of the members whose bit is set.
    function signBy(CupelMirror.Header memory h, uint256 members) internal view returns (bytes memory out) {
        bytes32 digest = mirror.digest(h);
        for (uint256 i; i < keys.length; ++i) {
            if (members & (1 << i) != 0) out = bytes.concat(out, signature(uint8(i), keys[i], digest));
        }
    }

    function signature(uint8 member, uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(member, r, s, v);
    }

    /// @dev Submits a valid checkpoint with this root.
    function settle(bytes32 root) internal {
        CupelMirror.Header memory h = checkpoint(root);
        mirror.submitCheckpoint(h, set, signBy(h, 0x7));
    }

    function submitFails(CupelMirror.Header memory h, bytes memory signatures, bytes memory err) internal {
        submitFails(h, set, signatures, err);
    }

    function submitFails(
        CupelMirror.Header memory h,
        CupelMirror.AttestorSet memory set_,
        bytes memory signatures,
        bytes memory err
    ) internal {
        uint64 before = mirror.nonce();
        vm.expectRevert(err);
        mirror.submitCheckpoint(h, set_, signatures);
        require(mirror.nonce() == before && mirror.nonceOf(h.root) <= before, "a refused header left a trace");
    }

    function updateFails(
        CupelMirror.Header memory h,
        CupelMirror.AttestorSet memory next,
        bytes memory signatures,
        bytes memory err
    ) internal {
        bytes32 before = mirror.setHash();
        vm.expectRevert(err);
        mirror.updateAttestors(h, set, next, signatures);
        require(mirror.setHash() == before, "a refused set was installed");
    }
}
