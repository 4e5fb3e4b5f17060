// libarchive is reached through Sources/Archives; this module only carries its pkg-config flags.
