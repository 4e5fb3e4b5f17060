import NunchiImages
import NunchiTensors
import Testing

/// What is true of every effect. Against reading beyond a row, against state between calls, and against bytes that change
/// unnoticed.
@Suite struct EffectTests {
  /// A miss here is an effect that command lines do not know.
  @Test func areRegistered() {
    let names = Set(Transforms.all.map { $0.name })
    #expect(names.count == Transforms.all.count)
    for effect in effects { #expect(names.contains(type(of: effect).name)) }
  }

  @Test func amountZeroLeavesEveryByte() {
    for effect in effects where type(of: effect).amounts != .fixed {
      for channels in [1, 3] {
        let image = scene(width: 19, height: 11, channels: channels)
        #expect(changed(image, effect, 0) == image, "\(type(of: effect).name)")
      }
    }
  }

  /// The amount 1 does something to a photograph, and less is not the same.
  @Test func amountsMatter() {
    let image = garden()
    for effect in effects where type(of: effect).amounts != .fixed {
      let (half, whole) = (changed(image, effect, 0.5), changed(image, effect, 1))
      #expect(whole != image && half != whole, "\(type(of: effect).name)")
    }
  }

  @Test(arguments: [(1, 1), (1, 7), (6, 1), (2, 2), (3, 5), (33, 20)])
  func everySize(width: Int, height: Int) {
    for effect in effects {
      for channels in [1, 3] {
        let image = scene(width: width, height: height, channels: channels)
        let amounts: [Float] = type(of: effect).amounts == .signed ? [-1, 0.4, 1] : [0.4, 1]
        for amount in amounts {
          #expect(changed(image, effect, amount).bytes.count == image.bytes.count)
        }
      }
    }
  }

  /// Bounds at both ends of what they may be.
  @Test func extremeBounds() {
    let image = scene(width: 17, height: 9)
    for effect in effects {
      let standard = AnyTransform(effect)
      for (index, setting) in standard.settings.enumerated() {
        for bound in [setting.range.lowerBound, setting.range.upperBound] {
          let extreme = standard.setting(index, to: bound)
          #expect(changed(image, extreme.base, 1).bytes.count == image.bytes.count)
        }
      }
    }
  }

  @Test func sameStreamSameBytes() {
    let image = garden()
    for effect in effects {
      #expect(changed(image, effect, 0.8) == changed(image, effect, 0.8), "\(type(of: effect).name)")
    }
  }

  /// What is drawn differs from picture to picture where anything is drawn.
  @Test func otherStreamOtherBytes() {
    let image = garden()
    let random: [any Transform] = [
      MotionBlur(), Noise(), CoarseSalt(), CoarseDropout(), Erase(), Clouds(), Fog(), Snowflakes(), Rain(),
    ]
    for effect in random {
      #expect(changed(image, effect, 1, seed: 1) != changed(image, effect, 1, seed: 2), "\(type(of: effect).name)")
    }
  }

  /// The change drawn for a picture may be applied on any thread and more than once.
  @Test func changesAreValues() {
    let image = garden()
    let shape = PictureShape(width: image.width, height: image.height, channels: 3)
    for effect in effects {
      var stream = RandomStream(seed: 4, name: "test")
      var draw = Augmentation.Draw(shape)
      draw.add(effect.change(1, &stream, shape))
      #expect(draw.apply(to: image) == draw.apply(to: image), "\(type(of: effect).name)")
    }
  }
}
