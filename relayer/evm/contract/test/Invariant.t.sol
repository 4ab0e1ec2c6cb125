// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {CupelMirror} from "../src/CupelMirror.sol";
import {Fixture} from "./Fixture.sol";

/// @dev Drives a mirror with what an honest relayer, a thief, the guardian, the owner and the clock may do, in any
/// order, and keeps a model of what the mirror must say.
contract Driver is Fixture {
    bool public paused;
    uint64 public nonce;
    bytes32 public root;
    bytes32[] public roots;
    mapping(bytes32 => uint64) public nonceOf;
    uint256 internal now_;
    CupelMirror.AttestorSet internal proposed;
    uint64 internal eta;

    constructor() {
        now_ = START;
        setUp();
        root = mirror.root();
    }

    function target() external view returns (CupelMirror) {
        return mirror;
    }

    function hash() external view returns (bytes32) {
        return hashOf(set);
    }

    function count() external view returns (uint256) {
        return roots.length;
    }

    modifier atNow() {
        vm.warp(now_);
        _;
    }

    function open() internal view returns (bool) {
        return !paused && now_ <= uint256(set.time) + MAX_AGE;
    }

    /// @dev A relayer submits a header that any subset of the attestors signed.
    function submit(uint8 signers) public atNow {
        CupelMirror.Header memory h = checkpoint(keccak256(abi.encode(nonce, signers, now_)));
        bytes memory signatures = signBy(h, signers);
        bool sealed_ = weight(signers) * 3 > keys.length * 2;
        try mirror.submitCheckpoint(h, set, signatures) {
            require(open() && sealed_, "an unsealed header was accepted");
            (nonce, root) = (nonce + 1, h.root);
            nonceOf[root] = nonce;
            roots.push(root);
        } catch {
            require(!open() || !sealed_, "a sealed header was refused");
        }
    }

    function weight(uint8 signers) internal view returns (uint256 n) {
        for (uint256 i; i < keys.length; ++i) n += (signers >> i) & 1;
    }

    /// @dev The attestors hand over to others.
    function handOver(uint8 seed) public atNow {
        uint256[] memory nextKeys = sortedKeys(string(abi.encode(set.id, seed)), 1 + seed % 5);
        uint64 time = uint64(now_) > set.time ? uint64(now_) : set.time;
        CupelMirror.AttestorSet memory next = makeSet(set.id + 1, time, nextKeys, equalPowers(nextKeys.length));
        CupelMirror.Header memory h = setChange(next);
        try mirror.updateAttestors(h, set, next, signBy(h, 0xff)) {
            require(open(), "a set change was accepted");
            ++nonce;
            set = next;
            keys = nextKeys;
        } catch {
            require(!open(), "a set change was refused");
        }
    }

    /// @dev A thief submits a good header with something wrong.
    function attack(uint8 how) public atNow {
        CupelMirror.Header memory h = checkpoint(keccak256(abi.encode("attack", nonce, how)));
        bytes memory signatures = signBy(h, 0xff);
        how %= 8;
        if (how == 0) h.root = "other root";
        if (how == 1) ++h.nonce;
        if (how == 2) h.height += 1;
        if (how == 3) h.leafCount += 1;
        if (how == 4) h.prevRoot = "other line";
        if (how == 5) signatures = bytes.concat(signatures, signatures);
        if (how == 6) signatures[33] ^= 0x01;
        if (how == 7) {
            if (roots.length == 0) return;
            h.root = roots[roots.length - 1];
            signatures = signBy(h, 0xff);
        }
        (bool ok, ) = address(mirror).call(abi.encodeCall(mirror.submitCheckpoint, (h, set, signatures)));
        require(!ok, "an attack succeeded");
    }

    function wait(uint32 duration) public {
        now_ += duration % MAX_AGE;
    }

    function pauseOrUnpause() public atNow {
        vm.prank(paused ? OWNER : GUARDIAN);
        if (paused) mirror.unpause();
        else mirror.pause();
        paused = !paused;
    }

    function propose() public atNow {
        bool stale = now_ > uint256(set.time) + MAX_AGE;
        uint256[] memory nextKeys = sortedKeys(string(abi.encode("proposed", set.id)), 4);
        CupelMirror.AttestorSet memory next = makeSet(set.id + 1, uint64(now_), nextKeys, equalPowers(4));
        bool may = stale && eta == 0;
        vm.prank(OWNER);
        try mirror.proposeAttestors(next, nonce + 1, "proposed root") {
            require(may, "a proposal was accepted");
            (proposed, eta) = (next, uint64(now_ + 7 days));
        } catch {
            require(!may, "a proposal was refused");
        }
    }

    function cancel() public atNow {
        if (eta == 0) return;
        vm.prank(GUARDIAN);
        mirror.cancelProposal();
        eta = 0;
    }

    function install() public atNow {
        bool may = eta != 0 && now_ >= eta && !paused && now_ <= uint256(proposed.time) + MAX_AGE;
        vm.prank(OWNER);
        try mirror.installAttestors(proposed, nonce + 1, "proposed root") {
            require(may, "a set was installed");
            keys = sortedKeys(string(abi.encode("proposed", set.id)), 4);
            set = proposed;
            (nonce, root, eta) = (nonce + 1, "proposed root", 0);
        } catch {
            require(!may, "a proposed set was not installed");
        }
    }
}

contract InvariantTest {
    Driver internal driver;
    CupelMirror internal mirror;

    function setUp() public {
        driver = new Driver();
        mirror = driver.target();
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory out) {
        out = new address[](1);
        out[0] = address(driver);
    }

    /// @dev Tells forge what to call: everything but setUp.
    function targetSelectors() public view returns (FuzzSelector[] memory out) {
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = driver.submit.selector;
        selectors[1] = driver.handOver.selector;
        selectors[2] = driver.attack.selector;
        selectors[3] = driver.wait.selector;
        selectors[4] = driver.pauseOrUnpause.selector;
        selectors[5] = driver.propose.selector;
        selectors[6] = driver.cancel.selector;
        selectors[7] = driver.install.selector;
        out = new FuzzSelector[](1);
        out[0] = FuzzSelector(address(driver), selectors);
    }

    function invariant_MirrorIsTheModel() public view {
        (uint64 nonce, bytes32 root, bytes32 hash, uint64 time, uint64 sealing, bool paused) = mirror.state();
        require(nonce == driver.nonce() && root == driver.root() && hash == driver.hash() && paused == driver.paused());
        require(root != 0 && hash != 0 && time != 0 && sealing != 0, "zero is never valid");
        // Nothing is settled but the roots of sealed checkpoints.
        require(mirror.nonceOf(0) == 0 && mirror.nonceOf(mirror.domainSeparator()) == 0);
        require(mirror.nonceOf("proposed root") == 0, "the timelock settled a root");
        for (uint256 i; i < driver.count(); ++i) {
            bytes32 settled = driver.roots(i);
            require(mirror.nonceOf(settled) == driver.nonceOf(settled) && mirror.nonceOf(settled) <= nonce);
        }
    }
}
