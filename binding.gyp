{ "includes": ["native/sluice.gypi"] }
