import Foundation

/// Archives of the folders `dog` and `고양이` with the pictures `1.pgm` and `2.pgm` in each, written by bsdtar:
/// `bsdtar --format pax --xz -cf s.tar.xz dog 고양이`, `bsdtar --format 7zip -cf s.7z dog 고양이`.
package enum PackedSamples {
  /// By what they are compressed with.
  package static let tars: [(name: String, bytes: [UInt8])] = [
    (
      "bzip2",
      bytes(
        "QlpoOTFBWSZTWTkvdRoAAvRfvdaQQAH/5jDCaYR+4t5AIQJEIQwAIAAAFCIIQAHcaA0GVQwhhMhkyaDINMTIG1GjCA1P1KgA0aAyNAAAaAAA"
          + "OYACYAAmAAAAAAVJII0psgmjNNE0NMEABoA/VMid5+ad29ZXyTA4msmaNibt3ZeduwIcu3y8l1rtuu+q+BNgTSIb5JOdMTI5043HecglbyVS"
          + "lhMjImk5sZVGymDAniuSE5knS6YAAQwj6GGQwgGU1Jz6QknJc5MiWJJoJRJLE6CUQ6XY9TqnX29vETUTWSic1xK4lw30vtF5OTDE85tjFhXp"
          + "nOS0dRWglNLrJ99OUYE7CbNDFRLVvGuzlS10MJcmTBiu3xc6JS4uJ0ErIUS/QSiYE2K3u4wGq+sWglxqNBLZLWaiWRffjglkvS1XcEsYVcTQ"
          + "mJKS2RLyYE5ie0nunAud6VOE8ZnnfIY6UQAaS6C6CnfB5g47iutMAeoPgFAK4IYJMwIQTBNc6UbCcKeBPAl08EpPAmhLJ+IZof6G2SZw/kLT"
          + "bn686qt27OGcNKH/F3JFOFCQOS91Gg==")
    ),
    (
      "xz",
      bytes(
        "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4C//AVldACgYSwSGSBse52ctiwuzFzIIwycjQ8zsMhwh+tRUpX5cnBFQNczlkyIEDkgFoAePDl83"
          + "RH2mrWTF0XUJfYFIIf+WfT9GriTM4L/f+X0eRQas6XVr4AQkkmW0tBM7g5eem8Hbq1ckTFqCX/+4SvcQQP5vUjrzy8EY9OUx/yrZOmWVYMSr"
          + "MbY8b+woyDtw5NFSWM3FM5Ry2sbybGpn3hh2fbClCmCSMs0q8PupDCy4RarVlKr1KRDn0bR2RHEVJ8S9+Re6S2c4y1ovVbNYCZYDMulXh2NG"
          + "nJbAoLTmg+tOUlICCrgmP3SRBmG9B6cYyM2t0fmkgDwqdHmc2shGzSjvnCvMS4jvKSnlIxcmkxr2iPCKRKfsr4B18rYjAVsjoLeftr+teBJP"
          + "J/xEie4tSUa1Z/QMIbG2HMQzH3SxYKJqYHb3Abho89ZzR2s/3xrbO6IWDqdNC6R+2YuvAAAAAAAENgiRCYRxPgAB9QKAYAAADHJEWbHEZ/sC"
          + "AAAAAARZWg==")
    ),
    (
      "lzma",
      bytes(
        "XQAAgAD//////////wAoGEsEhkgbHudnLYsLsxcyCMMnI0PM7DIcIfrUVKV+XJwRUDXM5ZMiBA5IBaAHjw5fN0R9pq1kxdF1CX2BSCH/ln0/"
          + "Rq4kzOC/3/l9HkUGrOl1a+AEJJJltLQTO4OXnpvB26tXJExagl//uEr3EED+b1I688vBGPTlMf8q2TpllWDEqzG2PG/sKMg7cOTRUljNxTOU"
          + "ctrG8mxqZ94Ydn2wpQpgkjLNKvD7qQwsuEWq1ZSq9SkQ59G0dkRxFSfEvfkXuktnOMtaL1WzWAmWAzLpV4djRpyWwKC05oPrTlJSAgq4Jj90"
          + "kQZhvQenGMjNrdH5pIA8KnR5nNrIRs0o75wrzEuI7ykp5SMXJpMa9ojwikSn7K+AdfK2IwFbI6C3n7a/rXgSTyf8RInuLUlGtWf0DCGxthzE"
          + "Mx90sWCiamB29wG4aPPWc0drP98a2zuiFg6nTQukfzo9It//fsR5cw==")
    ),
    (
      "zstd",
      bytes(
        "KLUv/QBYfQsAkownJqAn6f7/L/C3cK3/KtnIdsjkjwgia6+5bc8sdttSyi1TisYPzsAdA4io2K5KJSYqxf+KRylR0DTGsS9nrt9h4ZGg8GBo"
          + "eAhYuAiAVBH9jlThO4vrqxcz1/ZiYSBPC5PoWrbTwiSIWbWzQojEI3YREaZO5mXrCWVh0BCc1dmn0ZoDBMed3f19NtqZqfnLZdvnVJftszBJ"
          + "aihJUwQcTRFNqNE1MzbSVgo7YwADERERrToSYGAIGAYCEjQQRjIMAUNwQ9AwBAxDMEbACDFmIH79O/Gwm/0i0K/qloHwAxBRfOhW+wEzJNj5"
          + "VQPc5gj+H0D/ARfHbIU4YEJ7QjIb7BtQMja9A5akk33e/qK6hUmJAwjHihHGAYOGrYf/G/HCDVQE5dmXQ4ABqGQxEBB3FBiqrgNw6Dn51z47"
          + "zYCWM19uPyFduwMfmJee9I0ByoDnL1/y6Tz3GxWENQ0rh1rGmnVFdG5YtkQYmouzPzX6Bw==")
    ),
    (
      "lz4",
      bytes(
        "BCJNGGRwuUECAADvUGF4SGVhZGVyL2RvZwABAEORMDAwNzU1IAAwAQAMCAAAHgD/CDQgMTQ1NDQ0MDAyMDAgMDExNjY2ACB4jwBDCgIAinVz"
          + "dGFyADAwFgAPAgAfAckAB90AD0IAHw8CAGL9EzMwIGN0aW1lPTE3OTYwOTQwNTkuMjI2NjgxMjQ4CjMwIGEeACEzMB4ALzkKsQBiDwIA/z1P"
          + "ZG9nL1MBTQDiAw8ABAoqMDAABI8wNzc2NgAgNZkATQACAA8ABOwAAAIGBAZQMS5wZ20WAQ8CADpmMDAwNjQ0GwUA8QEGCAYAHgIMAAZPMjYw"
          + "NQAG////Wg/2A0MGAgAPAAQOHDEABG8wNjI2ACCUCS4PAgARDwAG7M9QNQoxIDEKMjU1CkEvAREPAgD/vgoACB8yAAh3DwAO////Ww/2A0MG"
          + "AgAPAAgiHzcACP9fFkKyAQ8CAP/YBvwPn+qzoOyWkeydtP0BPgDiDw8AEgk6MTE3ABJfMTQ0MDcAEP9UhTE5IHBhdGg9/gEQL/UVDxMW/9gG"
          + "+AEP9wM+BQIADwAEDQA4GQoAGk8yNTExABb/VAYAAgYKBg8QEj0PAAoNLDEyABJPNTMyNAAG/1QsMjQABgH+AQ8FBv/XBgAEAfgBBbQFDwIA"
          + "OQ8ABA0OABZPMzM1MQAO/18fYfQBOQ8CAP+WBgAEBgAIDxASPQ8ABA0PAAgCDwAe/1UOAAgB/gEPAAj/4QH4AQ+3BUIPAAQNDwAIAh8yAAj/"
          + "Xx9i/QFCDwIA//////+MUAAAAAAAAAAAACMaaYI=")
    ),
  ]

  package static let sevenZip = bytes(
    "N3q8ryccAAPgbYWwvAAAAAAAAAAiAAAAAAAAAPnwM/gAKA09QxBeL9Adq6XfUtPmHPhN6UUj/1L//9nXAAAAAIEzB64Pz+swFA/r6p4BDWID"
      + "jdNMQj8OoJWR+S/hyuAW16y6M5n2EAnagI2X5k3oRJTewc1c/gamZjf/onezcSl6pYRt20f4lv6zft4j8CJwtXBHp6PBCOriXSS7Q1yYYheJ"
      + "lRZqdiMOU+/nfda2CdeBPbEke1K2bPX4uEJOLLBGNyKLdmRw13iv2M+4TgAR/GUi7Tz8GGtl/bfygBcGHgEJgJ4ABwsBAAEjAwEBBV0AAIAA"
      + "DIFXCgFQ5TaJAAA=")

  /// A tar archive compressed by gzip and then by xz.
  package static let twice = bytes(
    "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQGJH4sIAAAAAAACA+2ZPU7DQBBGXfsUPkE8M96fuEgBFaWvYIgVKCKiYKRcg4YOiTvAqVAOwTpF"
      + "rJgiMmIXR/u9xommSJzRm887qerdTVMvm22+fFwlfiAiq3XWXR3Da1dVGSutlCISVyBmY0yS7ZIAPD+19dZ9lT+4yZObuxAKyu7ah3WzYFsa"
      + "KhXpciZizJxFzVNXrX9UCzpUyzQBF4+zPvf9GWf9d29O/CdrO/81/A/S/+qYATzbrNY++m+UGjP/xZDG/Mf8ByH892P9CP956D8ZcfOf4L93"
      + "Kp1yxqlonV7Bhjj97/NfppP/OP8h/0EQ/2WK+W+R/4Hz/xo2xEef/V8f7/vXl/3bZ/D9D7Md+O9eWeR/CLjMNnV7vzh2P0/xSBARfd+95v+4"
      + "/S+LZsb+N2z//W2Bzz3/uckx6L8uRGH+h8D99IP5f+g+QiC6+e9vCzz+/FcUmnH+C3z+q2FDzP772wL/Kv/x/+8/5b8g/6P0X6aV/4L8D5z/"
      + "t7ABAADi4RvYIaIaADAAAAAAAOcFdYuNEUGgAAGiA4oDAADu9oNQscRn+wIAAAAABFla")

  /// A 7z archive with the file `dog/1.pgm` under a password, written by py7zr.
  package static let encrypted = bytes(
    "N3q8ryccAAQLPWrRgQAAAAAAAAAUAAAAAAAAAPHURU82P5g6OURXcG1HDNNxlpC2AQBsAQQGAAEJEAoBxN9ScwAHCwEAAiQG8QcBElMPyNUY"
      + "wPykxjqIlYjcwJg0/SEhARgBAAwQDAAICgExjYKjAAAFAREVAGQAbwBnAC8AMQAuAHAAZwBtAAAAFAoBAADAiXZFPNoBFQYBACCApIEAAAAX"
      + "BhABCXEABwsBAAEhIQEYDG0AAA==")

  /// A 7z archive with a link to `dog/1.pgm`, written by py7zr.
  package static let link = bytes(
    "N3q8ryccAAQyCMX2YgAAAAAAAAAUAAAAAAAAAHGOPasBAAhkb2cvMS5wZ20A4ABOAE1dAACBMweuD86xsaEJCpAPXnG54Cm1ZB28oOI/wxbN"
      + "+RAqB7wOCP4aFbJ6z8m+kbz7fLTQWz8dUA7+Mk/P9xyZ4hXJc8QsPmSITajAAAAAABcGDQEJVQAHCwEAASEhARgMTwAA")

  private static func bytes(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text)!) }
}
