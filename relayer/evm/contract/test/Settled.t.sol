// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {CupelMirror} from "../src/CupelMirror.sol";
import {Fixture} from "./Fixture.sol";

contract SettledTest is Fixture {
    CupelMirror.Leaf internal leaf;

    function setUp() public override {
        super.setUp();
        leaf = CupelMirror.Leaf({
            version: 1,
            homeChain: "cupel-1",
            task: 4097,
            attempt: 1,
            provider: hex"0102030405060708090a0b0c0d0e0f1011121314",
            requester: hex"2122232425262728292a2b2c2d2e2f3031323334",
            denom: "uusdc",
            amount: 1_000_000,
            result: keccak256("result"),
            destChain: 0,
            vault: address(0),
            to: address(0)
        });
    }

    function parent(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    /// @dev Settles a tree of four leaves and returns the proof of `leaf`.
    function settleTree() internal returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        proof[0] = keccak256("sibling");
        proof[1] = parent(keccak256("left"), keccak256("right"));
        settle(parent(parent(mirror.leafHash(leaf), proof[0]), proof[1]));
    }

    function test_ProvesSettledLeaf() public {
        require(!mirror.isSettled(leaf, new bytes32[](2)));
        bytes32[] memory proof = settleTree();
        require(mirror.isSettled(leaf, proof) && mirror.settledAt(leaf, proof) == 1);
        settle("later");
        vm.prank(GUARDIAN);
        mirror.pause();
        vm.warp(START + 1000 days);
        require(mirror.isSettled(leaf, proof), "what is settled stays settled");
    }

    function test_ProvesOnlyLeafOfTree() public {
        settle(mirror.leafHash(leaf));
        require(mirror.isSettled(leaf, new bytes32[](0)));
    }

    function test_HashesLeafAsTuple() public view {
        bytes memory head = abi.encode(leaf.version, uint256(12 * 32), leaf.task, leaf.attempt);
        bytes memory tail = abi.encode(leaf.amount, leaf.result, leaf.destChain, leaf.vault, leaf.to);
        bytes memory offsets = abi.encode(uint256(14 * 32), uint256(16 * 32), uint256(18 * 32));
        bytes memory texts = abi.encodePacked(
            abi.encode(uint256(7), bytes32("cupel-1"), uint256(20), bytes32(leaf.provider)),
            abi.encode(uint256(20), bytes32(leaf.requester), uint256(5), bytes32("uusdc"))
        );
        bytes32 inner = keccak256(bytes.concat(head, offsets, tail, texts));
        require(mirror.leafHash(leaf) == keccak256(abi.encode(inner)));
    }

    function test_RefusesUnprovenRoots() public {
        // Neither the zero root nor the root that the line starts with settles anything.
        require(mirror.nonceOf(0) == 0 && mirror.nonceOf(mirror.root()) == 0);
        require(!mirror.isSettled(leaf, new bytes32[](0)));
        settle("root");
        require(mirror.nonceOf(0) == 0 && mirror.nonceOf(separator()) == 0);
    }

    function test_RefusesOtherProofs() public {
        bytes32[] memory proof = settleTree();
        bytes32[] memory short = new bytes32[](1);
        short[0] = proof[0];
        require(!mirror.isSettled(leaf, short), "truncated");
        require(!mirror.isSettled(leaf, new bytes32[](0)), "empty");
        bytes32[] memory long = new bytes32[](3);
        (long[0], long[1]) = (proof[0], proof[1]);
        require(!mirror.isSettled(leaf, long), "extended");
        (short[0], proof[0], proof[1]) = (proof[0], proof[1], proof[0]);
        require(!mirror.isSettled(leaf, proof), "swapped");
    }

    function test_RefusesInnerNodeAsLeaf() public {
        // A leaf has at least 16 words, an inner node two: there are no fields whose encoding is an inner node. The
        // nearest attack names the node in every field of 32 bytes.
        bytes32[] memory proof = settleTree();
        bytes32[] memory rest = new bytes32[](1);
        rest[0] = proof[1];
        bytes32 inner = parent(mirror.leafHash(leaf), proof[0]);
        CupelMirror.Leaf memory node = leaf;
        node.result = inner;
        require(!mirror.isSettled(node, rest));
        node.provider = abi.encode(inner);
        node.amount = uint256(inner);
        require(!mirror.isSettled(node, rest));
        CupelMirror.Leaf memory empty;
        empty.provider = bytes.concat(mirror.leafHash(leaf), proof[0]);
        require(!mirror.isSettled(empty, rest) && mirror.leafHash(empty) != inner);
    }

    function test_RefusesSwappedFields() public {
        bytes32[] memory proof = settleTree();
        CupelMirror.Leaf memory other = leaf;
        (other.provider, other.requester) = (other.requester, other.provider);
        require(!mirror.isSettled(other, proof), "provider and requester");
        other = leaf;
        (other.task, other.attempt) = (1, 4097);
        require(!mirror.isSettled(other, proof), "task and attempt");
        other = leaf;
        (other.homeChain, other.denom) = ("uusdc", "cupel-1");
        require(!mirror.isSettled(other, proof), "chain and denom");
        other = leaf;
        (other.amount, other.destChain) = (0, 1_000_000);
        require(!mirror.isSettled(other, proof), "amount and chain");
        leaf.vault = address(1);
        other = leaf;
        (other.vault, other.to) = (other.to, other.vault);
        require(mirror.leafHash(other) != mirror.leafHash(leaf), "vault and to");
    }

    /// @dev Bytes moved from one field into the next make another leaf.
    function testFuzz_Boundaries(bytes calldata text, uint8 a, uint8 b) public view {
        uint256 i = uint256(a) % (text.length + 1);
        uint256 j = uint256(b) % (text.length + 1);
        CupelMirror.Leaf memory x = leaf;
        CupelMirror.Leaf memory y = leaf;
        (x.provider, x.requester) = (text[:i], text[i:]);
        (y.provider, y.requester) = (text[:j], text[j:]);
        require((i == j) == (mirror.leafHash(x) == mirror.leafHash(y)));
        (x.homeChain, x.denom) = (string(text[:i]), string(text[i:]));
        (x.provider, x.requester) = (y.provider, y.requester);
        (y.homeChain, y.denom) = (string(text[:j]), string(text[j:]));
        require((i == j) == (mirror.leafHash(x) == mirror.leafHash(y)));
    }

    /// @dev A leaf is proven by its own siblings and by nothing near them.
    function testFuzz_Proof(uint64 task, bytes32[] calldata siblings, uint256 at, uint8 bit) public {
        leaf.task = task;
        uint256 n = siblings.length % 14;
        bytes32[] memory proof = new bytes32[](n);
        bytes32 root = mirror.leafHash(leaf);
        for (uint256 i; i < n; ++i) {
            proof[i] = siblings[i];
            root = parent(root, proof[i]);
        }
        settle(root);
        require(mirror.settledAt(leaf, proof) == 1);
        CupelMirror.Leaf memory other = leaf;
        unchecked {
            other.amount += 1 + at;
        }
        if (other.amount != leaf.amount) require(!mirror.isSettled(other, proof));
        if (n == 0) return;
        proof[at % n] ^= bytes32(uint256(1) << bit);
        require(!mirror.isSettled(leaf, proof));
        proof[at % n] ^= bytes32(uint256(1) << bit);
        assembly ("memory-safe") {
            mstore(proof, sub(mload(proof), 1))
        }
        require(!mirror.isSettled(leaf, proof));
    }
}
