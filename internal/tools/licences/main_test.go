package main

import "testing"

func TestIdentify(t *testing.T) {
	for text, want := range map[string]string{
		"MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy": "MIT",
		"Mozilla Public License, version 2.0 … GNU Affero General Public License, Version 3.0":        "MPL-2.0",
		"GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3":                                                "AGPL-3.0",
		"GNU GENERAL PUBLIC LICENSE\nVersion 2":                                                       "GPL",
		"Redistribution and use in source and binary forms … Neither the name of":                     "BSD-3-Clause",
		"Redistribution and use in source and binary forms":                                           "BSD-2-Clause",
		"Apache License\nVersion 2.0":                                                                 "Apache-2.0",
		"All rights reserved.":                                                                        "",
		"":                                                                                            "",
	} {
		if got := identify([]byte(text)); got != want {
			t.Errorf("%.40q is %q, want %q", text, got, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	for _, x := range []struct {
		p  part
		ok bool
	}{
		{part{licence: "MIT", ships: true}, true}, {part{licence: "MPL-2.0"}, true}, {part{licence: "MPL-2.0", ships: true}, false},
		{part{licence: "AGPL-3.0"}, false}, {part{licence: ""}, false}, {part{licence: "SEE LICENSE IN X", ships: true}, false},
	} {
		if got := refuse(x.p); (got == "") != x.ok {
			t.Errorf("%+v: %q", x.p, got)
		}
	}
}
