import NunchiArguments

/// How long a training may tune the division of its work.
struct TuningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "time for finding the fastest way to cut the work; remembered for this CPU, the result is the same",
      valueName: "SECONDS"))
  var tune = 0.05
  @Flag(help: "cut the work by rule, without trying") var noTune = false

  func validate() throws {
    if !(0...3600).contains(tune) { throw ValidationError("--tune expects 0 to 3600 seconds, found \(tune)") }
  }

  var seconds: Double { noTune ? 0 : tune }
}
