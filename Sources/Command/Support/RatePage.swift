import NunchiDocuments
import NunchiTraining

/// The output of `train --find-lr`.
struct RatePage {
  private let search: RateSearch

  init(_ search: RateSearch) { self.search = search }

  func write(_ output: OutputOptions) {
    let points = search.points.map {
      JSON.object(.init([.init("rate", JSON($0.rate)), .init("loss", .number($0.loss))]))
    }
    output.write(
      "train", ["rate": JSON(search.rate), "reason": .string(search.reason), "points": .array(points)],
      text: "--lr \(search.rate)\n\(search.reason)")
  }
}
