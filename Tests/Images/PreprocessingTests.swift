import Foundation
import NunchiImages
import Testing

/// Against pictures that reach the model moved, stretched or with the wrong channels.
@Suite struct PreprocessingTests {
  @Test func squashTakesAll() {
    let image = scene(width: 40, height: 20)
    let result = Preprocessing(width: 10, height: 10, rule: .squash).apply(to: image)
    #expect(result == image.resized(width: 10, height: 10))
  }

  /// Twice the width of the height: a quarter is lost on either side, and whole pixels remain exact.
  @Test func cropTakesTheMiddle() {
    let image = scene(width: 40, height: 20)
    let result = Preprocessing(width: 20, height: 20, rule: .crop).apply(to: image)
    for (x, y) in [(0, 0), (19, 19), (7, 3)] { #expect(result[x, y] == image[x + 10, y]) }
    let tall = Preprocessing(width: 40, height: 10, rule: .crop).apply(to: image)
    #expect(tall[5, 0] == image[5, 5])
  }

  @Test func cropPlacesTheBoxEvenly() {
    let box = Preprocessing(width: 224, height: 224, rule: .crop).placement(width: 301, height: 200).box
    #expect(box == Box(left: 50.5, top: 0, right: 250.5, bottom: 200))
  }

  /// 275/320 of 224 is 192.5, which goes to the even side as in Pillow.
  @Test func halfAPixelGoesToTheEvenSide() {
    let place = Preprocessing(width: 224, height: 224, rule: .pad).placement(width: 320, height: 275)
    #expect((place.width, place.height) == (224, 192))
    let other = Preprocessing(width: 224, height: 224, rule: .pad).placement(width: 275, height: 320)
    #expect((other.width, other.height) == (192, 224))
  }

  @Test func padKeepsTheShapeOnBlack() {
    let image = Image(width: 40, height: 20, channels: 3, bytes: [UInt8](repeating: 200, count: 2400))
    let result = Preprocessing(width: 20, height: 20, rule: .pad).apply(to: image)
    for y in 0..<20 {
      let inside = (5..<15).contains(y)
      #expect(result[0, y] == [UInt8](repeating: inside ? 200 : 0, count: 3))
      #expect(result[19, y] == [UInt8](repeating: inside ? 200 : 0, count: 3))
    }
    let needle = Image(width: 1000, height: 1, channels: 1, bytes: [UInt8](repeating: 9, count: 1000))
    let thin = Preprocessing(width: 8, height: 8, channels: 1, rule: .pad).apply(to: needle)
    #expect(thin.bytes.filter { $0 == 9 }.count == 8)
  }

  @Test(arguments: ResizeRule.allCases) func channelsAreTheModels(rule: ResizeRule) {
    let colour = scene(width: 30, height: 21)
    let gray = Preprocessing(width: 12, height: 12, channels: 1, rule: rule)
    #expect(gray.apply(to: colour) == gray.apply(to: colour.converted(toChannels: 1)))
    var both = gray
    both.channels = 3
    let flat = scene(width: 30, height: 21, channels: 1)
    #expect(both.apply(to: flat) == gray.apply(to: flat).converted(toChannels: 3))
  }

  @Test func ownSizeIsUntouched() {
    let image = scene(width: 12, height: 9)
    for rule in ResizeRule.allCases {
      #expect(Preprocessing(width: 12, height: 9, rule: rule).apply(to: image) == image)
    }
  }

  @Test(arguments: ResampleFilter.allCases) func theFilterIsTheModels(filter: ResampleFilter) {
    let image = scene(width: 30, height: 20)
    let model = Preprocessing(width: 12, height: 9, rule: .squash, filter: filter)
    #expect(model.apply(to: image) == image.resized(width: 12, height: 9, filter: filter))
  }
}
