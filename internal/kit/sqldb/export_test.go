package sqldb

import "context"

// MigrateTo brings an empty database to an earlier version of the schema.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}

// Versions lists the schema's versions, oldest first.
func (db *DB) Versions() ([]int64, error) {
	p, err := db.provider()
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, s := range p.ListSources() {
		out = append(out, s.Version)
	}
	return out, nil
}
