package mime

import "strings"

func isTNEF(ctype, name string) bool {
	return ctype == "application/ms-tnef" || ctype == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat")
}

func (c *collector) unpackTNEF(data []byte) bool { return false }
