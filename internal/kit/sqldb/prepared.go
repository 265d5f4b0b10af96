package sqldb

import (
	"container/list"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
)

// Limits of the statements that a connection to SQLite keeps.
const (
	keptStatements = 128     // the longest unused is closed first
	keptLength     = 4 << 10 // bytes of text; what is longer was put together once
)

// openKept opens SQLite so that every connection keeps its prepared statements:
// reading and planning a text costs the engine more than running most of them.
// (pgx does the same for PostgreSQL by itself.)
func openKept(dsn string) (*sql.DB, error) {
	plain, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	d := plain.Driver()
	if err := plain.Close(); err != nil { // it never connected
		return nil, err
	}
	return sql.OpenDB(keeper{d, dsn}), nil
}

// keeper makes connections that keep their statements.
type keeper struct {
	driver driver.Driver
	dsn    string
}

// Driver implements driver.Connector.
func (k keeper) Driver() driver.Driver { return k.driver }

// Connect implements driver.Connector.
func (k keeper) Connect(context.Context) (driver.Conn, error) {
	c, err := k.driver.Open(k.dsn)
	if err != nil {
		return nil, err
	}
	works, ok1 := c.(engineWork)
	state, ok2 := c.(engineState)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("the SQLite driver's connections lack something: %T", c)
	}
	return &keepingConn{Conn: c, engineWork: works, engineState: state, kept: map[string]*list.Element{}, order: list.New()}, nil
}

// engineWork and engineState are what the driver's connections can do.
type engineWork interface {
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type engineState interface {
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// engineStmt is what its statements can do.
type engineStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keepingConn is one connection; database/sql uses it from one goroutine at a time.
type keepingConn struct {
	driver.Conn
	engineWork
	engineState
	kept  map[string]*list.Element // text → *keptStmt
	order *list.List               // the last used first
}

type keptStmt struct {
	engineStmt
	text string
	busy bool // its rows are being read
}

// statement returns the prepared statement of a text, or nil if the text is not
// one to keep or its statement is in use.
func (c *keepingConn) statement(ctx context.Context, text string) (*keptStmt, error) {
	if e, ok := c.kept[text]; ok {
		s := e.Value.(*keptStmt)
		if s.busy {
			return nil, nil
		}
		c.order.MoveToFront(e)
		return s, nil
	}
	if len(text) > keptLength || !repeatable(text) {
		return nil, nil
	}
	d, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	full, ok := d.(engineStmt)
	if !ok {
		return nil, d.Close()
	}
	s := &keptStmt{engineStmt: full, text: text}
	c.kept[text] = c.order.PushFront(s)
	for e := c.order.Back(); c.order.Len() > keptStatements && e != nil; {
		before := e.Prev()
		if old := e.Value.(*keptStmt); !old.busy {
			if err := c.drop(old); err != nil {
				return nil, err
			}
		}
		e = before
	}
	return s, nil
}

// repeatable tells texts that read and write rows from those that change the
// schema or the connection.
func repeatable(text string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(text, " \t\r\n"), " ")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

func (c *keepingConn) drop(s *keptStmt) error {
	if e, ok := c.kept[s.text]; ok && e.Value == s {
		c.order.Remove(e)
		delete(c.kept, s.text)
	}
	return s.Close()
}

// ExecContext implements driver.ExecerContext.
func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.engineWork.ExecContext(ctx, text, args)
	}
	return s.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.engineWork.QueryContext(ctx, text, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, stmt: s}, nil
}

// Close implements driver.Conn.
func (c *keepingConn) Close() error {
	for e := c.order.Front(); e != nil; e = c.order.Front() {
		if err := c.drop(e.Value.(*keptStmt)); err != nil {
			return err
		}
	}
	return c.Conn.Close()
}

// keptRows give their statement back when they are closed.
type keptRows struct {
	driver.Rows
	stmt *keptStmt
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	r.stmt.busy = false
	return r.Rows.Close()
}
