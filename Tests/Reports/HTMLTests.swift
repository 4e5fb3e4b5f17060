import NunchiReports
import Testing

/// Against a file name that becomes markup.
@Suite struct HTMLTests {
  @Test func namesStayText() {
    #expect(
      escaped("<img src='x' onerror=\"a&b\">.jpg") == "&lt;img src=&#39;x&#39; onerror=&quot;a&amp;b&quot;&gt;.jpg")
    #expect(escaped("마스크 é 😷.png") == "마스크 é 😷.png")
  }
}
