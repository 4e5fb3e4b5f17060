// FreeType is reached through Sources/Fonts; this module only carries its pkg-config flags.
