// SPDX-License-Identifier: Apache-2.0

package types

import (
	"math"
	"strconv"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
)

// Limits of a provider's profile.
const (
	MaxResources  = 16
	MaxUnbondings = 16

	maxRegion        = 32
	maxEndpoint      = 128
	maxEncryptionKey = 128
	maxDriver        = 32
	maxCount         = 4_096
	maxPrice         = uint64(1) << 53
	ageKeyBytes      = 32
)

// Profile is what a provider declares about itself and may replace.
type Profile struct {
	Payout        sdk.AccAddress
	Region        string
	Endpoint      string
	EncryptionKey string
	Resources     []Resource
}

// Validate checks all that needs no state.
func (p Profile) Validate() error {
	return ValidateProfile(p.Region, p.Endpoint, p.EncryptionKey, p.Resources)
}

// FreeBond is the bond less what unbonds.
func (p Provider) FreeBond() uint64 {
	return saturate(p.Bond, p.Unbonding)
}

// Stake is the free bond less the slashes that wait for the appeal window.
func (p Provider) Stake(load Load) uint64 {
	return saturate(p.FreeBond(), load.PendingSlash)
}

// IsLeaving reports whether the provider has deregistered, paid back or not.
func (p Provider) IsLeaving() bool {
	return p.Status == ProviderUnbonding || p.Status == ProviderRetired
}

// Resource returns what the provider offers in a class, and false if nothing.
func (p Provider) Resource(class string) (Resource, bool) {
	for _, resource := range p.Resources {
		if resource.Class == class {
			return resource, true
		}
	}
	return Resource{}, false
}

// ValidateProfile checks all that a provider declares about itself and that
// needs no state. It checks by characters, not with the parsers of the
// standard library, whose verdicts may change between Go releases.
func ValidateProfile(region, endpoint, encryptionKey string, resources []Resource) error {
	if len(region) > maxRegion || !consistsOf(region, isRegionChar) {
		return ErrInvalidRegion.Wrapf("got %.64q", region)
	}
	if !validEndpoint(endpoint) {
		return ErrInvalidEndpoint.Wrapf("got %.160q", endpoint)
	}
	if encryptionKey != "" && !validAgeRecipient(encryptionKey) {
		return ErrInvalidKey.Wrapf("got %.160q", encryptionKey)
	}
	return validateResources(resources)
}

func validateResources(resources []Resource) error {
	if len(resources) == 0 || len(resources) > MaxResources {
		return ErrInvalidResource.Wrapf("%d resources: use 1 to %d", len(resources), MaxResources)
	}
	for i, resource := range resources {
		if err := resource.validate(); err != nil {
			return err
		}
		for _, before := range resources[:i] {
			if before.Class == resource.Class {
				return ErrInvalidResource.Wrapf("class %q is there twice: add up the counts", resource.Class)
			}
		}
	}
	return nil
}

func (r Resource) validate() error {
	switch {
	case len(r.Class) < minClassName || len(r.Class) > maxClassName || !consistsOf(r.Class, isClassChar):
		return ErrInvalidResource.Wrapf("class %.64q is not a class name", r.Class)
	case r.Count == 0 || r.Count > maxCount:
		return ErrInvalidResource.Wrapf("class %q: count %d is not 1 to %d", r.Class, r.Count, maxCount)
	case r.Price == 0 || r.Price > maxPrice:
		return ErrInvalidResource.Wrapf("class %q: price %d is not 1 to 2^53", r.Class, r.Price)
	case len(r.Driver) > maxDriver || !consistsOf(r.Driver, isPrintable):
		return ErrInvalidResource.Wrapf("class %q: use at most %d printable ASCII characters for the driver", r.Class, maxDriver)
	default:
		return nil
	}
}

// validEndpoint accepts one spelling of each URL, so that equal places have
// equal tags.
func validEndpoint(endpoint string) bool {
	rest, ok := strings.CutPrefix(endpoint, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(endpoint, "http://")
	}
	if !ok || len(endpoint) > maxEndpoint {
		return false
	}
	authority, path, hasPath := strings.Cut(rest, "/")
	if hasPath && !validPath(path) {
		return false
	}
	var host, port string
	var hasPort bool
	if end := strings.LastIndexByte(authority, ']'); end >= 0 {
		host = authority[:end+1]
		port, hasPort = strings.CutPrefix(authority[end+1:], ":")
		if !hasPort && port != "" {
			return false
		}
	} else {
		host, port, hasPort = strings.Cut(authority, ":")
	}
	return validHost(host) && (!hasPort || validPort(port))
}

func validHost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && strings.Contains(inner, ":") && consistsOf(inner, isIPv6Char)
	}
	for _, label := range strings.Split(host, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || !consistsOf(label, isRegionChar) {
			return false
		}
	}
	return true
}

func validPort(port string) bool {
	value, err := strconv.ParseUint(port, 10, 16)
	return err == nil && value > 0 && value <= math.MaxUint16 && port[0] != '0'
}

func validPath(path string) bool {
	for _, segment := range strings.Split(path, "/") {
		if segment == "" || segment == "." || segment == ".." || !consistsOf(segment, isPathChar) {
			return false
		}
	}
	return true
}

// validAgeRecipient checks prefix, checksum and length of an age X25519
// recipient; every 32 bytes are a point.
func validAgeRecipient(key string) bool {
	if len(key) > maxEncryptionKey || key != strings.ToLower(key) {
		return false
	}
	prefix, data, err := bech32.DecodeAndConvert(key)
	return err == nil && prefix == "age" && len(data) == ageKeyBytes
}

func isRegionChar(c byte) bool { return isLowerAlnum(c) || c == '-' }

func isIPv6Char(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c == ':' || c == '.'
}

func isPathChar(c byte) bool {
	return isLowerAlnum(c) || c >= 'A' && c <= 'Z' || c == '-' || c == '.' || c == '_' || c == '~'
}

func isPrintable(c byte) bool { return c >= ' ' && c <= '~' }
