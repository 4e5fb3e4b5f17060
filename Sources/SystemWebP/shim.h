// libwebp is reached through Sources/Codecs; this module only carries its pkg-config flags.
