// What users of the library get: pictures, data sets, layers, presets, training, evaluation and answers. The tools of the
// engine, such as plans and workspaces, are in NunchiEngineKit.

@_exported import NunchiDatasets
@_exported import NunchiEvaluation
@_exported import NunchiGraph
@_exported import NunchiImages
@_exported import NunchiInference
@_exported import NunchiLayers
@_exported import NunchiModelFiles
@_exported import NunchiModels
@_exported import NunchiTensors
@_exported import NunchiTraining
@_exported import struct NunchiEngine.Optimizer
