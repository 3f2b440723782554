{ "includes": ["sluice.gypi"] }
