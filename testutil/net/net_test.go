// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGenesisSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "genesis.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"app_state":{"m":{"params":[{"n":"1","big":12345678901234567890}]}}}`), 0o600))
	g, err := ReadGenesis(path)
	require.NoError(t, err)
	require.NoError(t, g.Set("app_state.m.params.0.n", "2"))
	for _, missing := range []string{"app_state.m.params.0.x", "app_state.m.params.1.n", "app_state.m.params.0.n.x", "none"} {
		require.ErrorContains(t, g.Set(missing, 1), "genesis has no", missing)
	}
	require.NoError(t, g.Write(path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.JSONEq(t, `{"app_state":{"m":{"params":[{"n":"2","big":12345678901234567890}]}}}`, string(text))
	require.Contains(t, string(text), "12345678901234567890", "numbers keep their digits")
}

func TestPortsAreClaimedOnce(t *testing.T) {
	a, err := ClaimPorts()
	require.NoError(t, err)
	b, err := ClaimPorts()
	require.NoError(t, err)
	require.NotEqual(t, a.base, b.base)
	_, err = claim(a.base)
	require.ErrorIs(t, err, errTaken)
	first, err := a.Take(40)
	require.NoError(t, err)
	second, err := a.Take(60)
	require.NoError(t, err)
	require.Equal(t, first+40, second)
	_, err = a.Take(1)
	require.ErrorContains(t, err, "make it smaller")
	require.NoError(t, a.Release())
	again, err := claim(a.base)
	require.NoError(t, err)
	require.NoError(t, again.Release())
	require.NoError(t, b.Release())
}

func TestProcess(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	shell := func(script string) *Process {
		p, err := StartProcess("shell", log, []string{"WORD=hello"}, "/bin/sh", "-c", script)
		require.NoError(t, err)
		t.Cleanup(p.Kill)
		return p
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	p := shell("echo one; echo two; echo $WORD")
	require.NoError(t, p.Wait(ctx))
	require.False(t, p.Running())
	require.False(t, p.Killed())
	require.Equal(t, "two\nhello", p.Tail(2))
	p.Stop()

	p = shell("sleep 60")
	require.True(t, p.Running())
	p.Stop()
	require.False(t, p.Running())
	require.False(t, p.Killed(), "it was asked to end")

	p = shell("trap '' TERM; sleep 60 & wait; wait")
	p.Kill()
	require.True(t, p.Killed())
	require.Error(t, p.Wait(ctx))
}

func TestUntilReturnsTheLastError(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	sad := errors.New("sad")
	err := Until(ctx, time.Millisecond, func() (bool, error) { return true, sad })
	require.ErrorIs(t, err, sad)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAmountOf(t *testing.T) {
	require.EqualValues(t, 7, amountOf([]Coin{{"other", "9"}, {Denom, "7.900000000000000000"}}))
	require.Zero(t, amountOf(nil))
	require.Zero(t, amountOf([]Coin{{Denom, "-3"}}))
}
