// SPDX-License-Identifier: Apache-2.0

package types

// Limits of a class name.
const (
	minClassName = 3
	maxClassName = 48
)

// DefaultClass is the class that exists from genesis on.
func DefaultClass() Class {
	return Class{Id: 1, Name: "wasm/v1-amd64", Unit: UnitFuel, Sound: true}
}

// Validate checks the name and the unit, not the id.
func (c Class) Validate() error {
	if len(c.Name) < minClassName || len(c.Name) > maxClassName || !consistsOf(c.Name, isClassChar) {
		return ErrInvalidClass.Wrapf("name %.64q: use %d to %d characters of a-z, 0-9, '.', '/' and '-'", c.Name, minClassName, maxClassName)
	}
	if c.Unit < UnitFuel || c.Unit > UnitToken {
		return ErrInvalidClass.Wrapf("unit %d: use UNIT_FUEL, UNIT_SECOND or UNIT_TOKEN", c.Unit)
	}
	return nil
}

// consistsOf reports whether ok holds for every byte of the text.
func consistsOf(text string, ok func(byte) bool) bool {
	for i := range len(text) {
		if !ok(text[i]) {
			return false
		}
	}
	return true
}

func isLowerAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

func isClassChar(c byte) bool {
	return isLowerAlnum(c) || c == '.' || c == '/' || c == '-'
}
