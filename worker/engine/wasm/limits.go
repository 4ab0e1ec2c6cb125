// SPDX-License-Identifier: Apache-2.0

package wasm

func (m *module) addTable(r *reader, i uint32) error {
	elem, err := r.byte()
	if err != nil {
		return err
	}
	if elem != 0x70 {
		return refuse("it has a table of 0x%02x, the class has tables of functions", elem)
	}
	first, _, err := r.limits("table")
	if err != nil {
		return err
	}
	if first > MaxTableElements || i >= MaxTables {
		return refuse("table %d has %d elements: at most %d tables of %d elements are allowed", i, first, MaxTables, MaxTableElements)
	}
	return nil
}

func (m *module) addMemory(r *reader) error {
	m.memories++
	first, most, err := r.limits("memory")
	if err != nil {
		return err
	}
	if first > 1<<16 || most > 1<<16 {
		return refuse("its memory is larger than 4 GiB")
	}
	return nil
}

// limits reads the size of a memory or table.
func (r *reader) limits(what string) (first, most uint32, err error) {
	flags, err := r.byte()
	if err != nil {
		return 0, 0, err
	}
	switch {
	case flags&2 != 0:
		return 0, 0, refuse("its %s is shared between threads, which the class does not have: build without threads", what)
	case flags&4 != 0:
		return 0, 0, refuse("its %s has 64-bit addresses, which the class does not have: build for wasm32", what)
	case flags > 1:
		return 0, 0, refuse("its %s has limits of kind %d, which the class does not have", what, flags)
	}
	if first, err = r.u32(); err != nil || flags == 0 {
		return first, 0, err
	}
	most, err = r.u32()
	return first, most, err
}
